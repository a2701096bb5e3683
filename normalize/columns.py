"""Postings as columns: the slots, sketches and names that a comparison looks at, for a few or for a million."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from normalize.gazetteer.tables import gazetteer
from normalize.sketch import SKETCH, U64, hashes, mixed

SLOTS = np.dtype(
    [
        ("source", "u8"), ("employer", "u8"), ("url", "u8"), ("leads", "u8"), ("reference", "u8"), ("unit", "u8"),
        ("title", "u8"), ("posted", "i4"), ("ends", "i4"), ("openings", "u2"), ("kind", "u1"), ("language", "u1"),
        ("contract", "u1"), ("hours", "u1"), ("form", "u1"), ("anonymous", "u1"),
    ]
)  # fmt: skip
"""What has one value: 64 bits of a hash, days since 1970, or the number of a word; 0 where nothing is known."""
TOWNS = 8
"""Words of 64 bits for the municipalities of a posting."""

Strings = list[str]


@cache
def often(text: str) -> int:
    """What :func:`hashes` gives for one text, remembered: for what many postings have in common."""
    return int(hashes([text])[0])


@cache
def town_bits(code: str) -> tuple[int, int]:
    """Where the bit of a municipality stands: its word and the bit there."""
    at = _order()[code]
    return at // 64, 1 << at % 64


@cache
def _order() -> Mapping[str, int]:
    return {one.code: at for at, one in enumerate(sorted(gazetteer().municipalities(), key=lambda each: each.code))}


@dataclass(slots=True, kw_only=True)
class Columns:
    """Postings side by side. ``titles``, ``employers`` and ``units`` are words in lower case, parted by blanks;
    ``elsewhere`` stands for a place that is no municipality. ``also`` has the titles in other languages, where there are
    any, by row and language."""

    slots: NDArray[np.void]
    sketches: NDArray[np.void]
    towns: U64
    elsewhere: U64
    titles: Strings
    employers: Strings
    units: Strings
    also: Mapping[int, Mapping[int, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.slots)

    def content(self) -> U64:
        """A number for each row that depends on what it says, and neither on its source's name nor on its place."""
        slots = np.ascontiguousarray(self.slots).copy()
        slots["source"] = 0
        words = [slots.view(np.uint8).reshape(len(self), -1), self.sketches["text"].reshape(-1, 1).view(np.uint8)]
        of = np.concatenate([*words, self.towns.view(np.uint8), self.elsewhere.reshape(-1, 1).view(np.uint8)], axis=1)
        pad = -of.shape[1] % 8
        of = np.concatenate([of, np.zeros((len(self), pad), np.uint8)], axis=1)
        total = np.zeros(len(self), np.uint64)
        for part in np.ascontiguousarray(of).view(np.uint64).T:
            total = mixed(total + part)
        return total

    def taken(self, rows: NDArray[np.int64]) -> "Columns":
        """The rows in another order, or some of them."""
        listed = rows.tolist()
        return Columns(
            slots=self.slots[rows],
            sketches=self.sketches[rows],
            towns=self.towns[rows],
            elsewhere=self.elsewhere[rows],
            titles=[self.titles[row] for row in listed],
            employers=[self.employers[row] for row in listed],
            units=[self.units[row] for row in listed],
            also={at: self.also[row] for at, row in enumerate(listed) if row in self.also} if self.also else {},
        )

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """The rows of all parts, one part after another."""
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(part) for part in parts)]).tolist()
        return cls(
            slots=np.concatenate([part.slots for part in parts]),
            sketches=np.concatenate([part.sketches for part in parts]),
            towns=np.concatenate([part.towns for part in parts]),
            elsewhere=np.concatenate([part.elsewhere for part in parts]),
            titles=[one for part in parts for one in part.titles],
            employers=[one for part in parts for one in part.employers],
            units=[one for part in parts for one in part.units],
            also={
                start + at: said for start, part in zip(starts, parts, strict=False) for at, said in part.also.items()
            },
        )


def towns_of(codes: Iterable[Iterable[str]], size: int) -> U64:
    """The bits of each row's municipalities."""
    towns = np.zeros((size, TOWNS), np.uint64)
    for row, some in enumerate(codes):
        for code in some:
            word, bit = town_bits(code)
            towns[row, word] |= np.uint64(bit)
    return towns


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every posting of a source has, by source: bits that say nothing of one posting, to be left out of comparison."""

    masks: Mapping[int, NDArray[np.void]] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Iterable[tuple[int, bytes]]) -> "Furniture":
        """From what a store has kept of it."""
        return cls({source: np.frombuffer(mask, SKETCH)[0] for source, mask in kept if len(mask) == SKETCH.itemsize})

    @classmethod
    def learned(cls, source: U64, sketches: NDArray[np.void]) -> "Furniture":
        """From the sketches of postings and the source of each. Of a source with few postings nothing is learned."""
        masks = {}
        for one in np.unique(source).tolist():
            own = np.flatnonzero(source == one)
            if len(own) < FEW:
                continue
            some = sketches[own[:: max(1, len(own) // SAMPLE)]]
            mask = np.zeros(1, SKETCH)
            for name, share in SHARES.items():
                bits = np.unpackbits(some[name].reshape(len(some), -1).view(np.uint8), axis=1, bitorder="little")
                common = bits.mean(axis=0) > share
                mask[name] = np.packbits(common, bitorder="little").view("<u8").reshape(mask[name].shape)
            if any(mask[name].any() for name in SHARES):
                masks[one] = mask[0]
        return cls(masks)

    def cleaned(self, source: U64, sketches: NDArray[np.void]) -> NDArray[np.void]:
        """The sketches without it: what is furniture anywhere is left out where its source has it, and only there."""
        if not self.masks:
            return sketches
        bare = sketches.copy()
        for one, mask in self.masks.items():
            own = source == one
            for name in SHARES:
                bare[name][own] &= ~mask[name]
        return bare


FEW, SAMPLE = 60, 2000
"""Postings of a source from which on its furniture is learned, and about how many are looked at."""
SHARES: Mapping[str, float] = {"shingles": 0.45, "numbers": 0.2, "names": 0.25, "dates": 0.3}
"""In which share of a source's postings a bit has to stand to be furniture: more than chance puts there."""
