"""Names that one process holds for a while: a host between two requests, a source's run, the curation."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import OperationalError

from harvest.visits import Stay
from store import db
from store.db import StoreError
from store.health import LEASE_LASTS as LASTS
from store.tables import Lease, table

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds for which a visitor asks again while another writer's long save keeps the database busy."""

_lease = table(Lease)


class Leases:
    """Leases in the database, so that service, command line and workers share them. ``clock`` is seconds since 1970."""

    def __init__(
        self, engine: Engine, clock: Callable[[], float] = time.time, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine, self._clock, self._wait = engine, clock, wait
        self._me = f"{os.getpid()}-{uuid4().hex[:8]}"
        self._held: dict[str, str] = {}

    @contextmanager
    def host(self, name: str, delay: float) -> Iterator[Stay]:
        """The visit to a host, with its pause: see :data:`harvest.visits.Visit`. A database that another's long save keeps
        busy is waited for as well, and costs no visit."""
        lease = f"host {name}"
        holder = f"{self._me}-{threading.get_ident()}"
        while (pause := self._patiently(lambda: self._take(lease, holder, LASTS, delay))) > 0:
            self._wait(min(pause, 1.0))
        stay = Stay(delay)
        try:
            yield stay
        finally:
            self._patiently(lambda: self._release(lease, holder, stay.pause))

    def _patiently(self, ask: Callable[[], T]) -> T:
        until = self._clock() + PATIENCE
        while True:
            try:
                return ask()
            except OperationalError as error:
                if self._clock() >= until or not db.may_pass(error):
                    raise
                self._wait(1.0)

    @contextmanager
    def alone(self, name: str, what: str) -> Iterator[None]:
        """Hold ``name`` alone, or raise :class:`StoreError` saying that ``what`` is under way elsewhere. A thread renews
        the lease as long as this process lives, so that one that was killed blocks nobody for longer than ``LASTS``; one
        that could not renew it (it slept, the database was away) finds out by :meth:`confirm`, before it commits."""
        holder = f"{self._me}-{threading.get_ident()}-{uuid4().hex[:4]}"
        if self._take(name, holder, LASTS) > 0:
            raise StoreError(f"{what} is under way in another process; wait for it, or {LASTS:.0f} s if it has died")
        self._held[name] = holder
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(name, holder, done), name=f"lease {name}", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()
            del self._held[name]
            self._patiently(lambda: self._release(name, holder))

    def confirm(self, connection: Connection, name: str) -> None:
        """In a transaction that is about to commit: raises :class:`StoreError` when ``name`` was held here and has been
        lost, so that nothing is written beside the new holder. Until the commit no one else can take it."""
        holder = self._held.get(name)
        if holder is not None and not self._renewed(connection, name, holder):
            because = f"it could not be renewed for {LASTS:.0f} s and another process took it"
            raise StoreError(f"the lease {name!r} was lost: {because}; nothing of this is kept, the other goes on")

    def _keep(self, name: str, holder: str, done: threading.Event) -> None:
        pause = LASTS / 4
        while not done.wait(pause):
            try:
                if not self._renew(name, holder):
                    return
                pause = LASTS / 4
            except OperationalError:  # another writer's long transaction: ask again as soon as it may have ended
                pause = 1.0

    def _take(self, name: str, holder: str, lasts: float, delay: float = 0.0) -> float:
        """0 when the lease is now held, else the seconds after which to ask again. Of a free lease ``until`` is when it was
        let go, and ``free_at`` when its last holder would have it taken again."""
        with self._engine.begin() as connection:
            now = self._clock()
            free = {"name": name, "holder": "", "until": 0.0, "free_at": 0.0}
            insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
            connection.execute(insert(_lease).on_conflict_do_nothing(), free)
            row = connection.execute(select(_lease).where(_lease.c.name == name).with_for_update()).one()
            if (
                row.holder and row.holder != holder and now < row.until <= now + 2 * LASTS
            ):  # later: a clock that was wrong
                return min(0.05, float(row.until) - now)
            free_at = max(row.free_at, 0.0 if row.holder else row.until + delay)
            if free_at > now:
                return float(free_at - now)
            connection.execute(update(_lease).where(_lease.c.name == name).values(holder=holder, until=now + lasts))
            return 0.0

    def _renew(self, name: str, holder: str) -> bool:
        with self._engine.begin() as connection:
            return self._renewed(connection, name, holder)

    def _renewed(self, connection: Connection, name: str, holder: str) -> bool:
        """Whether it is still held, and now for longer."""
        mine = (_lease.c.name == name) & (_lease.c.holder == holder)
        return connection.execute(update(_lease).where(mine).values(until=self._clock() + LASTS)).rowcount == 1

    def _release(self, name: str, holder: str, delay: float | None = None) -> None:
        """Lets go: for good, or so that the pause is kept."""
        with self._engine.begin() as connection:
            mine = (_lease.c.name == name) & (_lease.c.holder == holder)
            if delay is None:
                connection.execute(delete(_lease).where(mine))
            else:
                left = self._clock()
                connection.execute(update(_lease).where(mine).values(holder="", until=left, free_at=left + delay))
