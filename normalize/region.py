"""Regions as their files declare them, who belongs to one on a day, and which regions a placed listing belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from harvest.declaration import DeclarationError, Declared, did_you_mean, nearest, read_all
from normalize.gazetteer.tables import gazetteer
from normalize.records import Assigned, Placed

REGIONS = Path(__file__).parent / "regions"
"""The shipped region files."""

Language: TypeAlias = Literal["fi", "sv", "en"]
Role: TypeAlias = Literal["core", "partner"]


def _codes_of(list: str) -> AfterValidator:
    """Refuses a code that the list does not have, and names the nearest code or, for a name, its code."""

    def known(code: str) -> str:
        if list == "municipalities":
            names = {each.code: each.fi for each in gazetteer().municipalities()}
        else:
            names = {area.code: area.fi for area in gazetteer().areas() if area.list == list}
        if code in names:
            return code
        codes = {name: of for of, name in names.items()}
        meant = nearest(code, [*names, *codes])
        hint = f"; did you mean {codes.get(meant, meant)} ({names[codes.get(meant, meant)]})?" if meant else ""
        raise ValueError(f"expected a code of {list}{hint}")

    return AfterValidator(known)


Municipalities: TypeAlias = tuple[Annotated[str, _codes_of("municipalities")], ...]


class Cover(Declared):
    """Municipalities that a region covers for a time: named one by one or as larger areas resolved by date, less
    ``except``."""

    maakunta: tuple[Annotated[str, _codes_of("maakunta")], ...] = ()
    tyollisyysalue: tuple[Annotated[str, _codes_of("tyollisyysalue")], ...] = ()
    hyvinvointialue: tuple[Annotated[str, _codes_of("hyvinvointialue")], ...] = ()
    municipalities: Municipalities = ()
    less: Municipalities = Field(default=(), alias="except")
    role: Role = "core"
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _covers_something(self) -> "Cover":
        if not (self.maakunta or self.tyollisyysalue or self.hyvinvointialue or self.municipalities):
            raise ValueError("expected maakunta, tyollisyysalue, hyvinvointialue or municipalities")
        if self.since and self.until and self.until < self.since:
            raise ValueError("expected `from` not to be after `to`")
        return self

    def members(self, on: date) -> frozenset[str]:
        """The codes that it covers on a day, as they are on that day."""
        if (self.since and on < self.since) or (self.until and self.until < on):
            return frozenset()
        members: set[str] = set()
        for list, codes in (
            ("maakunta", self.maakunta),
            ("tyollisyysalue", self.tyollisyysalue),
            ("hyvinvointialue", self.hyvinvointialue),
        ):
            members.update(*(gazetteer().members(list, code, on) for code in codes))
        members.update(current for code in self.municipalities if (current := gazetteer().current(code, on)))
        return frozenset(members.difference(self.less))


class Link(Declared):
    """A link that a region's page shows beside its listings."""

    url: str = Field(pattern=r"^https?://")
    name: Mapping[Language, str]


class National(Declared):
    """How a region's page shows what is open to the whole country, or done remotely."""

    show: Literal["hide", "own-section", "mix"] = "own-section"


class Region(Declared):
    """A region as its file declares it. ``languages`` are in the order in which its page offers them."""

    name: Mapping[Language, str] = Field(min_length=1)
    parent: str = ""
    owner: str
    contact: str = ""
    notify: tuple[str, ...] = ()
    embed_hosts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    intro: Mapping[Language, str] = Field(default_factory=dict)
    languages: tuple[Language, ...] = Field(default=("fi", "sv", "en"), min_length=1)
    themes: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = Field(min_length=1)
    national: National = National()

    @model_validator(mode="after")
    def _speaks_its_languages(self) -> "Region":
        if missing := [language for language in self.languages if language not in self.name]:
            raise ValueError(f"expected a name in each of its languages; {', '.join(missing)} has none")
        return self

    def members(self, on: date) -> dict[str, Role]:
        """The municipalities that belong to the region on a day, each as core or partner; core where it is both."""
        if (known := self._by_day.get(on)) is None:
            known = self._by_day[on] = {}
            for cover in sorted(self.covers, key=lambda cover: cover.role, reverse=True):
                known.update(dict.fromkeys(cover.members(on), cover.role))
        return known

    @cached_property
    def _by_day(self) -> dict[date, dict[str, Role]]:
        return {}

    def __str__(self) -> str:
        return self.name[self.languages[0]]


def load_regions(folders: Sequence[Path] = (REGIONS,)) -> dict[str, Region]:
    """All regions by slug, which is the file's name. Raises ``DeclarationError`` for a file that cannot be used, a parent
    that does not exist, and parents that go in a circle."""
    regions = read_all(folders, Region)
    for slug, region in regions.items():
        if region.parent and region.parent not in regions:
            meant = did_you_mean(region.parent, regions)
            raise DeclarationError(
                f"{slug}.toml: key `parent`: expected a region, and `{region.parent}` is none{meant}"
            )
        seen, above = {slug}, region.parent
        while above:
            if above in seen:
                raise DeclarationError(
                    f"{slug}.toml: key `parent`: expected no circle, but {above} comes back to itself"
                )
            seen.add(above)
            above = regions[above].parent
    return regions


def assign(placed: Placed, regions: Mapping[str, Region], on: date) -> tuple[Assigned, ...]:
    """The regions of a placed listing on a day: those that a municipality of it belongs to, and for a larger area those
    that cover it whole. A child region gets its own by membership, as its parent does."""
    assigned: list[Assigned] = []
    for slug, region in regions.items():
        members = region.members(on)
        roles: dict[Role, list[str]] = {}
        for place in placed.places:
            if role := members.get(place.code):
                known = gazetteer().municipality(place.code)
                roles.setdefault(role, []).append(f"{known} is a {role} municipality of {region} on {on}")
        for area in placed.areas:
            if role := _role_of_area(area.to, slug, members, on):
                name = gazetteer().called(area.to)
                whole = f"{name} lies wholly in {region} on {on}" if name else f"the word means {region}"
                roles.setdefault(role, []).append(f"{whole}: {area.because}")
        if roles:
            role = min(roles)
            assigned.append(Assigned(to=slug, role=role, because="; ".join(_sentences(roles))))
    return tuple(assigned)


def _sentences(roles: Mapping[Role, Iterable[str]]) -> Iterable[str]:
    return dict.fromkeys(sentence for role in sorted(roles) for sentence in roles[role])


def _role_of_area(area: str, slug: str, members: Mapping[str, Role], on: date) -> Role | None:
    """Core when the whole area is, partner when it is covered otherwise; a mere word (*pääkaupunkiseutu*) means the
    region of that name."""
    if area == f"word:{slug}":
        return "core"
    inside = gazetteer().members_of(area, on)
    if not inside or not inside <= members.keys():
        return None
    return "core" if all(members[code] == "core" for code in inside) else "partner"
