"""Two postings, sign by sign: how alike their texts, titles and slots are, and what each has that the other lacks.

For many pairs at once. Every sign has one of a few levels; what a level weighs is in ``cards.py``. A difference counts when
it is on both sides: what only one has may have been cut off from the other, or be the frame of a board.
"""

import numpy as np
from numpy.typing import NDArray

from normalize.columns import Columns
from normalize.signs import LONGEST_GAP, NEAR, VETO
from normalize.sketch import SHINGLES, U64
from normalize.titles import each_pair, employers, titles, trade_titles, units

Levels = dict[str, NDArray[np.int8]]


def popcount(bits: U64) -> NDArray[np.int64]:
    """How many bits of each row are set."""
    return np.asarray(np.bitwise_count(bits).sum(axis=-1, dtype=np.int64))


def _size(count: NDArray[np.int64], bits: int) -> NDArray[np.float64]:
    """About how many different things set so many of the bits."""
    return -bits * np.log1p(-np.minimum(count, bits - 1) / bits)


HALF = 0.5
"""One source's two adverts, weeks apart, of which the longer has less than so much of its words in the other are two."""


class Compared:
    """The signs of many pairs: ``levels`` by sign, ``card`` the regime of text, ``vetoes`` a bit for each conflict.

    Without ``words`` nothing is read: the levels of title and unit stay unknown, another employer's key is another employer.
    """

    def __init__(self, columns: Columns, a: NDArray[np.int64], b: NDArray[np.int64], *, words: bool = True) -> None:
        self._columns, self._a, self._b = columns, a, b
        self._one, self._other = columns.slots[a], columns.slots[b]
        self._sketch, self._sketch_b = columns.sketches[a], columns.sketches[b]
        posted, posted_b = self._one["posted"].astype(np.int64), self._other["posted"].astype(np.int64)
        self.gap = np.where((posted > 0) & (posted_b > 0), np.abs(posted - posted_b), 0)
        self._later = self.gap >= NEAR
        self.levels: Levels = {}
        self.vetoes = np.zeros(len(a), np.uint16)
        self._texts()
        self._names()
        if words:
            self._words()
        self._slots()
        self._evidence()
        self._places()
        self._sources()
        self._thin()

    def _differ(self, name: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where both are known, and of these where they differ."""
        one, other = self._one[name], self._other[name]
        known = (one != 0) & (other != 0)
        return known, known & (one != other)

    def _veto(self, name: str, where: NDArray[np.bool_]) -> None:
        self.vetoes[where] |= np.uint16(VETO[name])

    def _texts(self) -> None:
        one, other = self._sketch["shingles"], self._sketch_b["shingles"]
        size, size_b = _size(popcount(one), SHINGLES), _size(popcount(other), SHINGLES)
        both = np.maximum(size + size_b - _size(popcount(one | other), SHINGLES), 0)
        shorter = np.minimum(size, size_b)
        self.containment = both / np.maximum(shorter, 1)
        self.overlap = both / np.maximum(np.maximum(size, size_b), 1)
        level = np.digitize(-self.containment, (-0.97, -0.88, -0.7, -0.45, -0.25, -0.08))
        words = np.minimum(self._sketch["words"], self._sketch_b["words"])
        self.same_text = (self._sketch["text"] == self._sketch_b["text"]) & (words > 0)
        self.levels["text"] = np.where(words < 8, 7, np.where(self.same_text, 0, level)).astype(np.int8)
        _known, foreign = self._differ("language")
        self.foreign = foreign & (self.containment < 0.4)
        kind = self._one["kind"]
        card = np.select(
            [
                kind == 2,
                kind > 2,
                words < 8,
                self.foreign,
                shorter < 60,
                self.containment >= 0.88,
                self.containment >= 0.4,
            ],
            [6, 7, 0, 1, 2, 3, 4],
            5,
        )
        self.card = card.astype(np.int8)

    def _names(self) -> None:
        """What the keys of title, employer and unit tell."""
        unread = np.zeros(len(self._a), np.int8)
        self.levels |= {"title": unread + 6, "title words": unread, "unit": unread}
        known, differ = self._differ("employer")
        missing = (self._one["employer"] != 0) | (self._other["employer"] != 0)
        self.levels["employer"] = np.where(known, np.where(differ, 2, 0), np.where(missing, 3, 4)).astype(np.int8)

    def _words(self) -> None:
        columns = self._columns
        one = [columns.titles[row] for row in self._a.tolist()]
        other = [columns.titles[row] for row in self._b.tolist()]
        if columns.also:
            self._in_one_language(one, other)
        said = each_pair(one, other, titles)
        rows = np.flatnonzero(self.foreign & (said[:, 0] >= 3) & (said[:, 0] != 6))
        said[rows] = each_pair([one[row] for row in rows], [other[row] for row in rows], trade_titles)
        mark, mark_b = self._one["title"], self._other["title"]
        forgotten = (said[:, 0] == 6) & (mark == mark_b) & (mark != 0)  # its words are no longer kept, their mark is
        said[forgotten] = 0
        self.levels["title"], self.levels["title words"] = said[:, 0], said[:, 1]
        self._veto("rank", (said[:, 1] == 2) & ~self.foreign & (self._one["kind"] == 1))
        one, other = ([columns.employers[row] for row in rows.tolist()] for rows in (self._a, self._b))
        rows = np.flatnonzero(self.levels["employer"] == 2)
        self.levels["employer"][rows] = each_pair([one[row] for row in rows], [other[row] for row in rows], employers)[
            :, 0
        ]
        known, differ = self._differ("unit")
        level = np.where(known, np.where(differ, 3, 1), 0).astype(np.int8)
        rows = np.flatnonzero(differ)
        one, other = ([columns.units[row] for row in side[rows].tolist()] for side in (self._a, self._b))
        level[rows] = each_pair(one, other, units)[:, 0]
        self.levels["unit"] = level
        self._veto("unit", level == 3)

    def _in_one_language(self, one: list[str], other: list[str]) -> None:
        """Where one has titles in several languages: the title in the language of the other."""
        for at, (a, b) in enumerate(zip(self._a.tolist(), self._b.tolist(), strict=True)):
            spoken, spoken_b = int(self._one["language"][at]), int(self._other["language"][at])
            if spoken != spoken_b:
                if spoken_b in self._columns.also.get(a, {}):
                    one[at] = self._columns.also[a][spoken_b]
                elif spoken in self._columns.also.get(b, {}):
                    other[at] = self._columns.also[b][spoken]

    def _slots(self) -> None:
        for name, first, second in (("contract", 1, 2), ("hours", 4, 8)):
            known, differ = self._differ(name)
            said, said_b = (
                np.where(side[name] != 0, _worded(side[name]), _from_text(sketch["says"], first, second))
                for side, sketch in ((self._one, self._sketch), (self._other, self._sketch_b))
            )
            heard = ~known & (said != 0) & (said_b != 0)
            if name == "contract":
                differ &= ~_fixed(self._one[name], self._other[name])
                differ &= ~((self._one[name] >= 16) & (self._other[name] >= 16) & self._differ("language")[1])
            self.levels[name] = np.select([differ, known, heard & (said != said_b), heard], [3, 0, 4, 2], 1).astype(
                np.int8
            )
            self._veto(name, differ)
        known, differ = self._differ("reference")
        self.levels["reference"] = np.select([differ & self._later, differ, known], [3, 2, 0], 1).astype(np.int8)
        self._veto("reference", differ & ~self._later)
        apart = np.abs(self._one["ends"] - self._other["ends"])
        known, differ = self._differ("ends")
        self.levels["ends"] = np.select(
            [differ & (apart <= 2), differ & self._later, differ, known], [2, 4, 3, 0], 1
        ).astype(np.int8)
        known, differ = self._differ("openings")
        self.levels["openings"] = np.where(known, np.where(differ, 2, 1), 0).astype(np.int8)
        self._veto("openings", differ)
        url, url_b, leads, leads_b = (one[name] for name in ("url", "leads") for one in (self._one, self._other))
        same = (url == url_b) & (url != 0)
        linked = ((leads == url_b) & (leads != 0)) | ((leads_b == url) & (leads_b != 0))
        self.levels["address"] = np.select([same, linked], [1, 2], 0).astype(np.int8)
        for veto, name in (("kind", "kind"), ("work form", "form")):
            self._veto(veto, self._differ(name)[1])
        self._veto("anonymity", self._one["anonymous"] != self._other["anonymous"])
        self._veto("rounds", self.gap > LONGEST_GAP)
        self.levels["days apart"] = np.digitize(self.gap, (1, 4, 14, 36, 66, 101)).astype(np.int8)

    def _evidence(self) -> None:
        for name in ("numbers", "names"):
            one, other = self._sketch[name], self._sketch_b[name]
            shared = popcount(one & other)
            sides = np.minimum(popcount(one & ~other), popcount(other & ~one))
            self.levels[f"shared {name}"] = np.digitize(shared, (1, 2, 4)).astype(np.int8)
            level = np.minimum(sides, 3)
            if name == "numbers":
                level = np.where(self._later & (level > 0), np.minimum(level, 2) + 3, level)
            else:
                self._veto("names", (sides >= 2) & ~self.foreign)
            self.levels[f"other {name}"] = level.astype(np.int8)
        one, other = self._sketch["dates"], self._sketch_b["dates"]
        shared, differ = (one & other) != 0, ((one & ~other) != 0) & ((other & ~one) != 0)
        self.levels["dates"] = np.select([differ & self._later, differ, shared], [3, 2, 1], 0).astype(np.int8)

    def _places(self) -> None:
        one, other = self._columns.towns[self._a], self._columns.towns[self._b]
        here, there = one.any(axis=1), other.any(axis=1)
        same = (one == other).all(axis=1)
        inside = ~(one & ~other).any(axis=1) | ~(other & ~one).any(axis=1)
        area, area_b = self._columns.elsewhere[self._a], self._columns.elsewhere[self._b]
        known = (area != 0) & (area_b != 0)
        self.levels["place"] = np.select(
            [
                here & there & same,
                here & there & inside,
                here & there,
                known & (area == area_b),
                (area != 0) | (area_b != 0),
                here | there,
            ],
            [0, 1, 4, 5, 6, 2],
            3,
        ).astype(np.int8)
        self._veto("place", self.levels["place"] == 4)

    def _sources(self) -> None:
        one_source = self._one["source"] == self._other["source"]
        same = self.same_text | (self.levels["text"] == 0)
        self.levels["source"] = np.where(one_source, np.where(same, 1, 2), 0).astype(np.int8)
        text, words = self.levels["text"], self.levels["title words"]
        other = (self.overlap < HALF) & (text < 7) & self._later
        self._veto("one source", one_source & ~self.foreign & (other | (words == 3) | (words == 4)))

    def _thin(self) -> None:
        """Where too little ties two to each other for a sum of small signs to count: in two languages neither the last day,
        nor a reference, nor numbers; under another employer not even openings; in one language another employer and words
        that are not nearly the same."""
        levels = self.levels
        tied = (levels["address"] > 0) | (levels["reference"] == 0)
        foreign = self.foreign & (levels["ends"] != 0) & (levels["shared numbers"] < 2)
        foreign |= self.foreign & (levels["employer"] == 2) & (levels["shared numbers"] < 1) & (levels["openings"] != 1)
        strange = ~self.foreign & (levels["employer"] == 2) & (levels["text"] > 1) & (levels["text"] < 7)
        self._veto("thin", (foreign | strange) & ~tied)


def _worded(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of a contract or of hours only what a text may say too: 1 or 2."""
    return np.where(code <= 2, code, 0).astype(np.uint8)


def _from_text(says: NDArray[np.uint8], first: int, second: int) -> NDArray[np.uint8]:
    """1 or 2 where a text says one of two things, 0 where it says neither, or both."""
    one, other = (says & first) != 0, (says & second) != 0
    return np.select([one & ~other, other & ~one], [1, 2], 0).astype(np.uint8)


def _fixed(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A summer job or a seasonal one is for a fixed term, and boards call it either."""
    return np.asarray(((one == 2) & ((other == 4) | (other == 5))) | ((other == 2) & ((one == 4) | (one == 5))))
