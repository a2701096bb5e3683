"""Sameness beside four known ways, on the same adverts, each in a process of its own: ``python -m benchmarks.rivals WHO FILE``
prints one JSON object. ``WHO`` is rapidfuzz, minhash, tfidf or splink; the last three need ``requirements/rivals.txt``.

Each rival gets the text, title, employer and place as its users would give them, and joins what it accepts in chains.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from schedules.agreement import agreement

Rows = list[dict[str, Any]]
Pairs = Iterable[tuple[int, int]]


def rapidfuzz(rows: Rows) -> Pairs:
    """Every pair by title and employer, then by text: what is 90 alike in both."""
    names = [f"{row.get('title', '')} {row.get('employer', '')}" for row in rows]
    for at in range(0, len(rows), 500):
        alike = process.cdist(
            names[at : at + 500], names, scorer=fuzz.token_sort_ratio, score_cutoff=90, dtype=np.uint8, workers=2
        )
        for one, other in zip(*np.nonzero(alike), strict=True):
            if at + one < other and fuzz.ratio(_text(rows[at + one]), _text(rows[other]), score_cutoff=90):
                yield int(at + one), int(other)


def minhash(rows: Rows) -> Pairs:
    """Runs of four words under 128 permutations, a likeness of 0.6."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.6, num_perm=128)
    for at, row in enumerate(rows):
        words = _text(row).split()
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[n : n + 4]).encode() for n in range(max(1, len(words) - 3))])
        for other in index.query(sketch):
            yield int(other), at
        index.insert(str(at), sketch)


def tfidf(rows: Rows) -> Pairs:
    """The cosine of weighted words, from 0.75 on."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer().fit_transform(map(_text, rows))
    for at in range(0, len(rows), 500):
        alike = (vectors[at : at + 500] @ vectors.T).tocoo()
        near = alike.data >= 0.75
        yield from ((at + one, other) for one, other in zip(alike.row[near].tolist(), alike.col[near].tolist(), strict=True)
                    if at + one < other)  # fmt: skip


def splink(rows: Rows) -> Pairs:
    """Six comparisons, trained without labels, a probability of 0.99."""
    import pandas as pd
    import splink.comparison_library as levels
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    names = ("title", "employer", "municipality", "contract", "posted", "ends")
    frame = pd.DataFrame([{"unique_id": at} | {name: row.get(name) for name in names} for at, row in enumerate(rows)])
    said = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[levels.JaroWinklerAtThresholds("title", [0.9, 0.7]), levels.JaroWinklerAtThresholds("employer", [0.9]),
                     *(levels.ExactMatch(name) for name in names[2:])],
        blocking_rules_to_generate_predictions=[block_on("employer", "municipality"), block_on("title", "municipality"),
                                                block_on("employer", "ends")],
    )  # fmt: skip
    api = DuckDBAPI()
    linker = Linker(api.register(frame), said)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("employer", "title", "municipality", "ends")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("employer", "municipality"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("title", "ends"))
    found = linker.inference.predict(threshold_match_probability=0.99).as_pandas_dataframe()
    return zip(found["unique_id_l"].tolist(), found["unique_id_r"].tolist(), strict=True)


WAYS: dict[str, Callable[[Rows], Pairs]] = {
    "rapidfuzz": rapidfuzz,
    "minhash": minhash,
    "tfidf": tfidf,
    "splink": splink,
}


def _text(row: dict[str, Any]) -> str:
    return str(row.get("text") or "").lower()


def chained(size: int, pairs: Pairs) -> list[int]:
    """For each row the name of its chain."""
    above = list(range(size))

    def top(row: int) -> int:
        while above[row] != row:
            above[row] = row = above[above[row]]
        return row

    for one, other in pairs:
        above[top(one)] = top(other)
    return [top(row) for row in range(size)]


def main(who: str, path: Path) -> dict[str, Any]:
    """Seconds, peak megabytes and agreement of one way."""
    began = time.perf_counter()
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = chained(len(rows), WAYS[who](rows))
    seconds = time.perf_counter() - began
    told = agreement([row["cluster"] for row in rows], found)
    return {
        "seconds": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "f1": told["pairs"]["f1"],
        "precision": told["pairs"]["precision"]["share"], "recall": told["pairs"]["recall"]["share"],
        "mixed": told["mixed"]["share"], "largest": told["largest"],
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))
