"""The service: begins what is due, judges what has changed, and writes down what became of each firing."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from harvest.records import HarvestError
from harvest.source import Source
from normalize.contacts import masked
from schedules.harvester import NOT_KEPT, Harvester
from schedules.ledger import DIGEST, MIDNIGHT, OWN, Due, Standing, standings
from schedules.workbench import Workbench, host_of
from schedules.workers import Workers
from store import health
from store.db import StoreError
from store.door import Store
from store.firings import Newest, Outcome, Override, newest, overrides
from store.write import firings
from store.write.firings import Firing
from store.write.leading import Leading
from store.write.runs import RunResult

TICK = 0.5
"""Seconds between two looks at the clock, the cards, the operator's words and the lead."""
_RECONCILED = timedelta(seconds=15)
_AGAIN = timedelta(seconds=30)


@contextmanager
def service(bench: Workbench, store: Store, tell: Callable[[str], None]) -> Iterator["Service"]:
    """A service that is ready. When it is left, what is under way ends at its next request and is made up for by the next
    service; a curation is waited for."""
    with ExitStack() as opened:
        leading = opened.enter_context(Leading(store.engine))
        harvester = opened.enter_context(bench.harvester(store, opened.enter_context(Workers(bench.processes))))
        hosts = opened.enter_context(bench.threads())
        judge = opened.enter_context(bench.threads(1))
        opened.callback(harvester.stop)
        yield Service(bench, store, tell, leading, harvester, hosts, judge)


class Service:
    """``tick`` is all it does, again and again; none of it waits for a site, nor for a curation."""

    def __init__(
        self,
        bench: Workbench,
        store: Store,
        tell: Callable[[str], None],
        leading: Leading,
        harvester: Harvester,
        hosts: Executor,
        judge: Executor,
    ) -> None:
        self._bench, self._store, self._tell, self._clock = bench, store, tell, bench.clock
        self._engine = store.engine
        self._leading, self._harvester, self._hosts, self._judge = leading, harvester, hosts, judge
        self._leads: bool | None = None
        self._files: object = None
        self._cards: dict[str, Source] = {}
        self._last: dict[str, Newest] = {}
        self._waiting: dict[str, deque[Firing]] = {}
        self._under_way: dict[Future[RunResult | None], tuple[str, Firing]] = {}
        self._reconcile_at = self._judge_at = self._clock()
        self._touched = False
        self._midnight: datetime | None = None
        self._judging: Future[datetime | None] | None = None
        self._telling: tuple[Future[None], datetime] | None = None

    def run(self, stop: threading.Event) -> None:
        """Tick until ``stop`` is set. A database that is away is waited for."""
        trouble = ""
        while not stop.wait(TICK if not trouble else 5):
            try:
                self.tick()
                trouble = ""
            except (DBAPIError, HarvestError) as error:
                said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
                if said != trouble:
                    self._tell(f"waiting: {masked(said.strip())}")
                trouble = said

    def settle(self) -> None:
        """Wait for what is under way, and tick for what follows of it, until nothing does."""
        while self._under_way or self._judging or self._telling or any(self._waiting.values()):
            wait(self._under_way)
            wait([self._judging] if self._judging else [])
            wait([self._telling[0]] if self._telling else [])
            self.tick()

    def tick(self) -> None:
        """One look at everything: what has ended, who leads, what is due; begin it."""
        now = self._clock()
        self._gather(now)
        if not self._lead(now):
            return
        self._read_cards()
        words = overrides(self._engine)
        if now >= self._reconcile_at:
            self._reconcile(now)
        for standing in standings(self._cards, words, self._last):
            if due := standing.due(now):
                self._fire(standing, due)
        self._begin(words, now)
        self._curate(now)

    def _lead(self, now: datetime) -> bool:
        leads = self._leading.leads()
        if leads is not self._leads:
            self._tell("this service leads" if leads else "another service leads; this one waits to take over")
            self._waiting.clear()  # they stand in the ledger: who leads begins them
            self._reconcile_at, self._midnight = now, None
            self._touched = True  # what others have harvested may not have been judged
            self._last = newest(self._engine)
            self._leads = leads
        return leads

    def _read_cards(self) -> None:
        files = self._bench.declared()
        if files == self._files:
            return
        self._touched = True
        self._files = files
        self._cards, broken = self._bench.cards()
        for slug, wrong in broken.items():
            self._tell(f"{slug}: not harvested, since its card cannot be used; type: aluetori check {slug}\n{wrong}")

    def _reconcile(self, now: datetime) -> None:
        """Take up what others have left: firings that wait, those that were cut, and what nobody has judged yet."""
        self._reconcile_at = now + _RECONCILED
        waiting, cut = firings.reconcile(self._engine, now, self._mine())
        for slug, at in waiting:
            self._queue(slug, at)
        if cut:
            self._last = newest(self._engine)
        if self._judging is None and health.waiting(self._engine):
            self._touched = True

    def _mine(self) -> set[Firing]:
        mine = {firing for _host, firing in self._under_way.values()}
        mine |= {firing for some in self._waiting.values() for firing in some}
        mine |= {(DIGEST, self._telling[1])} if self._telling else set()
        return mine | ({(MIDNIGHT, self._midnight)} if self._midnight else set())

    def _fire(self, standing: Standing, due: Due) -> None:
        slug = standing.name
        if any(slug == other for other, _at in self._mine()):
            for at in (*due.missed, due.at):
                firings.note(self._engine, slug, at, Outcome.BUSY, "the one before is still waiting or under way")
            self._tell(f"{slug}: due again, and the one before is still waiting or under way")
        elif firings.due(self._engine, slug, due.at, due.because, due.missed):
            self._queue(slug, due.at)
        self._last[slug] = Newest(due_at=due.at, outcome=Outcome.WAITING, because=due.because)

    def _queue(self, slug: str, at: datetime) -> None:
        if slug in OWN:
            if firings.begin(self._engine, slug, at, self._clock()):
                if slug == MIDNIGHT:
                    self._midnight, self._touched = at, True
                else:
                    self._telling = self._judge.submit(self._told, at), at
            return
        host = host_of(self._cards[slug]) if slug in self._cards else ""
        self._waiting.setdefault(host, deque()).append((slug, at))

    def _begin(self, words: dict[str, Override], now: datetime) -> None:
        """The next of each host that has nobody there; of those, in the order in which they were due."""
        busy = {host for host, _firing in self._under_way.values()}
        for host in sorted(self._waiting.keys() - busy, key=lambda one: self._waiting[one][0][1]):
            slug, at = self._waiting[host].popleft()
            if not self._waiting[host]:
                del self._waiting[host]
            source, word = self._cards.get(slug), words.get(slug)
            if source is None or not source.enabled or (word is not None and word.paused(now)):
                firings.end(
                    self._engine, slug, at, Outcome.RESTED, now, 0, "paused, or without a card, while it waited"
                )
            else:
                self._under_way[self._hosts.submit(self._turn, source, at)] = host, (slug, at)

    def _turn(self, source: Source, at: datetime) -> RunResult | None:
        """One firing, from beginning to end, in a thread of its own; nothing where another service has begun it."""
        begun, ending = self._clock(), self._harvester.stopped
        if ending or not firings.begin(self._engine, source.slug, at, begun):
            return None
        result = self._harvester.harvest(source)
        run = result.id
        if not run:
            last = health.runs(self._engine, source.slug, 1)
            run = last[0]["id"] if last and last[0]["started"] >= begun.isoformat() else 0
        if result.id:
            outcome = Outcome.RAN
        elif self._harvester.stopped:
            outcome = Outcome.STOPPED
        else:
            outcome = Outcome.BUSY if result.cause == NOT_KEPT and not run else Outcome.RAN
        detail = "" if outcome is Outcome.RAN and result.id else result.detail
        firings.end(self._engine, source.slug, at, outcome, self._clock(), run, detail)
        return result

    def _gather(self, now: datetime) -> None:
        """Hear of what has ended."""
        for future in [one for one in self._under_way if one.done()]:
            _host, (slug, at) = self._under_way.pop(future)
            if error := future.exception():
                self._tell(f"{slug}: {masked(f'{type(error).__name__}: {error}')}")
                firings.end(self._engine, slug, at, Outcome.CUT, now, 0, masked(str(error)))
            elif result := future.result():
                self._tell(
                    f"{slug}: {result.verdict}, {result.cause}" + (f" ({result.detail})" if result.detail else "")
                )
                self._touched |= bool(result.new or result.changed or result.closed)
        if self._telling is not None and self._telling[0].done():
            (telling, at), self._telling = self._telling, None
            if error := telling.exception():
                said = masked(f"{type(error).__name__}: {error}")
                self._tell(f"no digest: {said}")
                firings.end(self._engine, DIGEST, at, Outcome.CUT, now, 0, said)
        if self._judging is not None and self._judging.done():
            judging, self._judging = self._judging, None
            if error := judging.exception():
                self._touched, self._judge_at = True, now + _AGAIN
                said = (
                    str(error) if isinstance(error, StoreError | HarvestError) else f"{type(error).__name__}: {error}"
                )
                self._tell(f"not curated, and tried again in {_AGAIN.seconds} s: {masked(said)}")
            elif judging.result() == self._midnight:
                self._midnight = None

    def _curate(self, now: datetime) -> None:
        if self._touched and self._judging is None and now >= self._judge_at:
            self._touched = False
            self._judging = self._judge.submit(self._judged, self._midnight)

    def _judged(self, midnight: datetime | None) -> datetime | None:
        """A curation, and after ``midnight`` what follows of a new day."""
        written = self._bench.curate(self._store)
        if written.changes:
            told = ", ".join(f"{count} {what}" for what, count in sorted(written.changes.items()))
            self._tell(f"curated: {told}")
        if midnight:
            self._bench.sweep_archive()
            firings.forget(self._engine, self._clock())
            firings.end(self._engine, MIDNIGHT, midnight, Outcome.RAN, self._clock(), 0, "")
        return midnight

    def _told(self, at: datetime) -> None:
        """The digest of the day."""
        wrong = self._bench.send(self._bench.digests(self._store))
        for sentence in wrong:
            self._tell(sentence)
        firings.end(self._engine, DIGEST, at, Outcome.RAN, self._clock(), 0, masked("; ".join(wrong)))
