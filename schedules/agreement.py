"""How well groups agree with the true ones: by pairs, by listings, and by how much of each other's they hold."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from normalize.score_places import wilson


def agreement(true: Sequence[str], found: Sequence[int]) -> dict[str, Any]:
    """Pairwise and B-cubed precision, recall and F1 of ``found`` against ``true`` (both a name for each listing), each share
    with an interval; how many listings share a group with another vacancy; and the largest groups.

    Pairs within one cluster hang together: where groups are few the intervals are too narrow.
    """
    both = Counter(zip(true, found, strict=True))
    of_true, of_found = Counter(true), Counter(found)
    joined, right, there = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (of_found, both, of_true))
    total = len(true)
    cubed = (
        sum(n * n / of_found[name] for (_true, name), n in both.items()),
        sum(n * n / of_true[name] for (name, _found), n in both.items()),
    )
    kinds: dict[int, int] = Counter(name for _true, name in both)
    mixed = sum(n for name, n in of_found.items() if kinds[name] > 1)
    return {
        "listings": total,
        "true_pairs": there,
        "pairs": _shares(right, joined, there),
        "b_cubed": _f1({"precision": cubed[0] / total, "recall": cubed[1] / total}) if total else {},
        "mixed": _share(mixed, total),
        "largest": max(of_found.values(), default=0),
        "largest_true": max(of_true.values(), default=0),
    }


def by_kind(true: Sequence[str], found: Sequence[int], kinds: Sequence[str]) -> dict[str, Any]:
    """For each kind that is given: which share of the true pairs with a listing of that kind was found."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(true):
        rows[name].append(row)
    right: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for members in rows.values():
        for row in members:
            if kinds[row] and len(members) > 1:
                there[kinds[row]] += len(members) - 1
                right[kinds[row]] += sum(found[row] == found[other] for other in members) - 1
    return {kind: {"pairs": count, "recall": _share(right[kind], count)} for kind, count in sorted(there.items())}


def mixed_by(true: Sequence[str], found: Sequence[int], families: Sequence[str]) -> dict[str, Any]:
    """For each family of look-alikes that is given: which share of its listings share a group with another vacancy."""
    names: dict[int, set[str]] = defaultdict(set)
    for name, group in zip(true, found, strict=True):
        names[group].add(name)
    total, mixed = (
        Counter(families),
        Counter(one for one, group in zip(families, found, strict=True) if len(names[group]) > 1),
    )
    return {
        family: {"listings": total[family], "mixed": _share(mixed[family], total[family])}
        for family in sorted(total)
        if family
    }


def names_of(groups: Iterable[Sequence[int]], size: int) -> list[int]:
    """For each row the first row of its group, itself where it stands alone."""
    names = list(range(size))
    for members in groups:
        for row in members:
            names[row] = min(members)
    return names


def _shares(right: int, joined: int, there: int) -> dict[str, Any]:
    precision, recall = _share(right, joined), _share(right, there)
    return {
        "precision": precision,
        "recall": recall,
        "f1": _f1({"precision": precision["share"], "recall": recall["share"]})["f1"],
    }


def _f1(said: Mapping[str, float]) -> dict[str, float]:
    precision, recall = said["precision"], said["recall"]
    return {**said, "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0}


def _share(part: int, whole: int) -> dict[str, float]:
    low, high = wilson(part, whole)
    return {"share": part / whole if whole else 0.0, "low": low, "high": high}
