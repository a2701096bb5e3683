"""Which postings are one vacancy, service, news item or event: judged pair by pair, gathered under constraints.

Exact signs only: the same reference, the same address, or the same title, employer and place. Likeness of texts is a
later floor of this module; what it will add are rows of ``RULES`` and of ``CONFLICTS``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from normalize import fingerprint
from normalize.records import Decision, Edge, KeptPosting, Placed, Posting
from normalize.vocabulary import Act, Bucket, Contract

LONGEST_GAP = 150
"""Days between two publications after which it is another round of the same work."""
MOST_MEMBERS = 24
"""A larger group has never been one vacancy."""


class Side:
    """A posting with its places, as the rules look at it. What only a comparison needs is made when one is made."""

    def __init__(self, *, kept: KeptPosting, placed: Placed) -> None:
        assert isinstance(kept.posting, Posting), "only an opened posting can be looked at"
        self.kept, self.placed, self.posting = kept, placed, kept.posting

    @cached_property
    def codes(self) -> frozenset[str]:
        """Its municipalities."""
        return frozenset(place.code for place in self.placed.places)

    @cached_property
    def unit(self) -> str:
        """The words of its unit, with a blank at both ends."""
        return f" {fingerprint.title_key(self.posting.unit)} " if self.posting.unit else ""

    @cached_property
    def leads_to(self) -> frozenset[str]:
        """The addresses that it has and that it sends to."""
        return frozenset({self.posting.url_key, fingerprint.url_key(self.posting.apply_url)} - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why two postings that share a key are not the same."""

    a: str
    b: str
    because: str


def _differ(name: str, a: object, b: object) -> str:
    return f"{name} differ: {a!r} and {b!r}" if a and b and a != b else ""


def _places(a: Side, b: Side) -> str:
    """One list of towns inside another is no conflict, and neither is a posting without a town."""
    if not a.codes or not b.codes or a.codes <= b.codes or b.codes <= a.codes:
        return ""
    return f"other municipalities: {', '.join(sorted(a.codes))} and {', '.join(sorted(b.codes))}"


def _ends(a: Side, b: Side) -> str:
    one, other = a.posting.ends_on, b.posting.ends_on
    if one and other and abs((one - other).days) > 2:
        return f"they close on other days: {one} and {other}"
    return ""


def _rounds(a: Side, b: Side) -> str:
    one, other = a.posting.published_on, b.posting.published_on
    if one and other and abs((one - other).days) > LONGEST_GAP:
        return f"published {abs((one - other).days)} days apart: another round"
    return ""


_FIXED_TERM = frozenset({Contract.FIXED_TERM, Contract.SUMMER, Contract.SEASONAL})
"""A summer job is a fixed-term one, and boards call it either."""


def _contracts(a: Side, b: Side) -> str:
    both = {a.posting.contract, b.posting.contract}
    if Contract.FIXED_TERM in both and both <= _FIXED_TERM:
        return ""
    return _differ("contracts", a.posting.contract, b.posting.contract)


def _employers(a: Side, b: Side) -> str:
    """Only for an anonymous posting: joining it with a named one would name it."""
    if a.posting.anonymous != b.posting.anonymous:
        return "one is anonymous, and joining would name it"
    return ""


def _sources(a: Side, b: Side) -> str:
    """One source advertises two jobs in two postings, unless every word of them is the same, or title and reference."""
    one, other = a.posting, b.posting
    if one.source != other.source or _same_text(a, b):
        return ""
    if one.reference_key and (one.reference_key, one.title_key) == (other.reference_key, other.title_key):
        return ""
    return f"both stand in {one.source}, in other words"


def _units(a: Side, b: Side) -> str:
    """The name of a unit inside a longer one is the same unit, word by word: ward 1 is not ward 12."""
    if a.unit and b.unit and not (a.unit in b.unit or b.unit in a.unit):
        return f"units differ: {a.posting.unit!r} and {b.posting.unit!r}"
    return ""


CONFLICTS: Mapping[str, Callable[[Side, Side], str]] = {
    "kind": lambda a, b: _differ("kinds", str(a.posting.kind), str(b.posting.kind)),
    "source": _sources,
    "anonymity": _employers,
    "place": _places,
    "reference": lambda a, b: _differ("references", a.posting.reference_key, b.posting.reference_key),
    "unit": _units,
    "contract": _contracts,
    "hours": lambda a, b: _differ("hours", a.posting.hours, b.posting.hours),
    "work form": lambda a, b: _differ("forms of work", a.posting.work_form, b.posting.work_form),
    "openings": lambda a, b: _differ("openings", a.posting.openings, b.posting.openings),
    "ends": _ends,
    "rounds": _rounds,
}
"""What makes two postings different whatever else they share: each gives a sentence, or nothing."""


_RUNNING = re.compile(r"(?:20\d\d\d{1,4}|\d{1,4}20\d\d|\d{5})")
"""A year and a running number, or a short number: two employers of one town may both have it."""


def _same_reference(a: Side, b: Side) -> str:
    one, other = a.posting, b.posting
    if not one.reference_key or one.reference_key != other.reference_key:
        return ""
    if one.employer_key and one.employer_key == other.employer_key:
        return f"the same reference {one.reference!r} of the same employer {one.employer!r}"
    others = one.employer_key and other.employer_key and _RUNNING.fullmatch(one.reference_key)
    if one.title_key and one.title_key == other.title_key and not others:
        return f"the same reference {one.reference!r} and title {_title(one)!r}"
    return ""


def _same_address(a: Side, b: Side) -> str:
    """One has the address that the other has or sends to. Two that send to one form are not the same for it."""
    shared = sorted((a.leads_to & b.leads_to) & {a.posting.url_key, b.posting.url_key})
    return f"the same address {shared[0]}" if shared else ""


def _same_words(a: Side, b: Side) -> str:
    one, other = a.posting, b.posting
    if not (one.title_key and one.title_key == other.title_key):
        return ""
    where = _same_place(a, b)
    if not where or not one.employer_key or one.employer_key != other.employer_key:
        return ""
    return f"the same title {_title(one)!r}, employer {one.employer!r} and {where}"


def _same_place(a: Side, b: Side) -> str:
    if towns := a.codes & b.codes:
        return f"municipality {', '.join(sorted(towns))}"
    if a.codes or b.codes:
        return ""
    one, other = (
        {each.to for each in (*side.placed.areas, *side.placed.buckets)} - {Bucket.UNPLACED, Bucket.ABROAD}
        for side in (a, b)
    )
    return f"place {', '.join(sorted(one))}" if one and one == other else ""


def _same_text(a: Side, b: Side) -> str:
    """The same words, and the same whole text under them: one board's double advert."""
    said = _same_words(a, b)
    if not said:
        return ""
    one, other = (side.posting.text_key or fingerprint.text_key(side.posting.plain) for side in (a, b))
    return f"{said}, and the same text" if one and one == other else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A sign of sameness: ``strength`` orders the joins, ``excuses`` names the conflicts that it outweighs."""

    name: str
    sign: Callable[[Side, Side], str]
    strength: float
    excuses: frozenset[str] = frozenset()


RULES = (
    Rule(name="reference", sign=_same_reference, strength=3, excuses=frozenset({"unit", "ends"})),
    Rule(name="address", sign=_same_address, strength=2, excuses=frozenset({"unit", "ends", "reference"})),
    Rule(name="text", sign=_same_text, strength=1.5),
    Rule(name="words", sign=_same_words, strength=1),
)
"""Best first. Between two postings of one source the conflict *source* asks for more: the same title twice is usually
two openings."""

_EXCUSES = {rule.name: rule.excuses for rule in RULES}


def judge(a: Side, b: Side) -> Edge | Refusal:
    """Whether two postings are one, and because of what. The first rule that holds decides, unless a conflict forbids."""
    if a.kept.id > b.kept.id:
        a, b = b, a
    because = "nothing exact is shared"
    against = _conflicts(a, b)
    for rule in RULES:
        sign = rule.sign(a, b)
        if not sign:
            continue
        forbidding = [said for name, said in against.items() if name not in rule.excuses]
        if not forbidding:
            return Edge(a=a.kept.id, b=b.kept.id, rule=rule.name, because=sign, strength=rule.strength)
        because = f"{sign}, but {'; '.join(forbidding)}"
    return Refusal(a=a.kept.id, b=b.kept.id, because=because)


def _conflicts(a: Side, b: Side) -> dict[str, str]:
    return {name: said for name, look in CONFLICTS.items() if (said := look(a, b))}


DECIDED = "decision"
"""The rule of an edge that a person drew."""


def decided(sides: Mapping[str, Side], decisions: Iterable[Decision]) -> list[Edge]:
    """The edges that people drew among ``sides``."""
    drawn = []
    for pair, last in _last_words(decisions).items():
        if last.act is Act.SAME and len(pair) == 2 and pair <= sides.keys():
            a, b = sorted(pair)
            drawn.append(Edge(a=a, b=b, rule=DECIDED, because=f"decided by {last.author}: {last.reason}", strength=100))
    return drawn


def _last_words(decisions: Iterable[Decision]) -> dict[frozenset[str], Decision]:
    """What was said last about each pair of postings: decisions come oldest first."""
    return {frozenset((d.posting, d.other)): d for d in decisions if d.act in (Act.SAME, Act.DIFFERENT)}


def gather(sides: Mapping[str, Side], edges: Iterable[Edge], decisions: Iterable[Decision]) -> list[list[Side]]:
    """The groups that the edges make, strongest first, where no two members may conflict: no chain merges. What the rule
    of an edge excuses between its two is excused between their groups.

    A person's *same* joins first and whatever the rules say; a person's *different* is never overruled, not even by a
    chain of *same*. Groups and their members come ordered by age, ties by content. The order of the input does not matter.
    """
    apart = {pair for pair, last in _last_words(decisions).items() if last.act is Act.DIFFERENT}
    group: dict[str, list[str]] = {id_: [id_] for id_ in sides}
    known = [edge for edge in edges if edge.a in sides and edge.b in sides]
    for edge in sorted(known, key=lambda edge: (-edge.strength, *_by_content(sides, edge))):
        one, other = group[edge.a], group[edge.b]
        if one is other or not _may_join(one, other, edge.rule, sides, apart):
            continue
        joined = one + other
        for id_ in joined:
            group[id_] = joined
    groups = {id(members): [sides[id_] for id_ in members] for members in group.values()}
    return sorted((sorted(members, key=_age) for members in groups.values()), key=lambda members: _age(members[0]))


def _may_join(
    one: Sequence[str], other: Sequence[str], rule: str, sides: Mapping[str, Side], apart: set[frozenset[str]]
) -> bool:
    if any(frozenset((a, b)) in apart for a in one for b in other):
        return False
    if rule == DECIDED:
        return True
    excuses = _EXCUSES.get(rule, frozenset())
    return len(one) + len(other) <= MOST_MEMBERS and not any(
        _conflicts(sides[a], sides[b]).keys() - excuses for a in one for b in other
    )


def _age(side: Side) -> tuple[object, ...]:
    """Only what never changes, since the oldest member's id is the listing's."""
    return (side.kept.first_seen, side.posting.source, side.posting.ref)


def _by_content(sides: Mapping[str, Side], edge: Edge) -> tuple[str, ...]:
    return tuple(sorted(f"{sides[id_].posting.source} {sides[id_].posting.ref}" for id_ in (edge.a, edge.b)))


def _title(posting: Posting) -> str:
    return posting.titles.get(posting.language) or next(iter(posting.titles.values()), "")
