"""Why two postings are one listing, or are not: every sign with its weight, and what people said of the two."""

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, select

from normalize import place
from normalize.contacts import masked
from normalize.dedupe import Side, explained
from normalize.packing import opened
from normalize.records import KeptPosting, Posting
from normalize.vocabulary import Act
from store.called import posting_called
from store.judgements import ListingPosting
from store.tables import DecisionRow, table

_member = table(ListingPosting)


def explain_pair(engine: Engine, one: str, other: str, today: date) -> dict[str, Any] | None:
    """How two postings compare that are called ``one`` and ``other`` (an id, a reference, an address), or None where they
    are one. Contacts are masked. The signs are those of the two alone: a group minds all its members. Raises
    :class:`StoreError` when nothing, or more than one posting, is called so."""
    with engine.connect().execution_options(readonly=True) as connection:
        rows = [posting_called(connection, what) for what in (one, other)]
        if rows[0].id == rows[1].id:
            return None
        compared = explained(_side(rows[0], today), _side(rows[1], today))
        told = asdict(compared)
        listings = {_listing(connection, row.id) for row in rows}
        return {
            "a": rows[0].id,
            "b": rows[1].id,
            "same": compared.same,
            "together": len(listings) == 1 and None not in listings,
            **{name: told[name] for name in ("bits", "card", "rule")},
            "signs": [{**sign, "found": masked(sign["found"])} for sign in told["signs"] if sign["bits"]],
            "forbids": [masked(said) for said in told["forbids"]],
            "excused": [masked(said) for said in told["excused"]],
            "decided": _decided(connection, rows[0].id, rows[1].id),
        }


def _side(row: Any, today: date) -> Side:
    kept = opened(KeptPosting(id=row.id, posting=row.packed, fingerprint=row.fingerprint, first_seen=row.first_seen))
    assert isinstance(kept.posting, Posting)
    return Side(kept=kept, placed=place.decide(kept.posting.evidence, today))


def _listing(connection: Connection, posting: str) -> str | None:
    return connection.execute(select(_member.c.listing).where(_member.c.posting == posting)).scalar()


def _decided(connection: Connection, a: str, b: str) -> list[str]:
    row = table(DecisionRow)
    about = row.c.posting.in_((a, b)) & row.c.other.in_((a, b)) & row.c.act.in_((Act.SAME, Act.DIFFERENT))
    found = connection.execute(select(row).where(about & row.c.undone.is_(False)).order_by(row.c.id))
    return [f"decided {one.act} by {one.author}: {one.reason}" for one in found]
