"""How good the finding of places in texts is, on a labelled file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from schedules.show import as_json, say, table, warn

if TYPE_CHECKING:
    from normalize.score_places import Answer, Score


def evaluate_places(file: Path, predictions: Path | None, wrong: bool, json: bool) -> None:
    """Print precision, recall and F1 of the names of places found in the labelled texts of ``file``, the share of hard
    negatives that were rejected, seconds and peak memory; what was found goes to ``predictions``."""
    import resource
    import time
    from dataclasses import asdict
    from datetime import UTC, datetime

    from harvest.moment import HELSINKI
    from normalize.mention import mentions
    from normalize.score_places import answers, score
    from schedules.labelled import read_labelled, unknown

    rows = read_labelled(file)
    for sentence in unknown(rows)[:20]:
        warn(f"{file}, {sentence}")
    mentions("Mikkelissä", "fi")  # what is made once is not the cost of a text
    began = time.perf_counter()
    found = list(answers(rows, datetime.now(UTC).astimezone(HELSINKI).date()))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    result = score(found)
    if predictions is not None:
        _write(predictions, found)
    named = sorted({name for each in found for name in (each.labelled.kind, each.labelled.language)} - {""})
    kinds = {
        name: score([one for one in found if name in (one.labelled.kind, one.labelled.language)]) for name in named
    }
    if json:
        told = {"file": str(file), **asdict(result), "seconds": round(seconds, 3), "peak_mb": round(peak, 1)}
        told["by_kind"] = {name: asdict(one) for name, one in kinds.items()}
        as_json(told | ({"wrong": [_row(each) for each in found if not each.right]} if wrong else {}))
        return
    _tell(result, len(rows), seconds, peak)
    if len(kinds) > 1:
        say("")
        table(
            [{"kind": name, "rows": one.rows, "precision": f"{one.precision:.4f}", "recall": f"{one.recall:.4f}",
              "f1": f"{one.f1:.4f}", "right": f"{one.sets_right:.4f}"} for name, one in kinds.items()],
            ("kind", "rows", "precision", "recall", "f1", "right"), "By kind and language",
        )  # fmt: skip
    for each in found if wrong else ():
        if not each.right:
            row = _row(each)
            expected, names = row["expected"] or "nothing", row["found"] or "nothing"
            say(f"row {row['row']}: expected {expected}, found {names}: {row['because']}")
            say(f"  {each.labelled.text[:300]}")


def _tell(result: "Score", rows: int, seconds: float, peak: float) -> None:
    told = [
        {"what": name.replace("_", " "), "value": f"{value:.4f}",
         "interval": "{:.4f} to {:.4f}".format(*result.intervals[name]) if name in result.intervals else ""}
        for name in ("precision", "recall", "f1", "sets_right", "decided_right", "negatives_rejected")
        if (value := getattr(result, name)) is not None
    ]  # fmt: skip
    table(
        told,
        ("what", "value", "interval"),
        f"{rows} rows, {result.true} right, {result.false} false, {result.missed} missed",
    )
    say(f"{seconds:.2f} seconds, {rows / seconds:,.0f} rows a second, {peak:.0f} MB at most")


def _row(each: "Answer") -> dict[str, object]:
    said = each.labelled
    return {
        "row": said.row, "id": said.id, "language": said.language, "found": ",".join(sorted(each.found)),
        "expected": ",".join(sorted(each.expected)), "decided": ",".join(sorted(each.decided)),
        "right": each.right, "because": "; ".join(each.because),
    }  # fmt: skip


def _write(path: Path, found: list["Answer"]) -> None:
    import csv
    import json

    from harvest.records import HarvestError

    rows = [_row(each) for each in found]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            if path.suffix in (".jsonl", ".json", ".ndjson"):
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            else:
                writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    except OSError as error:
        raise HarvestError(f"--predictions {path} cannot be written: {error.strerror}") from None
