"""Spells: when a listing counted where, and as what. Counts are sums over them, so they follow each listing exactly."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from normalize.clean import midnight
from normalize.records import Listing
from normalize.vocabulary import Status
from store.db import chunks
from store.judgements import Spell
from store.tables import table
from store.upsert import insert_rows

_spell = table(Spell)


class Spells:
    """The spells of some listings: ``follow`` each, then ``write`` what began and ended."""

    def __init__(self, connection: Connection, listings: Sequence[str], now: datetime) -> None:
        self._connection, self._now = connection, now
        self._open: dict[str, dict[str, Any]] = {}
        for part in chunks(list(dict.fromkeys(listings))):
            running = _spell.c.listing.in_(part) & _spell.c.ended.is_(None)
            for row in connection.execute(select(_spell).where(running)):
                self._open.setdefault(row.listing, {})[row.scope] = row
        self._begun: list[dict[str, Any]] = []
        self._ended: list[dict[str, Any]] = []

    def follow(self, listing: Listing, was_open: bool, because: str) -> None:
        """Begin and end spells so that those running are exactly the scopes and counted state of ``listing`` now.

        A listing that begins to count for the first time does so from its publication day, since that is when it began
        in the world; one that ends by its date or age ends at that midnight, one that has gone when a run found it out.
        Anything else happens now.
        """
        running = self._open.pop(listing.id, {})
        if listing.status is not Status.OPEN:
            at = listing.closed_at or self._now
            for row in running.values():
                self._end(row, at, listing.status_because)
            return
        state = {
            "kind": str(listing.kind),
            "source": listing.canonical.source,
            "work_form": listing.canonical.work_form,
            "openings": listing.openings,
            "postings": len(listing.members),
        }
        scopes = scopes_of(listing)
        for scope, row in running.items():
            if scope not in scopes or any(getattr(row, name) != value for name, value in state.items()):
                self._end(row, self._now, because or "it counts otherwise now")
        first = not was_open and not running and because.startswith("seen for the first time")
        begun = self._now
        if first and listing.published_on:
            begun = min(midnight(listing.published_on), self._now)
        for scope in scopes:
            row = running.get(scope)
            if row is None or any(getattr(row, name) != value for name, value in state.items()):
                self._begun.append({"listing": listing.id, "scope": scope, **state, "began": begun, "began_because": because
                                    or "it counts otherwise now", "recorded": self._now})  # fmt: skip

    def end(self, listing: str, at: datetime, because: str) -> None:
        """End every running spell of a listing that is no more."""
        for row in self._open.pop(listing, {}).values():
            self._end(row, at, because)

    def _end(self, row: Any, at: datetime, because: str) -> None:
        end = max(at, row.began)
        self._ended.append({"spell": row.id, "at": end, "why": because, "known": self._now})

    def write(self) -> None:
        """Write what began and ended since the last time."""
        if self._ended:
            values: dict[str, Any] = {
                "ended": bindparam("at"),
                "ended_because": bindparam("why"),
                "ended_recorded": bindparam("known"),
            }
            self._connection.execute(
                update(_spell).where(_spell.c.id == bindparam("spell")).values(values), self._ended
            )
        insert_rows(self._connection, _spell, self._begun)
        self._begun, self._ended = [], []


def scopes_of(listing: Listing) -> list[str]:
    """The scopes in which an open listing counts: ``all``, each region, municipality, theme and bucket."""
    placed = listing.placed
    return [
        "all",
        *(f"region:{one.to}" for one in listing.regions),
        *(f"municipality:{one.code}" for one in placed.places),
        *(f"theme:{one.to}" for one in listing.themes),
        *dict.fromkeys(f"bucket:{one.to}" for one in (*placed.buckets, *placed.areas)),
    ]
