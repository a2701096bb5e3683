"""How often names of places are found right in labelled texts: precision, recall and F1 with their intervals."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random

from normalize.evidence import gather
from normalize.gazetteer.tables import gazetteer
from normalize.mention import Mention, mentions
from normalize.place import decide
from normalize.place_rules import TOLD

DRAWS = 400
"""Times that the rows are drawn anew for the interval of F1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and what it should give: codes and areas of the whole text, or, with ``at``, the names of one token there."""

    row: int
    text: str
    language: str = ""
    expected: frozenset[str] = frozenset()
    at: tuple[int, int] | None = None
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found for a labelled text, and how that counts. ``decided`` is where a posting with this text alone would
    be placed, which is told beside and not counted as a name."""

    labelled: Labelled
    expected: frozenset[str]
    found: frozenset[str]
    decided: frozenset[str] = frozenset()
    true: int = 0
    false: int = 0
    missed: int = 0
    because: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.false or self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of names, and shares of rows; each share with its interval of 95 %."""

    rows: int
    true: int
    false: int
    missed: int
    precision: float
    recall: float
    f1: float
    sets_right: float
    decided_right: float | None
    negatives: int
    negatives_rejected: float | None
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)


def answers(rows: Iterable[Labelled], on: date) -> Iterator[Answer]:
    """What is found in each, in their order, with codes as they are on that day."""
    for row in rows:
        yield _of_token(row, row.at, on) if row.at is not None else _of_text(row, on)


def _of_text(row: Labelled, on: date) -> Answer:
    found = [each for each in mentions(row.text, row.language) if each.kept and each.weight >= TOLD]
    codes = frozenset(gazetteer().current(each.codes[0], on) or each.codes[0] for each in found if each.codes)
    areas = frozenset(each.area for each in found if each.area)
    expected = frozenset(_today(one, on) for one in row.expected)
    wanted_areas = frozenset(one for one in expected if ":" in one)
    for area in areas - wanted_areas:  # a label may list an area's members in its stead
        members = gazetteer().members_of(area, on)
        if members and members <= expected:
            codes |= members
    told = codes | _same_areas(areas, wanted_areas, on) if wanted_areas else codes
    evidence, _ = gather({}, titles={}, texts={row.language: row.text})
    placed = decide(evidence, on)
    decided = frozenset(place.code for place in placed.places)
    if wanted_areas:
        decided |= _same_areas(frozenset(area.to for area in placed.areas), wanted_areas, on)
    return Answer(
        labelled=row,
        expected=expected,
        found=told,
        decided=decided,
        true=len(told & expected),
        false=len(told - expected),
        missed=len(expected - told),
        because=tuple(map(_said, mentions(row.text, row.language))),
    )


def _same_areas(areas: frozenset[str], wanted: frozenset[str], on: date) -> frozenset[str]:
    """The areas, each under the wanted key if that means the same members (*hyvinvointialue* or *maakunta*)."""
    told = set()
    for area in areas:
        members = gazetteer().members_of(area, on)
        same = (
            one for one in sorted(wanted) if one == area or (members and gazetteer().members_of(one, on) == members)
        )
        told.add(next(same, area))
    return frozenset(told)


def _of_token(row: Labelled, at: tuple[int, int], on: date) -> Answer:
    """A token is right if a name kept there is one of those expected; a token without any is right if none is kept."""
    here = [each for each in mentions(row.text, row.language) if each.start < at[1] and at[0] < each.end]
    found = frozenset(_today(one, on) for each in here if each.kept for one in _names(each))
    expected = frozenset(_today(one, on) for one in row.expected)
    hit = bool(found & expected)
    return Answer(
        labelled=row,
        expected=expected,
        found=found,
        true=int(hit),
        false=int(bool(found) and not hit),
        missed=int(bool(expected) and not hit),
        because=tuple(map(_said, here)),
    )


def _names(mention: Mention) -> Iterator[str]:
    """What a mention names; an area called by a phrase (*Vantaan ja Keravan hyvinvointialue*) also what stands in it."""
    yield mention.to
    for word in mention.form.split()[:-1]:
        for form in gazetteer().forms(word):
            yield form.codes[0] if form.codes else form.area


def _today(one: str, on: date) -> str:
    return gazetteer().current(one, on) or one if one.isdigit() else one


def _said(mention: Mention) -> str:
    why = f"refused by {mention.rule}: {mention.rejected}" if mention.rejected else f"{mention.rule}, {mention.weight}"
    return f"{mention.form} {mention.to} ({why})"


def score(found: Sequence[Answer]) -> Score:
    """The figures over all answers. The interval of F1 is of rows drawn anew, those of shares are Wilson's."""
    counts = [(each.true, each.false, each.missed) for each in found]
    true, false, missed = (sum(one[at] for one in counts) for at in range(3))
    empty = [each for each in found if not each.expected]
    rejected = sum(not each.found for each in empty)
    sets = sum(each.right for each in found)
    whole = [each for each in found if each.labelled.at is None]
    decided = sum(each.decided == each.expected for each in whole)
    precision, recall = _share(true, true + false), _share(true, true + missed)
    return Score(
        rows=len(found),
        true=true,
        false=false,
        missed=missed,
        precision=precision,
        recall=recall,
        f1=_f1(true, false, missed),
        sets_right=_share(sets, len(found)),
        decided_right=_share(decided, len(whole)) if whole else None,
        negatives=len(empty),
        negatives_rejected=_share(rejected, len(empty)) if empty else None,
        intervals={
            "precision": wilson(true, true + false),
            "recall": wilson(true, true + missed),
            "f1": _drawn(counts),
            "sets_right": wilson(sets, len(found)),
            "negatives_rejected": wilson(rejected, len(empty)),
        },
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(true: int, false: int, missed: int) -> float:
    return 2 * true / (2 * true + false + missed) if true + false + missed else 1.0


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Wilson's interval of a share, which holds the true one 19 times of 20; all of 0 to 1 where nothing was counted."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle, spread = (
        share + z * z / (2 * whole),
        z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole)),
    )
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))


def _drawn(counts: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    if not counts:
        return 0.0, 1.0
    random = Random(1)
    draws = []
    for _ in range(DRAWS):
        some = random.choices(counts, k=len(counts))
        draws.append(_f1(*(sum(column) for column in zip(*some, strict=True))))
    draws.sort()
    return draws[int(DRAWS * 0.025)], draws[int(DRAWS * 0.975) - 1]
