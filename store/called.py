"""What a person may call a listing or a posting: an id, a source's reference, an address."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from normalize.fingerprint import url_key
from store.db import StoreError
from store.judgements import ListingRow, Redirect
from store.tables import PostingRow, table

MOST_CALLED = 50
"""So many of one name are told apart; a name that more have is none."""

_listing, _posting = table(ListingRow), table(PostingRow)


def listing_called(connection: Connection, what: str) -> Any:
    """The row of the listing of that id, or of the one that it was merged into; ``None`` when there is none."""
    led: str | None = what
    while led is not None:
        row = connection.execute(select(_listing).where(_listing.c.id == led)).one_or_none()
        if row is not None:
            return row
        led = connection.execute(select(table(Redirect).c.new).where(table(Redirect).c.old == led)).scalar()
    return None


def postings_called(connection: Connection, what: str) -> Sequence[Any]:
    """The posting of that id, or all of that reference or address, whatever their source: open ones first."""
    by_id = connection.execute(select(_posting).where(_posting.c.id == what)).all()
    if by_id:
        return by_id
    matches = [_posting.c.ref == what]
    if "://" in what and (key := url_key(what)):
        matches.append(_posting.c.url_key == key)
    order = (_posting.c.closed != "", _posting.c.first_seen, _posting.c.source, _posting.c.ref)
    return connection.execute(select(_posting).where(or_(*matches)).order_by(*order).limit(MOST_CALLED)).all()


def posting_called(connection: Connection, what: str) -> Any:
    """The row of the one posting that is meant: of a listing the one that speaks for it. Raises :class:`StoreError` when
    there is none, or when several sources call one of theirs so."""
    if (listing := listing_called(connection, what)) is not None:
        return connection.execute(select(_posting).where(_posting.c.id == listing.canonical)).one()
    found = postings_called(connection, what)
    if not found:
        raise StoreError(f"nothing here is called {what!r}: no listing, posting, reference or address")
    if len(found) > 1:
        named = ", ".join(f"{one.id} ({one.source})" for one in found[:5])
        raise StoreError(f"{len(found)} postings are called {what!r}: {named}; name one of them by its id")
    return found[0]
