"""The ledger of the clock: what is due is written down before it is begun, and what became of it when it has ended."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection, Engine, delete, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from store.firings import Outcome, unfinished
from store.health import held
from store.tables import FiringRow, table

KEPT = timedelta(days=180)
"""For how long a firing is told."""

Firing: TypeAlias = tuple[str, datetime]
"""A source, and when it was due."""

_firing = table(FiringRow)


def due(engine: Engine, source: str, at: datetime, because: str, missed: Iterable[datetime] = ()) -> bool:
    """Write down that ``source`` is due, and which earlier times this makes up for; whether it is news: a firing has one row,
    whoever writes it."""
    with engine.begin() as connection:
        _note(connection, source, missed, Outcome.MISSED)
        return _note(connection, source, (at,), Outcome.WAITING, because) == 1


def note(engine: Engine, source: str, at: datetime, outcome: Outcome, detail: str) -> None:
    """Write down a firing that is over before it began."""
    with engine.begin() as connection:
        _note(connection, source, (at,), outcome, detail=detail)


def _note(
    connection: Connection, source: str, due: Iterable[datetime], outcome: Outcome, because: str = "", detail: str = ""
) -> int:
    """How many of them are news."""
    into = insert_sqlite(_firing) if connection.dialect.name == "sqlite" else insert_postgresql(_firing)
    row = {"source": source, "outcome": outcome, "because": because, "run": 0, "detail": detail}
    news = 0
    for at in due:  # one by one, and told by the row itself: not every driver counts what it has inserted
        written = into.values(**row, due_at=at).on_conflict_do_nothing().returning(_firing.c.due_at)
        news += connection.execute(written).first() is not None
    return news


def begin(engine: Engine, source: str, at: datetime, now: datetime) -> bool:
    """Take a firing that waits; whether it was there to be taken: no two get it."""
    mine = (_firing.c.source == source) & (_firing.c.due_at == at) & (_firing.c.outcome == Outcome.WAITING)
    with engine.begin() as connection:
        row = {"outcome": Outcome.UNDER_WAY, "started": now}
        return connection.execute(update(_firing).where(mine).values(row)).rowcount == 1


def end(engine: Engine, source: str, at: datetime, outcome: Outcome, now: datetime, run: int, detail: str) -> None:
    """What became of a firing."""
    mine = (_firing.c.source == source) & (_firing.c.due_at == at)
    with engine.begin() as connection:
        row = {"outcome": outcome, "ended": now, "run": run, "detail": detail[:2000]}
        connection.execute(update(_firing).where(mine).values(row))


def reconcile(engine: Engine, now: datetime, mine: Iterable[Firing] = ()) -> tuple[list[Firing], list[Firing]]:
    """The firings that wait for somebody to begin them, and those that are said to be under way though nobody holds their
    runs any more: they were cut when their process died, which is written down. Both without ``mine``."""
    own = set(mine)
    waiting: list[Firing] = []
    cut: list[Firing] = []
    with engine.begin() as connection:
        names = held(connection, now)
        for source, at, outcome in list(unfinished(connection)):
            if (source, at) in own:
                continue
            if outcome is Outcome.WAITING:
                waiting.append((source, at))
            elif f"run {source}" not in names:
                told = {"outcome": Outcome.CUT, "ended": now, "detail": "its process ended while it ran"}
                this = (_firing.c.source == source) & (_firing.c.due_at == at)
                connection.execute(update(_firing).where(this).values(told))
                cut.append((source, at))
    return waiting, cut


def forget(engine: Engine, now: datetime) -> None:
    """Forget the firings of long ago."""
    with engine.begin() as connection:
        connection.execute(delete(_firing).where(_firing.c.due_at < now - KEPT))
