"""What waits for a person: the one list that status, the digest and whoever else alarms speak from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from harvest.source import Source
from schedules.ledger import told
from store import health, holds
from store.firings import busy_in_a_row

OFTEN = 3
"""Firings in a row that found the one before still under way, from which on a person has to look."""
KINDS = ("holds", "stale", "did not start", "always busy", "broken cards")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing of a ``kind``. ``facts`` are what sentences about it are made of; ``regions`` how many listings that are
    shown there are concerned, by region."""

    kind: str
    source: str
    facts: Mapping[str, Any]
    regions: Mapping[str, int]


def needs(engine: Engine, cards: Mapping[str, Source], broken: Mapping[str, str], now: datetime) -> list[Need]:
    """All of it, by kind. A source that rests by an operator's word needs nobody, however old it is."""
    clock = {row["source"]: row for row in told(cards, engine, now)}
    known = {row["source"]: row for row in health.sources(engine, now)}
    watched = [slug for slug in cards if slug in clock and not clock[slug]["paused_until"]]
    shown = health.regions(engine)
    found = [
        Need(kind="holds", source=row["source"], facts=row, regions=holds.concerned(engine, row["id"]))
        for row in holds.holds(engine, now)
    ]

    def of(kind: str, slug: str, facts: Mapping[str, Any]) -> None:
        found.append(Need(kind=kind, source=slug, facts=facts, regions=shown.get(slug, {})))

    for slug in watched:
        if slug in known and not known[slug]["fresh"] and not _first_reading(known[slug], cards[slug], now):
            of("stale", slug, {**known[slug], "hours": cards[slug].freshness.complete_within.total_seconds() / 3600})
    for slug, row in clock.items():
        if row["overdue"]:
            of("did not start", slug, row)
    for slug, count in busy_in_a_row(engine, OFTEN).items():
        if slug in watched:
            of("always busy", slug, {"count": count})
    for slug in sorted(broken):
        of("broken cards", slug, {})
    return found


def _first_reading(row: Mapping[str, Any], card: Source, now: datetime) -> bool:
    """Whether it is being read for the first time, and has not taken too long over it."""
    if row["last_complete"] or row["verdict"] != "under way":
        return False
    return now - datetime.fromisoformat(row["last_attempt"]) <= card.freshness.complete_within
