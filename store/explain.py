"""Why a listing shows as it does, or why a posting is not shown: the whole trace, from the source to the page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Engine, or_, select

from normalize.contacts import masked
from normalize.fingerprint import url_key
from normalize.packing import unpack
from store.judgements import (
    ListingBucket,
    ListingMunicipality,
    ListingPosting,
    ListingRegion,
    ListingRow,
    ListingTheme,
    Redirect,
)
from store.tables import PostingRow, ProblemRow, RunRow, SourceRow, Touch, table

T = TypeVar("T")

MOST_CALLED = 50
"""So many of one name are told apart; a name that more have is none."""

_listing, _member, _posting, _run = table(ListingRow), table(ListingPosting), table(PostingRow), table(RunRow)


def explain(engine: Engine, what: str) -> dict[str, Any] | None:
    """The trace of a listing id, posting id, reference or address; ``None`` when nothing here is called so.

    With keys ``listing`` (``None`` if it is in none), ``shown``, ``because``, ``places``, ``regions``, ``themes``,
    ``buckets``, ``not_used`` and ``members``, each member with its source, run, page, evidence and problems; or, for
    what stayed behind at a harvest, ``shown: false`` with the problems that say why. ``also`` lists what else is called
    so, since sources do not agree on references: each with its ``posting`` id, by which it can be asked for.
    Telephone numbers and e-mail addresses are masked in all that is told, references included.
    """
    with engine.connect().execution_options(readonly=True) as connection:
        return _masked(_explained(connection, what))


def _explained(connection: Connection, what: str) -> dict[str, Any] | None:
    if (listing := _listing_called(connection, what)) is not None:
        return _trace(connection, listing, what)
    called = _postings_called(connection, what)
    stayed = _stayed_behind(connection, what, [posting.source for posting in called])
    if not called:
        return {**stayed[0], "also": [_other_told(one) for one in stayed[1:]]} if stayed else None
    first, listed = called[0], _listings_of(connection, called)
    others = [one for one in called[1:] if one.id not in listed or listed[one.id].id != _id_of(listed.get(first.id))]
    told = _trace(connection, listed[first.id], what) if first.id in listed else _waiting(connection, first)
    also = [{"posting": one.id, "source": one.source, "ref": one.ref, "listing": _id_of(listed.get(one.id)),
             "state": one.closed or "open"} for one in others]  # fmt: skip
    return {**told, "also": [*also, *map(_other_told, stayed)]}


def _masked(told: T) -> T:
    """The same without contacts, however deep they stand."""
    if isinstance(told, str):
        return cast(T, masked(told))
    if isinstance(told, dict):
        return cast(T, {name: _masked(value) for name, value in told.items()})
    return cast(T, [_masked(one) for one in told]) if isinstance(told, list) else told


def _listing_called(connection: Connection, what: str) -> Any:
    led: str | None = what
    while led is not None:
        row = connection.execute(select(_listing).where(_listing.c.id == led)).one_or_none()
        if row is not None:
            return row
        led = connection.execute(select(table(Redirect).c.new).where(table(Redirect).c.old == led)).scalar()
    return None


def _postings_called(connection: Connection, what: str) -> Sequence[Any]:
    """The posting of that id, or all of that reference or address, whatever their source: open ones first."""
    by_id = connection.execute(select(_posting).where(_posting.c.id == what)).all()
    if by_id:
        return by_id
    matches = [_posting.c.ref == what]
    if "://" in what and (key := url_key(what)):
        matches.append(_posting.c.url_key == key)
    order = (_posting.c.closed != "", _posting.c.first_seen, _posting.c.source, _posting.c.ref)
    return connection.execute(select(_posting).where(or_(*matches)).order_by(*order).limit(MOST_CALLED)).all()


def called(connection: Connection, what: str) -> Any:
    """The first posting of that id, reference or address, or the one that speaks for the listing of that id; else None."""
    if found := _postings_called(connection, what):
        return found[0]
    if (listing := _listing_called(connection, what)) is None:
        return None
    return connection.execute(select(_posting).where(_posting.c.id == listing.canonical)).one_or_none()


def _listings_of(connection: Connection, postings: Sequence[Any]) -> dict[str, Any]:
    """The listings of postings, by posting."""
    statement = select(_member.c.posting, _listing).join(_listing, _listing.c.id == _member.c.listing)
    rows = connection.execute(statement.where(_member.c.posting.in_([one.id for one in postings])))
    return {row.posting: row for row in rows}


def _id_of(listing: Any) -> str | None:
    return None if listing is None else str(listing.id)


def _other_told(stayed: Mapping[str, Any]) -> dict[str, Any]:
    last = stayed["problems"][0]
    return {
        "posting": None,
        "source": last["source"],
        "ref": last["about"],
        "listing": None,
        "state": stayed["because"],
    }


def _trace(connection: Connection, listing: Any, asked: str) -> dict[str, Any]:
    member_rows = connection.execute(
        select(_posting, _member.c.because.label("because"), _member.c.canonical.label("canonical"))
        .join(_member, _member.c.posting == _posting.c.id)
        .where(_member.c.listing == listing.id)
        .order_by(_posting.c.first_seen, _posting.c.source, _posting.c.ref)
    ).all()
    return {
        "asked": asked,
        "also": [],
        "listing": listing.id,
        "kind": listing.kind,
        "titles": json.loads(listing.titles),
        "employer": listing.employer,
        "shown": listing.status == "open",
        "because": listing.status_because or "it is open and nothing hides it",
        "rules": listing.rules,
        "places": _scope(connection, ListingMunicipality, listing.id, ("code", "given", "level", "weight", "because")),
        "buckets": _scope(connection, ListingBucket, listing.id, ("bucket", "because")),
        "regions": _scope(connection, ListingRegion, listing.id, ("region", "role", "because")),
        "themes": _scope(connection, ListingTheme, listing.id, ("theme", "because")),
        "not_used": json.loads(listing.not_placed),
        "members": [
            {**_member_told(connection, row), "because": row.because, "canonical": row.canonical} for row in member_rows
        ],
    }


def _scope(connection: Connection, model: Any, listing: str, names: Sequence[str]) -> list[dict[str, Any]]:
    scope = table(model)
    rows = connection.execute(
        select(*(scope.c[name] for name in names)).where(scope.c.listing == listing).order_by(scope.c[names[0]])
    )
    return [dict(row) for row in rows.mappings()]


def _member_told(connection: Connection, row: Any) -> dict[str, Any]:
    posting = unpack(row.packed)
    source = connection.execute(select(table(SourceRow)).where(table(SourceRow).c.slug == row.source)).one()
    run = connection.execute(select(_run).where(_run.c.id == row.run)).one()
    problem = table(ProblemRow)
    told = select(problem.c.step, problem.c.reason, problem.c.about, problem.c.detail).where(
        (problem.c.run == row.run) & _about(row.ref)
    )
    return {
        "posting": row.id,
        "source": {"slug": row.source, "name": source.name, "withdrawn": source.withdrawn},
        "ref": row.ref,
        "url": posting.url,
        "page": row.page,
        "run": {"id": run.id, "started": run.started.isoformat(), "verdict": run.verdict, "cause": run.cause},
        "first_seen": row.first_seen.isoformat(),
        "state": row.closed or "open",
        "misses": row.misses,
        "evidence": [
            {"level": str(one.level), "field": one.field, "value": one.value, "rule": one.rule, "weight": one.weight,
             "codes": list(one.codes), "area": one.area, "bucket": one.bucket, "rejected": one.rejected}
            for one in posting.evidence
        ],
        "problems": [dict(one) for one in connection.execute(told).mappings()],
    }  # fmt: skip


def _waiting(connection: Connection, posting: Any) -> dict[str, Any]:
    touch = table(Touch)
    touched = connection.execute(select(touch.c.because).where(touch.c.posting == posting.id)).scalars().first()
    because = f"it waits for the next curation ({touched}): type aluetori curate" if touched else "it is in no listing"
    return {
        "asked": posting.id,
        "listing": None,
        "shown": False,
        "because": because,
        "members": [_member_told(connection, posting)],
    }


def _about(ref: str) -> ColumnElement[bool]:
    """Problems are about a reference or a field of it, its contacts masked when they were written."""
    problem, written = table(ProblemRow), masked(ref)
    return or_(problem.c.about == written, problem.c.about.startswith(f"{written} ", autoescape=True))


def _stayed_behind(connection: Connection, what: str, but: Sequence[str]) -> list[dict[str, Any]]:
    """What of that name stayed behind last, a trace for each source; without the sources ``but``, which have it."""
    problem = table(ProblemRow)
    statement = select(problem).where(_about(what) & problem.c.drops & problem.c.source.not_in(but))
    rows = connection.execute(statement.order_by(problem.c.id.desc()).limit(MOST_CALLED)).mappings().all()
    by_source: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    names = ("run", "source", "step", "reason", "about", "detail")
    return [
        {"asked": what, "listing": None, "shown": False, "members": [],
         "because": f"it stayed behind at the {own[0]['step']} step: {own[0]['reason']}: {own[0]['detail']}",
         "problems": [{name: row[name] for name in names} for row in own[:5]]}
        for own in by_source.values()
    ]  # fmt: skip
