"""What a curation has to look at: touched postings, their candidates, and all that stored edges reach from these."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, func, or_, select

from normalize.dedupe import LONGEST_GAP
from normalize.records import Act, Decision, Edge, KeptPosting, Neighbourhood
from store.db import chunks
from store.packing import unpack
from store.tables import DecisionRow, EdgeRow, PostingKey, PostingRow, SourceRow, Touch, table

AT_ONCE = 2000
"""Touched postings of one neighbourhood: its texts take some 20 MB."""
CROWDED = 200
"""A key that more postings share says nothing of sameness (a form's address, a front page); its pairs are not judged."""

_touch, _key, _edge, _posting = table(Touch), table(PostingKey), table(EdgeRow), table(PostingRow)


def touched(engine: Engine, today: date) -> Iterator[Neighbourhood]:
    """Neighbourhoods until no touch is left, provided that each is saved before the next is asked for."""
    while True:
        with engine.connect().execution_options(readonly=True) as connection:
            rows = connection.execute(select(_touch.c.id, _touch.c.posting).order_by(_touch.c.id).limit(AT_ONCE)).all()
            if not rows:
                return
            ids = list(dict.fromkeys(row.posting for row in rows))
            neighbourhood = _around(connection, ids, tuple(row.id for row in rows), today)
        yield neighbourhood


def waiting(engine: Engine) -> int:
    """How many postings are touched."""
    with engine.connect().execution_options(readonly=True) as connection:
        return int(connection.execute(select(func.count(func.distinct(_touch.c.posting)))).scalar() or 0)


def decisions(engine: Engine) -> tuple[Decision, ...]:
    """Every decision that was not undone, oldest first."""
    row = table(DecisionRow)
    with engine.connect().execution_options(readonly=True) as connection:
        found = connection.execute(select(row).where(row.c.undone.is_(False)).order_by(row.c.id))
        return tuple(
            Decision(
                act=Act(one.act),
                posting=one.posting,
                other=one.other,
                value=one.value,
                reason=one.reason,
                author=one.author,
            )
            for one in found
        )


def _around(connection: Connection, ids: list[str], touches: tuple[int, ...], today: date) -> Neighbourhood:
    pairs = _candidates(connection, ids, today)
    reached, edges = set(ids) | {id_ for pair in pairs for id_ in pair}, {}
    frontier = list(reached)
    while frontier:
        met: set[str] = set()
        for part in chunks(frontier):
            touching = or_(_edge.c.a.in_(part), _edge.c.b.in_(part))
            for row in connection.execute(select(_edge).where(touching)):
                edges[row.a, row.b] = Edge(a=row.a, b=row.b, rule=row.rule, because=row.because, strength=row.strength)
                met |= {row.a, row.b}
        frontier = list(met - reached)
        reached |= met
    changed = set(ids)
    standing = tuple(edge for (a, b), edge in edges.items() if a not in changed and b not in changed)
    again = {(a, b) for a, b in edges if a in changed or b in changed}
    return Neighbourhood(
        touches=touches,
        kept=tuple(_kept(connection, sorted(reached))),
        candidates=tuple(sorted(pairs | again)),
        edges=standing,
    )


def _candidates(connection: Connection, ids: list[str], today: date) -> set[tuple[str, str]]:
    """Pairs that share a key, of which one is touched and the other is open or closed not long ago."""
    pairs: set[tuple[str, str]] = set()
    since = today - timedelta(days=LONGEST_GAP)
    other = _key.alias("other")
    for part in chunks(ids):
        keys = connection.execute(select(_key.c.key, _key.c.posting).where(_key.c.posting.in_(part))).all()
        by_key: dict[int, list[str]] = {}
        for key, posting in keys:
            by_key.setdefault(key, []).append(posting)
        for some in chunks(list(by_key)):
            statement = (
                select(other.c.key, other.c.posting)
                .join(_posting, _posting.c.id == other.c.posting)
                .where(other.c.key.in_(some))
                .where(or_(_posting.c.closed == "", _posting.c.closed_on >= since))
            )
            sharing: dict[int, list[str]] = {}
            for key, posting in connection.execute(statement):
                sharing.setdefault(key, []).append(posting)
            for key, others in sharing.items():
                if 1 < len(others) <= CROWDED:
                    pairs |= {(min(a, b), max(a, b)) for a in by_key[key] for b in others if a != b}
    return pairs


def _kept(connection: Connection, ids: list[str]) -> Iterator[KeptPosting]:
    source = table(SourceRow)
    sources = {row.slug: row for row in connection.execute(select(source.c.slug, source.c.trust, source.c.withdrawn))}
    for part in chunks(ids):
        for row in connection.execute(select(_posting).where(_posting.c.id.in_(part))):
            yield KeptPosting(
                id=row.id,
                posting=unpack(row.facts, row.body),
                first_seen=row.first_seen,
                trust=sources[row.source].trust,
                closed=row.closed,
                closed_on=row.closed_on,
                withdrawn=sources[row.source].withdrawn,
            )
