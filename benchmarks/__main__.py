"""``python -m benchmarks [path|feed|places]``: one table, medians of three runs, each in a process of its own."""

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
    asked = sys.argv[1:] or ["path", "feed", "places"]
    machine = f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}")
    print(f"{'what':<58} {'figure':>12} {'goal':>10}")
    for name in asked:
        {"path": path, "feed": feed, "places": places}[name]()


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


if __name__ == "__main__":
    main()
