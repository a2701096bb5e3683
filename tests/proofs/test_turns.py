"""Two services on one database, one of them killed: no firing is lost, and none runs twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from harvest.source import SHIPPED, load_sources
from harvest.timing import Schedule
from schedules.clock import Timetable
from schedules.settings import settings
from schedules.workbench import Workbench
from store.firings import FOR_EVER, Outcome
from store.tables import FiringRow, RunRow
from tests.built import Clock, Scene
from tests.harvest.cards import HEAD
from tests.hostile import HostileServer, answer
from tests.test_one_file import JSON_API, JSON_BODY

HOSTS = 20


class Typed:
    """A service in a process of its own, and what it says."""

    def __init__(self, folder: Path, name: str, environment: dict[str, str]) -> None:
        self._said = folder / f"{name}.log"
        command = [str(Path(sys.executable).parent / "aluetori"), "schedule"]
        with self._said.open("w") as file:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stderr=file, stdout=file)

    def leads_after(self) -> float:
        """The seconds until it says that it leads."""
        began = time.monotonic()
        while "this service leads" not in self._said.read_text("utf-8"):
            assert time.monotonic() - began < 30, self._said.read_text("utf-8")
            time.sleep(0.02)
        return time.monotonic() - began

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(60)


def turns(folder: Path, url: str, sources: int, seconds: float) -> str:
    """Lets two services harvest so many sources a minute, kills the one that leads, and tells what became of the firings."""
    config = folder / "config"
    (config / "sources").mkdir(parents=True)
    own = {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONTACT": "proofs@localhost", "ALUETORI_DATABASE": url,
           "ALUETORI_CONFIG": str(config), "ALUETORI_ARCHIVE": str(folder / "archive")}  # fmt: skip
    with ExitStack() as opened:
        servers = [opened.enter_context(HostileServer()) for _ in range(HOSTS)]
        for number in range(sources):
            server = servers[number % HOSTS]
            server.routes[f"/{number}"] = answer(200, JSON_BODY)
            text = HEAD.replace("{start}", server.url(f"/{number}")).replace('every = "3h"', 'every = "1m"')
            (config / "sources" / f"town-{number}.toml").write_text(text + "[archive]\ndays = 0\n" + JSON_API, "utf-8")
        bench = Workbench(settings(url, config, own))
        store = bench.store(create=True)
        for slug, card in load_sources([SHIPPED]).items():
            if card.enabled:
                store.pause(slug, FOR_EVER, "not asked by proofs", "Aino")
        typed = {name: value for name, value in os.environ.items() if not name.startswith("ALUETORI_")} | own
        first = Typed(folder, "first", typed)
        first.leads_after()
        opened.callback(first.process.kill)
        second = Typed(folder, "second", typed)
        opened.callback(second.process.kill)
        time.sleep(seconds / 2)
        first.end(signal.SIGKILL)
        took = second.leads_after()
        time.sleep(seconds / 2)
        second.end(signal.SIGTERM)
    scene = Scene(store, Clock())
    rows = [row for row in scene.rows(FiringRow) if row["source"].startswith("town-")]
    assert took < 5
    assert lost(rows) == []
    ran = Counter(row["run"] for row in rows if row["run"])
    assert set(ran.values()) <= {1}
    cut = [
        row for row in rows if row["outcome"] in (Outcome.CUT, Outcome.UNDER_WAY)
    ]  # the latter wait for leases to end
    committed = {row["id"] for row in scene.rows(RunRow) if row["verdict"] not in ("", "failed")}
    assert len(committed - set(ran)) <= len(cut), (
        "a run belongs to a firing, which could not say so only where it was killed"
    )
    store.engine.dispose()
    outcomes = Counter(row["outcome"] for row in rows)
    told = ", ".join(f"{count} {what}" for what, count in sorted(outcomes.items()))
    assert outcomes[Outcome.RAN] >= sources
    return (
        f"{sources} sources for {seconds:.0f} s: {len(rows)} firings ({told}), 0 lost, 0 doubled, takeover {took:.1f} s"
    )


def lost(rows: list[dict[str, object]]) -> list[tuple[str, datetime]]:
    """The moments at which a source was due, between its first firing and the last of all, of which there is no row."""
    found: dict[str, list[datetime]] = {}
    for row in rows:
        assert isinstance(row["due_at"], datetime)
        found.setdefault(str(row["source"]), []).append(row["due_at"])
    last = max(moment for moments in found.values() for moment in moments)
    return [
        (slug, moment)
        for slug, moments in found.items()
        for moment in Timetable(slug, Schedule.model_validate({"every": "1m"})).between(min(moments), last)
        if moment not in moments
    ]


def test_two_services_of_which_one_is_killed_lose_and_double_nothing(tmp_path: Path, url: str) -> None:
    turns(tmp_path, url, 100, 16)


@pytest.mark.soak
def test_two_services_lose_and_double_nothing_in_ten_minutes_of_five_firings_a_second(tmp_path: Path, url: str) -> None:
    print(f"\n| turns | {turns(tmp_path, url, 300, 600)} |")
