"""A text as bits: what of it is compared for sameness, for a thousand texts at once.

A sketch keeps which runs of four words a text has, which numbers and names stand in it, and no word of it. Shares of one
text that stand in another are read off the bits with an error of some hundredths.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

SHINGLES, NUMBERS, NAMES = 2048, 512, 512
"""Bits for runs of four words, for numbers, and for names: capitalised words inside a sentence, by their first letters."""
OPENING = 24
"""Words of a text that are its opening: what no board cuts off."""
STEM = 7
"""Letters by which names and words of the vocabulary are known, so that most case forms are one."""

SKETCH = np.dtype(
    [
        ("shingles", "u8", (SHINGLES // 64,)),
        ("numbers", "u8", (NUMBERS // 64,)),
        ("names", "u8", (NAMES // 64,)),
        ("dates", "u8"),
        ("minima", "u8", (4,)),
        ("opening", "u8"),
        ("rare", "u8", (2,)),
        ("text", "u8"),
        ("words", "u4"),
        ("says", "u1"),
    ]
)
"""``minima`` stand for the text, ``opening`` for its first words and ``rare`` for its longer numbers where likes are
looked for; ``text`` is equal for equal
words; ``says`` has a bit for each of :data:`SAID`."""

SAID = ("permanent", "fixed_term", "full_time", "part_time")
"""What a text may say of the contract and of the hours, a bit each."""
_STEMS = {
    "permanent": ("vakituinen", "vakituiseen", "toistaiseksi", "tillsvidare", "permanent"),
    "fixed_term": (
        "määräaikainen",
        "sijaisuus",
        "visstid",
        "visstidsanställning",
        "vikariat",
        "tidsbegränsad",
        "temporary",
    ),
    "full_time": ("kokoaikainen", "kokopäiväinen", "heltid", "heltidsarbete", "fulltime"),
    "part_time": ("osaaikainen", "osapäiväinen", "deltid", "deltidsarbete", "parttime"),
}
_PAIRS = {
    "full_time": (("full", "time"), ("koko", "aikainen"), ("koko", "aikaista")),
    "part_time": (("part", "time"), ("osa", "aikainen"), ("osa", "aikaista"), ("osa", "aikaiseen"), ("osa", "aikaisen")),
    "fixed_term": (("fixed", "term"),),
}  # fmt: skip

_SEPARATOR = "\x1e"
_JOINERS = ".,:-/"
"""Signs that keep two digits together as one number."""
_P = 0x9E3779B97F4A7C15 | 1
_ODD = tuple(np.uint64(one) for one in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F))
_S32, _S29 = np.uint64(32), np.uint64(29)

AT_ONCE = 200
"""Texts that are looked at together: so many that what is made of them stays near the processor."""

U64 = NDArray[np.uint64]


def sketches(texts: Sequence[str]) -> NDArray[np.void]:
    """The sketch of each text; of one without words all its bits are empty."""
    out = np.zeros(len(texts), SKETCH)
    for at in range(0, len(texts), AT_ONCE):
        _sketch(texts[at : at + AT_ONCE], out[at : at + AT_ONCE])
    return out


def hashes(texts: Sequence[str]) -> U64:
    """64 bits that stand for each text, letter by letter, in every process and on every day; 0 for an empty one."""
    out = np.zeros(len(texts), np.uint64)
    for at in range(0, len(texts), 5000):
        some = [text.replace(_SEPARATOR, " ") if _SEPARATOR in text else text for text in texts[at : at + 5000]]
        signs = np.frombuffer(
            (_SEPARATOR + _SEPARATOR.join(some) + _SEPARATOR).encode("utf-16-le", "surrogatepass"), np.uint16
        )
        edges = np.flatnonzero(signs == 0x1E)
        starts, ends = edges[:-1] + 1, edges[1:]
        power, inverse = _powers(1 << len(signs).bit_length())
        sums = np.zeros(len(signs) + 1, np.uint64)
        np.cumsum(_tables().exact[signs] * power[: len(signs)], out=sums[1:])
        out[at : at + len(some)] = np.where(
            ends > starts, mixed((sums[ends] - sums[starts]) * inverse[starts]), np.uint64(0)
        )
    return out


def mixed(values: U64) -> U64:
    """The same numbers, spread over all 64 bits."""
    values = (values ^ (values >> _S32)) * _ODD[0]
    return (values ^ (values >> _S29)) * _ODD[1]


def _sketch(texts: Sequence[str], out: NDArray[np.void]) -> None:
    if not any(texts):
        return
    joined = _SEPARATOR.join([" " + text.replace(_SEPARATOR, " ") for text in texts]) + _SEPARATOR
    signs = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), np.uint16)
    table = _tables()
    kind = table.kind[signs]
    digit = kind == 2
    between = table.joins[signs[1:-1]] & digit[:-2] & digit[2:]
    inside = kind > 0
    inside[1:-1] |= between
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    sums = np.zeros(len(signs) + 1, np.uint64)
    power, inverse = _powers(1 << len(signs).bit_length())
    np.cumsum(table.mix[signs] * power[: len(signs)], out=sums[1:])
    at_start, back = sums[starts], inverse[starts]
    word = mixed((sums[ends] - at_start) * back)
    stem = mixed((sums[np.minimum(ends, starts + STEM)] - at_start) * back)
    closing = np.flatnonzero(signs == 0x1E)
    bounds = np.searchsorted(starts, closing)
    counts = np.diff(bounds, prepend=0)
    doc = np.repeat(np.arange(len(texts)), counts)
    first = bounds - counts
    out["words"] = counts
    _runs(word, doc, first, counts, out)
    numeric = np.flatnonzero(digit[starts] | digit[ends - 1])
    _numbers(numeric, word, doc, starts, ends, np.flatnonzero(between) + 1, out)
    before = kind[starts - 2] > 0
    named = table.upper[signs[starts]] & (signs[starts - 1] == 32) & (before | (signs[starts - 2] == 44)) & (starts > 1)
    named[numeric] = False
    _bits(doc[named], stem[named], NAMES, out["names"])
    _said(stem, word, doc, out)


def _runs(
    word: U64, doc: NDArray[np.int64], first: NDArray[np.int64], counts: NDArray[np.int64], out: NDArray[np.void]
) -> None:
    place = np.arange(len(word)) - first[doc]
    ordered = word * (place.astype(np.uint64) * np.uint64(2) + np.uint64(1))
    filled = counts > 0
    text = np.zeros(len(counts), np.uint64)
    text[filled] = np.add.reduceat(ordered, first[filled])
    out["text"] = text
    if len(word) < 4:
        return
    run = mixed(word[:-3] * _ODD[0] + word[1:-2] * _ODD[1] + word[2:-1] * _ODD[2] + word[3:] * _ODD[3])
    whole = doc[:-3] == doc[3:]
    run, of = run[whole], doc[:-3][whole]
    _bits(of, run, SHINGLES, out["shingles"])
    _least(of, run, out["minima"])
    early = (place[:-3] < OPENING)[whole]
    _least(of[early], run[early], out["opening"].reshape(-1, 1))


def _numbers(
    numeric: NDArray[np.int64], word: U64, doc: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64],
    joints: NDArray[np.int64], out: NDArray[np.void],
) -> None:  # fmt: skip
    if not len(numeric):
        return
    begin, end, of, value = starts[numeric], ends[numeric], doc[numeric], word[numeric]
    dated = np.searchsorted(joints, end) - np.searchsorted(joints, begin) >= 2
    _bits(of[dated], value[dated], 64, out["dates"].reshape(-1, 1))
    plain = ~dated & (end - begin > 1)
    _bits(of[plain], value[plain], NUMBERS, out["numbers"])
    long = plain & (end - begin > 3)
    _least(of[long], value[long], out["rare"])


def _said(stem: U64, word: U64, doc: NDArray[np.int64], out: NDArray[np.void]) -> None:
    table = _vocabulary()
    hits = np.flatnonzero(table.rough[stem >> np.uint64(48)])
    says = out["says"]
    for hit in hits.tolist():
        bit = table.stems.get(int(stem[hit]), 0)
        if not bit and hit:
            bit = table.pairs.get((int(word[hit - 1]), int(stem[hit])), 0)
        if bit:
            says[doc[hit]] |= bit


def _bits(doc: NDArray[np.int64], value: U64, size: int, out: NDArray[np.uint64]) -> None:
    flags = np.zeros((len(out), size), bool)
    flags.reshape(-1)[doc * size + (value % np.uint64(size)).astype(np.int64)] = True
    out[:] = np.packbits(flags, axis=1, bitorder="little").view("<u8").reshape(out.shape)


def _least(doc: NDArray[np.int64], value: U64, out: NDArray[np.uint64]) -> None:
    """The smallest values of each document, each under another order of all."""
    if not len(doc):
        return
    heads = np.flatnonzero(np.r_[True, doc[1:] != doc[:-1]])
    for number in range(out.shape[1]):
        turned = value if number == 0 else mixed(value + _ODD[number])
        out[doc[heads], number] = np.minimum.reduceat(turned, heads)


class _Tables:
    """What each sign is: its kind (1 a letter, 2 a digit), its number regardless of case, whether it is a capital."""

    def __init__(self) -> None:
        letters = [chr(code) for code in range(65536)]
        self.kind = np.array([2 if c.isdigit() else c.isalpha() or c in "+#_" for c in letters], np.uint8)
        self.upper = np.array([c.isupper() for c in letters], bool)
        self.joins = np.zeros(65536, bool)
        self.joins[[ord(c) for c in _JOINERS]] = True
        lower = np.array(
            [ord(low) if len(low := c.lower()) == 1 and ord(low) < 65536 else ord(c) for c in letters], np.uint64
        )
        self.mix = mixed(lower * _ODD[2] + _ODD[3])
        self.exact = mixed(np.arange(65536, dtype=np.uint64) * _ODD[2] + _ODD[3])


@cache
def _tables() -> _Tables:
    return _Tables()


@cache
def _powers(size: int) -> tuple[U64, U64]:
    """The first powers of an odd number, and of its inverse, in 64 bits."""
    both = []
    for base in (_P, pow(_P, -1, 1 << 64)):
        powers = np.full(size, base, np.uint64)
        powers[0] = 1
        both.append(np.cumprod(powers, dtype=np.uint64))
    return both[0], both[1]


class _Vocabulary:
    def __init__(self) -> None:
        self.stems = {_hash(word[:STEM]): 1 << SAID.index(name) for name, words in _STEMS.items() for word in words}
        self.pairs = {
            (_hash(one), _hash(other[:STEM])): 1 << SAID.index(name)
            for name, words in _PAIRS.items()
            for one, other in words
        }
        self.rough = np.zeros(65536, bool)
        self.rough[[value >> 48 for value in (*self.stems, *(stem for _word, stem in self.pairs))]] = True


@cache
def _vocabulary() -> _Vocabulary:
    return _Vocabulary()


def _hash(word: str) -> int:
    power, _inverse = _powers(64)
    signs = np.frombuffer(word.encode("utf-16-le"), np.uint16)
    return int(mixed(np.array([(_tables().mix[signs] * power[: len(signs)]).sum(dtype=np.uint64)], np.uint64))[0])
