"""Sameness measured on a file whose true groups are known: what ``aluetori evaluate dedupe`` does."""

import json as jsons
import resource
import sys
import time
from pathlib import Path
from typing import Any

from schedules.show import as_json, say


def evaluate_dedupe(file: Path, predictions: Path | None, workers: int, json: bool) -> None:
    """Group the listings of a file by the judgement that curation uses, score the groups against its column ``cluster``, and
    print the figures. ``predictions`` is where id and cluster of each listing are written."""
    from normalize.sameness import whole
    from schedules.adverts_file import adverts
    from schedules.agreement import agreement, by_kind, mixed_by, names_of

    began = time.perf_counter()
    read = adverts(file, workers)
    reading = time.perf_counter() - began
    groups = whole(read.columns)
    seconds = time.perf_counter() - began
    found = names_of(groups, len(read.ids))
    if predictions is not None:
        _write(predictions, read.ids, found)
    told: dict[str, Any] = {
        "file": str(file),
        "seconds": round(seconds, 3),
        "seconds_reading": round(reading, 3),
        "peak_mb": _peak(),
    }
    if any(read.clusters):
        true = [name or f"alone {row}" for row, name in enumerate(read.clusters)]
        told |= agreement(true, found)
        told |= {"by_kind": by_kind(true, found, read.kinds), "by_family": mixed_by(true, found, read.families)}
    else:
        told |= {"listings": len(read.ids), "largest": max(map(len, groups), default=1)}
    if json:
        as_json(told)
    else:
        _say(told)


def _peak() -> dict[str, float]:
    """Megabytes at the most: of this process, and of the largest that read for it."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    own, child = (resource.getrusage(who).ru_maxrss / unit for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"main": round(own, 1), "largest_reader": round(child, 1)}


def _write(path: Path, ids: list[str], found: list[int]) -> None:
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".csv":
            file.write("id,cluster\n")
        for id_, row in zip(ids, found, strict=True):
            if path.suffix == ".csv":
                file.write(",".join('"' + one.replace('"', '""') + '"' for one in (id_, ids[row])) + "\n")
            else:
                file.write(jsons.dumps({"id": id_, "cluster": ids[row]}, ensure_ascii=False) + "\n")


def _say(told: dict[str, Any]) -> None:
    peak = told["peak_mb"]
    say(f"{told['listings']:,} listings in {told['seconds']:.2f} s, of which {told['seconds_reading']:.2f} s reading; "
        f"at the most {peak['main']:,.0f} MB, and {peak['largest_reader']:,.0f} MB in the largest reader")  # fmt: skip
    if "pairs" not in told:
        say(f"the file has no column cluster to score against; the largest group has {told['largest']} listings")
        return
    pairs, cubed = told["pairs"], told["b_cubed"]
    say(f"pairs     precision {_in(pairs['precision'])}  recall {_in(pairs['recall'])}  F1 {pairs['f1']:.4f}  "
        f"({told['true_pairs']:,} true pairs)")  # fmt: skip
    say(f"B-cubed   precision {cubed['precision']:.4f}  recall {cubed['recall']:.4f}  F1 {cubed['f1']:.4f}")
    say(f"mixed     {_in(told['mixed'])} of the listings share a group with another vacancy")
    say(f"largest   {told['largest']} listings in a group (true: {told['largest_true']})")
    for kind, one in told["by_kind"].items():
        say(f"  {kind:<14} recall {_in(one['recall'])} of {one['pairs']:,} pairs")
    for family, one in told["by_family"].items():
        say(f"  {family:<14} mixed {_in(one['mixed'])} of {one['listings']:,} listings")


def _in(share: dict[str, float]) -> str:
    return f"{share['share']:.4f} [{share['low']:.4f}, {share['high']:.4f}]"
