"""A run's facts in batches: the same with a pool of processes and without, the verdict last, little read ahead."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from harvest.records import Found, Gone, Problem, Reason, Seen, Step, Verdict, Whole
from normalize import steps
from normalize.records import Posting
from normalize.steps import AHEAD, BATCH, facts_version, normalize
from tests.normalize.made import raw

VERDICT = Verdict(whole=Whole.COMPLETE, cause="all read")
PASSED = [
    Seen(ref="s"),
    Gone(ref="g", because="deleted"),
    Problem(step=Step.MAP, reason=Reason.BROKEN_RECORD, about="p", detail="x"),
]


def found(number: int) -> list[Found]:
    postings = [raw(ref=str(n), title=f"Kokki {n}" if n % 50 else "", text="<p>Hei</p>") for n in range(number)]
    return [PASSED[0], *postings[: number // 2], PASSED[1], *postings[number // 2 :], PASSED[2], VERDICT]


class Here(Executor):
    """A pool that works at once, here, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.tasks: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.batches.append(len(args[0]))
        task: Future[Any] = Future()
        task.set_result(fn(*args, **kwargs))
        self.tasks.append(task)
        return task


def test_a_pool_of_processes_gives_the_same_as_none():
    raws = found(2 * BATCH + 300)
    alone = list(normalize(raws))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pooled = list(normalize(raws, pool))
    assert len(pooled) == len(alone) == len(raws)
    assert sorted(map(repr, pooled)) == sorted(map(repr, alone))
    assert [one.ref for one in pooled if isinstance(one, Posting)] == [
        one.ref for one in alone if isinstance(one, Posting)
    ], "of two of one ref the later counts"
    assert pooled[-1] is VERDICT


def test_what_needs_no_cleaning_passes_through_and_the_verdict_comes_last():
    listed = list(normalize([VERDICT, *PASSED]))
    assert listed == [*PASSED, VERDICT]
    assert list(normalize([])) == []


def test_less_than_a_batch_is_not_handed_over():
    pool = Here()
    assert len(list(normalize(found(BATCH - 1), pool))) == BATCH + 3
    assert pool.batches == []


def test_little_is_read_ahead_of_what_is_taken():
    read = 0

    def reading() -> Iterator[Found]:
        nonlocal read
        for one in found(10 * BATCH):
            read += 1
            yield one

    listed = normalize(reading(), Here())
    taken = 0
    for taken, _one in enumerate(listed, 1):
        assert read - taken <= (AHEAD + 2) * BATCH
    assert taken == 10 * BATCH + 4


def test_a_posting_that_breaks_the_cleaner_ends_the_run(monkeypatch):
    def breaks(_raw: object) -> Iterator[Any]:
        raise RuntimeError("not expected")
        yield

    monkeypatch.setattr(steps.facts, "posting", breaks)
    with pytest.raises(RuntimeError, match="not expected"):
        list(normalize(found(3)))


def test_an_abandoned_run_leaves_no_task_waiting():
    pool = Here()
    listed = normalize(found(3 * BATCH), pool)
    for _ in range(5):
        next(listed)
    listed.close()
    assert all(task.done() for task in pool.tasks)


def test_the_version_of_facts_names_the_code_and_the_tables():
    assert facts_version().count("-") == 1
