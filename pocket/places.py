"""The towns of the pocket world: real codes, names, inflected forms and postal codes of the pilot municipalities."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pocket.words import Phrase

CAPITAL_REGION = ("091", "049", "092")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A municipality. ``inside`` and ``into`` are the Finnish forms in use ("Tampereella", "Tampereelle"); ``swedish``
    is the share of its adverts that are in Swedish; ``weight`` says how many adverts it has beside the others."""

    code: str
    name: Phrase
    owner: Phrase
    inside: str
    into: str
    postal: str
    latitude: float
    longitude: float
    county: Phrase | None
    province: Phrase
    province_tpt: str
    swedish: float
    weight: int

    def where(self, language: str) -> str:
        """The town as the place of something, with its preposition or ending."""
        if language == "fi":
            return self.inside
        return f"{'i' if language == 'sv' else 'in'} {self.name[language]}"


@cache
def towns() -> tuple[Town, ...]:
    """All towns, the pilot's own first within each area."""
    with (files("pocket") / "words" / "towns.csv").open(encoding="utf-8") as table:
        return tuple(_town(row) for row in csv.DictReader(table))


@cache
def town(code: str) -> Town:
    """The town of a municipality code. A code outside the pocket world is a mistake of the caller."""
    return next(known for known in towns() if known.code == code)


def _town(row: dict[str, str]) -> Town:
    city = row["rank"] == "kaupunki"
    swedish_first = float(row["swedish"]) > 0.5
    english = row["sv"] if swedish_first else row["fi"]
    county = None
    if row["county_fi"]:
        name = row["county_fi"].removesuffix("n hyvinvointialue")
        county = {"fi": row["county_fi"], "sv": row["county_sv"], "en": f"Wellbeing Services County of {name}"}
    return Town(
        code=row["code"],
        name={"fi": row["fi"], "sv": row["sv"], "en": english},
        owner={
            "fi": f"{row['genitive']} {row['rank']}",
            "sv": f"{row['owner_sv']} {'stad' if city else 'kommun'}",
            "en": f"{'City' if city else 'Municipality'} of {english}",
        },
        inside=row["inside"],
        into=row["into"],
        postal=row["postal"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        county=county,
        province={"fi": row["province_fi"], "sv": row["province_sv"], "en": row["province_fi"]},
        province_tpt=row["province_tpt"],
        swedish=float(row["swedish"]),
        weight=int(row["weight"]),
    )
