"""The curated table, its change log and its spells: written together, so that none ever says what another denies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import Connection, Engine, Table, delete, select

from normalize.gazetteer.tables import gazetteer
from normalize.records import Edge
from normalize.vocabulary import Status
from store.db import among
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
from store.write.drafts import Columns, Draft, Drafted, ListingDraft, as_json
from store.write.spells import Spells

_listing, _member, _edge, _touch = table(ListingRow), table(ListingPosting), table(EdgeRow), table(Touch)
_municipality, _region = table(ListingMunicipality), table(ListingRegion)
_theme, _bucket = table(ListingTheme), table(ListingBucket)
SCOPES = (_municipality, _region, _theme, _bucket)
_COLUMNS = (*Columns.__struct_fields__, "attribution", "shown_once", "rules")
_CHANGE = ("at", "what", "listing", "kind", "before", "after", "because")


@dataclass(slots=True)
class Written:
    """What a curation changed, by the words of the change log."""

    listings: int = 0
    changes: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.changes[what] = self.changes.get(what, 0) + 1


def save_listings(
    engine: Engine,
    curated: Iterable[Draft],
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
            _save(connection, one.read(), now, rules, written)
            confirm(connection)
    return written


@dataclass(frozen=True, slots=True)
class _Before:
    """What the store knew of the listings that a neighbourhood's postings were in."""

    rows: Mapping[str, Any]
    member: Mapping[str, tuple[Any, ...]]
    members: Mapping[str, set[str]]
    scopes: Mapping[str, dict[str, set[tuple[Any, ...]]]]
    codes: Mapping[str, list[str]]


def _save(connection: Connection, drafted: Drafted, now: datetime, rules: str, written: Written) -> None:
    source = table(SourceRow)
    sources = {row.slug: row.attribution for row in connection.execute(select(source.c.slug, source.c.attribution))}
    where = {member[0]: listing.columns.id for listing in drafted.listings for member in listing.members}
    before = _before(connection, list(where))
    staying = {listing.columns.id for listing in drafted.listings}
    out = _Out(now=now)
    spells = Spells(connection, list(before.rows), now)
    for listing in drafted.listings:
        _one(listing, before, sources.get(listing.columns.source, ""), rules, out, spells, written)
    leaving = set(before.rows) - staying
    for old in sorted(leaving):
        into = where[old] if old in where else next(where[p] for p in sorted(before.members[old]) if p in where)
        because = f"joined with the older {into}"
        spells.end(old, now, because)
        upsert(connection, table(Redirect), ("old", "new", "at"), [(old, into, now)])
        if before.rows[old].status == Status.OPEN:
            out.change("merged", old, before.rows[old].kind, before.codes[old], [], because)
            written.count("merged")
    _write(connection, out, leaving)
    spells.write()
    _write_edges(connection, drafted.edges, list(where))
    connection.execute(delete(_touch).where(among(connection, _touch.c.id, drafted.touches)))
    written.listings += len(drafted.listings)


@dataclass(slots=True)
class _Out:
    """Rows to write, gathered so that each table is written by one statement."""

    now: datetime
    listings: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[Any, ...]] = field(default_factory=list)
    scopes: dict[Table, list[tuple[Any, ...]]] = field(default_factory=lambda: {scope: [] for scope in SCOPES})
    emptied: dict[Table, set[str]] = field(default_factory=lambda: {scope: set() for scope in SCOPES})
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    def change(
        self, what: str, listing: str, kind: str, before: Sequence[str], after: Sequence[str], because: str
    ) -> None:
        self.changes.append((self.now, what, listing, kind, _codes(before), _codes(after), because))


def _codes(codes: Sequence[str]) -> str:
    return as_json(sorted(codes)) if codes else "[]"


def _one(
    listing: ListingDraft, before: _Before, attribution: str, rules: str, out: _Out, spells: Spells, written: Written
) -> None:
    columns = listing.columns
    old = before.rows.get(columns.id)
    is_open, was_open = columns.status == Status.OPEN, old is not None and old.status == Status.OPEN
    row = (*astuple(columns), attribution, is_open or (old is not None and old.shown_once), rules)
    if old is None or row != tuple(old):
        out.listings.append((*row, listing.first_seen))
    had = before.scopes.get(columns.id, {})
    drawn = (listing.municipalities, listing.regions, listing.themes, listing.buckets)
    for scope, rows in zip(SCOPES, drawn, strict=True):
        stood = had.get(scope.name)
        if stood is None:
            out.scopes[scope] += rows
        elif stood != set(rows):
            out.emptied[scope].add(columns.id)
            out.scopes[scope] += rows
    out.members += [member for member in listing.members if before.member.get(member[0]) != member]
    old_codes, codes = before.codes.get(columns.id, []), listing.codes
    what, because = _what(listing, old, attribution, old_codes, before)
    if what:
        shown_before, shown_after = old_codes if was_open else [], codes if is_open else []
        out.change(what, columns.id, columns.kind, shown_before, shown_after, because)
        written.count(what)
    spells.follow(listing, what, because)


_SEEN = ("titles", "summaries", "employer", "openings", "work_form", "contract", "hours", "remote", "published_on", "ends_on",
         "url", "apply_url", "source", "canonical", "postings")  # fmt: skip


def _what(
    listing: ListingDraft, old: Any, attribution: str, old_codes: Sequence[str], before: _Before
) -> tuple[str, str]:
    """The word of the change log for what happened to a listing, if readers would see it, and why it happened."""
    columns = listing.columns
    was_open, is_open = bool(old and old.status == Status.OPEN), columns.status == Status.OPEN
    if is_open and not was_open:
        former = before.member[columns.id][1] if columns.id in before.member else ""
        if former and former != columns.id:
            return "split", f"no longer one with {former}"
        if old and old.shown_once:
            return "reopened", f"it was {old.status}: {old.status_because}"
        return "added", "seen for the first time" if old is None else f"it was {old.status}: {old.status_because}"
    if was_open and not is_open:
        return ("closed" if columns.status == Status.CLOSED else "hidden"), columns.status_because
    if was_open and set(old_codes) != set(listing.codes):
        placed = [f"{gazetteer().municipality(row[1]) or row[1]} by {row[3]}" for row in listing.municipalities]
        return "moved", "; ".join(placed) or "no municipality is left"  # kept for ever, so it quotes no text
    if was_open:
        differing = [name for name in _SEEN if getattr(columns, name) != getattr(old, name)]
        differing += ["attribution"] if attribution != old.attribution else []
        if differing:
            return "changed", f"{', '.join(differing)} changed"
    return "", ""


def _before(connection: Connection, postings: Sequence[str]) -> _Before:
    member: dict[str, tuple[Any, ...]] = {}
    for row in connection.execute(select(_member).where(among(connection, _member.c.posting, postings))):
        member[row.posting] = tuple(row)
    ids = sorted({listing for _posting, listing, _because, _canonical in member.values()})
    rows: dict[str, Any] = {}
    members: dict[str, set[str]] = {}
    scopes: dict[str, dict[str, set[tuple[Any, ...]]]] = {}
    codes: dict[str, list[str]] = {}
    columns = [_listing.c[name] for name in _COLUMNS]
    for row in connection.execute(select(*columns).where(among(connection, _listing.c.id, ids))):
        rows[row.id] = row
        codes[row.id] = []
    own = select(_member.c.posting, _member.c.listing).where(among(connection, _member.c.listing, ids))
    for row in connection.execute(own):
        members.setdefault(row.listing, set()).add(row.posting)
    for scope in SCOPES:
        for row in connection.execute(select(scope).where(among(connection, scope.c.listing, ids))):
            scopes.setdefault(row.listing, {}).setdefault(scope.name, set()).add(tuple(row))
            if scope is _municipality:
                codes[row.listing].append(row.code)
    return _Before(rows=rows, member=member, members=members, scopes=scopes, codes=codes)


def _write(connection: Connection, out: _Out, leaving: set[str]) -> None:
    connection.execute(delete(_listing).where(among(connection, _listing.c.id, leaving)))
    for scope in SCOPES:
        connection.execute(delete(scope).where(among(connection, scope.c.listing, leaving)))
    upsert(connection, _listing, (*_COLUMNS, "first_seen"), out.listings, keep=("first_seen",))
    redirect = table(Redirect)
    standing = [row[0] for row in out.listings]  # one that stands by itself again leads nowhere else
    connection.execute(delete(redirect).where(among(connection, redirect.c.old, standing)))
    upsert(connection, _member, _member.c.keys(), out.members)
    for scope in SCOPES:
        connection.execute(delete(scope).where(among(connection, scope.c.listing, out.emptied[scope])))
        insert_rows(connection, scope, scope.c.keys(), out.scopes[scope])
    insert_rows(connection, table(Change), _CHANGE, out.changes)


def _write_edges(connection: Connection, edges: Sequence[Edge], postings: Sequence[str]) -> None:
    """The accepted edges among a neighbourhood's postings replace those that stood there."""
    new = {(edge.a, edge.b): edge for edge in edges}
    old: dict[tuple[str, str], Any] = {}
    for row in connection.execute(select(_edge).where(among(connection, _edge.c.a, postings))):
        old[row.a, row.b] = row
    for a, b in old.keys() - new.keys():
        connection.execute(delete(_edge).where((_edge.c.a == a) & (_edge.c.b == b)))
    fresh = [edge for pair, edge in new.items() if pair not in old or old[pair].because != edge.because]
    rows = [(edge.a, edge.b, edge.rule, edge.because, edge.strength) for edge in fresh]
    upsert(connection, _edge, ("a", "b", "rule", "because", "strength"), rows)
