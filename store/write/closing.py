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
from normalize.dates import midnight
from store.db import chunks
from store.judgements import ListingRow
from store.packing import posting_id
from store.tables import Hold, PostingRow, SourceRow, Spared, Touch, table
from store.units import Units, units_of
from store.upsert import insert_rows

Guard = Callable[[Mapping[str, Units], Mapping[str, int]], Mapping[str, Sequence[str]]]
"""Given the postings that would go with their units, and how many are open in each unit: the postings that must stay,
by the unit that holds them."""

_posting, _listing, _touch, _hold = table(PostingRow), table(ListingRow), table(Touch), table(Hold)
_source, _spared = table(SourceRow), table(Spared)


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
    for part in chunks([row.posting for row in _kept_by_hand(connection, source) if row.closed or row.ref in seen]):
        connection.execute(delete(_spared).where(_spared.c.posting.in_(part)))


def _kept_by_hand(connection: Connection, source: Source) -> Sequence[Any]:
    """The postings that an operator kept though they were absent."""
    joined = _spared.join(_posting, _posting.c.id == _spared.c.posting)
    wanted = select(_spared.c.posting, _posting.c.ref, _posting.c.closed).select_from(joined)
    return connection.execute(wanted.where(_spared.c.source == source.slug)).all()


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
    once more. What goes of a source that has ``renumbered`` its postings is a unit of its own. What an operator has kept
    does not go, and is not held anew."""
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
    spared = {row.posting for row in _kept_by_hand(connection, source)}
    enough = [row.id for row in absent if not row.closed and row.misses + (row.id in more) >= source.removal.misses]
    going = [id_ for id_ in enough if id_ not in spared]
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
            row = {"closed": because, "closed_on": today, "closed_at": now, "listed": False}
            connection.execute(update(_posting).where(_posting.c.id.in_(ids)).values(row))
        connection.execute(insert(_touch), [{"posting": id_, "because": "closed"} for id_ in part])


def ended(ends_on: date | None, born: date, max_age: int | None, today: date) -> dict[str, Any]:
    """The columns of a posting by the calendar: closed from the midnight after its end date, or after the last day of its
    age, whichever is earlier, however long it is still listed. ``born`` is the day from which age counts."""
    closed: dict[str, Any] = {"closed": "", "closed_on": None, "closed_at": None}
    if ends_on is not None and ends_on < today:
        closed |= {"closed": f"ended {ends_on}", "closed_on": ends_on + timedelta(days=1)}
    if max_age is not None and (today - born).days > max_age:
        over = born + timedelta(days=max_age + 1)
        if not closed["closed"] or over < closed["closed_on"]:
            closed |= {"closed": f"older than {max_age} days", "closed_on": over}
    if closed["closed"]:
        closed["closed_at"] = midnight(closed["closed_on"])
    return closed


def born_on(published_on: date | None, first_seen: datetime) -> date:
    """The day from which the age of a posting counts."""
    return published_on or first_seen.astimezone(HELSINKI).date()


def sweep(engine: Engine, today: date) -> int:
    """Close what ended before ``today`` or has grown too old, touch it, and touch what is published today: the calendar's
    own touches, due at each local midnight whether or not a source answers. Gives how many closed."""
    with engine.begin() as connection:
        over = _over(connection, today)
        alike: dict[tuple[tuple[str, Any], ...], list[str]] = {}
        for id_, columns in over.items():
            alike.setdefault(tuple(columns.items()), []).append(id_)
        for columns_, ids in alike.items():
            for part in chunks(ids):
                connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(dict(columns_)))
        begun = select(_listing.c.canonical).where(_listing.c.begins_on <= today)
        touches = [(id_, columns["closed"]) for id_, columns in over.items()]
        touches += [(id_, "its publication day has come") for id_ in connection.execute(begun).scalars()]
        insert_rows(connection, _touch, ("posting", "because"), touches)
    return len(over)


def _over(connection: Connection, today: date) -> dict[str, dict[str, Any]]:
    """What the calendar closes: its columns by id."""
    is_open = _posting.c.closed == literal_column("''")
    aged = select(_source.c.slug, _source.c.max_age).where(_source.c.max_age.is_not(None))
    ages: dict[str, int] = {row.slug: row.max_age for row in connection.execute(aged)}
    wanted = [_posting.c.ends_on < today]
    for source, age in ages.items():
        last = today - timedelta(days=age)
        seen = _posting.c.published_on.is_(None) & (_posting.c.first_seen < midnight(last))
        wanted.append((_posting.c.source == source) & ((_posting.c.published_on < last) | seen))
    columns = [_posting.c[name] for name in ("id", "source", "ends_on", "published_on", "first_seen")]
    over: dict[str, dict[str, Any]] = {}
    for condition in wanted:
        for row in connection.execute(select(*columns).where(is_open & condition)):
            over[row.id] = ended(row.ends_on, born_on(row.published_on, row.first_seen), ages.get(row.source), today)
    return over
