"""Postings as a run has read them into their table, with their blocking keys and a touch for each."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import Connection, bindparam, case, delete, select

from harvest.moment import HELSINKI
from store.near import key_day
from store.packing import unpack_keys
from store.tables import PostingKey, PostingRow, RunRow, Touch, table
from store.upsert import insert_rows, upsert
from store.write.closing import born_on, ended
from store.write.spool import Row

_posting, _key, _touch, _run = table(PostingRow), table(PostingKey), table(Touch), table(RunRow)
_COLUMNS = (
    *Row.__struct_fields__,
    "run",
    "first_seen",
    "last_changed",
    "listed",
    "misses",
    "closed",
    "closed_on",
    "closed_at",
    "forgotten",
)
_NO_KEYS: frozenset[int] = frozenset()


def older(connection: Connection, batch: Sequence[Row], run: int) -> list[Row]:
    """Those of ``batch`` that are not there, or have their facts from ``run`` or one before it; a replay's facts are as old
    as the run whose pages it read."""
    read = case((_run.c.replay_of > 0, _run.c.replay_of), else_=_posting.c.run)
    joined = _posting.outerjoin(_run, _run.c.id == _posting.c.run)
    wanted = (
        select(_posting.c.id).select_from(joined).where(_posting.c.id.in_([row.id for row in batch]) & (read > run))
    )
    newer = set(connection.execute(wanted).scalars())
    return [row for row in batch if row.id not in newer]


def save_postings(
    connection: Connection, batch: Sequence[Row], run: int, now: datetime, age: int | None, keep: Sequence[str]
) -> Counter[str]:
    """Bring postings up to date that a run has read, but for the columns to ``keep`` of those that are there, and touch them;
    how many are ``new``, ``changed`` and ``unchanged``; of two rows of one posting the later counts. ``age`` is the days after
    which their source's postings close."""
    counts: Counter[str] = Counter()
    if not batch:
        return counts
    batch = list({row.id: row for row in batch}.values())
    today = now.astimezone(HELSINKI).date()
    columns = [
        _posting.c[name]
        for name in ("id", "digest", "closed", "first_seen", "last_changed", "published_on", "blocking")
    ]
    found = connection.execute(select(*columns).where(_posting.c.id.in_([row.id for row in batch])))
    before = {row.id: row for row in found}
    rows, touches = [], []
    fresh: list[tuple[int, int, str]] = []
    stale: list[dict[str, Any]] = []
    for row in batch:
        old = before.get(row.id)
        born = now if old is None else old.first_seen
        day = key_day(row.published_on, born)
        own = set(unpack_keys(row.blocking))
        changed = now
        if old is None:
            counts["new"] += 1
            because, had, had_day = "new", _NO_KEYS, day
        else:
            because, had = "returned" if old.closed else "changed", frozenset(unpack_keys(old.blocking))
            had_day = key_day(old.published_on, born)
            if old.digest != row.digest:
                counts["changed"] += 1
            else:
                counts["unchanged"] += 1
                changed = old.last_changed
        over = ended(row.ends_on, born_on(row.published_on, born), age, today)
        rows.append((*astuple(row), run, now, changed, True, 0, *over.values(), False))
        moved = day != had_day
        fresh += [(key, day, row.id) for key in (own if moved else own - had)]
        stale += [{"of": row.id, "was": key, "day_was": had_day} for key in (had if moved else had - own)]
        touches.append((row.id, because))
    upsert(connection, _posting, _COLUMNS, rows, keep)
    if stale:
        there = (_key.c.key == bindparam("was")) & (_key.c.day == bindparam("day_was"))
        gone = there & (_key.c.posting == bindparam("of"))
        connection.execute(delete(_key).where(gone), stale)
    insert_rows(connection, _key, ("key", "day", "posting"), fresh)
    insert_rows(connection, _touch, ("posting", "because"), touches)
    return counts
