"""Removals that the guard has stopped: which wait for an operator, and what would vanish if one were released."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from store.curated import scopes_of
from store.db import StoreError, chunks
from store.judgements import ListingPosting, ListingRow
from store.tables import Hold, PostingRow, table

_hold, _posting, _member, _listing = table(Hold), table(PostingRow), table(ListingPosting), table(ListingRow)


def holds(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Every hold that waits, oldest first: ``id``, ``source``, ``run``, ``unit``, ``going`` of ``open``, ``since`` (UTC,
    ISO 8601) and ``hours`` that it has waited."""
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(_hold).order_by(_hold.c.since, _hold.c.id)).all()
    return [
        {"id": row.id, "source": row.source, "run": row.run, "unit": row.unit, "going": row.going, "open": row.open,
         "since": row.since.isoformat(), "hours": round((now - row.since).total_seconds() / 3600, 1)}
        for row in rows
    ]  # fmt: skip


def preview(engine: Engine, number: int) -> dict[str, Any]:
    """What would vanish if a hold were released: ``postings`` that would close, and of them the ``listings`` that have no
    other open posting, each with title, employer and places; how many in each of ``regions``, ``municipalities`` and
    ``buckets``. Postings that another unit holds as well are ``held_elsewhere`` and would stay. Raises
    :class:`StoreError` when there is no such hold."""
    with engine.connect().execution_options(readonly=True) as connection:
        row = hold(connection, number)
        others = select(_hold.c.postings).where((_hold.c.source == row.source) & (_hold.c.id != number))
        elsewhere = {id_ for held in connection.execute(others).scalars() for id_ in json.loads(held)}
        going = {id_ for id_ in json.loads(row.postings) if id_ not in elsewhere}
        vanishing = _alone(connection, going)
        scopes = scopes_of(connection, vanishing)
        counted = {
            name: Counter(one for id_ in vanishing for one in scopes[id_][name])
            for name in ("regions", "municipalities", "buckets")
        }
        listings = [_told(one, scopes[one.id]) for one in _rows(connection, vanishing)]
    return {
        "id": row.id,
        "source": row.source,
        "unit": row.unit,
        "run": row.run,
        "postings": len(going),
        "held_elsewhere": len(json.loads(row.postings)) - len(going),
        **{name: dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))) for name, found in counted.items()},
        "listings": listings,
    }


def concerned(engine: Engine, number: int) -> dict[str, int]:
    """In which regions how many listings would be gone if all holds were released that keep what this one keeps."""
    with engine.connect().execution_options(readonly=True) as connection:
        vanishing = _alone(connection, set(json.loads(hold(connection, number).postings)))
        scopes = scopes_of(connection, vanishing)
    return dict(Counter(slug for id_ in vanishing for slug in scopes[id_]["regions"]))


def hold(connection: Connection, number: int) -> Any:
    """The row of a hold that waits. Raises :class:`StoreError` when there is none of that number."""
    row = connection.execute(select(_hold).where(_hold.c.id == number)).one_or_none()
    if row is None:
        raise StoreError(f"there is no hold {number} (any more); aluetori holds list shows those that wait")
    return row


def _alone(connection: Connection, going: set[str]) -> list[str]:
    """The open listings of which every open posting is among those."""
    of: set[str] = set()
    for part in chunks(sorted(going)):
        of |= set(connection.execute(select(_member.c.listing).where(_member.c.posting.in_(part))).scalars())
    staying: set[str] = set()
    for part in chunks(sorted(of)):
        joined = _member.join(_posting, _posting.c.id == _member.c.posting)
        wanted = select(_member.c.listing, _member.c.posting).select_from(joined)
        rows = connection.execute(wanted.where(_member.c.listing.in_(part) & (_posting.c.closed == "")))
        staying |= {listing for listing, posting in rows if posting not in going}
    return sorted(of - staying)


def _rows(connection: Connection, ids: list[str]) -> list[Any]:
    found: list[Any] = []
    for part in chunks(ids):
        found += connection.execute(select(_listing).where(_listing.c.id.in_(part)).order_by(_listing.c.id)).all()
    return found


def _told(row: Any, scopes: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "listing": row.id,
        "title": next(iter(json.loads(row.titles).values()), ""),
        "employer": row.employer,
        "places": [*scopes["municipalities"], *scopes["buckets"]],
    }
