"""What a harvest would change: it is run, politely and on a copy of the database, and the copy is compared."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from harvest.inbox import Inbox
from harvest.records import Get, Page, Request
from harvest.source import Source
from schedules.asking import asking
from schedules.run import run_source
from schedules.workbench import Workbench
from store import health
from store.copying import copied
from store.door import Store
from store.states import became, held, states
from store.write.runs import RunResult

GROUPS = ("new", "changed", "closed", "held", "absent", "ended")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How the run went; every posting that is not as it was, by group; which unit holds how many; and the problems."""

    result: RunResult
    groups: dict[str, list[dict[str, str]]]
    units: dict[str, int]
    problems: list[str]


def rehearse(bench: Workbench, source: Source) -> Rehearsal:
    """The harvest of ``source`` on a copy. Of the database itself only the pauses of hosts are written, so that nobody else
    asks them meanwhile; without a database everything is new, and none is made."""
    shared = bench.shared()
    with copied(shared.engine if shared else None) as engine, _asking(bench, shared, source) as get:
        copy = shared.on(engine) if shared else Store(engine, bench.clock)
        before = states(copy.engine, source.slug)
        result = run_source(source, get, copy)
        holds = held(copy.engine, source.slug)
        groups: dict[str, list[dict[str, str]]] = {group: [] for group in GROUPS}
        for group, ref, title in became(before, states(copy.engine, source.slug), holds):
            groups[group].append({"ref": ref, "title": title})
        told = health.problems(copy.engine, result.id) or []
    problems = [f"{one['reason']}: {one['about']}: {one['detail']}" for one in told]
    return Rehearsal(
        result=result, groups=groups, units={unit: len(ids) for unit, ids in holds.items()}, problems=problems
    )


@contextmanager
def _asking(bench: Workbench, store: Store | None, source: Source) -> Iterator[Get]:
    alone = source.folders == tuple(source.start)
    with nullcontext(_nobody) if alone else asking(bench.settings, store.leases.host if store else None) as get:
        yield Inbox(bench.settings.config, bench.clock).before(get, source.folders) if source.folders else get


def _nobody(request: Request) -> Page:
    raise AssertionError(f"an inbox folder asks nobody, not even {request.url}")
