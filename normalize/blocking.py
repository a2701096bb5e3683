"""Which postings are worth comparing: keys, of which two of one vacancy share at least one, and the pairs that share one."""

import numpy as np
from numpy.typing import NDArray

from normalize.columns import Columns, often
from normalize.sketch import U64, hashes, mixed
from normalize.titles import bare
from normalize.trades import trades

WINDOW = 75
"""Days between two publications beyond which a shared key makes no pair."""
MOST_WORDS = 3
WIDTHS = {
    "url": 12, "reference": 8, "words": 14, "trade": 8, "trade ends": 6, "title": 6, "employer title": 6,
    "place text": 6, "employer text": 6, "numbers": 8, "text": 6, "opening": 8, "title ends": 8, "employer ends": 8,
}  # fmt: skip
"""How many of the nearest in time are compared under a key of each kind: so cost follows the number of postings."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def keys(columns: Columns) -> tuple[U64, NDArray[np.int64], NDArray[np.uint8]]:
    """The keys of all rows: each with its row and the width of its kind. A key of which a part is unknown is not made,
    and the employer alone is none: two unknown employers are not the same employer."""
    slots, sketch = columns.slots, columns.sketches
    kind, employer = slots["kind"].astype(np.uint64), slots["employer"]
    made: list[tuple[U64, NDArray[np.int64], int]] = []

    def add(name: str, rows: NDArray[np.int64], *parts: U64) -> None:
        value = np.full(len(rows), often(name), np.uint64) + kind[rows]
        there = np.ones(len(rows), bool)
        for part in parts:
            value = mixed(value + part)
            there &= part != 0
        made.append((value[there], rows[there], WIDTHS[name]))

    every = np.arange(len(columns))
    add("url", every, slots["url"])
    add("url", every, slots["leads"])
    add("reference", every, slots["reference"])
    row, place = _places(columns)
    add("title", row, slots["title"][row], place)
    add("employer title", every, slots["title"], employer)
    ends = slots["ends"].astype(np.uint64)
    add("employer ends", every, employer, ends)
    add("title ends", every, hashes([bare(title) for title in columns.titles]), ends)
    for number in range(4):
        add("place text", row, sketch["minima"][row, number], place)
    for number in range(2):
        add("employer text", every, sketch["minima"][:, number], employer)
        add("numbers", every, sketch["rare"][:, number], employer)
    for one, other in ((0, 1), (2, 3)):
        add("text", every, sketch["minima"][:, one], sketch["minima"][:, other])
    add("opening", every, sketch["opening"])
    count = np.bincount(row, minlength=len(columns))
    first = np.cumsum(count) - count
    for name, (at, word) in (("words", _words(columns)), ("trade", _trades(columns))):
        times = count[at]
        spread = np.repeat(np.arange(len(at)), times)
        offset = np.arange(len(spread)) - np.repeat(np.cumsum(times) - times, times)
        where = place[first[at[spread]] + offset]
        add(name, at[spread], employer[at[spread]], word[spread], where)
        if name == "trade":
            add("trade ends", at[spread], ends[at[spread]], word[spread], where)
    value = np.concatenate([one for one, _rows, _width in made])
    rows = np.concatenate([one for _value, one, _width in made])
    width = np.concatenate([np.full(len(one), wide, np.uint8) for one, _rows, wide in made])
    return value, rows, width


def stored(value: U64, width: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Keys as a table holds them: 64 signed bits, of which the last four say how many are looked at under it."""
    return ((value & ~np.uint64(15)) | width).view(np.int64)


def width_of(key: int) -> int:
    """How many are looked at under a stored key."""
    return key & 15


def _places(columns: Columns) -> tuple[NDArray[np.int64], U64]:
    """Row and place, for every place of every row; a row without any has one of its own kind."""
    bits = np.unpackbits(columns.towns.view(np.uint8), axis=1, bitorder="little")
    row, town = np.nonzero(bits)
    bare = np.flatnonzero(~columns.towns.any(axis=1))
    place = np.concatenate([(town + 1).astype(np.uint64), columns.elsewhere[bare] | np.uint64(1 << 63)])
    rows = np.concatenate([row, bare])
    order = np.argsort(rows, kind="stable")
    return rows[order], place[order]


def _words(columns: Columns) -> tuple[NDArray[np.int64], U64]:
    """Row and word, for the longest words of every title."""
    rows: list[int] = []
    words: list[str] = []
    for row, title in enumerate(columns.titles):
        some = {word for word in title.split(" ") if len(word) > 2}
        some_ = sorted(some, key=lambda word: (-len(word), word))[:MOST_WORDS] if len(some) > MOST_WORDS else list(some)
        words += some_
        rows += [row] * len(some_)
    return np.array(rows, np.int64), hashes(words)


def _trades(columns: Columns) -> tuple[NDArray[np.int64], U64]:
    """Row and trade, for every trade that a title names."""
    found = [(row, trade) for row, title in enumerate(columns.titles) for trade in trades(title)]
    both = np.array(found, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1].astype(np.uint64)


def candidates(value: U64, row: NDArray[np.int64], width: NDArray[np.uint8], posted: NDArray[np.int32]) -> Pairs:
    """Pairs of rows that share a key and were published within the window, each once, the smaller row first."""
    day = np.maximum(posted[row], 0).astype(np.uint64)
    order = np.argsort((value & ~np.uint64(0x7FFF)) | day, kind="stable")
    value, row, width, day = value[order] >> np.uint64(15), row[order], width[order], day[order].astype(np.int64)
    size = int(row.max()) + 1 if len(row) else 0
    found: list[NDArray[np.int64]] = []
    alive = np.flatnonzero(np.diff(value, append=~value[-1:]) == 0)  # most keys stand alone
    for step in range(1, max(WIDTHS.values()) + 1):
        alive = alive[alive + step < len(row)]
        other = alive + step
        near = (value[alive] == value[other]) & (width[alive] >= step)
        near &= (day[other] - day[alive] <= WINDOW) | (day[alive] == 0)
        alive, other = alive[near], other[near]
        a, b = row[alive], row[other]
        apart = a != b
        found.append(np.minimum(a, b)[apart] * size + np.maximum(a, b)[apart])
    pairs = np.concatenate(found) if found else np.zeros(0, np.int64)
    pairs.sort()  # numpy's unique would hash them, which takes longer
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return (pairs // size, pairs % size) if size else (pairs, pairs)
