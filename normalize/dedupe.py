"""Which postings are one vacancy, service, news item or event: judged pair by pair, gathered under constraints.

Exact signs only: the same reference, the same address, or the same title, employer and place. Likeness of texts is a
later floor of this module; what it will add are rows of ``RULES`` and of ``CONFLICTS``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from normalize import fingerprint
from normalize.records import Act, Decision, Edge, KeptPosting, Placed, Posting

LONGEST_GAP = 150
"""Days between two publications after which it is another round of the same work."""
MOST_MEMBERS = 24
"""A larger group has never been one vacancy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A posting with its places, as the rules look at it."""

    kept: KeptPosting
    placed: Placed
    codes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", frozenset(place.code for place in self.placed.places))

    @property
    def posting(self) -> Posting:
        return self.kept.posting


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


def _openings(a: Side, b: Side) -> str:
    return _differ("openings", a.posting.openings, b.posting.openings)


def _employers(a: Side, b: Side) -> str:
    """Only for an anonymous posting: joining it with a named one would name it."""
    if a.posting.anonymous != b.posting.anonymous:
        return "one of them is anonymous, and joining would name it"
    return ""


def _units(a: Side, b: Side) -> str:
    one, other = fingerprint.title_key(a.posting.unit), fingerprint.title_key(b.posting.unit)
    if one and other and not (one in other or other in one):
        return f"units differ: {a.posting.unit!r} and {b.posting.unit!r}"
    return ""


CONFLICTS: Mapping[str, Callable[[Side, Side], str]] = {
    "anonymity": _employers,
    "place": _places,
    "reference": lambda a, b: _differ("references", a.posting.reference_key, b.posting.reference_key),
    "unit": _units,
    "contract": lambda a, b: _differ("contracts", a.posting.contract, b.posting.contract),
    "hours": lambda a, b: _differ("hours", a.posting.hours, b.posting.hours),
    "work form": lambda a, b: _differ("forms of work", a.posting.work_form, b.posting.work_form),
    "openings": _openings,
    "ends": _ends,
    "rounds": _rounds,
}
"""What makes two postings different whatever else they share: each gives a sentence, or nothing."""


def _same_reference(a: Side, b: Side) -> str:
    one, other = a.posting, b.posting
    if one.reference_key and one.reference_key == other.reference_key:
        if one.employer_key and one.employer_key == other.employer_key:
            return f"the same reference {one.reference!r} of the same employer {one.employer!r}"
        if one.title_key == other.title_key:
            return f"the same reference {one.reference!r} and title {_title(one)!r}"
    return ""


def _same_address(a: Side, b: Side) -> str:
    one = {a.posting.url_key, fingerprint.url_key(a.posting.apply_url)} - {""}
    other = {b.posting.url_key, fingerprint.url_key(b.posting.apply_url)} - {""}
    own = {a.posting.url_key, b.posting.url_key}
    shared = sorted(one & other & own)
    return f"the same address {shared[0]}" if shared else ""


def _same_words(a: Side, b: Side) -> str:
    one, other = a.posting, b.posting
    if not (one.title_key and one.title_key == other.title_key and one.employer_key):
        return ""
    if one.employer_key != other.employer_key or not a.codes & b.codes:
        return ""
    towns = ", ".join(sorted(a.codes & b.codes))
    return f"the same title {_title(one)!r}, employer {one.employer!r} and municipality {towns}"


def _same_text(a: Side, b: Side) -> str:
    """The same words, and the same whole text under them: one board's double advert."""
    said = _same_words(a, b)
    one, other = ({" ".join(text.split()) for text in side.posting.plain.values()} - {""} for side in (a, b))
    return f"{said}, and the same text" if said and one and one == other else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A sign of sameness: ``strength`` orders the joins, ``within`` says whether it may join two of one source."""

    name: str
    sign: Callable[[Side, Side], str]
    strength: float
    within: bool
    excuses: frozenset[str] = frozenset()


RULES = (
    Rule(name="reference", sign=_same_reference, strength=3, within=False, excuses=frozenset({"unit", "ends"})),
    Rule(
        name="address", sign=_same_address, strength=2, within=False, excuses=frozenset({"unit", "ends", "reference"})
    ),
    Rule(name="text", sign=_same_text, strength=1.5, within=True),
    Rule(name="words", sign=_same_words, strength=1, within=False),
)
"""Best first. Two postings of one source are one only if every word of them is: the same title twice is usually two
openings, and a source that numbers them apart says so."""


def judge(a: Side, b: Side) -> Edge | Refusal:
    """Whether two postings are one, and because of what. The first rule that holds decides, unless a conflict forbids."""
    if a.kept.id > b.kept.id:
        a, b = b, a
    if a.posting.kind != b.posting.kind:
        return Refusal(a=a.kept.id, b=b.kept.id, because="they are of different kinds")
    conflicts = {name: said for name, look in CONFLICTS.items() if (said := look(a, b))}
    because = "nothing exact is shared"
    for rule in RULES:
        if a.posting.source == b.posting.source and not rule.within:
            because = "one source advertises them both at once, in other words"
            continue
        sign = rule.sign(a, b)
        if not sign:
            continue
        against = [said for name, said in conflicts.items() if name not in rule.excuses]
        if not against:
            return Edge(a=a.kept.id, b=b.kept.id, rule=rule.name, because=sign, strength=rule.strength)
        because = f"{sign}, but {'; '.join(against)}"
    return Refusal(a=a.kept.id, b=b.kept.id, because=because)


DECIDED = "decision"
"""The rule of an edge that a person drew."""


def decided(sides: Mapping[str, Side], decisions: Iterable[Decision]) -> list[Edge]:
    """The edges that people drew among ``sides``."""
    drawn = []
    for d in decisions:
        if d.act is Act.SAME and d.posting in sides and d.other in sides:
            a, b = sorted((d.posting, d.other))
            drawn.append(Edge(a=a, b=b, rule=DECIDED, because=f"decided by {d.author}: {d.reason}", strength=100))
    return drawn


def gather(sides: Mapping[str, Side], edges: Iterable[Edge], decisions: Iterable[Decision]) -> list[list[Side]]:
    """The groups that the edges make, strongest first, where no two members may conflict: no chain merges.

    A person's *same* joins first and whatever else is known; a person's *different* is never overruled. Groups and their
    members come ordered by age, ties by content. The order of the input does not matter.
    """
    apart = {frozenset((d.posting, d.other)) for d in decisions if d.act is Act.DIFFERENT}
    group: dict[str, list[str]] = {id_: [id_] for id_ in sides}
    ordered = sorted(edges, key=lambda edge: (-edge.strength, *_by_content(sides, edge)))
    for edge in ordered:
        one, other = edge.a, edge.b
        if one not in group or other not in group or group[one] is group[other]:
            continue
        if edge.rule != DECIDED and not _may_join(group[one], group[other], sides, apart):
            continue
        joined = group[one] + group[other]
        for id_ in joined:
            group[id_] = joined
    groups = {id(members): [sides[id_] for id_ in members] for members in group.values()}
    return sorted((sorted(members, key=_age) for members in groups.values()), key=lambda members: _age(members[0]))


def _may_join(one: Sequence[str], other: Sequence[str], sides: Mapping[str, Side], apart: set[frozenset[str]]) -> bool:
    if len(one) + len(other) > MOST_MEMBERS:
        return False
    for a in one:
        for b in other:
            if frozenset((a, b)) in apart or _hard(sides[a], sides[b]):
                return False
    return True


def _hard(a: Side, b: Side) -> bool:
    """What no third posting between them can bridge."""
    if a.posting.source == b.posting.source and not _same_text(a, b):
        return True
    return any(CONFLICTS[name](a, b) for name in ("anonymity", "place", "contract", "hours", "work form", "rounds"))


def _age(side: Side) -> tuple[object, ...]:
    published = side.posting.published_on or date.max
    return (side.kept.first_seen, published, side.posting.source, side.posting.ref)


def _by_content(sides: Mapping[str, Side], edge: Edge) -> tuple[str, ...]:
    known = [sides[id_].posting for id_ in (edge.a, edge.b) if id_ in sides]
    return tuple(sorted(f"{posting.source} {posting.ref}" for posting in known))


def _title(posting: Posting) -> str:
    return posting.titles.get(posting.language) or next(iter(posting.titles.values()), "")
