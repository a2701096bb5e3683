"""What a harvest made of the pocket world, measured against the truth: sameness, places, topic, and what was lost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, str]
"""A posting: its source and its reference there."""
CLASSES = ("exact", "partial", "semantic")
"""By what a pair of copies can be joined at all, the easiest first."""


def score(truth: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare curated rows with the truth. A row says ``source``, ``ref``, ``listing``, ``municipalities``, ``bucket``
    and whether it is ``shown``. Sameness is counted in pairs of postings; shares are None where there is nothing to count."""
    known: dict[Key, Mapping[str, Any]] = {(each["source"], each["ref"]): each for each in truth["postings"]}
    found: dict[Key, Mapping[str, Any]] = {(row["source"], row["ref"]): row for row in rows}
    vacancies = [key for key in found if key in known and known[key]["kind"] == "vacancy"]
    return {
        "postings": len(found),
        "sameness": _sameness(known, found, vacancies),
        "mixed": _mixed(known, found, vacancies),
        "largest_cluster": max(Counter(found[key]["listing"] for key in vacancies).values(), default=0),
        "places_right": _places(known, found),
        "on_topic": {kind: _topic(known, found, kind) for kind in ("news", "service")},
        "missing": sorted(key for key, each in known.items() if each["open"] and each["on_topic"] and key not in found),
        "ended_but_shown": sorted(key for key in found if key in known and _stale(known[key], found[key])),
        "unknown": sorted(key for key in found if key not in known),
    }


def _sameness(
    known: Mapping[Key, Mapping[str, Any]], found: Mapping[Key, Mapping[str, Any]], keys: Sequence[Key]
) -> dict[str, float | int | None]:
    """Pairs that are one vacancy, against pairs that share a listing. Each true pair is of one class, that of its harder
    side: *exact* can be joined by a link, a reference, or equal fields; *partial* only by likeness in one language;
    *semantic* only across languages. The recall of a class is of its pairs alone."""
    true = _pairs((known[key]["vacancy"], key) for key in keys)
    joined = _pairs((found[key]["listing"], key) for key in keys)
    classes: dict[str, set[tuple[Key, Key]]] = {name: set() for name in CLASSES}
    for pair in true:
        classes[max((known[key]["joinable"] or "exact" for key in pair), key=CLASSES.index)].add(pair)
    precision, recall = _share(true & joined, joined), _share(true & joined, true)
    f1 = 2 * precision * recall / (precision + recall) if precision and recall else None
    return {
        "pairs": len(true),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        **{f"{name}_pairs": len(pairs) for name, pairs in classes.items()},
        **{f"{name}_recall": _share(pairs & joined, pairs) for name, pairs in classes.items()},
    }


def _mixed(
    known: Mapping[Key, Mapping[str, Any]], found: Mapping[Key, Mapping[str, Any]], keys: Sequence[Key]
) -> float | None:
    """The share of listings that hold more than one vacancy."""
    members: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        members[found[key]["listing"]].add(known[key]["vacancy"])
    return sum(len(vacancies) > 1 for vacancies in members.values()) / len(members) if members else None


def _places(known: Mapping[Key, Mapping[str, Any]], found: Mapping[Key, Mapping[str, Any]]) -> dict[str, Any]:
    """The share of postings whose municipalities are exactly the true ones, with the true bucket; and the wrong ones."""
    keys = [key for key in found if key in known and known[key]["on_topic"]]
    wrong = [
        key
        for key in keys
        if set(found[key]["municipalities"]) != set(known[key]["municipalities"])
        or (found[key]["bucket"] or "") != known[key]["bucket"]
    ]
    return {"share": 1 - len(wrong) / len(keys) if keys else None, "wrong": sorted(wrong)}


def _topic(
    known: Mapping[Key, Mapping[str, Any]], found: Mapping[Key, Mapping[str, Any]], kind: str
) -> dict[str, float | None]:
    """Of what is shown of a kind, how much is on topic; of what is on topic, how much is shown."""
    there = {key for key, each in known.items() if each["kind"] == kind}
    on_topic = {key for key in there if known[key]["on_topic"]}
    shown = {key for key in there if key in found and found[key]["shown"]}
    return {"precision": _share(shown & on_topic, shown), "recall": _share(shown & on_topic, on_topic)}


def _stale(true: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return bool(row["shown"]) and not true["open"]


def _pairs(members: Iterable[tuple[str, Key]]) -> set[tuple[Key, Key]]:
    """All pairs of postings under one name. Quadratic in the size of a cluster: one that swallows thousands is slow."""
    groups: dict[str, list[Key]] = defaultdict(list)
    for name, key in members:
        groups[name].append(key)
    return {(a, b) for keys in groups.values() for at, a in enumerate(sorted(keys)) for b in sorted(keys)[at + 1 :]}


def _share(part: set[Any], whole: set[Any]) -> float | None:
    return len(part) / len(whole) if whole else None
