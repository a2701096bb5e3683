"""Where objects are put together: cards, rules, database, net and processes, for whichever command needs them."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rapidfuzz import process

from harvest.http import Http
from harvest.records import HarvestError
from harvest.source import SHIPPED, Source, load_sources
from normalize import region, theme
from normalize.clean import HELSINKI
from normalize.curate import Rules, load_rules
from schedules.run import run_source
from schedules.settings import Settings, with_secrets
from store import db
from store.door import Store
from store.write.runs import RunResult


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Workbench:
    """Everything a command may need, made when it is first asked for. ``clock`` gives the time in UTC."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.clock = settings, clock

    @property
    def today(self) -> date:
        """The date in Helsinki."""
        return self.clock().astimezone(HELSINKI).date()

    def sources(self, shipped: bool = True) -> dict[str, Source]:
        """The cards, shipped and configured, by slug."""
        return load_sources(self._folders(SHIPPED, "sources") if shipped else self._folders(None, "sources"))

    def chosen(self, slugs: Sequence[str], everything: bool) -> list[Source]:
        """The enabled sources that were named, or all of them. Raises :class:`HarvestError` with a suggestion."""
        known = self.sources()
        if everything and slugs:
            raise HarvestError("name sources, or say --all, not both")
        if everything:
            return [source for source in known.values() if source.enabled]
        if not slugs:
            raise HarvestError("name a source, or say --all; aluetori sources lists them")
        for slug in slugs:
            if slug not in known:
                nearest = process.extractOne(slug, list(known), score_cutoff=50)
                hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
                raise HarvestError(f"there is no source {slug!r}{hint} (aluetori sources lists them)")
            if not known[slug].enabled:
                raise HarvestError(f"{slug} is disabled: {known[slug].disabled_because}")
        return [known[slug] for slug in dict.fromkeys(slugs)]

    def rules(self) -> Rules:
        """The rules as of today."""
        return load_rules(self._folders(region.REGIONS, "regions"), self._folders(theme.THEMES, "themes"), self.today)

    def store(self, create: bool = False) -> Store:
        """The database, its schema as this code needs it. With ``create`` it is made or brought up to date; without,
        one that is not there or is of another version raises :class:`StoreError` saying what to type."""
        engine = db.engine_for(self.settings.database)
        shown = db.shown(self.settings.database)
        path = engine.url.database if engine.dialect.name == "sqlite" else None
        if path and path != ":memory:" and not create and not Path(path).exists():
            raise db.StoreError(f"there is no database {shown}; type: aluetori init, or aluetori harvest")
        if path and path != ":memory:" and not Path(path).parent.is_dir():
            raise db.StoreError(f"the database {shown} cannot be made: there is no folder {Path(path).parent}")
        found = db.revision(engine)
        if found > db.HEAD:
            raise db.StoreError(f"the database {shown} is of version {found}, newer than this program's {db.HEAD}")
        if found != db.HEAD:
            if not create:
                raise db.StoreError(f"the database {shown} is of version {found or 'none'}; type: aluetori init")
            db.upgrade(engine)
        return Store(engine, self.clock)

    def harvest(self, store: Store, sources: Sequence[Source], done: Callable[[RunResult], None]) -> list[RunResult]:
        """Harvest ``sources``, hosts side by side and each host's one after another; ``done`` hears of each as it ends.

        What is not expected of one source ends its own run only, and is told in its result.
        """
        if not self.settings.contact and not self.settings.allow:
            raise HarvestError(
                "set ALUETORI_CONTACT to an address at which a source can reach you; it stands in our user agent"
            )
        by_host: dict[str, list[Source]] = {}
        for source in sources:
            by_host.setdefault(urlsplit(source.start[0]).netloc.lower(), []).append(source)
        with self._net(store) as http, self._processes() as workers, ThreadPoolExecutor(self.settings.hosts) as hosts:
            get = with_secrets(http.get, self.settings.environment)

            def visit(some: list[Source]) -> list[RunResult]:
                results = []
                for source in some:
                    results.append(_caught(lambda source=source: run_source(source, get, store, workers), source))  # type: ignore[misc]
                    done(results[-1])
                return results

            return [result for some in hosts.map(visit, by_host.values()) for result in some]

    @contextmanager
    def _net(self, store: Store) -> Iterator[Http]:
        with Http(
            contact=self.settings.contact or "local test", allow=self.settings.allow, turn=store.leases.host
        ) as http:
            yield http

    @contextmanager
    def _processes(self) -> Iterator[ProcessPoolExecutor]:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.settings.workers, mp_context=context) as pool:
            yield pool

    def _folders(self, shipped: Path | None, name: str) -> list[Path]:
        config = self.settings.config
        if config is not None and not config.is_dir():
            raise HarvestError(
                f"--config {config}: there is no such folder; expected one with sources, regions or themes in it"
            )
        return [
            folder for folder in (shipped, config / name if config else None) if folder is not None and folder.is_dir()
        ]


def _caught(run: Callable[[], RunResult], source: Source) -> RunResult:
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - the one place: a source's trouble is its own
        detail = f"{type(error).__name__}: {error}"
        return RunResult(id=0, source=source.slug, verdict="failed", cause="unexpected", detail=detail)
