"""Where objects are put together: cards, rules, database, net and processes, for whichever command needs them."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from harvest.archive import Archive
from harvest.declaration import did_you_mean, files
from harvest.moment import HELSINKI
from harvest.proof import is_html, recorded_pages, unproved
from harvest.records import HarvestError
from harvest.source import SHIPPED, Source, load_each
from harvest.source import Archive as ArchiveDays
from normalize import region, theme
from normalize.curate import Rules, load_rules
from normalize.gazetteer import borders
from schedules.digest import Digest, digests
from schedules.harvester import Harvester, swept
from schedules.replay import Replay
from schedules.run import run_curation
from schedules.sending import send
from schedules.settings import Settings
from schedules.show import warn
from store import db
from store.door import Store
from store.write.listings import Written
from store.write.runs import RunResult

DEFAULT_DAYS = ArchiveDays().days
"""How long raw pages stay whose card has gone."""


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


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

    def must_know(self, slug: str) -> None:
        """Raises :class:`HarvestError`, with the nearest name, when no card is of that slug, sound or broken."""
        must_know("source", slug, [slug for some in self.cards() for slug in some])

    def card_files(self) -> dict[str, Path]:
        """Where the cards are written, by slug."""
        return files(self._folders(SHIPPED, "sources"))

    def declared(self) -> dict[Path, tuple[int, int]]:
        """Each file of cards, regions and themes, with what changes when it is written to."""
        shipped = {"sources": SHIPPED, "regions": region.REGIONS, "themes": theme.THEMES}
        kinds = (files(self._folders(folder, name)) for name, folder in shipped.items())
        found = ((path, path.stat()) for kind in kinds for path in kind.values())
        return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found}

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
        by_host: dict[str, list[Source]] = {}
        for source in sources:
            by_host.setdefault(host_of(source), []).append(source)
        asks = any(len(one.folders) < len(one.start) or one.adapter.details for one in sources)
        with self.processes() as workers, self.harvester(store, workers, asks) as harvester, self.threads() as hosts:

            def visit(some: list[Source]) -> list[RunResult]:
                results: list[RunResult] = []
                for source in some:
                    result = harvester.harvest(source)
                    if harvester.stopped:
                        break
                    results.append(result)
                    done(result)
                return results

            try:
                return [result for some in hosts.map(visit, by_host.values()) for result in some]
            except KeyboardInterrupt:
                harvester.stop()
                raise

    def harvester(self, store: Store, workers: Executor, asks: bool = True) -> Harvester:
        """What runs are made with, over one net."""
        return Harvester(self.settings, store, self.clock, workers, asks)

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
            if trouble := swept(archive, slug, cards[slug].archive.days if slug in cards else DEFAULT_DAYS):
                warn(f"{slug}: {trouble}")

    def threads(self, count: int = 0) -> ThreadPoolExecutor:
        """So many threads (else one for each host to visit at once) that leave Ctrl-C to the main thread; so do processes
        begun by them."""
        return ThreadPoolExecutor(
            count or self.settings.hosts,
            initializer=signal.pthread_sigmask,
            initargs=(signal.SIG_BLOCK, {signal.SIGINT}),
        )

    def curate(self, store: Store) -> Written:
        """Judge what was touched, under the rules and the sound cards as they are now; a broken one counts as it last was."""
        rules, (cards, broken) = self.rules(), self.cards()
        store.declare_again(cards.values(), broken)
        with self.processes() as workers:
            return run_curation(rules, store, self.today, workers)

    def digests(self, store: Store) -> list[Digest]:
        """The letters of the day, of what waits for a person now."""
        from schedules.needs import needs  # it knows the clock, which is heavy

        cards, broken = self.cards()
        now, said = self.clock(), self.settings
        found = needs(store.engine, cards, broken, now)
        return list(digests(found, self.rules().regions, said.notify, said.language, now))

    def send(self, letters: Iterable[Digest]) -> list[str]:
        """What went wrong, in sentences."""
        return [wrong for letter in letters for wrong in send(letter, self.settings, self.today)]

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


def host_of(source: Source) -> str:
    """The host that a source is asked at, or the folder where it has none."""
    return urlsplit(source.start[0]).netloc.lower() or source.start[0]
