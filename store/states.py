"""How the postings of a source stand, and what has become of them between two moments."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, select

from normalize.packing import unpack
from store.tables import Hold, PostingRow, table

_posting, _hold = table(PostingRow), table(Hold)


@dataclass(frozen=True, slots=True)
class State:
    """One posting: its id, its content's digest, the reason why it is closed, and how many runs in a row missed it."""

    id: str
    digest: bytes
    closed: str
    misses: int
    title: str


def states(engine: Engine, source: str) -> dict[str, State]:
    """Every posting of a source by reference."""
    columns = [_posting.c[name] for name in ("ref", "id", "digest", "closed", "misses", "packed")]
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(*columns).where(_posting.c.source == source))
        return {row.ref: State(row.id, row.digest, row.closed, row.misses, _title(row.packed)) for row in rows}


def held(engine: Engine, source: str) -> dict[str, list[str]]:
    """The ids of the postings that the guard holds, by unit."""
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(_hold.c.unit, _hold.c.postings).where(_hold.c.source == source))
        return {row.unit: json.loads(row.postings) for row in rows}


def became(
    before: Mapping[str, State], after: Mapping[str, State], holds: Mapping[str, list[str]]
) -> Iterator[tuple[str, str, str]]:
    """The group, reference and title of each posting that is not as it was: ``new``, ``ended`` (new, and over already),
    ``changed``, ``closed``, ``held``, or ``absent`` (missed once more, and still open)."""
    kept = {id_ for ids in holds.values() for id_ in ids}
    for ref, now in sorted(after.items()):
        was = before.get(ref)
        if was is None:
            yield ("ended" if now.closed else "new"), ref, now.title
        elif now.closed and not was.closed:
            yield "closed", ref, now.title
        elif now.id in kept:
            yield "held", ref, now.title
        elif now.misses > was.misses:
            yield "absent", ref, now.title
        elif now.digest != was.digest or (was.closed and not now.closed):
            yield "changed", ref, now.title


def _title(packed: bytes) -> str:
    posting = unpack(packed)
    return posting.titles.get(posting.language) or next(iter(posting.titles.values()), "")
