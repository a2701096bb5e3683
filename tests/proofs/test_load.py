"""Many sources on many hosts, asked by two processes at once: what the hosts themselves saw."""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pocket.cards import board_cards
from pocket.server import Pocket, Visit
from pocket.sites.boards import boards
from pocket.world import World
from store import db, health
from tests.proofs.finland import ENVIRONMENT, NEW_YEAR
from tests.proofs.test_kills import ROOT, typed

CLOCKS = 0.002
"""Seconds by which the clock of the day, by which the visitors keep their pauses, may drift from the server's within a few."""
SERVICE = """
import json, resource, sys
from pathlib import Path
from schedules.settings import settings
from schedules.workbench import Workbench

bench = Workbench(settings(sys.argv[1], Path(sys.argv[2])))
store = bench.store(create=True)
for _line in sys.stdin:
    results = bench.harvest(store, list(bench.cards(shipped=False)[0].values()), lambda _result: None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = [[result.source, result.verdict, result.cause] for result in results]
    print(json.dumps({"peak": peak, "results": told}), flush=True)
"""


class Service:
    """A process that harvests all cards when it is told to, as the service does by its clock."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.peaks: list[float] = []
        self.told: Counter[tuple[str, str]] = Counter()

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> None:
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline())
        self.peaks.append(said["peak"])
        self.told.update((verdict, cause) for _source, verdict, cause in said["results"])

    def harvest(self) -> None:
        self.begin()
        self.end()


@contextmanager
def service(folder: Path, url: str) -> Iterator[Service]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, url, str(folder)],
        cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Service(process)
        finally:
            process.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it: what the hosts saw, what the service told, its peaks in MiB, the runs, bytes of rounds."""

    log: Sequence[Visit]
    told: Counter[tuple[str, str]]
    peaks: Sequence[float]
    runs: Sequence[dict[str, Any]]
    first: int
    second: int
    closest: dict[str, tuple[float, str, str]]


def closest(log: Sequence[Visit]) -> dict[str, tuple[float, str, str]]:
    """The shortest time between the end of a visit and the beginning of the next, by host, and what was asked for in both;
    below 0 where two met."""
    by_host: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in sorted(log, key=lambda visit: visit.started):
        by_host[visit.site].append(visit)
    return {
        host: min((b.started - a.ended, a.path, b.path) for a, b in pairwise(visits))
        for host, visits in by_host.items()
    }


def bear(folder: Path, url: str, hosts: int, each: int, delay: float, beside: int) -> Load:
    """Two rounds of the service alone, then a new day and ``beside`` rounds with a command line beside it that asks for the
    same in the opposite order."""
    (folder / "sources").mkdir()
    world = World(postings=400, today=NEW_YEAR.date())
    with Pocket(world, build=boards(hosts, each, crawl_delay=2 * delay)) as pocket, service(folder, url) as at_work:
        cards = board_cards(pocket.addresses, each, delay)
        for slug, text in cards.items():
            (folder / "sources" / f"{slug}.toml").write_text(text, "utf-8")
        at_work.harvest()
        first = sum(visit.bytes for visit in pocket.log)
        at_work.harvest()
        second = sum(visit.bytes for visit in pocket.log) - first
        world.advance()
        for _ in range(beside):
            at_work.begin()
            typed(folder, url, "harvest", *reversed(cards)).wait()
            at_work.end()
        engine = db.engine_for(url)
        load = Load(
            log=tuple(pocket.log),
            told=at_work.told,
            peaks=at_work.peaks,
            runs=health.runs(engine, limit=1_000_000),
            first=first,
            second=second,
            closest=closest(pocket.log),
        )
        engine.dispose()
    return load


def check(load: Load, hosts: int, each: int, delay: float) -> None:
    """What must hold of it."""
    pauses = {f"board-{number}": delay if number % 4 else 2 * delay for number in range(hosts)}
    assert load.closest.keys() == pauses.keys()
    assert {host: gap for host, gap in load.closest.items() if gap[0] < pauses[host] - CLOCKS} == {}
    assert set(load.told) <= {
        ("complete", "read to the end"), ("unchanged", "not modified"), ("unchanged", "same digests"), ("failed", "not kept"),
    }  # fmt: skip
    assert {run["verdict"] for run in load.runs} == {"complete", "unchanged"}
    of_service = sum(count for (_verdict, cause), count in load.told.items() if cause != "not kept")
    assert len(load.runs) > of_service, "the command line had its share"
    pages = [visit for visit in load.log if visit.path != "/robots.txt"]
    assert len(Counter(run["source"] for run in load.runs)) == hosts * each
    assert sum(run["requests"] for run in load.runs) == len(pages)
    assert sum(run["retries"] for run in load.runs) == sum(visit.status == 503 for visit in pages) == hosts * each / 10
    assert sum(run["not_modified"] for run in load.runs) == sum(visit.status == 304 for visit in pages)
    assert {run["share_304"] for run in load.runs if run["cause"] == "not modified"} == {1}
    assert load.second < 0.05 * load.first


def test_no_host_sees_two_requests_at_once_or_too_close_with_30_sources_and_two_processes(
    tmp_path: Path, url: str
) -> None:
    load = bear(tmp_path, url, hosts=6, each=5, delay=0.1, beside=2)
    check(load, hosts=6, each=5, delay=0.1)


@pytest.mark.soak
def test_no_host_sees_two_requests_at_once_or_too_close_with_300_sources_and_two_processes(tmp_path: Path) -> None:
    started = time.monotonic()
    load = bear(tmp_path, f"sqlite:///{tmp_path / 'load.db'}", hosts=60, each=5, delay=1, beside=5)
    check(load, hosts=60, each=5, delay=1)
    assert load.peaks[-1] - load.peaks[1] < 10
    not_modified = sum(run["not_modified"] for run in load.runs)
    requests = sum(run["requests"] for run in load.runs)
    print(
        f"\n| load | 300 sources on 60 hosts, 1 s apart (2 s where robots.txt asks for it), 7 rounds of a service, 5 of them "
        f"with a command line beside it | {len(load.log):,} requests, none of a host met or came closer than its pause; "
        f"{not_modified / requests:.0%} of pages 304, {sum(run['retries'] for run in load.runs)} retries; a repeated "
        f"round {load.second / load.first:.1%} of the bytes of the first ({load.second / 1024:,.0f} of "
        f"{load.first / 1024:,.0f} KiB); "
        f"peak of the service {load.peaks[0]:.0f} MiB after the first round, {load.peaks[1]:.0f} after the second, "
        f"{load.peaks[-1]:.0f} after the last | {time.monotonic() - started:.0f} s |"
    )
