"""How things stand, in ten lines: what works, and what needs a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from harvest.source import Source
from schedules.ledger import OWN, told
from schedules.needs import KINDS, Need, needs
from store import health
from store.counts import open_now
from store.health import waiting


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
    """How things stand; what needs a person is :func:`schedules.needs.needs`."""
    clock = {row["source"]: row for row in told(cards, engine, now)}
    paused = [row for row in clock.values() if row["paused_until"]]
    enabled = [slug for slug in cards if slug in clock]
    known = {row["source"] for row in health.sources(engine, now)}
    resting = {row["source"] for row in paused}
    never = [slug for slug in enabled if slug not in known and slug not in resting]
    waiting_for = needs(engine, cards, broken, now)
    said = {kind: [_SENTENCES[kind](need) for need in waiting_for if need.kind == kind] for kind in KINDS}
    coming = [row for row in clock.values() if row["next"] and row["source"] not in OWN]
    return Status(
        open=open_now(engine),
        sources=len(enabled),
        fresh=len(enabled) - len(resting) - len(said["stale"]) - len(never),
        never=never,
        paused=paused,
        next=min(coming, key=lambda row: str(row["next"]), default=None),
        uncurated=waiting(engine),
        needs=said,
    )


def _held(need: Need) -> str:
    row = need.facts
    return f"{row['id']} of {need.source}: {row['going']} of {row['open']} in {row['unit']}, for {row['hours']:.0f} h"


def _stale(need: Need) -> str:
    row = need.facts
    last = f"last complete {_since(row['last_complete'])}"
    return f"{need.source}: {last}, last verdict {row['verdict']} ({row['cause']})"


_SENTENCES: dict[str, Callable[[Need], str]] = {
    "holds": _held,
    "stale": _stale,
    "did not start": lambda need: f"{need.source}: due {_since(need.facts['overdue'])} and not begun",
    "always busy": lambda need: f"{need.source}: {need.facts['count']} firings found the one before under way",
    "broken cards": lambda need: f"{need.source}: aluetori check {need.source}",
}


def _since(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "never"
