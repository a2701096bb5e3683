"""What a curation has to look at: touched postings, their candidates, and all that stored edges reach from these."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from sqlalchemy import ColumnElement, Connection, Engine, or_, select

from normalize.columns import Furniture
from normalize.records import Decision, Edge, KeptPosting, Neighbourhood
from normalize.signs import LONGEST_GAP
from normalize.vocabulary import Act
from store import near
from store.db import among, snapshot
from store.furniture import furniture
from store.health import waiting
from store.judgements import EdgeRow
from store.tables import DecisionRow, PostingRow, SourceRow, Touch, Twin, table

AT_ONCE = 3000
"""Touches of one neighbourhood: opened, its texts take some 20 MB. Earlier touches of the same postings are used up with it."""
FEW = 20
"""One posting in so many touched is few: below, their likes are looked up; from there on, all are paired at once."""
_Likes = Callable[[Connection, Sequence[str], int], set[near.Pair]]
RENUMBERED = "it has the same under another id"
_touch, _edge, _posting = table(Touch), table(EdgeRow), table(PostingRow)


def touched(engine: Engine, today: date) -> Iterator[Neighbourhood]:
    """Neighbourhoods until no touch is left. Several may be under way before the first is saved, in the order given:
    none that is given meets one under way, so that each could as well be the next.

    What would meet one is put off; a neighbourhood without postings is given when there is nothing else to do but save.
    """
    last = 0
    frames = furniture(engine, today)
    likes = _likes(engine, today, Furniture.of(frames))
    put_off: list[str] = []
    under_way: list[tuple[int, frozenset[str]]] = []
    while True:
        with snapshot(engine) as connection:
            first = [touch for touch, _busy in under_way]
            unsaved = set(connection.execute(select(_touch.c.id).where(_touch.c.id.in_(first))).scalars())
            under_way = [(touch, busy) for touch, busy in under_way if touch in unsaved]
            fresh = select(_touch.c.id, _touch.c.posting).where(_touch.c.id > last).order_by(_touch.c.id)
            rows = connection.execute(fresh.limit(AT_ONCE - len(put_off))).all() if len(put_off) < AT_ONCE else []
            if not rows and not put_off:
                return
            last = max([last, *(row.id for row in rows)])
            ids = list(dict.fromkeys([*put_off, *(row.posting for row in rows)]))
            busy = frozenset[str]().union(*(busy for _touch_id, busy in under_way))
            ids, put_off, around = _apart(connection, ids, busy, last, likes)
            neighbourhood = _around(connection, ids, around, last, frames)
        if neighbourhood.touches:
            under_way.append((max(neighbourhood.touches), around.busy))
        yield neighbourhood


def decisions(engine: Engine) -> tuple[Decision, ...]:
    """Every decision that was not undone, oldest first; before them, so that any overrules it, that two postings are one
    under an old id and a new one."""
    row, twin = table(DecisionRow), table(Twin)
    with engine.connect().execution_options(readonly=True) as connection:
        twins = connection.execute(select(twin).order_by(twin.c.posting)).all()
        found = connection.execute(select(row).where(row.c.undone.is_(False)).order_by(row.c.id))
        again = (
            Decision(
                act=Act.SAME, posting=one.posting, other=one.other, reason=RENUMBERED, author=f"source {one.source}"
            )
            for one in twins
        )
        said = (
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
        return (*again, *said)


@dataclass(slots=True)
class _Near:
    """What stands around touched postings: ``due`` by stored edges, ``reached`` by candidates too; ``drawn`` are the pairs
    of it that people said are one. ``busy`` are those that have any pair or edge, whose groups another neighbourhood must
    not judge meanwhile."""

    due: set[str]
    reached: set[str]
    pairs: set[tuple[str, str]]
    edges: dict[tuple[str, str], Edge]
    drawn: set[tuple[str, str]]

    def within(self, some: set[str]) -> "_Near":
        """The part of it around ``some``, which no pair or edge joins with the rest."""
        return _Near(
            due=self.due & some,
            reached=self.reached & some,
            pairs={pair for pair in self.pairs if pair[0] in some},
            edges={pair: edge for pair, edge in self.edges.items() if pair[0] in some},
            drawn={pair for pair in self.drawn if pair[0] in some},
        )

    @property
    def joined(self) -> Iterator[tuple[str, str]]:
        """Whatever joins two of them."""
        return chain(self.pairs, self.edges, self.drawn)

    @property
    def busy(self) -> frozenset[str]:
        return frozenset(id_ for pair in self.joined for id_ in pair)


def _apart(
    connection: Connection, ids: list[str], busy: frozenset[str], last: int, likes: _Likes
) -> tuple[list[str], list[str], _Near]:
    """The postings of ``ids`` whose surroundings do not meet ``busy``, the others, and those surroundings."""
    around = _look_around(connection, ids, last, likes)
    if not around.busy & busy:
        return ids, [], around
    group = {id_: {id_} for id_ in around.reached}
    for a, b in around.joined:
        if group[a] is not group[b]:
            larger, smaller = sorted((group[a], group[b]), key=len, reverse=True)
            larger |= smaller
            for id_ in smaller:
                group[id_] = larger
    meeting = {id_ for id_ in ids if not group[id_].isdisjoint(busy)}
    free = [id_ for id_ in ids if id_ not in meeting]
    staying = set(free).union(*(group[id_] for id_ in free))
    return free, [id_ for id_ in ids if id_ in meeting], around.within(staying)


def _look_around(connection: Connection, ids: list[str], last: int, likes: _Likes) -> _Near:
    edges: dict[tuple[str, str], Edge] = {}
    drawn = _drawn(connection)
    due = _reached(connection, set(ids), drawn, edges)
    pairs = likes(connection, ids, last)
    reached = due | _reached(connection, {id_ for pair in pairs for id_ in pair} - due, drawn, edges)
    told = {(a, b) for a in reached & drawn.keys() for b in drawn[a]}
    return _Near(due=due, reached=reached, pairs=pairs, edges=edges, drawn=told)


def _around(
    connection: Connection, ids: list[str], around: _Near, last: int, frames: tuple[tuple[int, bytes], ...]
) -> Neighbourhood:
    changed = set(ids)
    touches = select(_touch.c.id).where(among(connection, _touch.c.posting, ids) & (_touch.c.id <= last))
    return Neighbourhood(
        touches=tuple(connection.execute(touches).scalars()),
        kept=tuple(_kept(connection, sorted(around.reached))),
        due=frozenset(around.due),
        furniture=frames,
        candidates=tuple(sorted(around.pairs | {(a, b) for a, b in around.edges if a in changed or b in changed})),
        edges=tuple(edge for (a, b), edge in around.edges.items() if a not in changed and b not in changed),
    )


def _reached(
    connection: Connection, ids: set[str], drawn: dict[str, list[str]], edges: dict[tuple[str, str], Edge]
) -> set[str]:
    """``ids`` and all that stored edges and people's words join with them; the edges met are added to ``edges``."""
    reached, frontier = set(ids), list(ids)
    while frontier:
        met = {other for id_ in frontier for other in drawn.get(id_, ())}
        for end in (_edge.c.a, _edge.c.b):
            for row in connection.execute(select(_edge).where(among(connection, end, frontier))).all():
                edges[row.a, row.b] = Edge(a=row.a, b=row.b, rule=row.rule, because=row.because, strength=row.strength)
                met |= {row.a, row.b}
        frontier = list(met - reached)
        reached |= met
    return reached


def _drawn(connection: Connection) -> dict[str, list[str]]:
    """Postings that people said are one, or that are one under an old id and a new one, from each to the others: near, though
    no key and no edge may join them yet."""
    row, twin = table(DecisionRow), table(Twin)
    same = (row.c.act == Act.SAME) & row.c.undone.is_(False)
    drawn: dict[str, list[str]] = {}
    twins = select(twin.c.posting, twin.c.other)
    for one in connection.execute(select(row.c.posting, row.c.other).where(same).union_all(twins)):
        drawn.setdefault(one.posting, []).append(one.other)
        drawn.setdefault(one.other, []).append(one.posting)
    return drawn


def _likes(engine: Engine, today: date, frames: Furniture) -> _Likes:
    """How pairs worth judging are found: both open or closed not long ago, of which one is among ``ids``. The other, when
    it is touched itself and not among ``ids``, has its turn later, and finds these then: no pair is judged twice."""

    def looked_up(connection: Connection, ids: Sequence[str], last: int) -> set[near.Pair]:
        own = select(_posting.c.id).where(among(connection, _posting.c.id, ids) & _recent(today))
        now = set(connection.execute(own).scalars())
        pairs = near.pairs(connection, sorted(now), frames)
        there = now | _there(connection, {id_ for pair in pairs for id_ in pair} - set(ids), last, today)
        return {pair for pair in pairs if pair[0] in there and pair[1] in there}

    many = waiting(engine) * FEW
    with snapshot(engine) as connection:
        if connection.execute(select(_posting.c.id).offset(many).limit(1)).first():  # it reads no more than so many
            return looked_up
        all_ = near.together(connection, _recent(today), frames)

    def known(connection: Connection, ids: Sequence[str], last: int) -> set[near.Pair]:
        return all_.pairs(ids, last) if last <= all_.newest else looked_up(connection, ids, last)

    return known


def _there(connection: Connection, ids: set[str], last: int, today: date) -> set[str]:
    """Those that are open or closed not long ago, and whose turn does not come later."""
    recent = select(_posting.c.id).where(among(connection, _posting.c.id, ids) & _recent(today))
    later = select(_touch.c.posting).where(among(connection, _touch.c.posting, ids) & (_touch.c.id > last))
    return set(connection.execute(recent).scalars()) - set(connection.execute(later).scalars())


def _recent(today: date) -> ColumnElement[bool]:
    return or_(_posting.c.closed == "", _posting.c.closed_on >= today - timedelta(days=LONGEST_GAP))


def _kept(connection: Connection, ids: list[str]) -> Iterator[KeptPosting]:
    source = table(SourceRow)
    said = connection.execute(select(source.c.slug, source.c.trust, source.c.withdrawn)).all()
    sources = {slug: (trust, withdrawn) for slug, trust, withdrawn in said}
    names = ("id", "packed", "fingerprint", "first_seen", "closed", "closed_on", "closed_at", "source")
    wanted = [_posting.c[name] for name in names]
    found = connection.execute(select(*wanted).where(among(connection, _posting.c.id, ids))).all()
    for id_, packed, fingerprint, first_seen, closed, closed_on, closed_at, of in found:
        trust, withdrawn = sources[of]
        yield KeptPosting(
            id=id_, posting=packed, fingerprint=fingerprint, first_seen=first_seen, trust=trust, closed=closed,
            closed_on=closed_on, closed_at=closed_at, withdrawn=withdrawn,
        )  # fmt: skip
