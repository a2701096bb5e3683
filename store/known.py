"""What earlier committed runs know of a source, under the same card and rules."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from harvest.known import Known, Shape, voided
from harvest.moment import HELSINKI
from harvest.records import Reason
from harvest.source import Source
from normalize.dates import midnight
from normalize.steps import facts_version
from store import probes
from store.packing import unpack_memo, unpack_shape
from store.tables import PageRow, PostingRow, RunRow, SourceRow, table


def known(engine: Engine, source: Source, now: datetime) -> Known:
    """Digests by reference of what the source still lists, what its pages said, which shards are done for today, and what
    is to be looked up.

    Once the card, the cleaning or the gazetteer has changed, only the references are known: everything is then read anew,
    from before any watermark.
    """
    posting, page, row = table(PostingRow), table(PageRow), table(SourceRow)
    with engine.connect().execution_options(readonly=True) as connection:
        before = connection.execute(select(row).where(row.c.slug == source.slug)).one_or_none()
        if before is None:
            return Known()
        listed = select(posting.c.ref, posting.c.digest).where((posting.c.source == source.slug) & posting.c.listed)
        digests = {row.ref: row.digest for row in connection.execute(listed)}
        due = probes.due(connection, source, now)
        if before.read_under != read_under(source):
            return Known(digests=voided(digests), probes=due)
        rows = connection.execute(select(page.c.key, page.c.memo).where(page.c.source == source.slug)).all()
        memos = {row.key: unpack_memo(row.memo) for row in rows}
        today = shard_key(now, "")
        return Known(
            digests=digests,
            pages={key: memo for key, memo in memos.items() if not key.startswith(_SHARD)},
            watermark=before.watermark,
            shards={memo.key: memo for key, memo in memos.items() if key.startswith(today)},
            probes=due,
            shape=_shape(connection, before),
        )


_SHARD = "shard "


def shard_key(now: datetime, name: str) -> str:
    """Under which a finished shard is kept among the pages: it counts until the midnight of Helsinki."""
    return f"{_SHARD}{now.astimezone(HELSINKI).date()} {name}"


def _shape(connection: Connection, source: Any) -> Shape | None:
    """The shape of the last whole reading, with the day on which a run first found another."""
    shape = unpack_shape(source.shape)
    if shape is None or shape.on is None:
        return None
    run = table(RunRow)
    since = (run.c.source == source.slug) & (run.c.started >= midnight(shape.on)) & (run.c.replay_of == 0)
    first = select(func.min(run.c.ended)).where(since & (run.c.cause == str(Reason.SHAPE_CHANGED)))
    at = connection.execute(first).scalar()
    return replace(shape, changed_on=at.astimezone(HELSINKI).date() if at else None)


def read_under(source: Source) -> str:
    """The versions of card and facts under which something is known, and the age that closes it."""
    age = max_age(source)
    return f"{source.version} {facts_version()}" + ("" if age is None else f" {age} days")


def max_age(source: Source) -> int | None:
    """The whole days after which a posting of the source closes, if its card says so."""
    age = source.removal.max_age
    return None if age is None else ceil(age / timedelta(days=1))
