"""Whatever a site answers, a harvest gives records and problems or fails: it neither raises, nor hangs, nor grows.

Every recorded folder is fuzzed by being there, and so are the options that none of them has, and a partner's files.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.changes import PARTS, Change
from tests.fuzz.holding import Outcome, changed, fuzz
from tests.fuzz.subjects import names, subject

ROOT = Path(__file__).parents[2]
EXAMPLES = 2_000
"""Changed pages of a subject in the long form, unless ``FUZZ_EXAMPLES`` says another number."""
CANNOT_TELL = ("ndjson", "table")
"""Formats without an end: a file that was cut where a line ends, or within the last cell, is a shorter file."""


@pytest.mark.parametrize("name", names())
def test_a_changed_page_gives_records_and_problems_and_nothing_worse(name: str, tmp_path: Path) -> None:
    fuzz(name, tmp_path, settings(max_examples=16, derandomize=True))


@pytest.mark.parametrize("name", [name for name in names() if not name.endswith((".csv", ".gz"))])
def test_a_page_that_was_cut_is_not_taken_for_whole(name: str, tmp_path: Path) -> None:
    sound = subject(name, tmp_path)
    whole = Outcome(sound.get(sound.pages), sound)
    if sound.source.adapter.kind in CANNOT_TELL and not name.endswith(".xlsx"):
        return

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 20), st.integers(0, PARTS - 1))
    def holds(which: int, where: int) -> None:
        cut = Outcome(sound.get(changed(sound.pages, which, [Change("cut", where)])), sound)
        lost = {one.ref: one.plain for one in whole.postings} != {one.ref: one.plain for one in cut.postings}
        assert not (lost and cut.verdict.counts_as_complete and not cut.rest), cut.verdict

    holds()


@pytest.mark.soak
def test_no_page_takes_the_process_down(tmp_path: Path) -> None:
    """Each subject in a process of its own, with a limit of memory and of time for each page."""
    started, broke, examples = time.monotonic(), list[str](), int(os.environ.get("FUZZ_EXAMPLES", EXAMPLES))
    for name in names():
        last = tmp_path / f"{name}.txt"
        words = [sys.executable, "-m", "tests.fuzz.long", name, str(examples), str(last)]
        ended = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
        if ended.returncode:
            broke.append(f"{name} ({ended.returncode}) at {last.read_text('utf-8')[:1000]}\n{ended.stderr[-3000:]}")
    assert not broke, "\n\n".join(broke)
    print(
        f"\n| fuzzing | {examples:,} changed pages of each of {len(names())} sources, up to 16 MB | no exception, none above "
        f"60 s or 1 GiB | {time.monotonic() - started:.0f} s |"
    )
