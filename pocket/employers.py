"""Who hires in the pocket world: municipalities, wellbeing counties, invented companies and staffing firms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Literal

from pocket.places import Town, towns
from pocket.words import LANGUAGES, Phrase, table

Kind = Literal["municipality", "county", "company", "staffing"]

BOARDS: Mapping[str, str] = {"491": "kuntarekry-mikkeli", "305": "kuntarekry-kuusamo", "092": "vantaa"}
"""Municipalities whose adverts are first published elsewhere than on the common list of pages."""

_SECTORS: Mapping[str, tuple[str, ...]] = {
    "municipality": ("education", "service", "technical", "office"),
    "county": ("care", "care", "office", "service"),
}


@dataclass(frozen=True, kw_only=True)
class Employer:
    """Somebody who hires: where, for what sectors, and on which site its adverts appear first."""

    kind: Kind
    name: Phrase
    sectors: tuple[str, ...]
    towns: tuple[Town, ...]
    home: str
    prefix: str

    @cached_property
    def business_id(self) -> str:
        """A business id of the right shape that belongs to nobody: 9 in front is not given out."""
        number = Random(self.name["fi"]).randrange(9_900_000, 9_999_999)
        return f"{number}-{number % 10}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Employers:
    """Everybody who hires, with the weight by which each is drawn."""

    public: tuple[Employer, ...]
    public_weights: tuple[int, ...]
    companies: Mapping[str, tuple[Employer, ...]]
    staffing: tuple[Employer, ...]
    growth: Employer

    @classmethod
    def settle(cls, rng: Random, postings: int) -> "Employers":
        """The employers of a world of so many postings: companies grow with it, authorities do not."""
        counties: dict[str, list[Town]] = {}
        for town in towns():
            if town.county is not None:
                counties.setdefault(town.county["fi"], []).append(town)
        municipalities = [_municipality(town) for town in towns()]
        authorities = [_county(members) for members in counties.values()]
        size = max(3, round(postings**0.7 / 10))
        return cls(
            public=tuple(municipalities + authorities),
            public_weights=tuple(
                sum(town.weight for town in each.towns)
                * (3 if each.home in BOARDS.values() else 1)
                // (2 if each.kind == "county" else 1)
                for each in municipalities + authorities
            ),
            companies={town.code: tuple(_companies(rng, town, size)) for town in towns()},
            staffing=tuple(_staffing()),
            growth=_growth(),
        )


def _municipality(town: Town) -> Employer:
    return Employer(
        kind="municipality",
        name=town.owner,
        sectors=_SECTORS["municipality"],
        towns=(town,),
        home=BOARDS.get(town.code, "kuntarekry"),
        prefix=f"{town.name['fi'][:3].upper().translate(_ASCII)}{town.code}",
    )


def _county(members: list[Town]) -> Employer:
    assert members[0].county is not None
    name = members[0].county
    return Employer(
        kind="county",
        name=name,
        sectors=_SECTORS["county"],
        towns=tuple(members),
        home="osterbotten" if name["fi"].startswith("Pohjanmaan") else "kuntarekry",
        prefix=f"HVA{members[0].province_tpt}",
    )


def _companies(rng: Random, town: Town, size: int) -> list[Employer]:
    """Companies of one town. Their names may be those of companies elsewhere: a chain is one employer in many towns."""
    names = table("names")
    pairs = [(region, branch) for region in names["regions"] for branch in names["branches"]]
    found = rng.sample(pairs, min(size, len(pairs)))
    return [
        Employer(
            kind="company",
            name={
                "fi": f"{region['fi']} Esimerkki{branch['fi']} Oy",
                "sv": f"{region['sv']} Exempel{branch['sv']} Ab",
                "en": f"{region['en']} Sample {branch['en']} Ltd",
            },
            sectors=(branch["sector"],),
            towns=(town,),
            home="tpt",
            prefix=f"{region['fi'][:2].upper().translate(_ASCII)}{branch['fi'][:2].upper()}",
        )
        for region, branch in found
    ]


def _staffing() -> list[Employer]:
    firms = (
        ("Mallityövoima Oy", "Modellkraft Ab", "Model Staffing Ltd"),
        ("Esimerkkihenkilöstö Oy", "Exempelpersonal Ab", "Sample Staff Ltd"),
    )
    return [
        Employer(
            kind="staffing",
            name=dict(zip(LANGUAGES, firm, strict=True)),
            sectors=("industry", "service", "technical", "office"),
            towns=towns(),
            home="tpt",
            prefix=f"VT{number}",
        )
        for number, firm in enumerate(firms)
    ]


def _growth() -> Employer:
    """The one company that publishes on a career site of its own, in English and Finnish."""
    return Employer(
        kind="company",
        name=dict.fromkeys(LANGUAGES, "Esimerkkipilvi Oy"),
        sectors=("it", "it", "office"),
        towns=tuple(town for town in towns() if town.code in ("091", "049", "837", "905")),
        home="pilvi",
        prefix="EP",
    )


_ASCII = str.maketrans("ÄÖÅ", "AOA")
