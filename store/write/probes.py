"""What a run learnt of postings that were looked up one by one, and which of them are gone for good."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from harvest.records import Probed
from harvest.source import Source
from store.db import chunks
from store.packing import posting_id
from store.probes import APART
from store.tables import PostingRow, ProbeRow, table
from store.upsert import upsert
from store.write.closing import close

_posting, _probe = table(PostingRow), table(ProbeRow)
BECAUSE = "its page answered 404 or 410 twice, an hour apart"


def save_probes(
    connection: Connection, source: Source, seen: Iterable[str], probed: Sequence[Probed], now: datetime
) -> int:
    """Keep when each posting was last known to be there, for a source whose card has ``removal.probe``; gives how many
    closed, since their page was missing for the second time. Like every word of the source itself, it is never held."""
    if source.removal.probe is None:
        return 0
    alive = {posting_id(source.slug, ref): now for ref in seen}
    alive |= {posting_id(source.slug, one.ref): one.at for one in probed if not one.missing}
    rows: list[tuple[str, str, datetime, datetime | None]] = [(id_, source.slug, at, None) for id_, at in alive.items()]
    absent = {posting_id(source.slug, one.ref): one.at for one in probed if one.missing}
    before: dict[str, Any] = {}
    going: list[str] = []
    for part in chunks(list(absent)):
        columns = (_posting.c.id, _posting.c.last_changed, _probe.c.alive, _probe.c.missing)
        joined = _posting.outerjoin(_probe, _probe.c.posting == _posting.c.id)
        wanted = select(*columns).select_from(joined).where(_posting.c.id.in_(part) & (_posting.c.closed == ""))
        before |= {row.id: row for row in connection.execute(wanted)}
    for id_, row in before.items():
        if row.missing is not None and absent[id_] - row.missing >= APART:
            going.append(id_)
        elif row.missing is None:
            last = row.alive or row.last_changed
            rows.append((id_, source.slug, last, absent[id_]))
    upsert(connection, _probe, ("posting", "source", "alive", "missing"), rows)
    close(connection, dict.fromkeys(going, BECAUSE), now)
    closed = select(_posting.c.id).where((_posting.c.id == _probe.c.posting) & (_posting.c.closed != "")).exists()
    connection.execute(delete(_probe).where((_probe.c.source == source.slug) & closed))
    return len(going)
