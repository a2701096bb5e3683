"""The curated table, its change log and its spells: written together, so that none ever says what another denies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, delete, select

from normalize.records import Curated, Listing
from normalize.vocabulary import Status
from store.db import chunks
from store.judgements import (
    Change,
    EdgeRow,
    ListingBucket,
    ListingMunicipality,
    ListingPosting,
    ListingRegion,
    ListingRow,
    ListingTheme,
    Redirect,
)
from store.tables import SourceRow, Touch, table
from store.upsert import insert_rows, upsert
from store.write.spells import Spells

_listing, _member, _edge, _touch = table(ListingRow), table(ListingPosting), table(EdgeRow), table(Touch)
_municipality, _region = table(ListingMunicipality), table(ListingRegion)
_theme, _bucket = table(ListingTheme), table(ListingBucket)
SCOPES = (_municipality, _region, _theme, _bucket)


@dataclass(slots=True)
class Written:
    """What a curation changed, by the words of the change log."""

    listings: int = 0
    changes: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.changes[what] = self.changes.get(what, 0) + 1


def save_listings(
    engine: Engine,
    curated: Iterable[Curated],
    now: datetime,
    rules: str,
    confirm: Callable[[Connection], None] = lambda _connection: None,
) -> Written:
    """Write each neighbourhood's listings, edges, changes and spells in one transaction, and use up its touches.

    Only what differs is written: a listing that is as it was costs a look. The caller holds the curation's lock;
    ``confirm`` raises before a commit if it has been lost.
    """
    written = Written()
    for one in curated:
        with engine.begin() as connection:
            _save(connection, one, now, rules, written)
            confirm(connection)
    return written


@dataclass(frozen=True, slots=True)
class _Before:
    """What the store knew of the listings that a neighbourhood's postings were in."""

    rows: Mapping[str, Any]
    as_member: Mapping[str, Any]
    members: Mapping[str, set[str]]
    scopes: Mapping[str, dict[str, set[tuple[Any, ...]]]]
    codes: Mapping[str, list[str]]


def _save(connection: Connection, curated: Curated, now: datetime, rules: str, written: Written) -> None:
    sources = {row.slug: row.attribution for row in connection.execute(select(table(SourceRow)))}
    postings = [member.posting for listing in curated.listings for member in listing.members]
    before = _before(connection, postings)
    staying = {listing.id for listing in curated.listings}
    out = _Out(now=now)
    spells = Spells(connection, [*before.rows, *staying], now)
    for listing in curated.listings:
        _one(listing, before, sources, rules, out, spells, written)
    leaving = set(before.rows) - staying
    where = {member.posting: listing for listing in curated.listings for member in listing.members}
    for old in sorted(leaving):
        into = where[old] if old in where else next(where[p] for p in sorted(before.members[old]) if p in where)
        because = f"joined with the older {into.id}"
        spells.end(old, now, because)
        upsert(connection, table(Redirect), [{"old": old, "new": into.id, "at": now}])
        if before.rows[old].status == Status.OPEN:
            out.change("merged", old, before.rows[old].kind, before.codes[old], [], because)
            written.count("merged")
    _write(connection, out, leaving)
    spells.write()
    _write_edges(connection, curated, postings)
    for part in chunks(curated.touches):
        connection.execute(delete(_touch).where(_touch.c.id.in_(part)))
    written.listings += len(curated.listings)


@dataclass(slots=True)
class _Out:
    """Rows to write, gathered so that each table is written by one statement."""

    now: datetime
    listings: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    scopes: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: {scope: [] for scope in SCOPES})
    emptied: dict[Table, set[str]] = field(default_factory=lambda: {scope: set() for scope in SCOPES})
    changes: list[dict[str, Any]] = field(default_factory=list)

    def change(
        self, what: str, listing: str, kind: str, before: Sequence[str], after: Sequence[str], because: str
    ) -> None:
        self.changes.append({"at": self.now, "what": what, "listing": listing, "kind": str(kind), "because": because,
                             "before": _json(sorted(before)), "after": _json(sorted(after))})  # fmt: skip


def _one(
    listing: Listing,
    before: _Before,
    sources: Mapping[str, str],
    rules: str,
    out: _Out,
    spells: Spells,
    written: Written,
) -> None:
    old = before.rows.get(listing.id)
    row = listing_row(
        listing, sources.get(listing.canonical.source, ""), rules, shown_once=bool(old and old.shown_once)
    )
    old_codes = before.codes.get(listing.id, [])
    codes = [place.code for place in listing.placed.places]
    was_open, is_open = bool(old and old.status == Status.OPEN), listing.status is Status.OPEN
    row["shown_once"] = row["shown_once"] or is_open
    what, because = _what(listing, old, row, old_codes, codes, before)
    if old is None or any(row[name] != getattr(old, name) for name in row if name != "first_seen"):
        out.listings.append(row)
    for scope, rows in _scope_rows(listing).items():
        had = before.scopes.get(listing.id, {}).get(scope.name, set())
        if had != {tuple(one.values()) for one in rows}:
            out.scopes[scope] += rows
            if had:
                out.emptied[scope].add(listing.id)
    for member in listing.members:
        was = before.as_member.get(member.posting)
        if was is None or (was.listing, was.because, was.canonical) != (listing.id, member.because, member.canonical):
            out.members.append({"posting": member.posting, "listing": listing.id, "because": member.because,
                                "canonical": member.canonical})  # fmt: skip
    if what:
        out.change(what, listing.id, listing.kind, old_codes if was_open else [], codes if is_open else [], because)
        written.count(what)
    spells.follow(listing, was_open, because)


def _what(
    listing: Listing, old: Any, row: Mapping[str, Any], old_codes: Sequence[str], codes: Sequence[str], before: _Before
) -> tuple[str, str]:
    """The word of the change log for what happened to a listing, if readers would see it, and why it happened."""
    was_open, is_open = bool(old and old.status == Status.OPEN), listing.status is Status.OPEN
    if is_open and not was_open:
        former = before.as_member.get(listing.id)
        if former and former.listing != listing.id:
            return "split", f"no longer one with {former.listing}"
        if old and old.shown_once:
            return "reopened", f"it was {old.status}: {old.status_because}"
        return "added", "seen for the first time" if old is None else f"it was {old.status}: {old.status_because}"
    if was_open and not is_open:
        return ("closed" if listing.status is Status.CLOSED else "hidden"), listing.status_because
    if was_open and set(old_codes) != set(codes):
        return "moved", "; ".join(place.because for place in listing.placed.places) or "no municipality is left"
    if was_open:
        seen = ("titles", "summaries", "employer", "openings", "work_form", "contract", "hours", "remote", "published_on",
                "ends_on", "url", "apply_url", "source", "attribution", "canonical", "postings")  # fmt: skip
        differing = [name for name in seen if row[name] != getattr(old, name)]
        if differing:
            return "changed", f"{', '.join(differing)} changed"
    return "", ""


def listing_row(listing: Listing, attribution: str, rules: str, shown_once: bool) -> dict[str, Any]:
    """A listing as a row of the curated table."""
    canonical, placed = listing.canonical, listing.placed
    elsewhere = [one.to for one in (*placed.areas, *placed.buckets)]
    deciding = [f"{place.code} by {place.level}" for place in placed.places] or elsewhere
    return {
        "id": listing.id,
        "kind": str(listing.kind),
        "titles": _json(dict(sorted(listing.titles.items()))),
        "summaries": _json(dict(sorted(listing.summaries.items()))),
        "employer": canonical.employer,
        "openings": listing.openings,
        "work_form": canonical.work_form,
        "contract": canonical.contract,
        "hours": canonical.hours,
        "remote": canonical.remote,
        "language": canonical.language,
        "published_on": listing.published_on,
        "ends_on": listing.ends_on,
        "url": canonical.url,
        "apply_url": canonical.apply_url,
        "source": canonical.source,
        "attribution": attribution,
        "canonical": next(member.posting for member in listing.members if member.canonical),
        "postings": len(listing.members),
        "status": str(listing.status),
        "status_because": listing.status_because,
        "closed_on": listing.closed_on,
        "begins_on": listing.begins_on,
        "place_evidence": "; ".join(deciding),
        "not_placed": _json([*placed.conflicts, *placed.rejected]),
        "first_seen": listing.first_seen,
        "shown_once": shown_once,
        "rules": rules,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _scope_rows(listing: Listing) -> dict[Table, list[dict[str, Any]]]:
    id_, placed = listing.id, listing.placed
    return {
        _municipality: [
            {
                "listing": id_,
                "code": p.code,
                "given": p.given,
                "level": str(p.level),
                "weight": p.weight,
                "because": p.because,
            }
            for p in placed.places
        ],
        _region: [{"listing": id_, "region": r.to, "role": r.role, "because": r.because} for r in listing.regions],
        _theme: [{"listing": id_, "theme": t.to, "because": t.because} for t in listing.themes],
        _bucket: [
            {"listing": id_, "bucket": b.to, "because": b.because}
            for b in {one.to: one for one in (*placed.areas, *placed.buckets)}.values()
        ],
    }


def _before(connection: Connection, postings: Sequence[str]) -> _Before:
    as_member: dict[str, Any] = {}
    for part in chunks(postings):
        for row in connection.execute(select(_member).where(_member.c.posting.in_(part))):
            as_member[row.posting] = row
    ids = sorted({row.listing for row in as_member.values()})
    rows: dict[str, Any] = {}
    members: dict[str, set[str]] = {}
    scopes: dict[str, dict[str, set[tuple[Any, ...]]]] = {}
    codes: dict[str, list[str]] = {}
    for part in chunks(ids):
        for row in connection.execute(select(_listing).where(_listing.c.id.in_(part))):
            rows[row.id] = row
            codes[row.id] = []
        for row in connection.execute(select(_member.c.posting, _member.c.listing).where(_member.c.listing.in_(part))):
            members.setdefault(row.listing, set()).add(row.posting)
        for scope in SCOPES:
            for row in connection.execute(select(scope).where(scope.c.listing.in_(part))):
                scopes.setdefault(row.listing, {}).setdefault(scope.name, set()).add(tuple(row))
                if scope is _municipality:
                    codes[row.listing].append(row.code)
    return _Before(rows=rows, as_member=as_member, members=members, scopes=scopes, codes=codes)


def _write(connection: Connection, out: _Out, leaving: set[str]) -> None:
    for part in chunks(sorted(leaving)):
        connection.execute(delete(_listing).where(_listing.c.id.in_(part)))
        for scope in SCOPES:
            connection.execute(delete(scope).where(scope.c.listing.in_(part)))
    upsert(connection, _listing, out.listings, keep=("first_seen",))
    redirect = table(Redirect)
    for rows in chunks(out.listings):  # one that stands by itself again leads nowhere else
        connection.execute(delete(redirect).where(redirect.c.old.in_([row["id"] for row in rows])))
    upsert(connection, _member, out.members)
    for scope in SCOPES:
        for part in chunks(sorted(out.emptied[scope])):
            connection.execute(delete(scope).where(scope.c.listing.in_(part)))
        insert_rows(connection, scope, out.scopes[scope])
    insert_rows(connection, table(Change), out.changes)


def _write_edges(connection: Connection, curated: Curated, postings: Sequence[str]) -> None:
    """The accepted edges among a neighbourhood's postings replace those that stood there."""
    new = {(edge.a, edge.b): edge for edge in curated.edges}
    old: dict[tuple[str, str], Any] = {}
    for part in chunks(postings):
        for row in connection.execute(select(_edge).where(_edge.c.a.in_(part))):
            old[row.a, row.b] = row
    for a, b in old.keys() - new.keys():
        connection.execute(delete(_edge).where((_edge.c.a == a) & (_edge.c.b == b)))
    fresh = [edge for pair, edge in new.items() if pair not in old or old[pair].because != edge.because]
    rows = [{"a": e.a, "b": e.b, "rule": e.rule, "because": e.because, "strength": e.strength} for e in fresh]
    upsert(connection, _edge, rows)
