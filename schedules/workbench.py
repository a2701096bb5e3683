"""Where objects are put together: cards, rules, database, net and processes, for whichever command needs them."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError

from harvest.archive import Archive
from harvest.declaration import did_you_mean, files
from harvest.http import Http
from harvest.inbox import Inbox
from harvest.moment import HELSINKI
from harvest.proof import is_html, recorded_pages, unproved
from harvest.records import Get, HarvestError, Page, Request
from harvest.source import SHIPPED, Source, load_each
from harvest.source import Archive as ArchiveDays
from normalize import region, theme
from normalize.contacts import masked
from normalize.curate import Rules, load_rules
from normalize.gazetteer import borders
from schedules.replay import Replay
from schedules.reply import Post
from schedules.run import run_curation, run_source
from schedules.settings import Settings, must_be_reachable, with_secrets
from schedules.show import warn
from store import db, health
from store.door import Store
from store.write.listings import Written
from store.write.runs import RunResult

DEFAULT_DAYS = ArchiveDays().days
"""How long raw pages stay whose card has gone."""


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class StoppedError(Exception):
    """stopped by hand; what it had read is not kept, what earlier runs kept is"""


class Workbench:
    """Everything a command may need, made when it is first asked for. ``clock`` gives the time in UTC."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.clock = settings, clock
        self._borders = settings.borders if settings.borders.is_file() else None
        try:
            borders.use(self._borders)
        except borders.BordersError as error:
            raise HarvestError(str(error)) from None

    @property
    def today(self) -> date:
        """The date in Helsinki."""
        return self.clock().astimezone(HELSINKI).date()

    def cards(self, shipped: bool = True) -> tuple[dict[str, Source], dict[str, str]]:
        """The sound cards, shipped and configured, by slug; and what is wrong with each broken one."""
        return load_each(self._folders(SHIPPED if shipped else None, "sources"))

    def card_files(self) -> dict[str, Path]:
        """Where the cards are written, by slug."""
        return files(self._folders(SHIPPED, "sources"))

    def unproved(self, card: Source) -> list[str]:
        """What does not hold of a card on the page that was recorded for it, in sentences; nothing where none was."""
        file = self.card_files()[card.slug]
        path = file.parent / card.recorded
        if not card.recorded:
            path = SHIPPED.parents[1] / "tests" / "recorded" / card.slug  # of a working copy; it is not installed
            if file.parent != SHIPPED or not path.is_dir() or not is_html(card):
                return []
        if not path.exists():
            return [f"recorded = {card.recorded!r}: there is no such file or folder beside {file}"]
        pages = recorded_pages(path, card.start[0], self.clock())
        try:
            return list(unproved(card, pages))
        finally:
            for page in pages.values():
                page.file.close()

    def chosen(self, slugs: Sequence[str], everything: bool) -> tuple[list[Source], dict[str, str]]:
        """The enabled sources that were named, or all of them; and what is wrong with those whose card is broken. Raises
        :class:`HarvestError` with a suggestion, or when all of them are."""
        known, broken = self.cards()
        if everything and slugs:
            raise HarvestError("name sources, or say --all, not both")
        if not everything and not slugs:
            raise HarvestError("name a source, or say --all; aluetori sources lists them")
        for slug in slugs:
            must_know("source", slug, [*known, *broken])
            if slug in known and not known[slug].enabled:
                raise HarvestError(f"{slug} is disabled: {known[slug].disabled_because}")
        if everything:
            some = [source for source in known.values() if source.enabled]
        else:
            some = [known[slug] for slug in dict.fromkeys(slugs) if slug in known]
            broken = {slug: wrong for slug, wrong in broken.items() if slug in slugs}
        if broken and not some:
            raise HarvestError("\n".join(broken.values()))
        return some, broken

    def rules(self) -> Rules:
        """The rules as of today."""
        return load_rules(self._folders(region.REGIONS, "regions"), self._folders(theme.THEMES, "themes"), self.today)

    def store(self, create: bool = False) -> Store:
        """The database, its schema as this code needs it. See :func:`store.db.opened`."""
        return Store(db.opened(self.settings.database, create), self.clock)

    def shared(self) -> Store | None:
        """The database if there is one; none is made. See :meth:`store` for one that cannot be used as it is."""
        try:
            return self.store()
        except db.AbsentError:
            return None

    def harvest(self, store: Store, sources: Sequence[Source], done: Callable[[RunResult], None]) -> list[RunResult]:
        """Harvest ``sources``, hosts side by side and each host's one after another; ``done`` hears of each as it ends.

        What is not expected of one source ends its own run only, and is told in its result. Ctrl-C ends every run before
        its next request, and is raised once they have ended.
        """
        alone = all(len(one.folders) == len(one.start) and not one.adapter.details for one in sources)
        if not alone:
            must_be_reachable(self.settings)
        by_host: dict[str, list[Source]] = {}
        for source in sources:
            by_host.setdefault(urlsplit(source.start[0]).netloc.lower() or source.start[0], []).append(source)
        brake, inbox = _Brake(), Inbox(self.settings.config, self.clock)
        with (
            nullcontext() if alone else self._net(store, brake) as http,
            self.processes() as workers,
            self._threads() as hosts,
        ):
            get = with_secrets(brake.guarding(http.get if http else _nobody_asked), self.settings.environment)

            def visit(some: list[Source]) -> list[RunResult]:
                results: list[RunResult] = []
                for source in some:
                    result = _caught(partial(self._answered, source, Post(inbox, source, get), store, workers), source)
                    if brake.pulled.is_set():
                        break
                    results.append(result)
                    done(result)
                return results

            try:
                return [result for some in hosts.map(visit, by_host.values()) for result in some]
            except KeyboardInterrupt:
                brake.pulled.set()
                raise

    @property
    def archive(self) -> Archive:
        """The raw pages of runs."""
        return Archive(self.settings.archive, self.clock)

    def replay(self, slug: str, run: int) -> Replay:
        """The run's pages under today's cards and rules; with 0, of the newest run that is kept."""
        (cards, broken), archive = self.cards(), self.archive
        must_know("source", slug, [*cards, *broken])
        if slug in broken:
            raise HarvestError(broken[slug])
        run = run or next(iter(archive.runs(slug)), 0)
        get = archive.replaying(slug, run)
        rules, today = self.rules(), self.today
        return Replay(
            source=cards[slug], run=run, get=get, cards=cards.values(), rules=rules, today=today, broken=broken
        )

    def sweep_archive(self) -> None:
        """Forget the pages whose time is over, of sources that are harvested no more as well."""
        (cards, _broken), archive = self.cards(), self.archive
        for slug in archive.sources():
            if trouble := _swept(archive, slug, cards[slug].archive.days if slug in cards else DEFAULT_DAYS):
                warn(f"{slug}: {trouble}")

    def _answered(self, source: Source, post: Post, store: Store, workers: Executor) -> RunResult:
        """The run, and the answers to the partner whose files it read."""
        result = self._recorded(source, post.get, store, workers)
        post.answer(store, result)
        return result

    def _recorded(self, source: Source, get: Get, store: Store, workers: Executor) -> RunResult:
        """The run, its pages archived as long as the card says."""
        archive, days = self.archive, source.archive.days
        if not days:
            return run_source(source, get, store, workers)
        with archive.recording(source.slug, get) as recording:
            try:
                result = run_source(source, recording.get, store, workers)
            except Exception:
                if last := health.runs(store.engine, source.slug, 1):  # its own: what broke it is there to be replayed
                    recording.kept_as(last[0]["id"])
                raise
            recording.kept_as(result.id)
        result.detail = "; ".join(filter(None, (result.detail, recording.trouble, _swept(archive, source.slug, days))))
        return result

    def _net(self, store: Store, brake: "_Brake") -> Http:
        settings = self.settings
        return Http(contact=settings.contact, allow=settings.allow, visits=store.leases.host, wait=brake.wait)

    def _threads(self) -> ThreadPoolExecutor:
        """Threads, and processes begun by them, that leave Ctrl-C to the main thread."""
        return ThreadPoolExecutor(
            self.settings.hosts, initializer=signal.pthread_sigmask, initargs=(signal.SIG_BLOCK, {signal.SIGINT})
        )

    def curate(self, store: Store) -> Written:
        """Judge what was touched, under the rules and the sound cards as they are now; a broken one counts as it last was."""
        rules, (cards, broken) = self.rules(), self.cards()
        store.declare_again(cards.values(), broken)
        with self.processes() as workers:
            return run_curation(rules, store, self.today, workers)

    def processes(self) -> ProcessPoolExecutor:
        """A pool of processes for what takes them; none is begun before it is needed."""
        return ProcessPoolExecutor(
            self.settings.workers, multiprocessing.get_context("spawn"), borders.use, (self._borders,)
        )

    def _folders(self, shipped: Path | None, name: str) -> list[Path]:
        config = self.settings.config
        if config is not None and not config.is_dir():
            raise HarvestError(
                f"--config {config}: there is no such folder; expected one with sources, regions or themes in it"
            )
        return [
            folder for folder in (shipped, config / name if config else None) if folder is not None and folder.is_dir()
        ]


def must_know(what: str, slug: str, known: Iterable[str]) -> None:
    """Raises :class:`HarvestError` with a suggestion for a ``slug`` that is none of ``known``."""
    names = sorted(known)
    if slug not in names:
        told = f"known are {', '.join(names) or 'none'}" if what == "region" else "aluetori sources lists them"
        raise HarvestError(f"there is no {what} {slug!r}{did_you_mean(slug, names)} ({told})")


def _swept(archive: Archive, slug: str, days: int) -> str:
    """What kept old pages from being forgotten, if anything did; the next run tries again."""
    try:
        archive.sweep(slug, days)
    except (OSError, ValueError) as error:
        return f"its old pages are not forgotten: {error}"
    return ""


def _nobody_asked(request: Request) -> Page:
    raise HarvestError(f"{request.url} would be asked, and without a contact nobody is")


class _Brake:
    """Ends what is under way at its next request or pause, once ``pulled`` is set."""

    def __init__(self) -> None:
        self.pulled = threading.Event()

    def wait(self, seconds: float) -> None:
        if self.pulled.wait(seconds):
            raise StoppedError(StoppedError.__doc__)

    def guarding(self, get: Get) -> Get:
        def asked(request: Request) -> Page:
            self.wait(0)
            return get(request)

        return asked


def _caught(run: Callable[[], RunResult], source: Source) -> RunResult:
    try:
        return run()
    except db.StoreError as error:
        return RunResult(id=0, source=source.slug, verdict="failed", cause="not kept", detail=str(error))
    except OSError as error:
        return RunResult(id=0, source=source.slug, verdict="failed", cause="not kept", detail=masked(str(error)))
    except DBAPIError as error:
        detail = db.told(error) or masked(f"{type(error).__name__}: {error}")
        return RunResult(id=0, source=source.slug, verdict="failed", cause="not kept", detail=detail)
    except Exception as error:  # noqa: BLE001 - the one place: a source's trouble is its own
        detail = masked(f"{type(error).__name__}: {error}")
        return RunResult(id=0, source=source.slug, verdict="failed", cause="unexpected", detail=detail)
