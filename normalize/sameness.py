"""The one judgement of sameness, over columns: which pairs are accepted and why, and which may never stand in one group.

A curation asks it for a neighbourhood, an evaluation for a whole file: the same code, the same cards.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from normalize import blocking
from normalize.cards import Cards, cards
from normalize.cluster import OPPOSED, Link, grown
from normalize.columns import Columns, Furniture
from normalize.compare import Compared, popcount
from normalize.signs import CARDS, NEAR, VETO
from normalize.sketch import U64

ACCEPTED = 0.0
"""Bits from which on a pair is taken for one."""
ACCEPTED_FOREIGN = 1.0
"""The same for two in two languages: what they share is little."""
FOREIGN, TEXTLESS = CARDS.index("other language"), CARDS.index("no text")
OPPOSED_BELOW = -5.0
"""Bits below which two are held for different whatever joins them with a third."""
NAMES_OUTWEIGHED = 4.0
"""Bits from which on other names in two texts make no two vacancies: then it is another signatory, or another frame."""
AT_ONCE = 10_000
"""Pairs that are compared together: each takes some 3 kB meanwhile."""
EXCUSED_BY_ADDRESS = VETO["one source"] | VETO["unit"] | VETO["reference"] | VETO["names"] | VETO["thin"] | OPPOSED
EXCUSED_BY_REFERENCE = VETO["one source"] | VETO["unit"] | VETO["names"] | VETO["thin"] | OPPOSED

Rows = NDArray[np.int64]
Worth = Callable[[Columns, Rows, Rows], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs with what was found of each: bits for and against, vetoes, and those vetoes that a certain sign outweighs."""

    score: NDArray[np.float64]
    vetoes: NDArray[np.uint16]
    excuses: NDArray[np.uint16]
    card: NDArray[np.int8]

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """Which of them are one."""
        return np.asarray((self.score >= enough(self.card)) & ((self.vetoes & ~self.excuses) == 0))

    @property
    def unsure(self) -> NDArray[np.bool_]:
        """Which hold only where neither side is torn: those whose texts say it, and no address or reference."""
        return np.asarray(((self.excuses & OPPOSED) == 0) & (self.card != TEXTLESS))


def enough(card: NDArray[np.int8] | int) -> NDArray[np.float64]:
    """The bits from which on two are one under a card."""
    return np.where(np.asarray(card) == FOREIGN, ACCEPTED_FOREIGN, ACCEPTED)


def judged(columns: Columns, a: Rows, b: Rows, by: Cards | None = None) -> Judged:
    """The judgement of each pair of rows."""
    parts = [
        compared_and_judged(columns, a[at : at + AT_ONCE], b[at : at + AT_ONCE], by)[1]
        for at in range(0, len(a), AT_ONCE)
    ]
    if not parts:
        return Judged(np.zeros(0), np.zeros(0, np.uint16), np.zeros(0, np.uint16), np.zeros(0, np.int8))
    return Judged(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("score", "vetoes", "excuses", "card"))
    )


def compared_and_judged(columns: Columns, a: Rows, b: Rows, by: Cards | None = None) -> tuple[Compared, Judged]:
    """The signs of each pair and the judgement that they make; at most :data:`AT_ONCE` pairs, to stay small in memory."""
    compared = Compared(columns, a, b)
    scores = (by or cards()).scores(compared)
    return compared, Judged(scores, vetoes(compared, scores), excuses(compared), compared.card)


def vetoes(compared: Compared, scores: NDArray[np.float64]) -> NDArray[np.uint16]:
    """The conflicts of each pair, without those that its bits outweigh."""
    return np.where(scores >= NAMES_OUTWEIGHED, compared.vetoes & ~np.uint16(VETO["names"]), compared.vetoes)


def excuses(compared: Compared) -> NDArray[np.uint16]:
    """The vetoes that an address or a reference in common outweighs."""
    levels = compared.levels
    named = (levels["employer"] == 0) | ((levels["title"] <= 2) & (levels["title words"] == 0))
    given = np.where(levels["address"] > 0, EXCUSED_BY_ADDRESS, 0)
    given = given | np.where((levels["reference"] == 0) & named, EXCUSED_BY_REFERENCE, 0)
    return given.astype(np.uint16)


def conflicts(columns: Columns, a: Rows, b: Rows) -> NDArray[np.uint16]:
    """What keeps each pair of rows out of one group."""
    found = judged(columns, a, b)
    said = found.vetoes & ~found.excuses & ~np.uint16(VETO["thin"])  # two may be thinly tied and hold by a third
    said = np.where(found.score >= ACCEPTED, said & ~np.uint16(VETO["one source"]), said)  # and be a double by a third
    return said | np.where(found.score < OPPOSED_BELOW, np.uint16(OPPOSED), np.uint16(0))


def possible(columns: Columns, a: Rows, b: Rows) -> NDArray[np.bool_]:
    """Whether a pair could be one for its slots and names: most that share a key could not, and are not looked at closer.
    What an address or a reference in common might outweigh is left in."""
    slots = {name: np.ascontiguousarray(columns.slots[name]) for name in _ASKED}
    names, towns = (np.ascontiguousarray(of) for of in (columns.sketches["names"], columns.towns))
    fits = np.zeros(len(a), bool)
    for at in range(0, len(a), AT_ONCE):
        left = np.arange(at, min(at + AT_ONCE, len(a)))
        for asked in (_by_slots, _by_towns, _by_names):  # the cheapest first: each asks what the one before has left
            one, other = a[left], b[left]
            left = left[asked(_Pairs(slots, names, towns, one, other))]
        fits[left] = True
    return fits


_ASKED = ("hours", "form", "kind", "contract", "openings", "posted", "reference", "language", "url", "leads")


class _Pairs(NamedTuple):
    slots: dict[str, NDArray[Any]]
    names: U64
    towns: U64
    a: Rows
    b: Rows

    def both(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        return self.slots[name][self.a], self.slots[name][self.b]

    def differ(self, name: str) -> NDArray[np.bool_]:
        one, other = self.both(name)
        return np.asarray((one != other) & (one != 0) & (other != 0))


def _by_slots(pairs: _Pairs) -> NDArray[np.bool_]:
    contract, contract_b = pairs.both("contract")
    kind, kind_b = pairs.both("kind")
    never = pairs.differ("hours") | pairs.differ("form") | pairs.differ("openings") | (kind != kind_b)
    return np.asarray(~(never | (pairs.differ("contract") & ((contract == 1) | (contract_b == 1)))))


def _by_towns(pairs: _Pairs) -> NDArray[np.bool_]:
    towns, towns_b = pairs.towns[pairs.a], pairs.towns[pairs.b]
    return np.asarray(~((towns & ~towns_b).any(axis=1) & (towns_b & ~towns).any(axis=1)))


def _by_names(pairs: _Pairs) -> NDArray[np.bool_]:
    posted, posted_b = pairs.both("posted")
    later = (np.abs(posted - posted_b) >= NEAR) & (posted > 0) & (posted_b > 0)
    names, names_b = pairs.names[pairs.a], pairs.names[pairs.b]
    sides = np.minimum(popcount(names & ~names_b), popcount(names_b & ~names))
    doubtful = (pairs.differ("reference") & ~later) | ((sides >= 2) & ~pairs.differ("language"))
    (url, url_b), (leads, leads_b), (reference, reference_b) = map(pairs.both, ("url", "leads", "reference"))
    linked = ((url == url_b) | (leads == url_b) | (url == leads_b)) & (url != 0)
    return np.asarray(linked | ((reference == reference_b) & (reference != 0)) | ~doubtful)


def promising(columns: Columns, a: Rows, b: Rows) -> NDArray[np.bool_]:
    """Whether a pair is possible and could be taken for one whatever its words and places are. One in twenty is; only
    these need to be opened. Of the possible ones none that :func:`judged` would accept is left out."""
    fits = possible(columns, a, b)
    left = np.flatnonzero(fits)
    for at in range(0, len(left), AT_ONCE):
        some = left[at : at + AT_ONCE]
        unread = Compared(columns, a[some], b[some], words=False)
        fits[some] = cards().at_most(unread) >= enough(unread.card)
    return fits


def whole(columns: Columns) -> list[list[int]]:
    """The groups of more than one row among all rows: the full batch, with furniture learned from it. The order of the rows
    does not matter: what is looked at, and what is tied, goes by content."""
    order = np.argsort(columns.content(), kind="stable")
    of = columns.taken(order)
    furniture = Furniture.learned(of.slots["source"], of.sketches)
    of.sketches = furniture.cleaned(of.slots["source"], of.sketches)
    a, b = paired(of, promising)
    found = judged(of, a, b)
    taken = np.flatnonzero(found.accepted)
    taken = taken[np.lexsort((b[taken], a[taken], -found.score[taken]))]
    links = [
        Link(one, other, excused, bits, unsure)
        for one, other, excused, bits, unsure in zip(
            a[taken].tolist(), b[taken].tolist(), found.excuses[taken].tolist(), found.score[taken].tolist(),
            found.unsure[taken].tolist(), strict=True,
        )
    ]  # fmt: skip
    groups = grown(len(of), links, lambda one, other: conflicts(of, one, other))
    return [sorted(order[members].tolist()) for members in groups]


def paired(columns: Columns, worth: Worth = possible) -> tuple[Rows, Rows]:
    """The pairs of rows that share a key and are worth judging."""
    value, row, width = blocking.keys(columns)
    a, b = blocking.candidates(value, row, width, columns.slots["posted"])
    fits = worth(columns, a, b)
    return a[fits], b[fits]
