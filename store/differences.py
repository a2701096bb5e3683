"""What became different between two databases, posting by posting: the same source before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from normalize.packing import unpack
from normalize.records import Posting
from store.curated import scopes_of
from store.db import chunks
from store.judgements import ListingPosting, ListingRow
from store.tables import PostingRow, table

FIELDS = tuple(
    name
    for name in Posting.__struct_fields__
    if name not in ("source", "ref", "digest", "page", "html", "evidence") and not name.endswith("_key")
)
"""Facts that are compared: mark-up follows from the text, evidence shows in the places, keys in the cluster."""

_posting, _member, _listing = table(PostingRow), table(ListingPosting), table(ListingRow)


def differences(before: Engine, after: Engine, source: str) -> Iterator[dict[str, Any]]:
    """Each posting that differs, of the source or of a listing that it shares, in order of source and reference.

    Keys ``source``, ``ref``, ``title``, ``new``, and those of ``fields`` (by name), ``place``, ``regions``, ``themes``,
    ``cluster`` (the other postings of its listing) and ``status`` that differ, each with the value before and after.
    """
    with (
        before.connect().execution_options(readonly=True) as old,
        after.connect().execution_options(readonly=True) as new,
    ):
        ids = sorted({*_around(old, source), *_around(new, source)})
        told: list[dict[str, Any]] = []
        for part in chunks(ids, 500):
            was, now = _states(old, part), _states(new, part)
            for id_ in part:
                if row := _difference(was.get(id_), now.get(id_)):
                    told.append(row)
    yield from sorted(told, key=lambda row: (row["source"], row["ref"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    source: str
    ref: str
    packed: bytes
    judged: Mapping[str, Any]


def _around(connection: Connection, source: str) -> set[str]:
    """The postings of a source and those that share a listing with them."""
    own = select(_posting.c.id).where(_posting.c.source == source)
    listings = select(_member.c.listing).where(_member.c.posting.in_(own))
    with_them = select(_member.c.posting).where(_member.c.listing.in_(listings))
    return {*connection.execute(own).scalars(), *connection.execute(with_them).scalars()}


def _states(connection: Connection, ids: Sequence[str]) -> dict[str, _State]:
    statement = (
        select(_posting.c.id, _posting.c.source, _posting.c.ref, _posting.c.packed, _listing.c.id.label("listing"),
               _listing.c.status)
        .outerjoin(_member, _member.c.posting == _posting.c.id)
        .outerjoin(_listing, _listing.c.id == _member.c.listing)
        .where(_posting.c.id.in_(ids))
    )  # fmt: skip
    rows = connection.execute(statement).all()
    listings = sorted({row.listing for row in rows if row.listing})
    scopes, members = scopes_of(connection, listings), _members(connection, listings)
    return {
        row.id: _State(
            source=row.source,
            ref=row.ref,
            packed=row.packed,
            judged={
                "place": [*scopes[row.listing]["municipalities"], *scopes[row.listing]["buckets"]],
                "regions": scopes[row.listing]["regions"],
                "themes": scopes[row.listing]["themes"],
                "cluster": [one for one in members[row.listing] if one != f"{row.source}/{row.ref}"],
                "status": str(row.status),
            }
            if row.listing
            else {"status": "not yet judged"},
        )
        for row in rows
    }


def _members(connection: Connection, listings: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    of = select(_member.c.listing, _posting.c.source, _posting.c.ref).join(_posting, _posting.c.id == _member.c.posting)
    for row in connection.execute(of.where(_member.c.listing.in_(listings))):
        found.setdefault(row.listing, []).append(f"{row.source}/{row.ref}")
    return {listing: sorted(some) for listing, some in found.items()}


def _difference(was: _State | None, now: _State | None) -> dict[str, Any]:
    """The row of one posting, empty when it is as it was. One that is only in the copy would be new; none is ever lost."""
    if now is None:
        return {}
    posting = unpack(now.packed)
    told: dict[str, Any] = {}
    if was is not None and was.packed != now.packed:
        old = unpack(was.packed)
        differing = {name: [getattr(old, name), getattr(posting, name)] for name in FIELDS}
        if facts := {name: pair for name, pair in differing.items() if pair[0] != pair[1]}:
            told["fields"] = facts
    judged = was.judged if was else {}
    for name, value in now.judged.items():
        if judged.get(name) != value and (was or value):
            told[name] = [judged.get(name), value]
    if not told and was:
        return {}
    title = next(iter(posting.titles.values()), "")
    return {"source": now.source, "ref": now.ref, "title": title, "new": was is None, **told}
