"""Postings that go: what their source says has gone and what has ended at once, what is absent by misses and a guard."""

import json
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, literal_column, select, update

from harvest.moment import HELSINKI
from harvest.records import Gone
from harvest.source import Source
from normalize.vocabulary import Status
from store.db import chunks
from store.judgements import ListingRow
from store.packing import posting_id
from store.tables import Hold, PostingRow, Touch, table
from store.units import Units, units_of

Guard = Callable[[Mapping[str, Units], Mapping[str, int]], Mapping[str, Sequence[str]]]
"""Given the postings that would go with their units, and how many are open in each unit: the postings that must stay,
by the unit that holds them."""

_posting, _listing, _touch, _hold = table(PostingRow), table(ListingRow), table(Touch), table(Hold)


def close_gone(connection: Connection, source: Source, gone: Sequence[Gone], now: datetime) -> int:
    """What the source itself says has gone, closes at once and is never held."""
    reasons = {posting_id(source.slug, one.ref): one.because for one in gone}
    closed = 0
    for part in chunks(list(reasons)):
        is_open = _posting.c.id.in_(part) & (_posting.c.closed == "")
        ids = connection.execute(select(_posting.c.id).where(is_open)).scalars().all()
        close(connection, {id_: reasons[id_] for id_ in ids}, now)
        closed += len(ids)
    return closed


def seen_again(connection: Connection, source: Source, seen: Container[str]) -> None:
    """What was missed and is there again has no misses, be the run that saw it complete or not."""
    missed = (_posting.c.source == source.slug) & (_posting.c.misses > literal_column("0"))
    rows = connection.execute(select(_posting.c.id, _posting.c.ref).where(missed)).all()
    for part in chunks([row.id for row in rows if row.ref in seen]):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(misses=0))


def miss(
    connection: Connection,
    source: Source,
    run: int,
    seen: Container[str],
    now: datetime,
    guard: Guard,
    again: bool = False,
    renumbered: bool = False,
) -> tuple[int, int]:
    """What a complete run did not see: one miss more, and closed at the last, unless the guard holds it back. How many
    closed, and how many are held. When the pages of the last run are read ``again``, what it had missed is not missed
    once more. What goes of a source that has ``renumbered`` its postings is a unit of its own."""
    since = {row.unit: row.since for row in connection.execute(select(_hold).where(_hold.c.source == source.slug))}
    connection.execute(delete(_hold).where(_hold.c.source == source.slug))
    if source.removal.mode != "snapshot":
        return 0, 0
    columns = (_posting.c.id, _posting.c.ref, _posting.c.misses, _posting.c.closed)
    rows = connection.execute(select(*columns).where((_posting.c.source == source.slug) & _posting.c.listed)).all()
    absent = [row for row in rows if row.ref not in seen]
    missed = [row for row in absent if not row.closed and not (again and row.misses)]
    for part in chunks([row.id for row in missed]):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(misses=_posting.c.misses + 1))
    for part in chunks([row.id for row in absent if row.closed]):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(listed=False))
    more = {row.id for row in missed}
    going = [row.id for row in absent if not row.closed and row.misses + (row.id in more) >= source.removal.misses]
    if not going:
        return 0, 0
    units = units_of(connection, source.slug, [row.id for row in rows if not row.closed])
    if renumbered:
        units |= {id_: (*units[id_], f"renumbered {source.slug}") for id_ in going}
    open_in = Counter(unit for own in units.values() for unit in own)
    held = guard({id_: units[id_] for id_ in going}, open_in)
    holds = [
        {"source": source.slug, "run": run, "unit": unit, "going": len(ids), "open": open_in[unit],
         "since": since.get(unit, now), "postings": json.dumps(sorted(ids))}
        for unit, ids in held.items()
    ]  # fmt: skip
    if holds:
        connection.execute(insert(_hold), holds)
    kept = {id_ for ids in held.values() for id_ in ids}
    because = f"absent from {source.removal.misses} complete runs in a row"
    leaving = {id_: because for id_ in going if id_ not in kept}
    close(connection, leaving, now)
    return len(leaving), len(kept)


def close(connection: Connection, reasons: Mapping[str, str], now: datetime) -> None:
    """Close postings that have gone from their source, each with its reason, and touch them."""
    today = now.astimezone(HELSINKI).date()
    for part in chunks(list(reasons)):
        for because in sorted({reasons[id_] for id_ in part}):
            ids = [id_ for id_ in part if reasons[id_] == because]
            row = {"closed": because, "closed_on": today, "listed": False}
            connection.execute(update(_posting).where(_posting.c.id.in_(ids)).values(row))
        connection.execute(insert(_touch), [{"posting": id_, "because": "closed"} for id_ in part])


def ended(ends_on: date | None, today: date) -> dict[str, Any]:
    """The columns of a posting with that end date: closed from the midnight after it, however long it is still listed."""
    if ends_on is None or ends_on >= today:
        return {"closed": "", "closed_on": None}
    return {"closed": f"ended {ends_on}", "closed_on": ends_on + timedelta(days=1)}


def sweep(engine: Engine, today: date) -> int:
    """Close what ended before ``today`` and touch it, and touch what is published today: the calendar's own touches,
    due at each local midnight whether or not a source answers. Gives how many ended."""
    with engine.begin() as connection:
        over = (_posting.c.closed == "") & (_posting.c.ends_on < today)
        found = connection.execute(select(_posting.c.id, _posting.c.ends_on).where(over)).all()
        for day in sorted({row.ends_on for row in found}):
            for part in chunks([row.id for row in found if row.ends_on == day]):
                connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(ended(day, today)))
                touches = [{"posting": id_, "because": "its end date has passed"} for id_ in part]
                connection.execute(insert(_touch), touches)
        waiting = (_listing.c.status == Status.HIDDEN) & (_listing.c.published_on <= today)
        begun = select(_listing.c.canonical).where(waiting & _listing.c.status_because.like("not published before%"))
        rows = [
            {"posting": id_, "because": "its publication day has come"} for id_ in connection.execute(begun).scalars()
        ]
        if rows:
            connection.execute(insert(_touch), rows)
    return len(found)
