"""The service by a clock that only the test moves: what is due is begun once, and what became of it is written down."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from harvest.source import SHIPPED, Source, load_sources
from schedules.ledger import DIGEST, MIDNIGHT
from schedules.service import Service, service
from schedules.settings import settings
from schedules.status import Status, status
from schedules.workbench import Workbench
from schedules.workers import Workers
from store import db
from store.door import Store
from store.firings import FOR_EVER, firings
from store.tables import Audit, Lease, RunRow, table
from store.write.leading import Leading
from tests.built import Clock, Scene
from tests.harvest.cards import HEAD
from tests.hostile import HostileServer, Seen, answer
from tests.test_one_file import JSON_API, JSON_BODY

WHY = ("they move house", "Aino")


class Own(Workbench):
    """Of the cards only those of the test."""

    def cards(self, shipped: bool = False) -> tuple[dict[str, Source], dict[str, str]]:
        return super().cards(shipped=False)


class Office:
    """A folder of cards, a server that they ask, and services on one database."""

    def __init__(self, url: str, folder: Path, server: HostileServer, clock: Clock) -> None:
        self.folder, self.server, self.clock = folder, server, clock
        for kind in ("sources", "regions", "themes"):
            (folder / kind).mkdir(parents=True)
        own = {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONTACT": "tests@localhost"}
        self.bench = Own(settings(url, folder, own | {"ALUETORI_ARCHIVE": str(folder / "archive")}), clock)
        self.store: Store = self.bench.store()
        self.said: list[str] = []
        self._open = ExitStack()

    def card(self, slug: str, every: str = "3h", more: str = "") -> None:
        text = HEAD.replace("{start}", self.server.url(f"/{slug}")).replace('every = "3h"', f'every = "{every}"{more}')
        self.server.routes.setdefault(f"/{slug}", answer(200, JSON_BODY))
        (self.folder / "sources" / f"{slug}.toml").write_text(text + JSON_API, "utf-8")

    def service(self) -> Service:
        return self._open.enter_context(service(self.bench, self.store, self.said.append))

    def close(self) -> None:
        self._open.close()

    def told(self, slug: str = "town") -> list[tuple[str, str]]:
        """What became of the firings of a source, oldest first, and why they were due."""
        return [(row["outcome"], row["because"]) for row in reversed(firings(self.store.engine, slug, 1000))]

    def wait_for(self, path: str) -> None:
        """Until it was asked for, by a thread of the service."""
        late = time.monotonic() + 20
        while not self.server.asked(path):
            assert time.monotonic() < late, f"{path} was not asked for"
            time.sleep(0.01)

    def status(self) -> Status:
        return status(self.store.engine, *self.bench.cards(), self.clock.now)


@pytest.fixture
def office(url: str, tmp_path: Path, clock: Clock) -> Iterator[Office]:
    with HostileServer() as server:
        own = Office(url, tmp_path / "config", server, clock)
        yield own
        own.close()
        own.store.engine.dispose()


def passes(office: Office, running: Service, **time: float) -> None:
    office.clock.move(**time)
    running.tick()
    running.settle()


def test_a_new_source_is_harvested_at_once_and_then_at_its_pace_and_each_firing_is_a_row(office: Office) -> None:
    office.card("town")
    running = office.service()
    passes(office, running)
    assert office.told() == [("ran", "it is new")]
    for _ in range(12):
        passes(office, running, hours=1)
    assert office.told() == [("ran", "it is new"), *[("ran", "")] * 4]
    assert len(office.server.asked("/town")) == 5
    assert len(office.server.asked("/robots.txt")) == 1, "one net for the life of the service"
    rows = firings(office.store.engine, "town")
    assert [row["verdict"] for row in rows] == [*["unchanged"] * 4, "complete"]
    assert len({row["run"] for row in rows}) == 5


def test_a_harvest_is_followed_by_a_curation_and_midnight_by_what_ends(office: Office) -> None:
    office.card("town")
    running = office.service()
    passes(office, running)
    assert office.status().open == {"vacancy": 1}
    assert any(one.startswith("curated: 1 added") for one in office.said)
    office.clock.at("2026-11-24 23:59")
    passes(office, running)
    before = office.told(MIDNIGHT)
    office.clock.at("2026-11-25 00:00")
    passes(office, running)
    assert office.told(MIDNIGHT) == [*before, ("ran", "")]


def test_what_a_person_harvests_is_curated_too(office: Office) -> None:
    office.card("town", "30d")
    running = office.service()
    passes(office, running)
    office.server.routes["/town"] = answer(200, JSON_BODY.replace(b"Kokki", b"Siivooja"))
    office.bench.harvest(office.store, list(office.bench.cards()[0].values()), lambda _result: None)
    assert office.status().uncurated == 1
    passes(office, running, minutes=1)
    assert office.status().uncurated == 0
    assert office.said[-1] == "curated: 1 changed"


def test_what_was_missed_while_no_service_was_there_is_made_up_for_by_one_run(office: Office) -> None:
    office.card("town", "1h")
    passes(office, office.service())
    office.close()
    passes(office, office.service(), hours=6)
    told = office.told()
    assert told[0] == ("ran", "it is new")
    assert told[1:-1] == [("missed", "")] * 5
    assert told[-1] == ("ran", "makes up for 5 missed")
    assert len(office.server.asked("/town")) == 2


def test_one_service_leads_and_another_takes_over_without_a_firing_lost_or_doubled(office: Office) -> None:
    office.card("town", "1h")
    first = office.service()
    passes(office, first)
    with service(office.bench, office.store, office.said.append) as second:
        second.tick()
        assert office.said[-1].startswith("another service leads")
        passes(office, second, hours=1)
        assert len(office.told()) == 1, "who does not lead begins nothing"
        passes(office, first)
        assert office.told()[1:] == [("ran", "")]
        office.close()
        passes(office, second, hours=1)
        assert office.said.count("this service leads") == 2
    assert office.told()[1:] == [("ran", ""), ("ran", "")]
    assert len(office.server.asked("/town")) == 3


def test_a_firing_that_its_service_did_not_begin_is_begun_by_the_next(office: Office) -> None:
    """It died between the row and the run."""
    from store.write import firings as ledger

    office.card("town")
    assert ledger.due(office.store.engine, "town", office.clock.now, "it is new")
    assert not ledger.due(office.store.engine, "town", office.clock.now, "it is new"), "a firing has one row"
    passes(office, office.service(), seconds=5)
    assert office.told() == [("ran", "it is new")]
    assert not ledger.begin(office.store.engine, "town", office.clock.now, office.clock.now)


def test_a_run_whose_process_died_is_told_as_cut_and_made_up_for_once(office: Office) -> None:
    from store.write import firings as ledger

    office.card("town")
    engine = office.store.engine
    ledger.due(engine, "town", office.clock.now, "it is new")
    ledger.begin(engine, "town", office.clock.now, office.clock.now)
    lease = {"name": "run town", "holder": "dead", "until": office.clock.seconds() + 60, "free_at": 0.0}
    with engine.begin() as connection:
        connection.execute(insert(table(Lease)), lease)
    running = office.service()
    passes(office, running, seconds=30)
    assert office.told() == [("under way", "it is new")], "its lease still stands"
    passes(office, running, seconds=60)
    told = office.told()
    assert told[0] == ("cut", "it is new")
    assert told[1][1] == "the one before was cut"
    assert len(told) == 2


def test_a_source_that_kills_its_process_is_not_begun_again_and_again(office: Office) -> None:
    from store.write import firings as ledger

    office.card("town")
    for because in ("it is new", "the one before was cut"):
        office.clock.move(seconds=1)
        ledger.due(office.store.engine, "town", office.clock.now, because)
        ledger.begin(office.store.engine, "town", office.clock.now, office.clock.now)
    running = office.service()
    passes(office, running, minutes=1)
    assert [one for one, _because in office.told()] == ["cut", "cut"]
    passes(office, running, hours=3)
    assert office.told()[2:] == [("ran", "")], "its time has come"


def test_a_firing_that_finds_the_one_before_under_way_is_told_as_busy_and_often_so_needs_a_person(
    office: Office,
) -> None:
    free = threading.Event()

    def slow(connection: Any, seen: Seen) -> bool:
        free.wait(30)
        return answer(200, JSON_BODY)(connection, seen)

    office.server.routes["/town"] = slow
    office.card("town", "1h")
    running = office.service()
    running.tick()
    office.wait_for("/town")
    for _ in range(5):
        office.clock.move(hours=1)
        running.tick()
    assert office.status().needs["always busy"] == ["town: 5 firings found the one before under way"]
    free.set()
    running.settle()
    assert [one for one, _because in office.told()] == ["ran", *["busy"] * 5]
    assert len(office.server.asked("/town")) == 1
    passes(office, running, hours=1)
    assert office.status().needs["always busy"] == []


def test_a_person_who_harvests_the_same_source_just_then_keeps_the_clock_from_it(office: Office) -> None:
    office.card("town")
    with office.store.harvesting("town"):
        passes(office, office.service())
    assert [one for one, _because in office.told()] == ["busy"]
    assert "under way in another process" in firings(office.store.engine, "town")[0]["detail"]
    assert office.server.asked("/town") == []


def test_a_pause_is_heard_at_the_next_tick_rests_alarms_and_is_followed_by_one_run(office: Office) -> None:
    office.card("town", "1h")
    running = office.service()
    passes(office, running)
    office.store.pause("town", office.clock.now + timedelta(days=3), *WHY)
    for _ in range(30):
        passes(office, running, hours=2)
    assert len(office.told()) == 1
    found = office.status()
    assert (found.needs["stale"], found.needs["did not start"]) == ([], [])
    (paused,) = found.paused
    assert (paused["source"], paused["reason"], paused["author"]) == ("town", *WHY)
    passes(office, running, hours=12)
    assert office.told()[1:] == [("ran", "")], "its rest is over; nothing was missed"
    office.store.pause("town", FOR_EVER, *WHY)
    passes(office, running, days=100)
    assert len(office.told()) == 2
    office.store.resume("town", *WHY)
    passes(office, running)
    assert office.told()[2:] == [("ran", "")]
    acts = [row["act"] for row in Scene(office.store, office.clock).rows(Audit)]
    assert acts == ["pause", "pause", "resume"]


def test_another_pace_is_heard_at_the_next_tick_until_the_card_counts_again(office: Office) -> None:
    office.card("town", "30d")
    running = office.service()
    passes(office, running)
    office.store.pace("town", "1h", *WHY)
    for _ in range(4):
        passes(office, running, hours=1)
    assert len(office.told()) == 5
    office.store.pace("town", "", *WHY)
    for _ in range(4):
        passes(office, running, hours=1)
    assert len(office.told()) == 5


def test_cards_are_read_again_when_they_have_changed_and_a_broken_one_stops_no_other(office: Office) -> None:
    office.card("town")
    running = office.service()
    passes(office, running)
    office.card("village")
    (office.folder / "sources" / "town.toml").write_text("nmae = 1", "utf-8")
    passes(office, running, hours=3)
    assert (len(office.told("town")), len(office.told("village"))) == (1, 1)
    assert any(one.startswith("town: not harvested, since its card cannot be used") for one in office.said)
    assert office.status().needs["broken cards"] == ["town: aluetori check town"]


def test_after_max_runtime_nothing_more_is_asked(office: Office) -> None:
    def hour(connection: Any, seen: Seen) -> bool:
        office.clock.move(minutes=6)
        return answer(200, JSON_BODY.replace(b'"id": 1', f'"id": "{seen.target}"'.encode()))(connection, seen)

    office.server.routes["/town"] = hour
    office.card("town", "30d", '\nmax_runtime = "10m"')
    card = office.folder / "sources" / "town.toml"
    card.write_text(
        card.read_text("utf-8").replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p" }')
    )
    passes(office, office.service())
    (run,) = Scene(office.store, office.clock).rows(RunRow)
    assert (run["verdict"], run["found"]) == ("partial", 2)
    assert run["cause"] == "budget_spent"
    assert len(office.server.asked("/town")) == 2


def test_the_digest_goes_out_once_a_day_at_seven_and_only_when_there_is_something_to_tell(office: Office) -> None:
    folder = office.folder / "letters"
    office.bench.settings = replace(office.bench.settings, notify=(f"file:{folder}",))
    office.card("town", "1h")
    office.clock.at("2026-11-24 10:00")
    served = office.service()
    passes(office, served)
    assert not folder.exists(), "all is well"
    (office.folder / "sources" / "town.toml").write_text("nmae = 1", "utf-8")
    office.clock.at("2026-11-25 06:59")
    passes(office, served)
    assert not folder.exists()
    for time_of_day in ("07:00", "07:01", "23:59"):
        office.clock.at(f"2026-11-25 {time_of_day}")
        passes(office, served)
    (letter,) = folder.iterdir()
    assert letter.name == "digest-2026-11-25-operator.txt"
    assert "town: lähdekortti on rikki" in letter.read_text("utf-8")
    assert office.told(DIGEST) == [("ran", "it is new"), ("ran", "")]


def test_what_did_not_start_needs_a_person_also_when_no_service_is_there_at_all(office: Office) -> None:
    office.card("town", "1h")
    passes(office, office.service())
    office.close()
    assert office.status().well
    office.clock.move(hours=2)
    (late,) = office.status().needs["did not start"]
    assert late.startswith("town: due 2026-11-24 ")


def test_a_service_that_is_ended_while_it_asks_leaves_what_the_next_one_makes_up_for(office: Office) -> None:
    entered = threading.Event()

    def slow(connection: Any, seen: Seen) -> bool:
        entered.set()
        return answer(200, JSON_BODY)(connection, seen)

    office.server.routes["/town"] = slow
    office.card("town")
    card = office.folder / "sources" / "town.toml"
    text = card.read_text("utf-8").replace('delay = "0s"', 'delay = "30s"')
    card.write_text(text.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p" }'))
    office.service().tick()
    began = time.monotonic()
    office.wait_for("/robots.txt")
    office.close()
    assert time.monotonic() - began < 10
    assert office.told() == [("stopped", "it is new")]
    assert not entered.is_set()
    card.write_text(text.replace('delay = "30s"', 'delay = "0s"'), "utf-8")
    with office.store.engine.begin() as connection:
        connection.execute(table(Lease).delete())
    passes(office, office.service(), minutes=1)
    assert office.told() == [("stopped", "it is new"), ("ran", "the one before was stopped")]


# -- two services


class Always(Leading):
    """A lock that fails to keep the other out."""

    def leads(self) -> bool:
        return True


def test_no_firing_is_begun_twice_even_by_two_that_both_think_they_lead(office: Office) -> None:
    """The lock saves work; the row, unique by source and moment, is what protects."""
    slugs = [f"town-{number}" for number in range(8)]
    for slug in slugs:
        office.card(slug, "1m")
    with ExitStack() as opened:
        both = [office.service(), opened.enter_context(service(office.bench, office.store, office.said.append))]
        for one in both:
            one._leading = Always(office.store.engine)
        for _ in range(10):
            threads = [threading.Thread(target=one.tick) for one in both]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for one in both:
                one.settle()
            office.clock.move(minutes=1)
    for slug in slugs:
        rows = [row for row in firings(office.store.engine, slug, 1000) if row["because"] != "it is new"]
        assert len(rows) == len({row["due_at"] for row in rows}) >= 9
        assert {row["outcome"] for row in rows} <= {"ran", "busy"}
        ran = [row["run"] for row in rows if row["outcome"] == "ran"]
        assert len(ran) == len({*ran}) > 0
        assert len(office.server.asked(f"/{slug}")) == len(
            [row for row in firings(office.store.engine, slug, 1000) if row["outcome"] == "ran"]
        )


def test_the_lead_has_one_holder_and_is_free_when_it_is_let_go(office: Office, url: str) -> None:
    elsewhere = db.engine_for(url)
    with Leading(elsewhere) as other:
        with Leading(office.store.engine) as own:
            assert [own.leads(), other.leads(), own.leads()] == [True, False, True]
        assert other.leads()
        with Leading(office.store.engine) as own:
            assert not own.leads()
    elsewhere.dispose()


def test_a_session_that_broke_has_lost_the_lead(postgresql_database: str) -> None:
    engine = db.engine_for(postgresql_database)
    with Leading(engine) as own, Leading(engine) as other:
        assert [own.leads(), other.leads()] == [True, False]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            holder = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert connection.execute(text(holder)).scalar() is True
        while not other.leads():
            time.sleep(0.01)
        assert [own.leads(), other.leads()] == [False, True]
    engine.dispose()


def test_a_pool_outlives_the_death_of_a_process(office: Office) -> None:
    workers = Workers(office.bench.processes)
    with pytest.raises(BrokenProcessPool):
        workers.submit(os._exit, 1).result(60)
    assert workers.submit(abs, -1).result(60) == 1
    workers.shutdown()


# -- two processes


def spawned(office: Office, url: str) -> "subprocess.Popen[str]":
    own = {name: value for name, value in os.environ.items() if not name.startswith("ALUETORI_")}
    own |= {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONTACT": "tests@localhost", "ALUETORI_DATABASE": url,
            "ALUETORI_CONFIG": str(office.folder), "PYTHONUNBUFFERED": "1"}  # fmt: skip
    command = [str(Path(sys.executable).parent / "aluetori"), "schedule"]
    return subprocess.Popen(command, env=own, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE)


def until(process: "subprocess.Popen[str]", text: str) -> float:
    """When a process said so; one that keeps silent for long is killed."""
    assert process.stderr is not None
    watch = threading.Timer(40, process.kill)
    watch.start()
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if text in line:
                return time.monotonic()
    finally:
        watch.cancel()
    raise AssertionError(f"it ended without saying {text!r}: {said}")


def test_a_service_that_is_killed_is_followed_within_five_seconds_and_a_pause_is_heard_within_two(
    office: Office, url: str
) -> None:
    office.card("town", "30d")  # by the real clock: three hours may just then be over
    for slug, card in load_sources([SHIPPED]).items():
        if card.enabled:
            office.store.pause(slug, FOR_EVER, "not asked by tests", "Aino")
    first, second = spawned(office, url), None
    try:
        until(first, "this service leads")
        until(first, "town: complete")
        second = spawned(office, url)
        until(second, "another service leads")
        killed = time.monotonic()
        first.kill()
        assert until(second, "this service leads") - killed < 5
        office.card("village")
        until(second, "village: complete")
        office.store.pause("hamlet", FOR_EVER, *WHY)
        office.card("hamlet")
        second.send_signal(signal.SIGTERM)
        out, _err = second.communicate(timeout=30)
        assert (second.returncode, out) == (0, "stopped; the next service makes up for what was not ended\n")
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.communicate()
    assert [one for one, _because in office.told("town")] == ["ran"]
    assert office.told("hamlet") == []
