"""How things stand, in ten lines: what works, and what needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from harvest.source import Source
from schedules.ledger import MIDNIGHT, told
from store import health, holds
from store.counts import open_now
from store.firings import busy_in_a_row
from store.health import waiting

OFTEN = 3
"""Firings in a row that found the one before still under way, from which on a person has to look."""


@dataclass(slots=True, kw_only=True)
class Status:
    """``needs`` are sentences, one for each thing that waits for a person, by kind; empty kinds stay."""

    open: Mapping[str, int]
    sources: int
    fresh: int
    never: list[str]
    paused: list[dict[str, Any]]
    next: dict[str, Any] | None
    uncurated: int
    needs: dict[str, list[str]] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        return not any(self.needs.values())


def status(engine: Engine, cards: Mapping[str, Source], broken: Mapping[str, str], now: datetime) -> Status:
    """How things stand. A source that rests by an operator's word needs nobody, however old it is."""
    clock = {row["source"]: row for row in told(cards, engine, now)}
    paused = [row for row in clock.values() if row["paused_until"]]
    resting = {row["source"] for row in paused}
    known = {row["source"]: row for row in health.sources(engine, now)}
    watched = [slug for slug in cards if slug in clock and slug not in resting]
    stale = [slug for slug in watched if slug in known and not known[slug]["fresh"]]
    never = [slug for slug in watched if slug not in known]
    late = [row for row in clock.values() if row["overdue"]]
    busy = {slug: count for slug, count in busy_in_a_row(engine, OFTEN).items() if slug in watched}
    needs = {
        "holds": [
            f"{row['id']} of {row['source']}: {row['going']} of {row['open']} in {row['unit']}, for {row['hours']:.0f} h"
            for row in holds.holds(engine, now)
        ],
        "stale": [_stale(known[slug]) for slug in stale],
        "did not start": [f"{row['source']}: due {_since(row['overdue'])} and not begun" for row in late],
        "always busy": [f"{slug}: {count} firings found the one before under way" for slug, count in busy.items()],
        "broken cards": [f"{slug}: aluetori check {slug}" for slug in sorted(broken)],
    }
    coming = [row for row in clock.values() if row["next"] and row["source"] != MIDNIGHT]
    return Status(
        open=open_now(engine),
        sources=len(watched) + len(resting),
        fresh=len(watched) - len(stale) - len(never),
        never=never,
        paused=paused,
        next=min(coming, key=lambda row: str(row["next"]), default=None),
        uncurated=waiting(engine),
        needs=needs,
    )


def _stale(row: Mapping[str, Any]) -> str:
    return (
        f"{row['source']}: last complete {_since(row['last_complete'])}, last verdict {row['verdict']} ({row['cause']})"
    )


def _since(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "never"
