"""What the clock meant to do, and what became of it; and an operator's words over what the cards say of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from store.tables import FiringRow, OverrideRow, RunRow, table

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Until when something rests that rests until a person says otherwise."""

_firing, _override, _run = table(FiringRow), table(OverrideRow), table(RunRow)


class Outcome(StrEnum):
    """What became of a firing. All but the first two are final."""

    WAITING = "waiting"
    UNDER_WAY = "under way"
    RAN = "ran"
    """Its run ended, with whatever verdict."""
    BUSY = "busy"
    """Another run of the source was still under way, a timed one or a person's."""
    MISSED = "missed"
    """No service was there; a later firing makes up for it."""
    RESTED = "rested"
    """It waited, and meanwhile an operator paused the source, or its card was disabled, broken or removed."""
    STOPPED = "stopped"
    """The service was ended while it ran; the next service makes up for it."""
    CUT = "cut"
    """Its process died while it ran; the next service makes up for it."""


AGAIN = "the one before was cut"
"""Why a firing is due that makes up for one whose process died. If it dies of this one too, the next waits for its time: a
source that kills its process must not do so for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """An operator's word on when a source is harvested. ``pace`` is an ``every`` as cards write it, empty for the card's."""

    source: str
    paused_until: datetime | None
    pace: str
    reason: str
    author: str
    at: datetime

    def paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    @property
    def for_ever(self) -> bool:
        return self.paused_until == FOR_EVER

    @property
    def until(self) -> str:
        """When the rest ends, for people."""
        return (
            "until resumed" if self.for_ever or not self.paused_until else f"until {self.paused_until:%Y-%m-%d %H:%M}"
        )


def overrides(engine: Engine) -> dict[str, Override]:
    """The word that counts for each source of which there is one, also one that is over."""
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(_override)).mappings().all()
    return {row["source"]: Override(**row) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest firing of a source."""

    due_at: datetime
    outcome: Outcome
    because: str = ""

    @property
    def owed(self) -> bool:
        """Whether it has to be made up for at once."""
        return self.outcome is Outcome.STOPPED or (self.outcome is Outcome.CUT and self.because != AGAIN)


def newest(engine: Engine) -> dict[str, Newest]:
    """The newest firing of each source. One that never had any, but was harvested by hand, counts as fired when that began."""
    latest = select(_firing.c.source, func.max(_firing.c.due_at).label("due_at")).group_by(_firing.c.source).subquery()
    same = (_firing.c.source == latest.c.source) & (_firing.c.due_at == latest.c.due_at)
    started = select(_run.c.source, func.max(_run.c.started)).where(_run.c.replay_of == 0).group_by(_run.c.source)
    with engine.connect().execution_options(readonly=True) as connection:
        by_hand = {row[0]: Newest(due_at=row[1], outcome=Outcome.RAN) for row in connection.execute(started)}
        rows = connection.execute(select(_firing).join(latest, same))
        fired = {
            row.source: Newest(due_at=row.due_at, outcome=Outcome(row.outcome), because=row.because) for row in rows
        }
    return by_hand | fired


def unfinished(connection: Connection) -> Iterator[tuple[str, datetime, Outcome]]:
    """The firings that wait or are under way, or were so when their process died."""
    open_ = _firing.c.outcome.in_((Outcome.WAITING, Outcome.UNDER_WAY))
    for row in connection.execute(select(_firing).where(open_).order_by(_firing.c.due_at, _firing.c.source)):
        yield row.source, row.due_at, Outcome(row.outcome)


def firings(engine: Engine, source: str = "", limit: int = 20) -> list[dict[str, Any]]:
    """The newest firings, newest first: when due, why, when begun and ended (UTC, ISO 8601), what became of them, and the
    verdict of the run they began."""
    statement = select(_firing, _run.c.verdict).outerjoin(_run, _run.c.id == _firing.c.run)
    if source:
        statement = statement.where(_firing.c.source == source)
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(statement.order_by(_firing.c.due_at.desc(), _firing.c.source).limit(limit)).mappings()
        return [
            {**row, **{name: row[name].isoformat() if row[name] else None for name in ("due_at", "started", "ended")}}
            for row in rows
        ]


def busy_in_a_row(engine: Engine, most: int) -> dict[str, int]:
    """How many firings in a row found another run under way, of the sources where these are ``most`` or more."""
    found: dict[str, int] = {}
    with engine.connect().execution_options(readonly=True) as connection:
        ran = func.max(_firing.c.due_at).filter(_firing.c.outcome == Outcome.RAN)
        last = select(_firing.c.source, ran.label("ran")).group_by(_firing.c.source).subquery()
        after = (last.c.source == _firing.c.source) & (last.c.ran.is_(None) | (_firing.c.due_at > last.c.ran))
        counted = select(_firing.c.source, func.count()).join(last, after).where(_firing.c.outcome == Outcome.BUSY)
        for slug, count in connection.execute(counted.group_by(_firing.c.source)):
            if count >= most:
                found[slug] = count
    return found
