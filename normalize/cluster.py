"""Groups out of pairs: the surest first, and never two that conflict in one group."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_MEMBERS = 24
"""A larger group has never been one vacancy."""
OPPOSED = 1 << 15
"""The bit of a conflict that is no fact but a sum of small signs. An accepted pair is not held against itself for it, and
neither are groups with a member that a person, an address or a reference put there."""
TORN = 1.0
"""Bits by which a link has to be better than another for its side not to be torn between the two."""
LARGEST_LOOKED_AT = 300
"""Up to so many that pairs reach in a chain, all are held against each other at once; of more only those that would join."""

Conflicts = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.uint16]]
"""For pairs of rows, what makes them different: a bit each."""


@dataclass(frozen=True, slots=True)
class Link:
    """An accepted pair. ``excuses`` are the conflicts that its sign outweighs, between its two and between their groups.
    One that is ``unsure`` holds only where neither side might as well belong to another, by ``bits``, that conflicts."""

    a: int
    b: int
    excuses: int = 0
    bits: float = 0
    unsure: bool = False
    forced: bool = False


def grown(
    size: int, links: Iterable[Link], conflicts: Conflicts, apart: frozenset[tuple[int, int]] = frozenset()
) -> list[list[int]]:
    """The groups that ``links`` make, taken in their order, of rows below ``size`` that have a link at all.

    Two groups join unless two of their members conflict or are said to be ``apart``, or too many would come together; a
    forced link minds only ``apart``.
    """
    links = list(links)
    known = _known(links, conflicts)
    met = {row for link in links for row in (link.a, link.b)}
    links = _without_torn(links, known)
    group: dict[int, list[int]] = {row: [row] for row in met}
    sure = {row for link in links if link.forced or link.excuses & OPPOSED for row in (link.a, link.b)}
    for link in links:
        one, other = group[link.a], group[link.b]
        if one is other or not _may_join(one, other, link, known, apart, sure):
            continue
        larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
        larger += smaller
        for row in smaller:
            group[row] = larger
    assert all(row < size for row in group)
    return list({id(members): sorted(members) for members in group.values()}.values())


def _may_join(
    one: Sequence[int],
    other: Sequence[int],
    link: Link,
    known: "_Known",
    apart: frozenset[tuple[int, int]],
    sure: set[int],
) -> bool:
    pairs = [(a, b) if a < b else (b, a) for a in one for b in other]
    if apart and not apart.isdisjoint(pairs):
        return False
    if link.forced:
        return True
    if len(one) + len(other) > MOST_MEMBERS:
        return False
    known_by_more = any(row in sure for row in (*one, *other))
    for pair, said in zip(pairs, known.of(pairs), strict=True):
        soft = known_by_more or set(pair) == {link.a, link.b}
        if said & ~link.excuses & ~(OPPOSED if soft else 0):
            return False
    return True


def _without_torn(links: Sequence[Link], known: "_Known") -> list[Link]:
    """The links without those that are unsure and torn: a teaser, or a version in another language, fits look-alikes too, and
    whichever was taken would be wrong half the time."""
    unsure: dict[int, list[tuple[float, int]]] = {}
    for link in links:
        if link.unsure:
            unsure.setdefault(link.a, []).append((link.bits, link.b))
            unsure.setdefault(link.b, []).append((link.bits, link.a))

    def torn(link: Link) -> bool:
        for here, there in ((link.a, link.b), (link.b, link.a)):
            rivals = [row for bits, row in unsure[here] if row != there and bits >= link.bits - TORN]
            if rivals and any(known.of([(min(there, row), max(there, row)) for row in rivals])):
                return True
        return False

    return [link for link in links if not (link.unsure and torn(link))]


class _Known:
    """Conflicts of pairs: those of whole chains asked at once, others when they are met."""

    def __init__(self, conflicts: Conflicts, known: dict[tuple[int, int], int], chains: dict[int, int]) -> None:
        self._conflicts, self._known, self._chains = conflicts, known, chains

    def of(self, pairs: Sequence[tuple[int, int]]) -> list[int]:
        if self._chains.get(pairs[0][0], -1) >= 0:
            return [self._known.get(pair, 0) for pair in pairs]
        asked = np.array(pairs, np.int64)
        return [int(one) for one in self._conflicts(asked[:, 0], asked[:, 1])]


def _known(links: Sequence[Link], conflicts: Conflicts) -> _Known:
    chain: dict[int, list[int]] = {}
    for link in links:
        one, other = chain.setdefault(link.a, [link.a]), chain.setdefault(link.b, [link.b])
        if one is not other:
            larger, smaller = (one, other) if len(one) >= len(other) else (other, one)
            larger += smaller
            for row in smaller:
                chain[row] = larger
    chains = {id(members): members for members in chain.values()}
    small: dict[int, int] = {}
    firsts: list[int] = []
    seconds: list[int] = []
    for number, members in enumerate(chains.values()):
        if len(members) <= LARGEST_LOOKED_AT:
            members.sort()
            small |= dict.fromkeys(members, number)
            for at, row in enumerate(members):
                firsts += [row] * (len(members) - at - 1)
                seconds += members[at + 1 :]
    if not firsts:
        return _Known(conflicts, {}, small)
    a, b = np.array(firsts, np.int64), np.array(seconds, np.int64)
    said = conflicts(a, b)
    hits = np.flatnonzero(said)
    found = dict(zip(zip(a[hits].tolist(), b[hits].tolist(), strict=True), said[hits].tolist(), strict=True))
    return _Known(conflicts, found, small)
