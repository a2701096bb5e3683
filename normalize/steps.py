"""The facts of a run, in batches: what was found becomes what is listed, in a pool of processes when there is one."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future

from harvest.records import Found, Problem, RawPosting, Verdict
from normalize import facts
from normalize.gazetteer.tables import gazetteer
from normalize.records import Listed, Posting

BATCH = 1000
"""Raw postings a task: about half a second of work, so that handing it over costs nothing."""
AHEAD = 3
"""Batches under way or waiting at once; more would only hold memory."""

_FACTS = "2"


def facts_version() -> str:
    """Changes when the same raw posting would be cleaned differently: bumped by hand, or by a table of the gazetteer."""
    return f"{_FACTS}-{gazetteer().version}"


def normalize(found: Iterable[Found], workers: Executor | None = None) -> Iterator[Listed]:
    """What was found, with raw postings cleaned; the verdict stays last, the order of the rest is not kept.

    Without ``workers``, or for fewer than a batch, the work is done here. A raw posting that breaks the cleaner is not
    expected: the exception ends the run.
    """
    verdict: Verdict | None = None
    waiting: deque[Future[list[Posting | Problem]]] = deque()
    batch: list[RawPosting] = []
    try:
        for one in found:
            if isinstance(one, Verdict):
                verdict = one
            elif not isinstance(one, RawPosting):
                yield one
            elif workers is None:
                yield from facts.posting(one)
            else:
                batch.append(one)
                if len(batch) == BATCH:
                    waiting.append(workers.submit(normalize_batch, batch))
                    batch = []
                if len(waiting) > AHEAD:
                    yield from waiting.popleft().result()
        yield from normalize_batch(batch)  # the last ones here, while the pool is still at work
        while waiting:
            yield from waiting.popleft().result()
    finally:
        for task in waiting:
            task.cancel()
    if verdict is not None:
        yield verdict


def normalize_batch(batch: list[RawPosting]) -> list[Posting | Problem]:
    """The cleaned postings of a batch, and their problems."""
    return [one for raw in batch for one in facts.posting(raw)]
