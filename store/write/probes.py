"""What a run learnt of postings that were looked up one by one, and which of them are gone for good."""

from collections.abc import Container, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from harvest.records import Probed
from harvest.source import Source
from store.db import chunks
from store.health import READ
from store.probes import APART
from store.tables import PostingRow, ProbeRow, RunRow, table
from store.upsert import upsert
from store.write.closing import close

_posting, _probe, _run = table(PostingRow), table(ProbeRow), table(RunRow)
BECAUSE = "its page answered 404 or 410 twice, an hour apart"


def save_probes(
    connection: Connection, source: Source, seen: Container[str], probed: Sequence[Probed], now: datetime
) -> int:
    """Keep since when the window has not shown each open posting, and what was learnt of those looked up, for a source whose
    card has ``removal.probe``; gives how many closed, since their page was missing for the second time. Like every word of
    the source itself, it is never held. What is shown as ever is not written."""
    if source.removal.probe is None:
        return 0
    columns = (_posting.c.id, _posting.c.ref, _posting.c.last_changed, _probe.c.looked, _probe.c.missing)
    joined = _posting.outerjoin(_probe, _probe.c.posting == _posting.c.id)
    is_open = (_posting.c.source == source.slug) & (_posting.c.closed == "")
    looked_up = {one.ref: one for one in probed}
    before = _last_reading(connection, source)
    rows: list[tuple[str, str, datetime, datetime | None]] = []
    shown: list[str] = []
    going: list[str] = []
    for row in connection.execute(select(*columns).select_from(joined).where(is_open)).all():
        since = row.looked or max(before or row.last_changed, row.last_changed)
        one = looked_up.get(row.ref)
        if row.ref in seen:
            shown += [row.id] if row.looked else []
        elif one is None:
            rows += [] if row.looked else [(row.id, source.slug, since, None)]
        elif one.missing is None:
            rows.append((row.id, source.slug, one.at, row.missing))
        elif not one.missing:
            rows.append((row.id, source.slug, one.at, None))
        elif row.missing is None:
            rows.append((row.id, source.slug, since, one.at))
        elif one.at - row.missing >= APART:
            going.append(row.id)
    upsert(connection, _probe, ("posting", "source", "looked", "missing"), rows)
    close(connection, dict.fromkeys(going, BECAUSE), now)
    for part in chunks(shown):
        connection.execute(delete(_probe).where(_probe.c.posting.in_(part)))
    closed = select(_posting.c.id).where((_posting.c.id == _probe.c.posting) & (_posting.c.closed != "")).exists()
    connection.execute(delete(_probe).where((_probe.c.source == source.slug) & closed))
    return len(going)


def _last_reading(connection: Connection, source: Source) -> datetime | None:
    """When the run before ended that read anything from the net; the one that is being saved has no verdict yet."""
    return connection.execute(select(func.max(_run.c.ended)).where((_run.c.source == source.slug) & READ)).scalar()
