"""What names and words mean: whole phrases of a place field, Finnish case forms, and the names of authorities."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain

from normalize.gazetteer.records import Area, Form, Municipality, Sense
from normalize.gazetteer.surfaces import Surfaces, swedish

CASES = ("nom", "gen", "par", "ess", "tra", "ine", "ela", "ill", "ade", "abl", "all")
SERIES = {"ine": "ssa", "ela": "ssa", "ill": "ssa", "ade": "lla", "abl": "lla", "all": "lla"}


class Lexicon:
    """Dictionaries over the tables, each made when first asked for. Where a name has two meanings the first one holds:
    a municipality of today, words, a larger area, an abolished municipality, a place abroad, a district."""

    def __init__(
        self,
        municipalities: Iterable[Municipality],
        areas: Iterable[Area],
        rows: Callable[[str], Iterator[list[str]]],
    ) -> None:
        self._municipalities = sorted(municipalities, key=lambda each: each.valid_to is not None)
        self._areas = list(areas)
        self._rows = rows

    @cached_property
    def senses(self) -> dict[str, Sense]:
        """Phrases in lower case, and what they mean as the whole of a place."""
        senses: dict[str, Sense] = {}
        # Lappi is the province; the municipality of that name was abolished.
        for each in (each for each in self._municipalities if each.valid_to is None):
            _add(senses, (each.fi, each.sv, *each.also), Sense(table="municipalities", codes=(each.code,)))
        for words, meaning, _ in self._rows("words"):
            senses.setdefault(words.casefold(), _sense_of_words(meaning))
        for area in self._areas:
            # Helsinki has the duties of a wellbeing services county, and its name is a municipality's all the same.
            if area.key != "hyvinvointialue:helsinki":
                _add(senses, (area.fi, area.sv, area.en, *area.also), Sense(table="areas", area=area.key))
        for each in (each for each in self._municipalities if each.valid_to is not None):
            _add(senses, (each.fi, each.sv, *each.also), Sense(table="municipalities", codes=(each.code,)))
        for name, kind, _ in self._rows("foreign"):
            table = "countries" if kind == "country" else "foreign"
            senses.setdefault(name.casefold(), Sense(table=table, bucket="abroad"))
        for name, code, flags in self._rows("districts"):
            if not flags:
                senses.setdefault(name.casefold(), Sense(table="districts", codes=(code,)))
        return senses

    @cached_property
    def countries(self) -> frozenset[str]:
        """The two-letter codes of countries abroad, in capitals: in small letters some of them are words."""
        return frozenset(country for _, _, country in self._rows("foreign"))

    @cached_property
    def districts(self) -> dict[str, str]:
        """All districts in lower case, also those that are surnames or words: for use beside their own municipality."""
        return {name.casefold(): code for name, code, _ in self._rows("districts")}

    @cached_property
    def forms(self) -> dict[str, tuple[Form, ...]]:
        """Case forms as written. A form that a municipality of today has is not looked for among abolished ones."""
        series = {each.code: each.locative for each in self._municipalities}
        forms: dict[str, tuple[Form, ...]] = {}
        kinds: dict[str, str] = {}
        for name, code, kind, *cells in self._rows("forms"):
            codes = (code,) if kind in ("municipality", "abolished") else ()
            abroad = kind == "abroad"
            area = "" if codes or abroad else f"{kind}:{code}"
            own = series.get(code, "") or "ssa|lla"
            for case, cell in zip(CASES, cells, strict=True):
                local = case in SERIES
                right = local and (not codes or SERIES[case] in own)
                form = Form(
                    name=name,
                    case=case,
                    codes=codes,
                    area=area,
                    bucket="abroad" if abroad else "",
                    local=local,
                    right=right,
                    old=kind == "abolished",
                )
                for surface in cell.split("|"):
                    if surface and (kinds.setdefault(surface, kind) == kind or kind != "abolished"):
                        forms[surface] = (*forms.get(surface, ()), form)
        return forms

    @cached_property
    def surfaces(self) -> Surfaces:
        """Every written form of every name, to be found in texts."""
        words = [(words, meaning, language) for words, meaning, language in self._rows("words")
                 if ":" in meaning and not words.startswith("i ")]  # fmt: skip
        areas = ((said, Form(name=said, case="nom", area=area, language=spoken)) for said, area, spoken in words)
        return Surfaces(self.forms, chain(swedish(self._municipalities, self._areas), areas))

    @cached_property
    def first_names(self) -> frozenset[str]:
        """First names as written: what stands after one is a surname."""
        return frozenset(row[0] for row in self._rows("first_names"))

    @cached_property
    def parts(self) -> dict[str, frozenset[str]]:
        """By municipality code the beginnings of the names of its districts, in small letters: what a district's case
        forms begin with too."""
        parts: dict[str, set[str]] = {}
        for name, code, _ in self._rows("districts"):
            parts.setdefault(code, set()).add(name.casefold()[: max(4, len(name) - 2)])
        return {code: frozenset(some) for code, some in parts.items()}

    @cached_property
    def genitives(self) -> dict[str, tuple[str, ...]]:
        """Genitives in lower case: what stands before *kaupunki* and *kunta*."""
        return {
            surface.casefold(): form.codes
            for surface, forms in self.forms.items()
            for form in forms
            if form.case == "gen" and form.codes
        }

    @cached_property
    def classes(self) -> dict[str, frozenset[str]]:
        """By municipality code: what else its name may be."""
        rows = list(self._rows("ambiguity"))
        return {
            each.code: frozenset(kind for name, kind in rows if name == each.fi)
            for each in self._municipalities
            if any(name == each.fi for name, _ in rows)
        }

    @cached_property
    def classes_of_names(self) -> dict[str, frozenset[str]]:
        """The same by the name itself, since a Swedish name may mean nothing else where the Finnish one does."""
        rows = list(self._rows("ambiguity"))
        return {name: frozenset(kind for other, kind in rows if other == name) for name, _ in rows}

    @cached_property
    def authorities(self) -> re.Pattern[str]:
        """Finds an authority's name in a text. A long name that holds a short one needs no place in the pattern."""
        names = {name.casefold() for fi, sv, *_ in self._rows("authorities") for name in (fi, sv)}
        shortest = [name for name in names if not any(other != name and other in name for other in names)]
        return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(shortest))) + ")", re.IGNORECASE)


def _add(senses: dict[str, Sense], names: Iterable[str], sense: Sense) -> None:
    for name in names:
        senses.setdefault(name.casefold(), sense)


def _sense_of_words(meaning: str) -> Sense:
    if meaning == "country":
        return Sense(table="words", bucket="national", weak=True)
    if meaning.startswith("word:"):
        return Sense(table="words", area=meaning)
    return Sense(table="words", bucket=meaning)
