"""The words of the pocket world, read from the tables in ``words/``: occupations, sectors, names, sentences."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

Phrase: TypeAlias = Mapping[str, str]
"""A text by language: fi, sv, en."""

LANGUAGES = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupation:
    """A trade: which sector hires it, its code in tpt's list, its title and duties by language."""

    sector: str
    code: str
    group: str
    title: Phrase
    duties: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """What a field of work calls itself: its department, its units by full name, the tails of its titles."""

    area: str
    department: Phrase
    units: tuple[Phrase, ...]
    tails: tuple[Phrase, ...]


@cache
def table(name: str) -> dict[str, Any]:
    """A table of words as it stands in its file."""
    with (files("pocket") / "words" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def occupations() -> tuple[Occupation, ...]:
    """Every occupation of the world."""
    return tuple(
        Occupation(
            sector=row["sector"],
            code=row["code"],
            group=row["group"],
            title=row["title"],
            duties={language: row[language] for language in LANGUAGES},
        )
        for row in table("occupations")["occupation"]
    )


@cache
def sectors() -> Mapping[str, Sector]:
    """Sectors by key, every unit name spelled out in three languages."""
    names = table("names")["units"]
    return {
        key: Sector(
            area=row["area"],
            department=row["department"],
            units=tuple(
                {lang: f"{name[lang]} {kind[lang]}" for lang in LANGUAGES} for kind in row["units"] for name in names
            ),
            tails=tuple(row["tails"]),
        )
        for key, row in table("sectors").items()
    }
