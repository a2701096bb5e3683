"""What earlier committed runs know of a source, under the same card and rules."""

from datetime import timedelta
from math import ceil

from sqlalchemy import Engine, select

from harvest.records import Known
from harvest.source import Source
from normalize.steps import facts_version
from store.packing import unpack_memo
from store.tables import PageRow, PostingRow, SourceRow, table


def known(engine: Engine, source: Source) -> Known:
    """Digests by reference of what the source still lists, and what its pages said.

    Nothing is known once the card, the cleaning or the gazetteer has changed: everything is then read anew, from before
    any watermark.
    """
    posting, page, row = table(PostingRow), table(PageRow), table(SourceRow)
    with engine.connect().execution_options(readonly=True) as connection:
        before = connection.execute(select(row).where(row.c.slug == source.slug)).one_or_none()
        if before is None or before.read_under != read_under(source):
            return Known()
        listed = select(posting.c.ref, posting.c.digest).where((posting.c.source == source.slug) & posting.c.listed)
        digests = {row.ref: row.digest for row in connection.execute(listed)}
        memos = connection.execute(select(page.c.memo).where(page.c.source == source.slug)).scalars()
        pages = {memo.key: memo for memo in map(unpack_memo, memos)}
        return Known(digests=digests, pages=pages, watermark=before.watermark)


def read_under(source: Source) -> str:
    """The versions of card and facts under which something is known, and the age that closes it."""
    age = max_age(source)
    return f"{source.version} {facts_version()}" + ("" if age is None else f" {age} days")


def max_age(source: Source) -> int | None:
    """The whole days after which a posting of the source closes, if its card says so."""
    age = source.removal.max_age
    return None if age is None else ceil(age / timedelta(days=1))
