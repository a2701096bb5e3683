"""A source whose postings are hidden at once by an operator, and shown again."""

from datetime import datetime

from sqlalchemy import Engine, insert, literal, select, update

from store.db import StoreError
from store.tables import PostingRow, SourceRow, Touch, table
from store.write.audit import audit

_source, _posting, _touch = table(SourceRow), table(PostingRow), table(Touch)


def withdraw(engine: Engine, source: str, hide: bool, reason: str, author: str, now: datetime) -> int:
    """Hide all postings of a source from every reader in this very transaction, or show them again; how many open ones it
    has. The next curation writes what follows from it, for copies at other sources may speak for a listing then. Who did
    it and why is kept. Raises :class:`StoreError` when there is no such source, or it stands so already."""
    with engine.begin() as connection:
        before = connection.execute(select(_source.c.withdrawn).where(_source.c.slug == source)).scalar()
        if before is None:
            raise StoreError(f"{source} was never harvested, so nothing of it is shown; aluetori sources lists all")
        if before == hide:
            raise StoreError(f"{source} is {'withdrawn already' if hide else 'not withdrawn'}; nothing was done")
        connection.execute(update(_source).where(_source.c.slug == source).values(withdrawn=hide))
        because = "its source was withdrawn" if hide else "its source was restored"
        mine = select(_posting.c.id, literal(because)).where(_posting.c.source == source)
        connection.execute(insert(_touch).from_select(["posting", "because"], mine))
        is_open = (_posting.c.source == source) & (_posting.c.closed == "")
        open_ = len(connection.execute(select(_posting.c.id).where(is_open)).all())
        act = "withdraw" if hide else "restore"
        audit(connection, now, author, act, f"source {source}", reason, {"open": open_})
    return open_
