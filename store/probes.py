"""Which postings of a window are to be looked up, and in which order."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, literal_column, or_, select

from harvest.known import ProbeDue
from harvest.source import Source
from normalize.packing import unpack
from store.tables import PostingRow, ProbeRow, table

APART = timedelta(hours=1)
"""Between the two times that a page has to be missing."""

_posting, _probe = table(PostingRow), table(ProbeRow)


def due(connection: Connection, source: Source, now: datetime) -> tuple[ProbeDue, ...]:
    """Open postings to look up: of those that the last reading did not show the one first that was longest neither shown nor
    looked up, then the others. One found missing within the hour waits. Some more than the budget, since a run skips those
    that it meets."""
    if source.removal.probe is None or not source.removal.probe.budget:
        return ()
    is_open = (_posting.c.source == source.slug) & (_posting.c.closed == literal_column("''"))
    waited = or_(_probe.c.missing.is_(None), _probe.c.missing <= now - APART)
    joined = _posting.outerjoin(_probe, _probe.c.posting == _posting.c.id)
    has_address = _posting.c.url_key != ""
    wanted = select(_posting.c.ref, _posting.c.packed).select_from(joined).where(is_open & waited & has_address)
    order = (_probe.c.looked.is_(None), _probe.c.looked, _posting.c.last_changed, _posting.c.ref)
    rows = connection.execute(wanted.order_by(*order).limit(3 * source.removal.probe.budget + 50)).all()
    return tuple(ProbeDue(ref=row.ref, url=unpack(row.packed).url) for row in rows)
