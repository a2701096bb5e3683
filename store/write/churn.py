"""Ids that a source has given anew: many postings gone, and as many that are nearly the same new."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from harvest.source import Source
from store.db import chunks
from store.health import COMPLETE
from store.near import prints
from store.packing import unpack_keys
from store.tables import PostingRow, RunRow, Touch, Twin, table

_posting, _run, _touch, _twin = table(PostingRow), table(RunRow), table(Touch), table(Twin)
ALIKE = 0.5
"""The share of its keys from which on one posting is another under a new id, and not only like it."""
MOST_TWINS = 50
"""A key that more new postings have tells none of them from the others."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """The absent postings of a source that have a twin, and how many of its postings were there before the twins. ``twins``
    are those that are the same by most of their keys, each old posting with its new one."""

    ids: tuple[str, ...]
    before: int
    twins: tuple[tuple[str, str], ...] = ()


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
    return Churn(ids=tuple(found), before=len(rows) - len(fresh),
                 twins=_alike(keys, twins, last_there, fresh, _names(connection, [*last_there, *fresh])))  # fmt: skip


def _alike(
    keys: Mapping[str, tuple[int, ...]],
    twins: Mapping[int, list[str]],
    last_there: Mapping[str, datetime],
    fresh: Mapping[str, datetime],
    names: Mapping[str, tuple[int, ...]],
) -> tuple[tuple[str, str], ...]:
    """Of postings that are absent and those that came after each: pairs that share most keys, or title, employer and unit,
    each posting once, the likest first."""
    shared: list[tuple[float, str, str]] = []
    for old, seen in last_there.items():
        some = (one for key in keys[old] if len(twins.get(key, ())) <= MOST_TWINS for one in twins.get(key, ()))
        for new, count in Counter(some).items():
            share = count / min(len(keys[old]), len(keys[new]))
            named = old in names and names[old] == names.get(new)
            if fresh[new] > seen and (named or share >= ALIKE):
                shared.append((-share, old, new))
    taken: set[str] = set()
    found = []
    for _share, old, new in sorted(shared):
        if taken.isdisjoint((old, new)):
            taken |= {old, new}
            found.append((old, new))
    return tuple(found)


def _names(connection: Connection, ids: list[str]) -> dict[str, tuple[int, ...]]:
    """Title, employer and unit as numbers, of postings that have both of the first."""
    found: dict[str, tuple[int, ...]] = {}
    for part in chunks(ids):
        rows = connection.execute(select(_posting.c.id, _posting.c.fingerprint).where(_posting.c.id.in_(part)))
        current, kept = prints((id_, print_) for id_, print_ in rows)
        slots = kept["slots"]
        for id_, *name in zip(
            current, *(slots[part_].tolist() for part_ in ("title", "employer", "unit")), strict=True
        ):
            if name[0] and name[1]:
                found[id_] = tuple(name)
    return found


def show_as_one(
    connection: Connection, source: Source, seen: Container[str], twins: tuple[tuple[str, str], ...]
) -> None:
    """Remember which postings are the same under an old id and a new one, and forget it of an old id that is there again;
    both are touched. It is remembered when the old posting has closed, so that the listing goes on under its own id."""
    joined = _twin.join(_posting, _posting.c.id == _twin.c.posting)
    wanted = select(_twin.c.posting, _twin.c.other, _posting.c.ref).select_from(joined)
    known = connection.execute(wanted.where(_twin.c.source == source.slug)).all()
    over = [row for row in known if row.ref in seen]
    kept = {row.posting for row in known} - {row.posting for row in over}
    fresh = [(old, new) for old, new in twins if old not in kept]
    for part in chunks([row.posting for row in over]):
        connection.execute(delete(_twin).where(_twin.c.posting.in_(part)))
    for rows in chunks([{"posting": old, "other": new, "source": source.slug} for old, new in fresh]):
        connection.execute(insert(_twin), list(rows))
    met = dict.fromkeys(
        [*(id_ for row in over for id_ in (row.posting, row.other)), *(id_ for pair in fresh for id_ in pair)]
    )
    for ids in chunks(list(met)):
        connection.execute(insert(_touch), [{"posting": id_, "because": "renumbered"} for id_ in ids])


def _keys(connection: Connection, ids: list[str]) -> dict[str, tuple[int, ...]]:
    return {
        row.id: unpack_keys(row.blocking)
        for part in chunks(ids)
        for row in connection.execute(select(_posting.c.id, _posting.c.blocking).where(_posting.c.id.in_(part)))
    }
