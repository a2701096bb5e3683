"""Facts about municipalities and larger areas by date: codes, mergers, members, postal codes, and what a name means."""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache, cached_property
from hashlib import blake2b
from math import inf
from pathlib import Path

from normalize.gazetteer.borders import distance
from normalize.gazetteer.names import Lexicon
from normalize.gazetteer.records import Area, Form, Municipality, PostalCode, Sense
from normalize.gazetteer.surfaces import Surfaces

PROVINCE, WELLBEING, EMPLOYMENT = "maakunta", "hyvinvointialue", "tyollisyysalue"


WORDS_MEAN = {"paakaupunkiseutu": ("049", "091", "092", "235")}
"""Municipalities that a word for an area means: with the capital region also Kauniainen, which was none of its pilot."""


NOTHING = frozenset[str]()


class Gazetteer:
    """The tables of one folder, read at the first question that needs them. Codes are text with leading zeros."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: dict[tuple[str, str, date], frozenset[str]] = {}

    @cached_property
    def version(self) -> str:
        """A short hash over all tables: other bytes, other facts."""
        digest = blake2b(digest_size=6)
        for path in sorted(self._folder.glob("*.csv")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def municipality(self, code: str) -> Municipality | None:
        """The municipality of a three-digit code, whether it still exists or not."""
        return self._municipalities.get(code)

    def valid(self, code: str, on: date) -> bool:
        """Whether the code belongs to a municipality that exists on that day."""
        known = self._municipalities.get(code)
        return known is not None and known.valid(on)

    def current(self, code: str, on: date) -> str | None:
        """The code valid on that day, through mergers that have happened by then; a valid code stays. ``None`` for a
        code that is unknown, or of a municipality that does not exist yet."""
        known = self._municipalities.get(code)
        while known is not None and not known.valid(on):
            successor, merged = self._mergers.get(known.code, ("", date.max))
            if merged > on:
                return None
            known = self._municipalities.get(successor)
        return known.code if known else None

    def maakunta(self, code: str, on: date) -> str:
        """The province of a municipality on that day; of an abolished one, where it last was. Empty when unknown."""
        known = self._municipalities.get(code)
        if known is None:
            return ""
        for before, _, changed in self._province_changes.get(code, ()):
            if on < changed:
                return before
        return known.maakunta

    def area(self, list: str, code: str) -> str:
        """The area that a code of some list means, as ``maakunta:10``; padded, and translated for lists that number
        the provinces their own way. Empty when the list does not know the code."""
        code = code.strip()
        if list in (PROVINCE, EMPLOYMENT, "tpt-maakunta"):
            code = code.zfill(2)
        if translated := self._code_lists.get((list, code.upper())):
            list, code = PROVINCE, translated
        key = f"{list}:{code}"
        return key if key in self._areas else ""

    def called(self, area: str) -> Area | None:
        """What is known of an area, by list and code in one (``maakunta:10``)."""
        return self._areas.get(area)

    def areas(self) -> tuple[Area, ...]:
        """All larger areas, in the order of the table."""
        return tuple(self._areas.values())

    def municipalities(self, on: date | None = None) -> tuple[Municipality, ...]:
        """All municipalities by code: those that exist on a day, or without one also all abolished ones."""
        return tuple(each for each in self._municipalities.values() if on is None or each.valid(on))

    def members(self, list: str, code: str, on: date) -> frozenset[str]:
        """The municipalities of an area on that day; empty before the area exists. Asked often, so remembered."""
        asked = (list, code, on)
        if asked not in self._members:
            area = self._areas.get(f"{list}:{code}")
            exists = area is not None and (area.since is None or area.since <= on)
            everyone = self.municipalities(on) if exists else ()
            self._members[asked] = frozenset(each.code for each in everyone if self._belongs(each, list, on) == code)
        return self._members[asked]

    def members_of(self, area: str, on: date) -> frozenset[str]:
        """The same, by list and code in one; of a mere word for an area what people mean by it."""
        list, _, code = area.partition(":")
        if list == "word":
            return frozenset(WORDS_MEAN.get(code, ()))
        return self.members(list, code, on)

    def _belongs(self, municipality: Municipality, list: str, on: date) -> str:
        if list == PROVINCE:
            return self.maakunta(municipality.code, on)
        # The tables name these areas for the municipalities of today; one that merged since went with its successor.
        today = self._municipalities.get(self.current(municipality.code, date.max) or "", municipality)
        return today.hyvinvointialue if list == WELLBEING else today.tyollisyysalue

    def postal(self, code: str) -> PostalCode | None:
        """A five-digit postal code, or ``None`` when Posti has no such code: dummies and typing errors."""
        return self._postal_codes.get(code)

    def sense(self, phrase: str) -> Sense | None:
        """What a whole phrase of a place field means, whatever its letter case: municipality, area, district, words."""
        return self.lexicon.senses.get(" ".join(phrase.split()).casefold())

    def named(self, text: str) -> tuple[str, ...]:
        """The municipality codes of a structured name: Finnish, Swedish, old or other, but no district. A number is
        not a name."""
        sense = self.sense(text)
        return sense.codes if sense is not None and sense.table == "municipalities" else ()

    def forms(self, surface: str) -> tuple[Form, ...]:
        """The names that a word may be a Finnish case form of, letter case as written."""
        return self.lexicon.forms.get(surface, ())

    @property
    def surfaces(self) -> Surfaces:
        """Every written form of every name, to be found in texts."""
        return self.lexicon.surfaces

    def is_first_name(self, word: str) -> bool:
        """Whether people are called so."""
        return word in self.lexicon.first_names

    def has_part(self, code: str, word: str) -> bool:
        """Whether a word may be a case form of the name of a district of a municipality."""
        word = word.casefold()
        return any(word.startswith(part) for part in self.lexicon.parts.get(code, ()))

    def nearest(self, latitude: float, longitude: float) -> tuple[str, float]:
        """The municipality of today whose main locality is nearest, and how many kilometres away that is; infinitely far
        where there is none within a degree."""
        row, column = int(latitude), int(longitude)
        cells = ((row + down, column + right) for down in (-1, 0, 1) for right in (-2, -1, 0, 1, 2))
        centres = (centre for cell in cells for centre in self._centres.get(cell, ()))
        away = ((distance(latitude, longitude, north, east), code) for code, north, east in centres)
        kilometres, code = min(away, default=(inf, ""))
        return code, kilometres

    def genitive(self, surface: str) -> tuple[str, ...]:
        """The municipalities whose genitive this is, whatever its letter case."""
        return self.lexicon.genitives.get(surface.casefold(), ())

    def classes(self, code: str) -> frozenset[str]:
        """What else the name of a municipality may be: company, person, word, roman."""
        return self.lexicon.classes.get(code, frozenset())

    def classes_of(self, name: str) -> frozenset[str]:
        """What else a name may be, Finnish or Swedish."""
        return self.lexicon.classes_of_names.get(name, NOTHING)

    def is_authority(self, name: str) -> bool:
        """Whether a name is, or holds, that of a labour authority, old or new: never a workplace."""
        return self.lexicon.authorities.search(name) is not None

    @cached_property
    def lexicon(self) -> Lexicon:
        """Names, forms and words, made from the tables at the first name that is asked for."""
        return Lexicon(self._municipalities.values(), self._areas.values(), self._rows)

    def _rows(self, name: str) -> Iterator[list[str]]:
        with (self._folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = csv.reader(line for line in file if not line.startswith("#"))
            next(rows)
            yield from rows

    @cached_property
    def _municipalities(self) -> dict[str, Municipality]:
        return {
            row[0]: Municipality(
                code=row[0],
                fi=row[1],
                sv=row[2],
                also=_several(row[3]),
                language=row[4],
                maakunta=row[5],
                hyvinvointialue=row[6],
                tyollisyysalue=row[7],
                locative=row[8],
                valid_from=_day(row[9]),
                valid_to=_day(row[10]),
            )
            for row in self._rows("municipalities")
        }

    @cached_property
    def _centres(self) -> dict[tuple[int, int], list[tuple[str, float, float]]]:
        """Main localities by the degree that they lie in, so that few are looked at for a point."""
        cells: dict[tuple[int, int], list[tuple[str, float, float]]] = {}
        for code, latitude, longitude in self._rows("centres"):
            north, east = float(latitude), float(longitude)
            cells.setdefault((int(north), int(east)), []).append((code, north, east))
        return cells

    @cached_property
    def _mergers(self) -> dict[str, tuple[str, date]]:
        return {old: (successor, date.fromisoformat(on)) for old, successor, on in self._rows("mergers")}

    @cached_property
    def _province_changes(self) -> dict[str, list[tuple[str, str, date]]]:
        changes: dict[str, list[tuple[str, str, date]]] = {}
        for code, before, after, on in sorted(self._rows("maakunta_changes"), key=lambda row: row[3]):
            changes.setdefault(code, []).append((before, after, date.fromisoformat(on)))
        return changes

    @cached_property
    def _areas(self) -> dict[str, Area]:
        areas = (
            Area(list=list, code=code, fi=fi, sv=sv, en=en, also=_several(also), since=_day(since))
            for list, code, fi, sv, en, also, since in self._rows("areas")
        )
        return {area.key: area for area in areas}

    @cached_property
    def _code_lists(self) -> dict[tuple[str, str], str]:
        return {(list, code): maakunta for list, code, maakunta, _ in self._rows("code_lists")}

    @cached_property
    def _postal_codes(self) -> dict[str, PostalCode]:
        return {
            code: PostalCode(code=code, municipalities=(first, also) if also else (first,), is_area=type == "1")
            for code, first, also, type in self._rows("postal_codes")
        }


def _several(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def gazetteer() -> Gazetteer:
    """The shipped tables, the same ones for everybody."""
    return Gazetteer(Path(__file__).parent)
