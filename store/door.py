"""The store as the main path sees it: what is known, what is touched, and the two ways to write."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from harvest.known import Known
from harvest.source import Source
from normalize.curate import Rules
from normalize.records import Decision, Listed, Neighbourhood
from store import known, touched
from store.write import closing, decisions, declare, holds, listings, overrides, retention, runs, withdrawing
from store.write.closing import Guard
from store.write.drafts import Draft
from store.write.leases import Leases
from store.write.listings import Written
from store.write.runs import RunResult
from store.write.spool import Record


class Store:
    """One database. Readers take ``engine``; writers go through here. ``clock`` gives the time in UTC."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime], leases: Leases | None = None) -> None:
        self.engine, self._clock = engine, clock
        self.leases = leases or Leases(engine)

    def on(self, engine: Engine) -> "Store":
        """The same on another database, such as a copy."""
        return Store(engine, self._clock)

    def known(self, source: Source) -> Known:
        """See :func:`store.known.known`."""
        return known.known(self.engine, source, self._clock())

    def save_run(self, source: Source, listed: Iterable[Listed | Record], guard: Guard) -> RunResult:
        """See :func:`store.write.runs.save_run`."""
        return runs.save_run(self.engine, source, listed, self._clock, guard, self._confirm(f"run {source.slug}"))

    def touched(self, today: date) -> Iterator[Neighbourhood]:
        """See :func:`store.touched.touched`."""
        return touched.touched(self.engine, today)

    def decisions(self) -> tuple[Decision, ...]:
        """See :func:`store.touched.decisions`."""
        return touched.decisions(self.engine)

    def declare(self, rules: Rules, today: date) -> bool:
        """See :func:`store.write.declare.declare_rules`."""
        return declare.declare_rules(self.engine, rules, today)

    def declare_again(self, sources: Iterable[Source], broken: Collection[str] = ()) -> None:
        """See :func:`store.write.declare.declare_again`."""
        declare.declare_again(self.engine, sources, broken)

    def sweep(self, today: date) -> int:
        """See :func:`store.write.closing.sweep`; what it or a run closed is then forgotten when its time has come: see
        :func:`store.write.retention.forget`."""
        ended = closing.sweep(self.engine, today)
        retention.forget(self.engine, today)
        retention.forget_problems(self.engine, today)
        return ended

    def save_listings(self, curated: Iterable[Draft], rules: Rules) -> Written:
        """See :func:`store.write.listings.save_listings`."""
        return listings.save_listings(self.engine, curated, self._clock(), rules.version, self._confirm("curation"))

    def decide(self, said: Decision) -> int:
        """See :func:`store.write.decisions.decide`."""
        with self.curating():
            return decisions.decide(self.engine, said, self._clock())

    def undo(self, number: int, reason: str, author: str) -> None:
        """See :func:`store.write.decisions.undo`."""
        with self.curating():
            decisions.undo(self.engine, number, reason, author, self._clock())

    def withdraw(self, source: str, hide: bool, reason: str, author: str) -> int:
        """See :func:`store.write.withdrawing.withdraw`. It does not wait for a curation that is under way."""
        return withdrawing.withdraw(self.engine, source, hide, reason, author, self._clock())

    def pause(self, source: str, until: datetime, reason: str, author: str) -> None:
        """See :func:`store.write.overrides.pause`."""
        overrides.pause(self.engine, source, until, reason, author, self._clock())

    def resume(self, source: str, reason: str, author: str) -> None:
        """See :func:`store.write.overrides.resume`."""
        overrides.resume(self.engine, source, reason, author, self._clock())

    def pace(self, source: str, every: str, reason: str, author: str) -> None:
        """See :func:`store.write.overrides.pace`."""
        overrides.pace(self.engine, source, every, reason, author, self._clock())

    def rule(self, hold: int, release: bool, reason: str, author: str) -> int:
        """See :func:`store.write.holds.rule`."""
        with self.curating():
            return holds.rule(self.engine, hold, release, reason, author, self._clock())

    def _confirm(self, name: str) -> Callable[[Connection], None]:
        return lambda connection: self.leases.confirm(connection, name)

    def curating(self) -> AbstractContextManager[None]:
        """The one lock of curations and decisions, so that the change log's order is the order of commits."""
        return self.leases.alone("curation", "a curation")

    def harvesting(self, source: str) -> AbstractContextManager[None]:
        """One run a source at a time, manual and timed alike."""
        return self.leases.alone(f"run {source}", f"a run of {source}")
