"""What earlier committed runs know of a source, under the same card and rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from harvest.moment import HELSINKI
from harvest.records import Known, Reason, Shape
from harvest.source import Source
from normalize.clean import midnight
from normalize.steps import facts_version
from store.packing import unpack_memo, unpack_shape
from store.tables import PageRow, PostingRow, RunRow, SourceRow, table

OUTDATED = b"?"
"""The digest of a posting that was read whole under another card: equal to none, and not the empty one of a posting of which
a detail page is still owed."""


def known(engine: Engine, source: Source) -> Known:
    """Digests by reference of what the source still lists, and what its pages said.

    Once the card, the cleaning or the gazetteer has changed no more is known than what there is: everything is then read
    anew, from before any watermark.
    """
    posting, page, row = table(PostingRow), table(PageRow), table(SourceRow)
    with engine.connect().execution_options(readonly=True) as connection:
        before = connection.execute(select(row).where(row.c.slug == source.slug)).one_or_none()
        if before is None:
            return Known()
        listed = select(posting.c.ref, posting.c.digest).where((posting.c.source == source.slug) & posting.c.listed)
        digests = {row.ref: row.digest for row in connection.execute(listed)}
        if before.read_under != read_under(source):
            return Known(digests=outdated(digests))
        memos = connection.execute(select(page.c.memo).where(page.c.source == source.slug)).scalars()
        pages = {memo.key: memo for memo in map(unpack_memo, memos)}
        return Known(digests=digests, pages=pages, watermark=before.watermark, shape=_shape(connection, before))


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


def outdated(digests: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same references, to be read anew."""
    return {ref: digest and OUTDATED for ref, digest in digests.items()}


def read_under(source: Source) -> str:
    """The versions of card and facts under which something is known."""
    return f"{source.version} {facts_version()}"
