"""Titles and names of two postings, compared word by word."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from normalize.trades import trades

_WORDS = tomllib.loads((Path(__file__).parent / "title_words.toml").read_text(encoding="utf-8"))
RANKS = frozenset(_WORDS["ranks"].split())
"""Words of which one in a title makes another job of it."""
DECORATION = frozenset(_WORDS["decoration"].split())
"""Words that boards put round a title."""


def each_pair(
    one: Sequence[str], other: Sequence[str], judge: Callable[[str, str], tuple[int, int]]
) -> NDArray[np.int8]:
    """What ``judge`` says of each pair of texts; each different pair is asked once."""
    answers: dict[tuple[str, str], tuple[int, int]] = {}
    out: list[tuple[int, int]] = []
    for pair in zip(one, other, strict=True):
        answer = answers.get(pair)
        if answer is None:
            answer = answers[pair] = judge(*pair)
        out.append(answer)
    return np.array(out, np.int8).reshape(-1, 2)


def bare(title: str) -> str:
    """The words of a title without what boards put round it, in one order."""
    return " ".join(sorted(set(title.split(" ")) - DECORATION))


def titles(one: str, other: str) -> tuple[int, int]:
    """The levels of *title* and of *title words*."""
    if not one or not other:
        return 6, 0
    if one == other:
        return 0, 0
    words, words_b = set(one.split(" ")), set(other.split(" "))
    only, only_b = (words - words_b) - DECORATION, (words_b - words) - DECORATION
    if not only and not only_b:
        return 0, 0
    level = _alike(one, other, only, only_b)
    if level == 2:
        return level, 0
    ranks = (only & RANKS) != (only_b & RANKS)
    if only and only_b:
        return level, 4 if min(len(only), len(only_b)) > 1 else 3
    return level, 2 if ranks else 1


def _alike(one: str, other: str, only: set[str], only_b: set[str]) -> int:
    if not only or not only_b:
        return 1
    joined, joined_b = " ".join(sorted(only)), " ".join(sorted(only_b))
    if (
        fuzz.ratio(joined, joined_b) >= 85
        and not (only | only_b) & RANKS
        and not any(map(str.isdigit, joined + joined_b))
    ):
        return 2
    set_ratio, sort_ratio = fuzz.token_set_ratio(one, other), fuzz.token_sort_ratio(one, other)
    return 3 if sort_ratio >= 80 else 4 if max(set_ratio, sort_ratio) >= 55 else 5


def trade_titles(one: str, other: str) -> tuple[int, int]:
    """Of two titles in two languages: whether they name one trade."""
    mine, theirs = trades(one), trades(other)
    if not mine or not theirs:
        return 5, 0
    return (7 if mine & theirs else 8), 0


def employers(one: str, other: str) -> tuple[int, int]:
    """The level of *employer* for two whose keys differ: a brand in a longer name is alike."""
    if not one or not other:
        return 2, 0
    squeezed, squeezed_b = one.replace(" ", ""), other.replace(" ", "")
    shorter, longer = sorted((squeezed, squeezed_b), key=len)
    alike = (len(shorter) > 3 and shorter in longer) or fuzz.token_set_ratio(one, other) >= 88
    return (1 if alike else 2), 0


def units(one: str, other: str) -> tuple[int, int]:
    """The level of *unit*: a name inside a longer one is the same unit, word by word: ward 1 is not ward 12."""
    return (2 if f" {one} " in f" {other} " or f" {other} " in f" {one} " else 3), 0
