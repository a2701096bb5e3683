"""The weights of the cards, fitted on pairs whose truth is known: ``python -m benchmarks.fit FILE...`` prints the file.

Each card is a logistic regression of its own with a penalty on large weights, solved by Newton's method: the same pairs give
the same weights. The pairs are those that the keys propose and no veto forbids; the truth is the file's.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from normalize.cards import Cards, cards, read, written
from normalize.columns import Furniture
from normalize.compare import CARDS, SIGNS, Compared
from normalize.sameness import excuses, paired
from schedules.adverts_file import adverts

PENALTY = 3.0
BY_HAND = {"address": {"the same": 8.0, "one leads to the other": 8.0}, "unit": {"the same": 1.0, "another": -4.0},
           "openings": {"another": -3.0}}  # fmt: skip
"""Signs that files of adverts do not have, and a regression cannot weigh."""


def pairs(path: Path) -> tuple[NDArray[np.int8], dict[str, NDArray[np.int8]], NDArray[np.bool_]]:
    """Of the pairs worth weighing: card, levels, truth."""
    read_file = adverts(path)
    columns = read_file.columns
    columns.sketches = Furniture.learned(columns.slots["source"], columns.sketches).cleaned(columns.slots["source"], columns.sketches)
    a, b = paired(columns)
    truth = np.array(read_file.clusters)[a] == np.array(read_file.clusters)[b]
    compared = Compared(columns, a, b)
    kept = (compared.vetoes & ~excuses(compared)) == 0
    return compared.card[kept], {sign: levels[kept] for sign, levels in compared.levels.items()}, truth[kept]


def fitted(features: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The base and the weight of each column, in bits."""
    x = np.column_stack([np.ones(len(features)), features])
    y = truth.astype(float)
    weights = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], PENALTY)
    penalty[0] = 0.3
    for _round in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (y - p) - penalty * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights / np.log(2)


def main(paths: list[Path]) -> None:
    """Print the cards."""
    parts = [pairs(path) for path in paths]
    card = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[2] for part in parts])
    levels = {sign: np.concatenate([part[1][sign] for part in parts]) for sign in SIGNS}
    base = np.zeros(len(CARDS))
    tables = {sign: np.zeros((len(CARDS), len(names))) for sign, names in SIGNS.items()}
    for at in range(len(CARDS)):
        rows = np.flatnonzero(card == at)
        columns = [(sign, level) for sign, names in SIGNS.items() for level in range(len(names)) if sign not in BY_HAND]
        features = np.column_stack([levels[sign][rows] == level for sign, level in columns]).astype(float)
        weights = fitted(features, truth[rows])
        base[at] = weights[0]
        for (sign, level), weight in zip(columns, weights[1:], strict=True):
            tables[sign][at, level] = weight
    for sign, said in BY_HAND.items():
        for level, weight in said.items():
            tables[sign][:, SIGNS[sign].index(level)] = weight
    names = ", ".join(path.name for path in paths)
    print(written(Cards(base, tables), f"Bits by card, sign and level. Made by benchmarks/fit.py from {len(truth):,} pairs of {names}."), end="")


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
