"""Which trade a title names, in whichever language: so that the titles of one vacancy in two languages can be compared."""

import csv
from functools import cache, lru_cache
from pathlib import Path

LONGEST = 4
"""Words of the longest name of a trade."""


@cache
def _trades() -> dict[str, int]:
    with (Path(__file__).parent / "occupations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    named: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 1):
        for name in (name for cell in row for name in cell.split("|")):
            named.setdefault(" ".join(name.replace("-", " ").split()), number)
    return named


@lru_cache(maxsize=200_000)
def trades(title: str) -> frozenset[int]:
    """The numbers of the trades that the words of a title name, the longest names first: none where no name is known."""
    words, known = title.split(" "), _trades()
    found: set[int] = set()
    at = 0
    while at < len(words):
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            if number := known.get(" ".join(words[at : at + size])):
                found.add(number)
                at += size - 1
                break
        at += 1
    return frozenset(found)
