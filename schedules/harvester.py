"""Runs of sources over one net: the same connections, robots.txt and pauses for as long as it is open."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError

from harvest.archive import Archive
from harvest.http import Http
from harvest.inbox import Inbox
from harvest.records import Get, HarvestError, Page, Request
from harvest.source import Source
from normalize.contacts import masked
from schedules.reply import Post
from schedules.run import run_source
from schedules.settings import Settings, must_be_reachable, with_secrets
from store import db, health
from store.door import Store
from store.write.leases import Leases
from store.write.runs import RunResult

NOT_KEPT = "not kept"
"""The cause of a run of which the database has taken nothing: another of the same source was under way, say."""


class StoppedError(Exception):
    """stopped by hand; what it had read is not kept, what earlier runs kept is"""


class Harvester:
    """Harvests sources, in as many threads as call it; close it, or use it in a ``with``. ``clock`` gives UTC.

    Raises :class:`HarvestError` where no contact is set: then nothing may be asked. One that never ``asks`` reads folders
    only, and needs none.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Callable[[], datetime], workers: Executor, asks: bool = True
    ) -> None:
        if asks:
            must_be_reachable(settings)
        self._settings, self._store, self._clock, self._workers = settings, store, clock, workers
        self._pulled = threading.Event()
        self._inbox = Inbox(settings.config, clock)
        self._archive = Archive(settings.archive, clock)
        visits = Leases(store.engine, wait=self._wait).host
        self._http = (
            Http(contact=settings.contact, allow=settings.allow, visits=visits, now=clock, wait=self._wait)
            if asks
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._http:
            self._http.close()

    def stop(self) -> None:
        """End what is under way at its next request or pause; nothing of it is kept."""
        self._pulled.set()

    @property
    def stopped(self) -> bool:
        return self._pulled.is_set()

    def harvest(self, source: Source) -> RunResult:
        """One run of ``source``, its pages archived as long as the card says, and a partner answered. After its
        ``max_runtime`` nothing more is asked. What is not expected ends this run only, and is told in its result."""
        get = self._http.until(self._clock() + source.schedule.max_runtime) if self._http else _nobody_asked
        post = Post(self._inbox, source, with_secrets(self._braked(get), self._settings.environment))
        return _caught(partial(self._answered, source, post), source)

    def _answered(self, source: Source, post: Post) -> RunResult:
        """The run, and the answers to the partner whose files it read."""
        result = self._recorded(source, post.get)
        post.answer(self._store, result)
        return result

    def _recorded(self, source: Source, get: Get) -> RunResult:
        days = source.archive.days
        if not days:
            return run_source(source, get, self._store, self._workers)
        with self._archive.recording(source.slug, get) as recording:
            try:
                result = run_source(source, recording.get, self._store, self._workers)
            except Exception:
                if last := health.runs(self._store.engine, source.slug, 1):  # what broke it is there to be replayed
                    recording.kept_as(last[0]["id"])
                raise
            recording.kept_as(result.id)
        trouble = swept(self._archive, source.slug, days)
        result.detail = "; ".join(filter(None, (result.detail, recording.trouble, trouble)))
        return result

    def _wait(self, seconds: float) -> None:
        if self._pulled.wait(seconds):
            raise StoppedError(StoppedError.__doc__)

    def _braked(self, get: Get) -> Get:
        def asked(request: Request) -> Page:
            self._wait(0)
            return get(request)

        return asked


def _nobody_asked(request: Request) -> Page:
    raise HarvestError(f"{request.url} would be asked, and without a contact nobody is")


def swept(archive: Archive, slug: str, days: int) -> str:
    """What kept old pages from being forgotten, if anything did; the next run tries again."""
    try:
        archive.sweep(slug, days)
    except (OSError, ValueError) as error:
        return f"its old pages are not forgotten: {error}"
    return ""


def _caught(run: Callable[[], RunResult], source: Source) -> RunResult:
    try:
        return run()
    except db.StoreError as error:
        return RunResult(id=0, source=source.slug, verdict="failed", cause=NOT_KEPT, detail=str(error))
    except OSError as error:
        return RunResult(id=0, source=source.slug, verdict="failed", cause=NOT_KEPT, detail=masked(str(error)))
    except DBAPIError as error:
        detail = db.told(error) or masked(f"{type(error).__name__}: {error}")
        return RunResult(id=0, source=source.slug, verdict="failed", cause=NOT_KEPT, detail=detail)
    except Exception as error:  # noqa: BLE001 - the one place: a source's trouble is its own
        detail = masked(f"{type(error).__name__}: {error}")
        return RunResult(id=0, source=source.slug, verdict="failed", cause="unexpected", detail=detail)
