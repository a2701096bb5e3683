"""A run's facts: spooled while the site is read, then saved in one short transaction with its verdict."""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from harvest.records import Gone, Problem, Reason, Seen, Step, Verdict, Whole
from harvest.source import Source
from normalize.clean import HELSINKI
from normalize.fingerprint import blocking_keys
from normalize.records import Listed, Posting
from normalize.steps import facts_version
from store.db import chunks
from store.packing import hashed, pack, pack_memo, posting_id
from store.tables import Hold, PageRow, PostingKey, PostingRow, ProblemRow, RunRow, SourceRow, Touch, table
from store.units import Units, units_of
from store.upsert import upsert

Guard = Callable[[Mapping[str, Units], Mapping[str, int]], Mapping[str, Sequence[str]]]
"""Given the postings that would go with their units, and how many are open in each unit: the postings that must stay,
by the unit that holds them."""

HEARTBEAT = timedelta(seconds=5)

_run, _posting, _key, _touch = table(RunRow), table(PostingRow), table(PostingKey), table(Touch)
_page, _problem, _source, _hold = table(PageRow), table(ProblemRow), table(SourceRow), table(Hold)


@dataclass(slots=True, kw_only=True)
class RunResult:
    """What a run did: its verdict and its counts. ``seconds`` is from start to commit."""

    id: int
    source: str
    verdict: str
    cause: str
    detail: str
    requests: int = 0
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


@dataclass(slots=True)
class _Spool:
    """What came out of the walk and has to be written. Postings lie packed on disk, since a first run has all of them."""

    file: Any
    postings: int = 0
    seen: list[str] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    verdict: Verdict | None = None


def begin_run(engine: Engine, source: Source, now: datetime) -> int:
    """A row for a run that begins; its id."""
    with engine.begin() as connection:
        declare_source(connection, source)
        row = {"source": source.slug, "started": now, "heartbeat": now}
        return int(connection.execute(insert(_run).values(row)).inserted_primary_key[0])  # type: ignore[index]


def save_run(
    engine: Engine, source: Source, listed: Iterable[Listed], clock: Callable[[], datetime], guard: Guard
) -> RunResult:
    """Take in all that is listed, then commit postings, references, validators, holds, touches and the verdict at once.

    Nothing of the run is visible before, and all of it after: a crash in between leaves what was, without validators
    that could answer 304 for what was never saved. What ``listed`` raises ends the run as failed, and is raised again.
    """
    started = clock()
    run = begin_run(engine, source, started)
    with tempfile.TemporaryFile(prefix="aluetori-") as file:
        try:
            spool = _spooled(_Spool(file), listed, engine, run, clock)
        except Exception as error:
            _fail(engine, run, error, clock())
            raise
        file.seek(0)
        with engine.begin() as connection:
            result = _save(connection, source, run, spool, clock(), guard)
    result.seconds = (clock() - started).total_seconds()
    return result


def _spooled(
    spool: _Spool, listed: Iterable[Listed], engine: Engine, run: int, clock: Callable[[], datetime]
) -> _Spool:
    beat = clock()
    for count, one in enumerate(listed):
        if isinstance(one, Posting):
            _put(spool.file, one)
            spool.postings += 1
        elif isinstance(one, Seen):
            spool.seen.append(one.ref)
        elif isinstance(one, Gone):
            spool.gone.append(one)
        elif isinstance(one, Problem):
            spool.problems.append(one)
        else:
            spool.verdict = one
        if count % 500 == 0 and clock() - beat > HEARTBEAT:
            beat = clock()
            found = spool.postings + len(spool.seen)
            with engine.begin() as connection:
                connection.execute(update(_run).where(_run.c.id == run).values(heartbeat=beat, found=found))
    return spool


def _put(file: Any, posting: Posting) -> None:
    facts, body = pack(posting)
    record = msgspec.msgpack.encode(
        (facts, body, _columns(posting), [hashed(key) for key in dict.fromkeys(blocking_keys(posting))])
    )
    file.write(len(record).to_bytes(4) + record)


def _columns(posting: Posting) -> dict[str, Any]:
    return {
        "id": posting_id(posting.source, posting.ref),
        "source": posting.source,
        "ref": posting.ref,
        "kind": str(posting.kind),
        "digest": posting.digest,
        "url_key": posting.url_key,
        "page": posting.page,
        "placed": any((one.codes or one.area or one.bucket) and not one.rejected for one in posting.evidence),
        "published_on": posting.published_on,
        "ends_on": posting.ends_on,
    }


def _taken(file: Any) -> Iterable[tuple[dict[str, Any], list[int]]]:
    decoder = msgspec.msgpack.Decoder(tuple[bytes, bytes, dict[str, Any], list[int]])
    while size := file.read(4):
        facts, body, columns, keys = decoder.decode(file.read(int.from_bytes(size)))
        for name in ("published_on", "ends_on"):
            if columns[name] is not None:
                columns[name] = date.fromisoformat(columns[name])
        yield {**columns, "facts": facts, "body": body}, keys


def _save(connection: Connection, source: Source, run: int, spool: _Spool, now: datetime, guard: Guard) -> RunResult:
    verdict = spool.verdict
    assert verdict is not None, "a walk ends in its verdict"
    problems = spool.problems
    result = RunResult(id=run, source=source.slug, verdict="", cause="", detail="", unchanged=len(spool.seen))
    seen = set(spool.seen)
    batch: list[tuple[dict[str, Any], list[int]]] = []
    for one in _taken(spool.file):
        seen.add(one[0]["ref"])
        batch.append(one)
        if len(batch) == 1000:
            _save_postings(connection, batch, run, now, result)
            batch = []
    _save_postings(connection, batch, run, now, result)
    verdict = _placed_enough(connection, source, verdict, problems)
    result.closed += _close_gone(connection, source, spool.gone, now)
    if verdict.counts_as_complete:
        _miss(connection, source, run, seen, now, guard, result)
    if verdict.whole is not Whole.FAILED:
        connection.execute(delete(_page).where(_page.c.source == source.slug))
        memos = {memo.key: memo for memo in verdict.pages}
        pages: list[dict[str, Any]] = [
            {"source": source.slug, "key": memo.key, "memo": pack_memo(memo)} for memo in memos.values()
        ]
        for some in chunks(pages):
            connection.execute(insert(_page), list(some))
        known = {"read_under": read_under(source)} | ({"watermark": verdict.watermark} if verdict.watermark else {})
        connection.execute(update(_source).where(_source.c.slug == source.slug).values(known))
    told: list[dict[str, Any]] = [
        {"run": run, "source": source.slug, "step": str(one.step), "reason": str(one.reason), "about": one.about[:500],
         "detail": one.detail[:2000], "drops": one.drops}
        for one in problems
    ]  # fmt: skip
    for part in chunks(told):
        connection.execute(insert(_problem), list(part))
    result.verdict, result.cause, result.detail = str(verdict.whole), str(verdict.cause), verdict.detail
    result.requests, result.not_modified, result.bytes = verdict.requests, verdict.not_modified, verdict.bytes
    result.found, result.problems = verdict.found, len(problems)
    result.dropped = sum(one.drops for one in problems)
    counts = {name: getattr(result, name) for name in _COUNTS}
    row = {
        "ended": now,
        "heartbeat": now,
        "verdict": result.verdict,
        "cause": result.cause,
        "detail": result.detail,
        **counts,
    }
    connection.execute(update(_run).where(_run.c.id == run).values(row))
    return result


_COUNTS = (
    "requests",
    "not_modified",
    "bytes",
    "found",
    "new",
    "changed",
    "unchanged",
    "closed",
    "held",
    "dropped",
    "problems",
)


def _save_postings(
    connection: Connection, batch: list[tuple[dict[str, Any], list[int]]], run: int, now: datetime, result: RunResult
) -> None:
    if not batch:
        return
    ids = [row["id"] for row, _keys in batch]
    found = connection.execute(
        select(_posting.c.id, _posting.c.digest, _posting.c.closed).where(_posting.c.id.in_(ids))
    )
    before = {row.id: row for row in found}
    rows, keys, touches = [], [], []
    for row, own in batch:
        old = before.get(row["id"])
        if old is None:
            result.new += 1
        elif old.digest != row["digest"]:
            result.changed += 1
        else:
            result.unchanged += 1
        rows.append({**row, "run": run, "first_seen": now, "last_changed": now, "listed": True, "misses": 0, "closed": "",
                     "closed_on": None})  # fmt: skip
        keys += [{"key": key, "posting": row["id"]} for key in own]
        because = "new" if old is None else "returned" if old.closed else "changed"
        touches.append({"posting": row["id"], "because": because})
    if before:
        connection.execute(delete(_key).where(_key.c.posting.in_(list(before))))
    upsert(connection, _posting, rows, keep=("first_seen",))
    if keys:
        connection.execute(insert(_key), keys)
    connection.execute(insert(_touch), touches)


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


def _close_gone(connection: Connection, source: Source, gone: Sequence[Gone], now: datetime) -> int:
    """What the source itself says has gone, closes at once and is never held."""
    reasons = {posting_id(source.slug, one.ref): one.because for one in gone}
    closed = 0
    for part in chunks(list(reasons)):
        is_open = _posting.c.id.in_(part) & (_posting.c.closed == "")
        ids = connection.execute(select(_posting.c.id).where(is_open)).scalars().all()
        close(connection, {id_: reasons[id_] for id_ in ids}, now)
        closed += len(ids)
    return closed


def _miss(
    connection: Connection, source: Source, run: int, seen: set[str], now: datetime, guard: Guard, result: RunResult
) -> None:
    """What a complete run did not see: one miss more, and closed at the last, unless the guard holds it back."""
    mine = (_posting.c.source == source.slug) & _posting.c.listed
    rows = connection.execute(
        select(_posting.c.id, _posting.c.ref, _posting.c.misses, _posting.c.closed).where(mine)
    ).all()
    back = [row.id for row in rows if row.misses and row.ref in seen]
    for part in chunks(back):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(misses=0))
    if source.removal.mode != "snapshot":
        return
    absent = [row for row in rows if row.ref not in seen]
    for part in chunks([row.id for row in absent if not row.closed]):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(misses=_posting.c.misses + 1))
    for part in chunks([row.id for row in absent if row.closed]):
        connection.execute(update(_posting).where(_posting.c.id.in_(part)).values(listed=False))
    going = [row.id for row in absent if not row.closed and row.misses + 1 >= source.removal.misses]
    connection.execute(delete(_hold).where(_hold.c.source == source.slug))
    if not going:
        return
    open_ids = [row.id for row in rows if not row.closed]
    units = units_of(connection, source.slug, open_ids)
    open_in: dict[str, int] = {}
    for own in units.values():
        for unit in own:
            open_in[unit] = open_in.get(unit, 0) + 1
    held = guard({id_: units[id_] for id_ in going}, open_in)
    kept = {id_ for ids in held.values() for id_ in ids}
    for unit, ids in held.items():
        row = {"source": source.slug, "run": run, "unit": unit, "going": len(ids), "open": open_in[unit], "since": now,
               "postings": json.dumps(sorted(ids))}  # fmt: skip
        connection.execute(insert(_hold), row)
    leaving = {id_: f"absent from {source.removal.misses} complete runs in a row" for id_ in going if id_ not in kept}
    close(connection, leaving, now)
    result.closed += len(leaving)
    result.held += len(kept)


def close(connection: Connection, reasons: Mapping[str, str], now: datetime) -> None:
    """Close postings that have gone from their source, each with its reason, and touch them."""
    today = now.astimezone(HELSINKI).date()
    for part in chunks(list(reasons)):
        for because in sorted({reasons[id_] for id_ in part}):
            ids = [id_ for id_ in part if reasons[id_] == because]
            row = {"closed": because, "closed_on": today, "listed": False}
            connection.execute(update(_posting).where(_posting.c.id.in_(ids)).values(row))
        connection.execute(insert(_touch), [{"posting": id_, "because": "closed"} for id_ in part])


def declare_source(connection: Connection, source: Source) -> None:
    """The card's facts for readers, who open no file."""
    rights = source.rights
    exits = ("page", "markup", "feed", "api", "embed", "export")
    row = {
        "slug": source.slug, "name": source.name, "publisher": source.publisher, "kind": str(source.kind),
        "home": source.home, "attribution": source.attribution, "trust": source.trust, "enabled": source.enabled,
        "withdrawn": False, "rights_basis": rights.basis if rights else "", "read_under": "", "watermark": "",
        "complete_within": source.freshness.complete_within.total_seconds(),
        "card": json.dumps(source.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True),
        **{f"right_{name}": getattr(rights, name) if rights else "no" for name in exits},
    }  # fmt: skip
    upsert(connection, _source, [row], keep=("withdrawn", "read_under", "watermark"))


def read_under(source: Source) -> str:
    """The versions of card and facts under which something is known."""
    return f"{source.version} {facts_version()}"


def _fail(engine: Engine, run: int, error: Exception, now: datetime) -> None:
    row = {"ended": now, "heartbeat": now, "verdict": str(Whole.FAILED), "cause": "unexpected",
           "detail": f"{type(error).__name__}: {error}"[:2000]}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(update(_run).where(_run.c.id == run).values(row))
