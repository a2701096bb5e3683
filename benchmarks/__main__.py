"""``python -m benchmarks [path|feed|places|sameness]``: one table, medians of three runs, each in a process of its own."""

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.path import CHANGED, write_answers

RUNS = int(os.environ.get("RUNS", "3"))
ADVERTS = int(os.environ.get("ADVERTS", "100000"))


def main() -> None:
    """Print the table of what was asked for, or of everything."""
    asked = sys.argv[1:] or ["path", "feed", "places", "sameness"]
    machine = f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}")
    print(f"{'what':<58} {'figure':>12} {'goal':>10}")
    for name in asked:
        {"path": path, "feed": feed, "places": places, "sameness": sameness}[name]()


def row(what: str, figure: str, goal: str = "") -> None:
    """One line of the table."""
    print(f"{what:<58} {figure:>12} {goal:>10}", flush=True)


def path() -> None:
    """The main path at size."""
    with tempfile.TemporaryDirectory(prefix="aluetori-bench-") as folder:
        answers = Path(folder) / "answers"
        answers.mkdir()
        size = write_answers(answers, ADVERTS)
        row(f"adverts, bytes each ({RUNS} runs, medians)", f"{ADVERTS:,}, {size:,.0f}")
        runs = []
        for number in range(RUNS):
            own = Path(folder) / f"run{number}"
            shutil.copytree(answers, own)
            command = [sys.executable, "-m", "benchmarks.path", str(own), f"sqlite:///{folder}/{number}.db"]
            runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            shutil.rmtree(own)
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    row("raw answers to curated rows, a second", f"{middle['found'] / middle['first']:,.0f}", "3,000")
    row("   of which harvested (read, cleaned, saved), a second", f"{middle['found'] / middle['harvest']:,.0f}")
    row("   of which curated (judged, written), a second", f"{middle['found'] / middle['curate']:,.0f}")
    row("the same answers again, a second", f"{middle['found'] / middle['again']:,.0f}", "20,000")
    row(
        f"{CHANGED} changed: saved and curated, seconds",
        f"{middle['changed_save'] + middle['changed_curate']:.2f}",
        "1",
    )
    row("peak memory of the main process, MB", f"{middle['rss_main']:,.0f}")
    row("peak memory of all three processes, MB", f"{middle['rss_all']:,.0f}", "700")


def feed() -> None:
    """Reading a feed of 20,000 items, beside feedparser in the same run."""
    ours, theirs = (
        statistics.median(float(subprocess.run([sys.executable, "-m", "benchmarks.feed", who], check=True, capture_output=True,
                                               text=True).stdout) for _ in range(RUNS))
        for who in ("ours", "feedparser")
    )  # fmt: skip
    row("RSS items mapped, a second", f"{20_000 / ours:,.0f}")
    row("   feedparser on the same bytes, a second", f"{20_000 / theirs:,.0f}")
    row("   ratio", f"{theirs / ours:.1f}")


def places() -> None:
    """Names of places in texts, and the evidence of fields and points, on one core."""
    command = [sys.executable, "-m", "benchmarks.places"]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(RUNS)]
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    row("texts of 2 kB searched for places, a second", f"{middle['names']:,.0f}")
    row("   with title and evidence, a second", f"{middle['evidence']:,.0f}", "5,000")
    row("   and placed, a second", f"{middle['placed']:,.0f}")
    row("place and postal code fields, a second", f"{middle['fields']:,.0f}", "50,000")
    row("points without borders, a second", f"{middle['points']:,.0f}")
    row("points with borders and their evidence, a second", f"{middle['bordered']:,.0f}")
    row("   looked up alone, a second", f"{middle['borders']:,.0f}")


RIVALS = {
    "rapidfuzz": "rapidfuzz, every pair", "minhash": "MinHash LSH (datasketch)", "tfidf": "TF-IDF cosine (scikit-learn)",
    "splink": "Splink",
}  # fmt: skip


def sameness() -> None:
    """A batch of adverts, beside four known ways on a tenth of them in the same run, and a few new ones on many that stand."""
    with tempfile.TemporaryDirectory(prefix="aluetori-bench-") as folder:
        many, few = (_generated(Path(folder), size) for size in (ADVERTS, ADVERTS // 10))
        for path, size in ((many, ADVERTS), (few, ADVERTS // 10)):
            command = ["aluetori", "evaluate", "dedupe", str(path), "--json"]
            command[0] = str(Path(sys.executable).parent / command[0])
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(RUNS)
            ]
            seconds = statistics.median(run["seconds"] for run in runs)
            row(f"{size:,} adverts in one go, seconds", f"{seconds:.1f}", "10" if size == 100_000 else "")
            row(
                "   MB in the main process",
                f"{statistics.median(run['peak_mb']['main'] for run in runs):,.0f}",
                "1,500",
            )
            _agreed(runs[0]["pairs"]["f1"], runs[0]["mixed"]["share"], runs[0]["largest"])
        for who, said in RIVALS.items():
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.rivals", who, str(few)], capture_output=True, text=True
            )
            if done.returncode:
                row(said, "not there", "")  # see requirements/rivals.in
                continue
            told = json.loads(done.stdout.splitlines()[-1])
            row(f"{said}, {ADVERTS // 10:,} adverts, seconds", f"{told['seconds']:.1f}")
            row("   MB", f"{told['mb']:,.0f}")
            _agreed(told["f1"], told["mixed"], told["largest"])
        command = [sys.executable, "-m", "benchmarks.sameness", str(many), f"sqlite:///{folder}/same.db", "2000"]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        new, standing = told["new"], told["standing"]["adverts"]
        row(
            f"2,000 new on {standing:,} that stand: saved and curated, s", f"{new['saved'] + new['curated']:.2f}", "1.5"
        )
        _agreed(told["f1"], told["mixed"], told["largest"])


def _agreed(f1: float, mixed: float, largest: int) -> None:
    row("   F1 of pairs; mixed; largest group", f"{f1:.3f}; {mixed:.1%}; {largest}", ".85; 3%; 14")


def _generated(folder: Path, size: int) -> Path:
    path = folder / f"{size}.jsonl"
    command = [sys.executable, "-m", "benchmarks.adverts", str(size), str(path), "--seed", "811"]
    subprocess.run(command, check=True)
    return path


if __name__ == "__main__":
    main()
