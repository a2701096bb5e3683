"""The command line is killed at random moments: what was kept stays whole, and one clean run makes it what it would be."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select, text

from schedules.settings import settings
from schedules.workbench import Workbench
from store.counts import counts
from store.door import Store
from store.invariants import findings
from store.judgements import Spell
from store.tables import table
from tests.proofs.finland import ENVIRONMENT, Finland, curated_rows, finland, groups

ROOT = Path(__file__).parents[2]


def typed(folder: Path, url: str, *words: str) -> "subprocess.Popen[bytes]":
    """``aluetori`` with these words, as a process of its own."""
    command = [
        sys.executable,
        "-c",
        "from schedules.cli import main; main()",
        *words,
        "--database",
        url,
        "--config",
        str(folder),
    ]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def whole(folder: Path, url: str, *words: str) -> float:
    """Runs it to its end, and gives the seconds it took."""
    started = time.monotonic()
    assert typed(folder, url, *words).wait() == 0
    return time.monotonic() - started


def killed(folder: Path, url: str, after: float, *words: str) -> bool:
    """Kills it after so many seconds, and says whether it was still at work."""
    process = typed(folder, url, *words)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def ninety_seconds_pass(store: Store) -> None:
    """After which the leases of the dead are free: their times are moved instead."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE lease SET until = 0, free_at = 0"))


def running(store: Store) -> list[tuple[str, str]]:
    """The spells that run, as listing and scope."""
    spell = table(Spell)
    with store.engine.connect() as connection:
        found = connection.execute(select(spell.c.listing, spell.c.scope).where(spell.c.ended.is_(None)))
        return [(row.listing, row.scope) for row in found]


def survive(there: Finland, kills: int) -> Counter[str]:
    """Harvests and curations of one database killed so many times, then one clean run of each, against a fresh database
    that nobody disturbed. Says how many died at work, and in which state."""
    fresh, tried = f"sqlite:///{there.folder / 'fresh.db'}", there.url
    harvest = ("harvest", *there.slugs)
    lasts = {"harvest": whole(there.folder, fresh, *harvest), "curate": whole(there.folder, fresh, "curate")}
    rng, told = Random(2026), Counter[str]()
    for kill in range(kills):
        verb = "curate" if kill % 3 == 2 else "harvest"
        words = harvest if verb == "harvest" else ("curate",)
        died = killed(there.folder, tried, rng.uniform(0.2, 0.8) * lasts[verb], *words)
        told[f"{verb} {'died' if died else 'ended'}"] += 1
        broken = [one for one in findings(there.store.engine, datetime.now(UTC)) if one.broken]
        assert broken == [], f"after kill {kill + 1}, of {verb}"
        ninety_seconds_pass(there.store)
        with there.store.engine.connect() as connection:
            told["kept while it went on"] += bool(connection.execute(text("SELECT count(*) FROM posting")).scalar())
    whole(there.folder, tried, *harvest)
    whole(there.folder, tried, "curate")
    untouched = Workbench(settings(fresh, there.folder, {})).store()
    assert groups(there.store) == groups(untouched)
    assert curated_rows(there.store) == curated_rows(untouched)
    by = ("region", "municipality", "kind", "source")
    assert counts(there.store.engine, by=by) == counts(untouched.engine, by=by)
    assert len(set(running(there.store))) == len(running(there.store)) == len(running(untouched)), "no spell runs twice"
    assert len(curated_rows(untouched)) > 100
    told["rows"] = len(curated_rows(untouched))
    told["postings"] = sum(map(len, groups(untouched)))
    return told


def test_a_command_line_that_is_killed_ten_times_ends_where_an_undisturbed_one_does(url: str, tmp_path: Path) -> None:
    """Five on each engine."""
    with finland(tmp_path, 120, url, now=datetime.now(UTC)) as there:
        told = survive(there, 5)
    assert told["harvest died"] + told["curate died"] >= 1


@pytest.mark.soak
def test_a_command_line_that_is_killed_two_hundred_times_ends_where_an_undisturbed_one_does(
    url: str, tmp_path: Path
) -> None:
    started = time.monotonic()
    with finland(tmp_path, 600, url, now=datetime.now(UTC)) as there:
        told = survive(there, 200)
    died = told["harvest died"] + told["curate died"]
    assert died >= 100
    print(
        f"\n| kill loop, {url.partition(':')[0]} | 200 × kill -9, {told['harvest died']} harvests and {told['curate died']} "
        f"curations died at work; `check --database` after each | no broken invariant; after one clean run "
        f"{told['postings']} postings in {told['rows']} open listings, each as in a fresh database | "
        f"{time.monotonic() - started:.0f} s |"
    )
