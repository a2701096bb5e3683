"""Spells: when a listing counted where, and as what. Counts are sums over them, so they follow each listing exactly."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from normalize.dates import midnight
from normalize.vocabulary import Status
from store.db import among
from store.judgements import Spell
from store.tables import table
from store.upsert import insert_rows
from store.write.drafts import ListingDraft

_spell = table(Spell)
_STATE = ("kind", "source", "work_form", "openings", "postings")
_BEGUN = ("listing", "scope", *_STATE, "began", "began_because", "recorded")
_state = attrgetter(*_STATE)


class Spells:
    """The spells of some listings: ``follow`` each, then ``write`` what began and ended."""

    def __init__(self, connection: Connection, listings: Sequence[str], now: datetime) -> None:
        self._connection, self._now = connection, now
        self._open: dict[str, dict[str, Any]] = {}
        running = among(connection, _spell.c.listing, listings) & _spell.c.ended.is_(None)
        for row in connection.execute(select(_spell).where(running)):
            self._open.setdefault(row.listing, {})[row.scope] = row
        self._begun: list[tuple[Any, ...]] = []
        self._ended: list[dict[str, Any]] = []

    def follow(self, listing: ListingDraft, what: str, because: str) -> None:
        """Begin and end spells so that those running are exactly the scopes and counted state of ``listing`` now.

        A listing that begins to count for the first time (``what`` is ``added``) does so from its publication day, since
        that is when it began in the world; one that ends by its date or age ends at that midnight, one that has gone when a
        run found it out. Anything else happens now.
        """
        columns = listing.columns
        running = self._open.pop(columns.id, {})
        if columns.status != Status.OPEN:
            at = listing.closed_at or self._now
            for row in running.values():
                self._end(row, at, columns.status_because)
            return
        state = (columns.kind, columns.source, columns.work_form, columns.openings, columns.postings)
        scopes = scopes_of(listing)
        because = because or "it counts otherwise now"
        same = {scope for scope, row in running.items() if scope in scopes and _state(row) == state}
        for scope, row in running.items():
            if scope not in same:
                self._end(row, self._now, because)
        begun = self._now
        if what == "added" and columns.published_on:
            begun = min(midnight(columns.published_on), begun)
        self._begun += [(columns.id, scope, *state, begun, because, self._now) for scope in scopes if scope not in same]

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
        insert_rows(self._connection, _spell, _BEGUN, self._begun)
        self._begun, self._ended = [], []


def scopes_of(listing: ListingDraft) -> list[str]:
    """The scopes in which an open listing counts: ``all``, each region, municipality, theme and bucket."""
    return [
        "all",
        *(f"region:{row[1]}" for row in listing.regions),
        *(f"municipality:{row[1]}" for row in listing.municipalities),
        *(f"theme:{row[1]}" for row in listing.themes),
        *(f"bucket:{row[1]}" for row in listing.buckets),
    ]
