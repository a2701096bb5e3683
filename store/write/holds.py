"""What an operator says of removals that the guard has stopped: let them go, or keep what would go."""

import json
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select

from store.db import chunks
from store.holds import hold
from store.tables import Hold, PostingRow, Spared, table
from store.upsert import upsert
from store.write.audit import audit
from store.write.closing import close

_hold, _posting, _spared = table(Hold), table(PostingRow), table(Spared)


def rule(engine: Engine, number: int, release: bool, reason: str, author: str, now: datetime) -> int:
    """Close what a hold keeps, or keep it until it is seen again or ends by its date; how many postings that were.

    A posting that another unit holds as well stays until that hold is released too. Who did it and why is kept. Raises
    :class:`store.db.StoreError` when there is no such hold: the next complete run of its source makes them anew.
    """
    with engine.begin() as connection:
        row = hold(connection, number)
        postings = _open(connection, json.loads(row.postings))
        connection.execute(delete(_hold).where(_hold.c.id == number))
        others = connection.execute(select(_hold.c.postings).where(_hold.c.source == row.source)).scalars().all()
        elsewhere = {id_ for held in others for id_ in json.loads(held)}
        if release:
            done = [id_ for id_ in postings if id_ not in elsewhere]
            close(connection, dict.fromkeys(done, f"absent, and released by {author}: {reason}"), now)
        else:
            done = postings
            upsert(connection, _spared, ("posting", "source"), [(id_, row.source) for id_ in done])
        act, kept = "release" if release else "reject", {"unit": row.unit, "run": row.run, "postings": done}
        audit(connection, now, author, act, f"source {row.source}", reason, kept)
    return len(done)


def _open(connection: Connection, ids: list[str]) -> list[str]:
    found: list[str] = []
    for part in chunks(ids):
        is_open = _posting.c.id.in_(part) & (_posting.c.closed == "")
        found += connection.execute(select(_posting.c.id).where(is_open)).scalars()
    return sorted(found)
