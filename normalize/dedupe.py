"""Which postings are one vacancy, service, news item or event, and because of what: the judgement of ``sameness`` in words,
with what people decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from normalize import fingerprint
from normalize.cards import cards
from normalize.cluster import Link, grown
from normalize.columns import Columns, Furniture, often, towns_of
from normalize.compare import Compared
from normalize.records import Decision, Edge, KeptPosting, Placed, Posting
from normalize.sameness import AT_ONCE, Judged, compared_and_judged, conflicts, enough, judged
from normalize.signs import CARDS, NEAR, SIGNS, VETO
from normalize.vocabulary import Act, Bucket

DECIDED = "decision"
"""The rule of an edge that a person drew."""
CLASSES = ("full", "partial", "semantic", "temporal")
"""The rules of all other edges: the same text; one of them short or cut; alike in other words or in another language; the
same, published again."""
FORCED = 100.0
SAID = 0.7
"""Bits from which on a sign is named in the reasons of a listing."""


class Side:
    """A posting with its places, as a comparison looks at it."""

    def __init__(self, *, kept: KeptPosting, placed: Placed) -> None:
        assert isinstance(kept.posting, Posting), "only an opened posting can be looked at"
        self.kept, self.placed, self.posting = kept, placed, kept.posting

    @cached_property
    def codes(self) -> frozenset[str]:
        """Its municipalities."""
        return frozenset(place.code for place in self.placed.places)

    @property
    def elsewhere(self) -> int:
        """What stands for a place that is no municipality: areas, and that it is national or remote."""
        signs = {each.to for each in (*self.placed.areas, *self.placed.buckets)} - {Bucket.UNPLACED, Bucket.ABROAD}
        return often(" ".join(sorted(signs)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why two postings are not the same."""

    a: str
    b: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One sign of a comparison: what was found, and the bits that it weighs for being one."""

    sign: str
    found: str
    bits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """How two postings compare: under which card, sign by sign, the most telling first; what forbids that they be one, and
    what of that is outweighed. ``bits`` is the sum, ``rule`` the class of their sameness."""

    card: str
    bits: float
    signs: tuple[Sign, ...]
    forbids: tuple[str, ...]
    excused: tuple[str, ...]
    rule: str

    @property
    def same(self) -> bool:
        """Whether they are taken for one."""
        return not self.forbids and bool(self.bits >= enough(CARDS.index(self.card)))


def columns(sides: Sequence[Side], furniture: Furniture | None = None) -> Columns:
    """The sides as columns, without what is furniture of their sources."""
    prints = fingerprint.prints([side.posting for side in sides])
    slots, sketches = prints["slots"], prints["sketch"]
    if furniture is not None:
        sketches = furniture.cleaned(slots["source"], sketches)
    return Columns(
        slots=slots,
        sketches=sketches,
        towns=towns_of((side.codes for side in sides), len(sides)),
        elsewhere=np.array([side.elsewhere for side in sides], np.uint64),
        titles=[fingerprint.title_words(side.posting) for side in sides],
        employers=[fingerprint.title_key(side.posting.employer) for side in sides],
        units=[fingerprint.title_key(side.posting.unit) for side in sides],
        also={at: _titles(side.posting) for at, side in enumerate(sides) if len(side.posting.titles) > 1},
    )


def _titles(posting: Posting) -> Mapping[int, str]:
    return {
        fingerprint.language_number(code): fingerprint.title_words(posting, said)
        for code, said in posting.titles.items()
    }


def judge(a: Side, b: Side) -> Edge | Refusal:
    """Whether two postings are one, and because of what."""
    one, other = sorted((a, b), key=lambda side: side.kept.id)
    told = explained(one, other)
    if told.same:
        return Edge(a=one.kept.id, b=other.kept.id, rule=told.rule, because=_because(told), strength=told.bits)
    against = "; ".join(told.forbids) or "too little speaks for it"
    return Refusal(a=one.kept.id, b=other.kept.id, because=f"{_because(told)}, but {against}")


def edges(sides: Sequence[Side], pairs: Iterable[tuple[str, str]], furniture: Furniture | None = None) -> list[Edge]:
    """The pairs among ``pairs`` that are one."""
    asked = sorted(pairs)
    if not asked:
        return []
    row = {side.kept.id: at for at, side in enumerate(sides)}
    of = columns(sides, furniture)
    a, b = (np.array([row[pair[end]] for pair in asked], np.int64) for end in (0, 1))
    found = []
    for start in range(0, len(asked), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        compared, answer = compared_and_judged(of, a[some], b[some])
        for at in np.flatnonzero(answer.accepted).tolist():
            one, other = asked[start + at]
            told = _told(compared, answer, at, sides[row[one]], sides[row[other]])
            found.append(Edge(a=one, b=other, rule=told.rule, because=_because(told), strength=told.bits))
    return found


def explained(a: Side, b: Side, furniture: Furniture | None = None) -> Explained:
    """How two postings compare."""
    of = columns([a, b], furniture)
    return _told(*compared_and_judged(of, np.array([0]), np.array([1])), 0, a, b)


def _told(compared: Compared, answer: Judged, at: int, a: Side, b: Side) -> Explained:
    card, bits = int(compared.card[at]), float(answer.score[at])
    known = cards()
    signs = [Sign(sign="base", found=f"two postings with {CARDS[card]}", bits=round(float(known.base[card]), 1))]
    for sign, table in known.weights.items():
        level = int(compared.levels[sign][at])
        found = _said(sign, SIGNS[sign][level], a, b)
        signs.append(Sign(sign=sign, found=found, bits=round(float(table[card, level]), 1)))
    excused, forbidding = int(answer.excuses[at]), int(answer.vetoes[at])
    again = int(compared.gap[at]) >= NEAR
    return Explained(
        card=CARDS[card],
        bits=round(bits, 1),
        signs=tuple(sorted(signs, key=lambda sign: -abs(sign.bits))),
        forbids=tuple(_against(name, a, b) for name, bit in VETO.items() if forbidding & ~excused & bit),
        excused=tuple(
            _against(name, a, b)
            for name, bit in VETO.items()
            if int(compared.vetoes[at]) & (excused | ~forbidding) & bit
        ),
        rule="temporal" if again else "full" if compared.same_text[at] else "partial" if card in (0, 2) else "semantic",
    )


def _said(sign: str, level: str, a: Side, b: Side) -> str:
    """A level with the value that both have, where it is a word of theirs."""
    one, other = a.posting, b.posting
    if sign == "title" and level == "the same":
        return f"{level}, {_title(one)!r}"
    if sign == "employer" and level == "the same":
        return f"{level}, {one.employer!r}"
    if sign == "reference" and level == "the same":
        return f"{level}, {one.reference!r}"
    if sign == "place" and (towns := a.codes & b.codes):
        return f"{level}, {', '.join(sorted(towns))}"
    if sign == "address" and level != "other":
        theirs = (other.url_key, fingerprint.url_key(other.apply_url))
        return f"{level}, {one.url_key if one.url_key in theirs else other.url_key}"
    return level


def _because(told: Explained) -> str:
    """The reason of an edge in one line: what speaks for it most, and the bits of all together."""
    speaking = [sign for sign in told.signs if sign.bits >= SAID and sign.sign != "base"][:5]
    said = "; ".join(f"{sign.sign} {sign.found} ({sign.bits:+.1f})" for sign in speaking) or "nothing that weighs"
    against = sum(sign.bits for sign in told.signs if sign.bits < 0 and sign.sign != "base")
    return f"{told.bits:+.1f} bits, {told.rule}: {said}" + (f"; against it {against:.1f}" if round(against, 1) else "")


def _against(veto: str, a: Side, b: Side) -> str:
    one, other = a.posting, b.posting
    said = {
        "kind": (one.kind, other.kind), "place": (", ".join(sorted(a.codes)), ", ".join(sorted(b.codes))),
        "contract": (one.contract, other.contract), "hours": (one.hours, other.hours),
        "work form": (one.work_form, other.work_form), "unit": (one.unit, other.unit),
        "reference": (one.reference, other.reference),
        "openings": (one.openings, other.openings), "rounds": (one.published_on, other.published_on),
    }  # fmt: skip
    if veto == "anonymity":
        return "one is anonymous, and joining would name it"
    if veto == "thin":
        return "too little ties them: neither employer and words, nor a last day, a reference or numbers"
    if veto == "names":
        return "each names what the other does not: other names stand in their texts"
    if veto == "rank":
        return f"one title has a word of rank or product that the other has not: {_title(one)!r} and {_title(other)!r}"
    if veto == "one source":
        return "one source lists both at once, with other words in title or text"
    if veto not in said:
        return veto
    names = {"place": "municipalities", "rounds": "rounds, long after each other"}
    return f"other {names.get(veto, veto)}: {said[veto][0]} and {said[veto][1]}"


def decided(sides: Mapping[str, Side], decisions: Iterable[Decision]) -> list[Edge]:
    """The edges that people drew among ``sides``."""
    drawn = []
    for pair, last in _last_words(decisions).items():
        if last.act is Act.SAME and len(pair) == 2 and pair <= sides.keys():
            a, b = sorted(pair)
            drawn.append(
                Edge(a=a, b=b, rule=DECIDED, because=f"decided by {last.author}: {last.reason}", strength=FORCED)
            )
    return drawn


def _last_words(decisions: Iterable[Decision]) -> dict[frozenset[str], Decision]:
    """What was said last about each pair of postings: decisions come oldest first."""
    return {frozenset((d.posting, d.other)): d for d in decisions if d.act in (Act.SAME, Act.DIFFERENT)}


def gather(
    sides: Mapping[str, Side], edges: Iterable[Edge], decisions: Iterable[Decision], furniture: Furniture | None = None
) -> list[list[Side]]:
    """The groups that the edges make, strongest first, where no two members may conflict: no chain merges. What the sign
    of an edge outweighs between its two is outweighed between their groups.

    A person's *same* joins first and whatever the rules say; a person's *different* is never overruled, not even by a
    chain of *same*. Groups and their members come ordered by age, ties by content. The order of the input does not matter,
    and neither do the names of sources.
    """
    known = [edge for edge in edges if edge.a in sides and edge.b in sides and edge.a != edge.b]
    met = sorted({id_ for edge in known for id_ in (edge.a, edge.b)}, key=lambda id_: _age(sides[id_]))
    of = columns([sides[id_] for id_ in met], furniture) if met else None
    row = {id_: at for at, id_ in enumerate(met)}
    content = (
        [(of.titles[at], int(of.sketches["text"][at]), *_content(sides[id_])) for id_, at in row.items()] if of else []
    )
    known.sort(key=lambda edge: (-edge.strength, *sorted((content[row[edge.a]], content[row[edge.b]]))))
    groups: list[list[int]] = []
    if of is not None:
        a, b = (
            np.array([row[end] for end in ends], np.int64) for ends in zip(*((e.a, e.b) for e in known), strict=True)
        )
        anew = judged(of, a, b)
        links = [
            Link(row[e.a], row[e.b], excuse, e.strength, unsure and e.rule != DECIDED, e.rule == DECIDED)
            for e, excuse, unsure in zip(known, anew.excuses.tolist(), anew.unsure.tolist(), strict=True)
        ]
        groups = grown(len(met), links, lambda one, other: conflicts(of, one, other), _apart(row, decisions))
    found = [[sides[met[at]] for at in members] for members in groups]
    found += [[side] for id_, side in sides.items() if id_ not in row]
    return sorted((sorted(members, key=_age) for members in found), key=lambda members: _age(members[0]))


def _apart(row: Mapping[str, int], decisions: Iterable[Decision]) -> frozenset[tuple[int, int]]:
    said = {pair for pair, last in _last_words(decisions).items() if last.act is Act.DIFFERENT and len(pair) == 2}
    return frozenset(
        (min(rows), max(rows)) for pair in said if pair <= row.keys() for rows in [[row[id_] for id_ in pair]]
    )


def _content(side: Side) -> tuple[str, ...]:
    posting = side.posting
    days = (posting.published_on, posting.ends_on)
    return (
        posting.employer_key,
        *map(str, days),
        posting.contract,
        posting.hours,
        posting.url_key,
        posting.ref,
        posting.source,
    )


def _age(side: Side) -> tuple[object, ...]:
    """Only what never changes, since the oldest member's id is the listing's."""
    return (side.kept.first_seen, side.posting.source, side.posting.ref)


def _title(posting: Posting) -> str:
    return posting.titles.get(posting.language) or next(iter(posting.titles.values()), posting.title_key)
