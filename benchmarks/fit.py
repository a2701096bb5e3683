"""The weights of the cards, fitted on pairs whose truth is known: ``python -m benchmarks.fit FILE...`` prints the file.

Each card is a logistic regression of its own with a penalty on large weights, solved by Newton's method: the same pairs give
the same weights. The pairs are those that the keys propose and no veto forbids; the truth is the file's.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normalize.cards import Cards, written
from normalize.columns import Furniture
from normalize.compare import Compared
from normalize.sameness import excuses, paired
from normalize.signs import CARDS, SIGNS
from schedules.adverts_file import adverts

PENALTY = 2.0
FOR, AGAINST, NOTHING, EITHER = (0.0, np.inf), (-np.inf, 0.0), (0.0, 0.0), (-np.inf, np.inf)
"""Which way a level may weigh. A card that is to be read has to make sense: agreement never speaks against, a difference
never for, and what is not known says nothing. Without this the fit would tell more of a generator than of vacancies."""
WAYS = {
    "text": (FOR, FOR, EITHER, EITHER, AGAINST, AGAINST, AGAINST, NOTHING),
    "title": (FOR, EITHER, FOR, EITHER, AGAINST, AGAINST, NOTHING, FOR, AGAINST),
    "title words": (NOTHING, AGAINST, AGAINST, AGAINST, AGAINST, AGAINST),
    "employer": (FOR, FOR, AGAINST, NOTHING, NOTHING),
    "place": (FOR, FOR, NOTHING, NOTHING, AGAINST, FOR, AGAINST),
    "contract": (FOR, NOTHING, FOR, AGAINST, AGAINST),
    "hours": (FOR, NOTHING, FOR, AGAINST, AGAINST),
    "reference": (FOR, NOTHING, AGAINST, AGAINST),
    "ends": (FOR, NOTHING, EITHER, AGAINST, AGAINST),
    "dates": (NOTHING, FOR, AGAINST, AGAINST),
    "days apart": (NOTHING, *[AGAINST] * 6),
    "shared numbers": (NOTHING, FOR, FOR, FOR),
    "other numbers": (NOTHING, *[AGAINST] * 5),
    "shared names": (NOTHING, FOR, FOR, FOR),
    "other names": (NOTHING, *[AGAINST] * 3),
    "source": (NOTHING, AGAINST, AGAINST),
}
BY_HAND: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "by_hand.toml").read_text(encoding="utf-8"))
UNSEEN = BY_HAND.pop("every card")
"""Signs that files of adverts do not have."""


def pairs(path: Path) -> tuple[NDArray[np.int8], dict[str, NDArray[np.int8]], NDArray[np.bool_]]:
    """Of the pairs worth weighing: card, levels, truth."""
    read_file = adverts(path)
    columns = read_file.columns
    columns.sketches = Furniture.learned(columns.slots["source"], columns.sketches).cleaned(
        columns.slots["source"], columns.sketches
    )
    a, b = paired(columns)
    truth = np.array(read_file.clusters)[a] == np.array(read_file.clusters)[b]
    compared = Compared(columns, a, b)
    kept = (compared.vetoes & ~excuses(compared)) == 0
    return compared.card[kept], {sign: levels[kept] for sign, levels in compared.levels.items()}, truth[kept]


def fitted(features: NDArray[np.float64], truth: NDArray[np.bool_], ways: NDArray[np.float64]) -> NDArray[np.float64]:
    """The base and the weight of each column, in bits; columns that would weigh the wrong way are left out, worst first."""
    active = np.flatnonzero(ways[:, 0] != ways[:, 1])
    while True:
        weights = _newton(features[:, active], truth)
        wrong = np.maximum(ways[active, 0] - weights[1:], weights[1:] - ways[active, 1])
        if not len(active) or wrong.max() <= 1e-9:
            break
        active = active[wrong < max(1e-9, wrong.max() / 2)]
    out = np.zeros(features.shape[1] + 1)
    out[0] = weights[0]
    out[1 + active] = weights[1:]
    return out / np.log(2)


def _newton(features: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    x = np.column_stack([np.ones(len(features)), features])
    weights, penalty = np.zeros(x.shape[1]), np.full(x.shape[1], PENALTY)
    penalty[0] = 0.3
    for _round in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (truth - p) - penalty * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < 1e-6:
            break
    return weights


def _by_hand(
    at: int, said: Mapping[str, Any], base: NDArray[np.float64], tables: dict[str, NDArray[np.float64]]
) -> None:
    for sign, levels in said.items():
        if sign == "base":
            base[at] = levels
            continue
        for level, weight in levels.items():
            tables[sign][at, SIGNS[sign].index(level)] = weight


def main(paths: list[Path]) -> None:
    """Print the cards."""
    parts = [pairs(path) for path in paths]
    card = np.concatenate([part[0] for part in parts])
    truth = np.concatenate([part[2] for part in parts])
    levels = {sign: np.concatenate([part[1][sign] for part in parts]) for sign in SIGNS}
    base = np.zeros(len(CARDS))
    tables = {sign: np.zeros((len(CARDS), len(names))) for sign, names in SIGNS.items()}
    for at, name in enumerate(CARDS):
        if name in BY_HAND:
            _by_hand(at, BY_HAND[name], base, tables)
            continue
        rows = np.flatnonzero(card == at)
        columns = [(sign, level) for sign, names in SIGNS.items() for level in range(len(names)) if sign not in UNSEEN]
        features = np.column_stack([levels[sign][rows] == level for sign, level in columns]).astype(float)
        weights = fitted(features, truth[rows], np.array([WAYS[sign][level] for sign, level in columns]))
        base[at] = weights[0]
        for (sign, level), weight in zip(columns, weights[1:], strict=True):
            tables[sign][at, level] = weight
        _by_hand(at, UNSEEN, base, tables)
    names = ", ".join(path.name for path in paths)
    print(
        written(
            Cards(base, tables),
            f"Bits by card, sign and level. Made by benchmarks/fit.py from {len(truth):,} pairs of {names}.",
        ),
        end="",
    )


if __name__ == "__main__":
    main([Path(path) for path in sys.argv[1:]])
