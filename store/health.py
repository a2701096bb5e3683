"""How sources and runs stand: what an operator looks at."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, or_, select

from harvest.records import COUNT_AS_COMPLETE
from harvest.source import EXITS
from store.judgements import ListingRegion, ListingRow
from store.tables import Lease, PostingRow, ProblemRow, RunRow, SourceRow, Touch, table

_run, _source = table(RunRow), table(SourceRow)
LIVE = _run.c.replay_of == 0
"""Runs that asked the source itself."""
READ = LIVE & _run.c.verdict.not_in(("", "failed"))
"""Runs that read anything of it; one that is being saved has no verdict yet."""
COMPLETE = LIVE & or_(
    *((_run.c.verdict == str(whole)) & ((_run.c.cause == cause) | (cause == "")) for whole, cause in COUNT_AS_COMPLETE)
)
"""Runs that read all there was."""

CUT_OFF = {
    "verdict": "failed",
    "cause": "killed",
    "detail": "its process ended without a word; nothing of the run was kept, and the next one reads all of it anew",
}
"""What is said of a run that has not ended and that nobody is at work on; it ended when it last showed a sign of life."""
LEASE_LASTS = 90.0
"""Seconds after which a lease that was not renewed is free again: its holder has died. Longer than the longest visit (60,
see :mod:`harvest.limits`) and one wait for SQLite's writer (30, see :mod:`store.db`) together."""


def _as_it_is(run: Any, names: Collection[str], now: datetime | None) -> dict[str, Any]:
    """A row of a run, with what it should say if its process has died: nobody holds its lease, nor has it lived lately."""
    row = dict(run)
    if row["ended"] is not None or now is None or f"run {row['source']}" in names:
        return row
    dead = (now - row["heartbeat"]).total_seconds() > LEASE_LASTS
    return {**row, **CUT_OFF, "ended": row["heartbeat"]} if dead else row


def held(connection: Connection, now: datetime | None) -> set[str]:
    """The names that somebody holds, or has held without letting go."""
    lease = table(Lease)
    alive = (lease.c.holder != "") & (lease.c.until > (now.timestamp() if now else 0))
    return set(connection.execute(select(lease.c.name).where(alive)).scalars())


def sources(engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Every source with its three clocks (last attempt, last complete harvest, last change), its last verdict, what is
    open of it, whether it is fresh by its own card, and how often each field was filled when it was last complete. Times
    are UTC, ISO 8601."""
    with engine.connect().execution_options(readonly=True) as connection:
        complete = {r[0]: r[1] for r in connection.execute(_latest(COMPLETE))}
        changed = {r[0]: r[1] for r in connection.execute(_latest((_run.c.new + _run.c.changed + _run.c.closed) > 0))}
        newest = select(func.max(_run.c.id)).where(LIVE).group_by(_run.c.source)
        names, newest_runs = held(connection, now), connection.execute(select(_run).where(_run.c.id.in_(newest)))
        last = {row["source"]: _as_it_is(row, names, now) for row in newest_runs.mappings()}
        whole = select(func.max(_run.c.id)).where(COMPLETE).group_by(_run.c.source)
        told_by = connection.execute(select(_run.c.source, _run.c.filled).where(_run.c.id.in_(whole)))
        rates = {row.source: json.loads(row.filled) for row in told_by}
        posting = table(PostingRow)
        open_ = select(posting.c.source, func.count()).where(posting.c.closed == "").group_by(posting.c.source)
        counted = {row[0]: row[1] for row in connection.execute(open_)}
        rows = connection.execute(select(_source).order_by(_source.c.slug)).all()
    told = []
    for row in rows:
        done, run = complete.get(row.slug), last.get(row.slug)
        fresh = done is not None and (now - done).total_seconds() <= row.complete_within
        told.append(
            {
                "source": row.slug,
                "name": row.name,
                "kind": row.kind,
                "enabled": row.enabled,
                "disabled_because": row.disabled_because,
                "withdrawn": row.withdrawn,
                "open": counted.get(row.slug, 0),
                "verdict": (run["verdict"] or "under way") if run else "never run",
                "cause": run["cause"] if run else "",
                "last_attempt": run["started"].isoformat() if run else None,
                "last_complete": done.isoformat() if done else None,
                "last_change": changed[row.slug].isoformat() if row.slug in changed else None,
                "fresh": fresh,
                "filled": rates.get(row.slug, {}),
            }
        )
    return told


def _latest(condition: Any) -> Any:
    return select(_run.c.source, func.max(_run.c.ended)).where(condition).group_by(_run.c.source)


def runs(engine: Engine, source: str = "", limit: int = 20, now: datetime | None = None) -> list[dict[str, Any]]:
    """The newest runs, newest first, with their counts; ``filled`` says of each field in how many of how many it was,
    ``share_304`` which part of the requests was answered by a 304. With ``now``, one that was killed says so."""
    statement = select(_run).order_by(_run.c.id.desc()).limit(limit)
    if source:
        statement = statement.where(_run.c.source == source)
    with engine.connect().execution_options(readonly=True) as connection:
        names = held(connection, now)
        rows = [_as_it_is(row, names, now) for row in connection.execute(statement).mappings()]
    return [
        {**row, **{name: row[name].isoformat() if row[name] else None for name in ("started", "heartbeat", "ended")},
         "verdict": row["verdict"] or "under way", "filled": json.loads(row["filled"]),
         "share_304": round(row["not_modified"] / row["requests"], 3) if row["requests"] else None}
        for row in rows
    ]  # fmt: skip


def problems(engine: Engine, run: int) -> list[dict[str, Any]] | None:
    """The problems of a run, in the order in which they were met; ``None`` when there is no such run."""
    problem = table(ProblemRow)
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(problem).where(problem.c.run == run).order_by(problem.c.id)).mappings().all()
        if not rows and connection.execute(select(_run.c.id).where(_run.c.id == run)).scalar() is None:
            return None
    return [dict(row) for row in rows]


def waiting(engine: Engine) -> int:
    """How many postings wait for a curation."""
    touch = table(Touch)
    with engine.connect().execution_options(readonly=True) as connection:
        return connection.execute(select(func.count(touch.c.posting.distinct()))).scalar() or 0


def regions(engine: Engine) -> dict[str, dict[str, int]]:
    """How many listings of each source are open in each region."""
    listing, region = table(ListingRow), table(ListingRegion)
    joined = listing.join(region, region.c.listing == listing.c.id)
    counted = select(listing.c.source, region.c.region, func.count()).select_from(joined)
    counted = counted.where(listing.c.status == "open").group_by(listing.c.source, region.c.region)
    found: dict[str, dict[str, int]] = {}
    with engine.connect().execution_options(readonly=True) as connection:
        for source, slug, count in connection.execute(counted):
            found.setdefault(source, {})[slug] = count
    return found


def rights(engine: Engine) -> list[dict[str, Any]]:
    """What each source lets out at each exit, on what basis, and how many of its listings are open."""
    listing = table(ListingRow)
    open_ = select(listing.c.source, func.count()).where(listing.c.status == "open").group_by(listing.c.source)
    with engine.connect().execution_options(readonly=True) as connection:
        counted = {row[0]: row[1] for row in connection.execute(open_)}
        rows = connection.execute(select(_source).order_by(_source.c.slug)).mappings().all()
    return [
        {"source": row["slug"], "basis": row["rights_basis"], **{name: row[f"right_{name}"] for name in EXITS},
         "attribution": row["attribution"], "open": counted.get(row["slug"], 0)}
        for row in rows
    ]  # fmt: skip
