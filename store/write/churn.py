"""Ids that a source has given anew: many postings gone, and as many that are nearly the same new."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from harvest.source import Source
from store.db import chunks
from store.health import COMPLETE
from store.packing import unpack_keys
from store.tables import PostingRow, RunRow, table

_posting, _run = table(PostingRow), table(RunRow)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """The absent postings of a source that have a twin, and how many of its postings were there before the twins."""

    ids: tuple[str, ...]
    before: int


def churn(connection: Connection, source: Source, seen: Container[str]) -> Churn:
    """What a complete run did not see though a posting came that is nearly the same: first seen after the absent one was last
    there, with the same reference, the same address, or the same title, employer and place. Each twin counts for one only.
    """
    columns = (_posting.c.id, _posting.c.ref, _posting.c.misses, _posting.c.first_seen)
    is_open = (_posting.c.source == source.slug) & (_posting.c.closed == "")
    rows = connection.execute(select(*columns).where(is_open)).all()
    absent = [row for row in rows if row.ref not in seen]
    if not absent:
        return Churn(ids=(), before=len(rows))
    whole = select(_run.c.ended).where((_run.c.source == source.slug) & COMPLETE).order_by(_run.c.id.desc())
    ended = list(connection.execute(whole.limit(max(row.misses for row in absent) + 1)).scalars())
    last_there = {row.id: ended[row.misses] if row.misses < len(ended) else _LONG_AGO for row in absent}
    since = min(last_there.values())
    fresh = {row.id: row.first_seen for row in rows if row.ref in seen and row.first_seen > since}
    keys = _keys(connection, [*last_there, *fresh])
    twins: dict[int, list[str]] = {}
    for id_ in sorted(fresh):
        for key in keys[id_]:
            twins.setdefault(key, []).append(id_)
    taken: set[str] = set()
    found = []
    for id_ in sorted(last_there):
        near = (one for key in keys[id_] for one in twins.get(key, ()) if one not in taken)
        if twin := next((one for one in near if fresh[one] > last_there[id_]), ""):
            taken.add(twin)
            found.append(id_)
    return Churn(ids=tuple(found), before=len(rows) - len(fresh))


def _keys(connection: Connection, ids: list[str]) -> dict[str, tuple[int, ...]]:
    return {
        row.id: unpack_keys(row.blocking)
        for part in chunks(ids)
        for row in connection.execute(select(_posting.c.id, _posting.c.blocking).where(_posting.c.id.in_(part)))
    }
