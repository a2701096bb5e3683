"""The facts of a run, in batches: what was found becomes what is listed, in a pool of processes when there is one."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any, TypeVar, overload

from harvest.records import Found, Gone, Probed, Problem, RawPosting, Seen, Verdict
from normalize import facts
from normalize.fingerprint import fingerprinted
from normalize.gazetteer.borders import borders
from normalize.gazetteer.tables import gazetteer
from normalize.records import Listed, Posting

T = TypeVar("T")

BATCH = 1000
"""Raw postings a task: about half a second of work, so that handing it over costs nothing."""
AHEAD = 3
"""Batches under way or waiting at once; more would only hold memory."""

_FACTS = "6"


def facts_version() -> str:
    """Changes when the same raw posting would be cleaned differently: bumped by hand, by a table of the gazetteer, or by
    border geometry."""
    known = borders()
    return f"{_FACTS}-{gazetteer().version}" + (f"-{known.version}" if known else "")


def unchanged(posting: Posting) -> Posting:
    """The posting itself."""
    return posting


@overload
def normalize(found: Iterable[Found], workers: Executor | None = None) -> Iterator[Listed]: ...
@overload
def normalize(
    found: Iterable[Found], workers: Executor | None, finish: Callable[[Posting], T]
) -> Iterator[T | Seen | Gone | Probed | Problem | Verdict]: ...
def normalize(
    found: Iterable[Found], workers: Executor | None = None, finish: Callable[[Posting], Any] = unchanged
) -> Iterator[Any]:
    """What was found, with raw postings cleaned, in their order; the verdict stays last, the rest may come before them.

    Without ``workers``, or for fewer than a batch, the work is done here. ``finish`` is what is done to a posting once it
    is clean, in the same process: a function of a module, since it may have to travel. A raw posting that breaks the
    cleaner is not expected: the exception ends the run.
    """
    verdict: Verdict | None = None
    waiting: deque[Future[list[Any]]] = deque()
    batch: list[RawPosting] = []
    try:
        for one in found:
            if isinstance(one, Verdict):
                verdict = one
            elif not isinstance(one, RawPosting):
                yield one
            else:
                batch.append(one)
                if len(batch) < BATCH:
                    continue
                if workers is None:
                    yield from normalize_batch(batch, finish)
                else:
                    waiting.append(workers.submit(normalize_batch, batch, finish))
                batch = []
                if len(waiting) > AHEAD:
                    yield from waiting.popleft().result()
        last = normalize_batch(batch, finish)  # here, while the pool is still at work
        while waiting:
            yield from waiting.popleft().result()
        yield from last
    finally:
        for task in waiting:
            task.cancel()
    if verdict is not None:
        yield verdict


def normalize_batch(batch: list[RawPosting], finish: Callable[[Posting], T]) -> list[T | Problem]:
    """The cleaned postings of a batch, with their fingerprints, finished, and their problems."""
    cleaned = [one for raw in batch for one in facts.posting(raw)]
    printed = iter(fingerprinted([one for one in cleaned if isinstance(one, Posting)]))
    return [one if isinstance(one, Problem) else finish(next(printed)) for one in cleaned]
