"""What towns tell and offer beside jobs: municipal news on and off the topic of working life, and PTV services."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from pocket.places import CAPITAL_REGION, Town, town
from pocket.words import LANGUAGES, Phrase, table

NEWS_TOWNS = {"news-mikkeli": "491", "news-vaasa": "905", "news-taivalkoski": "832"}
"""Sites of municipal news, and whose they are."""

SERVICE_TOWNS = ("091", "049", "092", "837", "286", "905", "491", "305", "832")
"""Municipalities that PTV is asked for."""

WINDOW = 15
"""How many items a news feed holds: older ones slide out, and have not gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One news item of a town. It is on topic when it is about working life."""

    site: str
    number: int
    town: Town
    title: str
    text: str
    category: str
    language: str
    on_topic: bool
    published: datetime

    @property
    def path(self) -> str:
        """Where the item can be read."""
        return f"/ajankohtaista/{self.number}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of the catalogue, in three languages, given in one town or shared by several."""

    id: str
    towns: tuple[Town, ...]
    name: Phrase
    text: Phrase
    code: str
    uri: str
    parent: str
    class_name: Phrase
    modified: datetime

    @property
    def on_topic(self) -> bool:
        """Whether the service is about work: its class is P10 or below."""
        return self.code.split(".")[0] == "P10"


def services(seed: int, today: date) -> tuple[Service, ...]:
    """The services of all towns that are asked for, and one that the three towns of the capital region share."""
    modified = datetime.combine(today, datetime.min.time()) - timedelta(days=40)
    rows = table("services")["service"]
    single = [_service(seed, row, (town(code),), modified) for code in SERVICE_TOWNS for row in rows]
    return (*single, _service(seed, rows[1], tuple(town(code) for code in CAPITAL_REGION), modified))


def _service(seed: int, row: Mapping[str, Any], where: tuple[Town, ...], modified: datetime) -> Service:
    names = {f"owner_{lang}": " / ".join(each.owner[lang] for each in where) for lang in LANGUAGES}
    names |= {f"where_{lang}": ", ".join(each.where(lang) for each in where) for lang in LANGUAGES}
    name: Phrase = {lang: row["name"][lang].format_map(names) for lang in LANGUAGES}
    text: Phrase = {lang: row["text"][lang].format_map(names) for lang in LANGUAGES}
    return Service(
        id=str(UUID(int=Random(f"{seed}/{name['fi']}").getrandbits(128), version=4)),
        towns=where,
        name=name,
        text=text,
        code=row["class"],
        uri=row["uri"],
        parent=row["parent"],
        class_name=row["class_name"],
        modified=modified,
    )


def news(rng: Random, site: str, number: int, published: datetime) -> News:
    """One more news item of a town; Vaasa tells every other one in Swedish."""
    row = rng.choice(table("news")["item"])
    where = town(NEWS_TOWNS[site])
    language = "sv" if where.swedish and number % 2 else "fi"
    title, text = row[language]
    names = {"where": where.where(language), "whither": where.into if language == "fi" else where.where(language)}
    return News(
        site=site,
        number=number,
        town=where,
        title=title.format_map(names),
        text=text.format_map(names),
        category=row["category"],
        language=language,
        on_topic=row["on_topic"],
        published=published,
    )
