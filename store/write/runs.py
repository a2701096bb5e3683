"""A run's facts: spooled while the site is read, then saved in one short transaction with its verdict."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import OperationalError

from harvest.known import VOID
from harvest.records import Problem, Reason, Step, Verdict, Whole
from harvest.source import Source
from normalize.contacts import masked
from normalize.records import Listed
from store.db import among, chunks
from store.health import CUT_OFF, READ
from store.known import max_age, read_under, shard_key
from store.packing import pack_memo, pack_shape, unpack_shape
from store.tables import PageRow, PostingRow, ProblemRow, RunRow, SourceRow, table
from store.write.churn import churn, show_as_one
from store.write.closing import Guard, close_gone, miss, seen_again
from store.write.declare import declare_source
from store.write.postings import older, save_postings
from store.write.probes import save_probes
from store.write.spool import Record, Spool

HEARTBEAT = timedelta(seconds=5)

_run, _posting = table(RunRow), table(PostingRow)
_page, _problem, _source = table(PageRow), table(ProblemRow), table(SourceRow)


@dataclass(slots=True, kw_only=True)
class RunResult:
    """What a run did: its verdict and its counts. ``seconds`` is from start to commit."""

    id: int
    source: str
    verdict: str
    cause: str
    detail: str
    requests: int = 0
    retries: int = 0
    not_modified: int = 0
    bytes: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    held: int = 0
    dropped: int = 0
    problems: int = 0
    seconds: float = 0


def begin_run(engine: Engine, source: Source, now: datetime, replay_of: int = 0) -> int:
    """A row for a run that begins; its id. One run a source at a time: those that have not ended were cut off."""
    with engine.begin() as connection:
        cut = (_run.c.source == source.slug) & _run.c.ended.is_(None)
        connection.execute(update(_run).where(cut).values({**CUT_OFF, "ended": _run.c.heartbeat}))
        declare_source(connection, source)
        before = connection.execute(select(_source).where(_source.c.slug == source.slug)).one()
        watermark = before.watermark if before.read_under == read_under(source) else ""
        row = {"source": source.slug, "started": now, "heartbeat": now, "watermark": watermark, "replay_of": replay_of}
        return int(connection.execute(insert(_run).values(row)).inserted_primary_key[0])  # type: ignore[index]


def save_run(
    engine: Engine,
    source: Source,
    listed: Iterable[Listed | Record],
    clock: Callable[[], datetime],
    guard: Guard,
    confirm: Callable[[Connection], None] = lambda _connection: None,
    replay_of: int = 0,
) -> RunResult:
    """Take in all that is listed, then commit postings, references, validators, holds, touches and the verdict at once.

    Nothing of the run is visible before, and all of it after: a crash in between leaves what was, without validators
    that could answer 304 for what was never saved. What ``listed`` raises ends the run as failed, and is raised again; so
    does ``confirm``, asked before the commit whether this run may still write.

    ``replay_of`` is the run whose pages were read again: what no newer run has read gets its facts from them, but only those
    of the newest run say what has gone or is there again. The next harvest reads all anew, since it may know better.
    """
    started = clock()
    run = begin_run(engine, source, started, replay_of)
    try:
        with tempfile.TemporaryFile(prefix="aluetori-") as file:
            spool = Spool(file)
            _take(spool, listed, engine, run, clock)
            with engine.begin() as connection:
                result = _save(connection, source, run, spool, clock(), guard, replay_of)
                confirm(connection)
    except Exception as error:
        _fail(engine, run, error, clock())
        raise
    result.seconds = (clock() - started).total_seconds()
    return result


def _take(
    spool: Spool, listed: Iterable[Listed | Record], engine: Engine, run: int, clock: Callable[[], datetime]
) -> None:
    """Spools what is listed and says now and then that it is alive, unless another writer keeps the database just then."""
    beat = clock()
    for one in listed:
        spool.take(one)
        if clock() - beat > HEARTBEAT:
            beat = clock()
            progress = {"heartbeat": beat, "found": spool.postings + len(spool.seen)}
            with suppress(OperationalError), engine.begin() as connection:
                connection.execute(update(_run).where(_run.c.id == run).values(progress))


def _save(
    connection: Connection, source: Source, run: int, spool: Spool, now: datetime, guard: Guard, replay_of: int
) -> RunResult:
    assert spool.verdict is not None, "a walk ends in its verdict"
    problems = spool.problems
    result = RunResult(id=run, source=source.slug, verdict="", cause="", detail="")
    newest = not replay_of or replay_of == _newest(connection, source)
    keep = ("first_seen",) if newest else ("first_seen", "listed", "misses", "closed", "closed_on", "closed_at")
    seen = set(spool.seen)
    result.unchanged = _there(connection, source, seen)
    age = max_age(source)
    counts: Counter[str] = Counter()
    rows = spool.rows()
    while batch := list(islice(rows, 1000)):
        seen.update(one.ref for one in batch)
        ours = older(connection, batch, replay_of) if replay_of else batch
        counts["unchanged"] += len(batch) - len(ours)
        counts += save_postings(connection, ours, run, now, age, keep)
    result.new, result.changed = counts["new"], counts["changed"]
    result.unchanged += counts["unchanged"]
    verdict = _placed_enough(connection, source, spool.verdict, problems)
    if newest:
        result.closed += close_gone(connection, source, spool.gone, now)
    if replay_of:
        connection.execute(update(_source).where(_source.c.slug == source.slug).values(read_under=""))
    elif verdict.whole is not Whole.FAILED:
        seen_again(connection, source, seen)
        result.closed += save_probes(connection, source, seen, spool.probed, now)
        _remember(connection, source, run, verdict, now)
    if newest and verdict.counts_as_complete:
        renumbered = _renumbered(connection, source, seen, guard, problems)
        closed, result.held = miss(connection, source, run, seen, now, guard, bool(replay_of), renumbered)
        result.closed += closed
    _tell(connection, source, run, problems)
    result.verdict, result.cause, result.detail = str(verdict.whole), str(verdict.cause), masked(verdict.detail)
    result.requests, result.not_modified, result.bytes = verdict.requests, verdict.not_modified, verdict.bytes
    result.retries, result.found, result.problems = verdict.retries, verdict.found, len(problems)
    result.dropped = sum(one.drops for one in problems)
    row = {name: getattr(result, name) for name in _TOLD} | {"ended": now, "heartbeat": now}
    row["filled"] = msgspec.json.encode(verdict.filled).decode()
    connection.execute(update(_run).where(_run.c.id == run).values(row))
    return result


_TOLD = ("verdict", "cause", "detail", "requests", "retries", "not_modified", "bytes", "found", "new", "changed", "unchanged",
         "closed", "held", "dropped", "problems")  # fmt: skip


def _there(connection: Connection, source: Source, seen: set[str]) -> int:
    """How many of ``seen`` there are: a page that answers 304 repeats references of items that cleaning has dropped too."""
    mine = select(func.count()).where(
        (_posting.c.source == source.slug) & among(connection, _posting.c.ref, list(seen))
    )
    return connection.execute(mine).scalar() or 0


def _tell(connection: Connection, source: Source, run: int, problems: list[Problem]) -> None:
    """Problems quote what a source says, references too: here, and for all of them, its contacts are masked."""
    told: list[dict[str, Any]] = [
        {"run": run, "source": source.slug, "step": str(one.step), "reason": str(one.reason),
         "about": masked(one.about)[:500], "detail": masked(one.detail)[:2000], "drops": one.drops}
        for one in problems
    ]  # fmt: skip
    for part in chunks(told):
        connection.execute(insert(_problem), list(part))


def _renumbered(connection: Connection, source: Source, seen: set[str], guard: Guard, problems: list[Problem]) -> bool:
    """Whether the guard takes what is absent for the same under other ids; told as a problem if so."""
    if source.removal.mode != "snapshot":
        return False
    found = churn(connection, source, seen)
    unit = f"renumbered {source.slug}"
    renumbered = bool(guard(dict.fromkeys(found.ids, (unit,)), {unit: found.before}))
    show_as_one(connection, source, seen, found.twins if renumbered else ())
    if not renumbered:
        return False
    detail = (
        f"{len(found.ids)} of {found.before} are absent while as many near-identical ones are new: the source seems to have "
        f"given them other ids; absence closes nothing of it until the holds are released"
    )
    problems.append(Problem(step=Step.SAVE, reason=Reason.ID_CHURN, about=source.slug, detail=detail))
    return True


def _newest(connection: Connection, source: Source) -> int | None:
    """The newest run of a source that read anything from the net."""
    return connection.execute(select(func.max(_run.c.id)).where((_run.c.source == source.slug) & READ)).scalar()


def _remember(connection: Connection, source: Source, run: int, verdict: Verdict, now: datetime) -> None:
    """What the next run may build on: validators, watermark, finished shards, and the card under which all this was read.

    Under another card than last time, what this run did not read anew is outdated: it must not pass for unchanged when it
    is met again.
    """
    under = read_under(source)
    before = connection.execute(select(_source).where(_source.c.slug == source.slug)).one()
    same = before.read_under == under
    if not same:
        not_read = (_posting.c.source == source.slug) & (_posting.c.run != run)
        connection.execute(update(_posting).where(not_read & (_posting.c.digest != b"")).values(digest=VOID))
    connection.execute(delete(_page).where(_page.c.source == source.slug))
    memos = {memo.key: memo for memo in verdict.pages}
    pages: list[dict[str, Any]] = [
        {"source": source.slug, "key": memo.key, "memo": pack_memo(memo)} for memo in memos.values()
    ]
    pages += [
        {"source": source.slug, "key": shard_key(now, memo.key), "memo": pack_memo(memo)} for memo in verdict.shards
    ]
    for part in chunks(pages):
        connection.execute(insert(_page), list(part))
    known = {"read_under": under, "watermark": verdict.watermark or (before.watermark if same else ""),
             "shape": _shape(verdict, before.shape if same else "{}")}  # fmt: skip
    connection.execute(update(_source).where(_source.c.slug == source.slug).values(known))


def _shape(verdict: Verdict, before: str) -> str:
    """The shape of what was just read, when it was read to its end and not mostly repeated by 304s; else what it was. A field
    that only detail pages fill keeps the rate of the last run that asked for some."""
    shape = verdict.shape
    if shape is None or not verdict.counts_as_complete or 2 * shape.items < verdict.found:
        return before
    was = unpack_shape(before)
    return pack_shape(replace(shape, filled={**(was.filled if was else {}), **shape.filled}))


def _placed_enough(connection: Connection, source: Source, verdict: Verdict, problems: list[Problem]) -> Verdict:
    """The share of open postings with evidence of place, held against ``expect.placed``."""
    if not source.expect.placed or not verdict.counts_as_complete:
        return verdict
    is_open = (_posting.c.source == source.slug) & (_posting.c.closed == "")
    placed = select(func.count()).where(is_open & _posting.c.placed)
    total, with_place = (
        connection.execute(select(func.count()).where(is_open)).scalar(),
        connection.execute(placed).scalar(),
    )
    if not total or (with_place or 0) >= source.expect.placed * total:
        return verdict
    detail = (
        f"{with_place} of {total} have a place, placed = {source.expect.placed} expected; nothing is closed by this run"
    )
    problems.append(Problem(step=Step.PLACE, reason=Reason.RARELY_PLACED, about=source.slug, detail=detail))
    return replace(verdict, whole=Whole.PARTIAL, cause=str(Reason.RARELY_PLACED), detail=detail)


def _fail(engine: Engine, run: int, error: Exception, now: datetime) -> None:
    row = {"ended": now, "heartbeat": now, "verdict": str(Whole.FAILED), "cause": "unexpected",
           "detail": masked(f"{type(error).__name__}: {error}")[:2000]}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(update(_run).where(_run.c.id == run).values(row))
