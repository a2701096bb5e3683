"""An operator's words on when a source is harvested: kept with who and why, and heard by the clock within a second."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from store.db import StoreError
from store.firings import FOR_EVER
from store.tables import OverrideRow, table
from store.upsert import upsert
from store.write.audit import audit

_override = table(OverrideRow)


def pause(engine: Engine, source: str, until: datetime, reason: str, author: str, now: datetime) -> None:
    """Let a source rest until a time, or :data:`store.firings.FOR_EVER`: it is not harvested by the clock, and not missed."""
    told = {"until": None if until == FOR_EVER else until.isoformat()}
    with engine.begin() as connection:
        _say(connection, source, {"paused_until": until}, "pause", reason, author, now, told)


def resume(engine: Engine, source: str, reason: str, author: str, now: datetime) -> None:
    """End a source's rest. Raises :class:`StoreError` where it does not rest."""
    with engine.begin() as connection:
        until = connection.execute(select(_override.c.paused_until).where(_override.c.source == source)).scalar()
        if until is None or until <= now:
            raise StoreError(f"{source} is not paused; nothing was done")
        _say(connection, source, {"paused_until": now}, "resume", reason, author, now, {})


def pace(engine: Engine, source: str, every: str, reason: str, author: str, now: datetime) -> None:
    """Harvest a source ``every`` so long, as cards write it, whatever its card says; empty is the card's word again."""
    with engine.begin() as connection:
        _say(connection, source, {"pace": every}, "pace", reason, author, now, {"every": every or None})


def _say(
    connection: Connection,
    source: str,
    word: dict[str, Any],
    act: str,
    reason: str,
    author: str,
    now: datetime,
    told: Mapping[str, Any],
) -> None:
    before = connection.execute(select(_override).where(_override.c.source == source)).mappings().one_or_none()
    row = {
        "paused_until": None,
        "pace": "",
        **(before or {}),
        "source": source,
        **word,
        "reason": reason,
        "author": author,
        "at": now,
    }
    upsert(connection, _override, tuple(row), [tuple(row.values())])
    audit(connection, now, author, act, f"source {source}", reason, told)
