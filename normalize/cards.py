"""What each sign of sameness weighs, in bits: one card for each regime of text, fitted by ``benchmarks/fit.py`` and kept in
``sameness.toml``. A score is the sum of a card's base and of one weight a sign."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normalize.compare import Compared
from normalize.signs import CARDS, SIGNS

FILE = Path(__file__).parent / "sameness.toml"
UNREAD = ("title", "title words", "unit", "place")
"""Signs of which a fingerprint tells nothing."""


@dataclass(frozen=True, slots=True)
class Cards:
    """``base`` by card; ``weights`` by sign, a table of card by level."""

    base: NDArray[np.float64]
    weights: Mapping[str, NDArray[np.float64]]
    version: str = ""

    def scores(self, compared: Compared) -> NDArray[np.float64]:
        """The bits that speak for each pair: above 0 they are more likely one than not."""
        card = compared.card
        total = self.base[card]
        for sign, table in self.weights.items():
            total = total + table[card, compared.levels[sign]]
        return np.asarray(total.round(3))

    def at_most(self, unread: Compared) -> NDArray[np.float64]:
        """The bits that could at most speak for each pair, compared without its words and places, whatever these are."""
        card = unread.card
        total = self.base[card]
        for sign, table in self.weights.items():
            level = unread.levels[sign]
            if sign in UNREAD:
                total = total + table.max(axis=1)[card]
            elif sign == "employer":
                total = total + np.where(level == 2, table[:, 1:3].max(axis=1)[card], table[card, level])
            else:
                total = total + table[card, level]
        return np.asarray(total.round(3))


@cache
def cards() -> Cards:
    """The cards that are in use."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Cards:
    """Cards as they are written in a file; a level that a card does not name weighs nothing."""
    said = tomllib.loads(text)
    base = np.array([said.get(name, {}).get("base", 0.0) for name in CARDS], float)
    weights = {}
    for sign, levels in SIGNS.items():
        rows = [[said.get(name, {}).get(sign, {}).get(level, 0.0) for level in levels] for name in CARDS]
        weights[sign] = np.array(rows, float)
    return Cards(base, weights, blake2b(text.encode(), digest_size=6).hexdigest())


def written(cards: Cards, head: str) -> str:
    """Cards as a file, a weight of nothing left out."""
    lines = [*(f"# {line}" for line in head.splitlines())]
    for at, name in enumerate(CARDS):
        lines += ["", f"[{name!r}]".replace("'", '"'), f"base = {cards.base[at]:.1f}"]
        for sign, table in cards.weights.items():
            some = [
                f'"{level}" = {weight:.1f}'
                for level, weight in zip(SIGNS[sign], table[at], strict=True)
                if round(weight, 1)
            ]
            if some:
                lines.append(f'"{sign}" = {{ {", ".join(some)} }}')
    return "\n".join(lines) + "\n"
