"""The append-only change log: what happened to listings, in the order in which it became visible."""

import json
from typing import Any

from sqlalchemy import Engine, func, select

from store.judgements import Change
from store.tables import table


def changes(engine: Engine, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    """Entries after ``seq``, oldest first, at most ``limit``. A listing that moves from one municipality to another has
    both in ``before`` and ``after``, so that a reader of either hears of it."""
    change = table(Change)
    statement = select(change).where(change.c.seq > after).order_by(change.c.seq).limit(limit)
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(statement).mappings().all()
    return [
        {**row, "at": row["at"].isoformat(), "before": json.loads(row["before"]), "after": json.loads(row["after"])}
        for row in rows
    ]


def last_seq(engine: Engine) -> int:
    """The newest entry's number, 0 when there is none."""
    with engine.connect().execution_options(readonly=True) as connection:
        return int(connection.execute(select(func.max(table(Change).c.seq))).scalar() or 0)
