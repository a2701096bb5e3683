"""Each fault of the pocket world, harvested before, while it lasts and after: the verdict names it, and nothing closes."""

import tomllib
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from harvest.http import Http
from harvest.limits import Limits
from harvest.source import Source
from pocket.cards import cards
from pocket.faults import FAULTS
from pocket.server import Pocket
from pocket.world import World
from schedules.cli import app
from schedules.run import run_source
from store import db, health
from store.door import Store
from store.tables import Hold
from store.write.leases import Leases
from store.write.runs import RunResult
from tests.built import Clock, Scene

BAD_DAYS: dict[str, tuple[str, str, str, str]] = {
    "truncated": ("partial", "truncated", "sivu7/: expected a whole page of HTML", "truncated"),
    "totals": ("partial", "total_disagrees", "states a total of 1056, and 156 were read", "total_disagrees"),
    "challenge": ("failed", "challenge", "asks the visitor to prove to be human", "challenge"),
    "burst": ("unchanged", "same digests", "everything found is as it was", ""),
    "drip": ("failed", "timeout", "was not done when its time was over", "timeout"),
    "reshaped": ("partial", "shape_changed", "`tyotehtava` became `tehtavanimike` on 2026-11-24", "shape_changed"),
    "empty": ("empty", "fewer_than_expected", "0 found, at_least = 1 expected", "fewer_than_expected"),
    "shard_down": ("partial", "server_error", "/Municipality/code/491", "server_error"),
    "duplicates": ("unchanged", "same digests", "everything found is as it was", ""),
    "promoted": ("unchanged", "same digests", "everything found is as it was", "duplicate_ref"),
}
"""Of each fault the verdict, its cause, words of its sentence, and the reason of a problem if it has one."""


class Days:
    """A pocket world and a database, harvested by one of its cards and curated every three hours."""

    def __init__(self, pocket: Pocket, http: Http, scene: Scene, clock: Clock) -> None:
        self.pocket, self.http, self.scene, self.clock = pocket, http, scene, clock

    def source(self, site: str) -> Source:
        return Source.model_validate({**tomllib.loads(cards(self.pocket.addresses)[site]), "slug": site})

    def run(self, source: Source) -> RunResult:
        self.clock.move(hours=3)  # of one day, so that no end date passes
        result = run_source(source, self.http.get, self.scene.store)
        self.scene.curate()
        return result

    def shown(self) -> dict[str, str]:
        """What readers see, by listing: its titles and its text."""
        return {row["id"]: f"{row['titles']} {row['text']}" for row in self.scene.exported()}

    def problems(self, run: RunResult) -> set[str]:
        return {row["reason"] for row in health.problems(self.scene.store.engine, run.id)}


@pytest.fixture
def pocket(request: pytest.FixtureRequest) -> Iterator[Pocket]:
    postings = 600 if "truncated" in request.node.name else 300  # so many that there is a page 7
    with Pocket(World(postings=postings, today=date(2026, 11, 24))) as up:
        yield up


@pytest.fixture
def days(pocket: Pocket, sqlite_database: str, clock: Clock) -> Iterator[Days]:
    engine: Engine = db.engine_for(sqlite_database)
    store = Store(engine, clock, Leases(engine, clock=clock.seconds, wait=clock.wait))
    limits = Limits(total_seconds=1.0)
    with Http(contact="a@example.invalid", allow=("127.0.0.0/8",), limits=limits, now=clock, wait=clock.wait) as http:
        yield Days(pocket, http, Scene(store, clock), clock)
    pocket.faults.clear()
    engine.dispose()


def test_every_fault_has_its_bad_day() -> None:
    assert {*BAD_DAYS, "renumbered", "dead_details"} == set(FAULTS)


@pytest.mark.parametrize("name", BAD_DAYS)
def test_a_bad_day_is_named_and_costs_no_reader_anything(name: str, days: Days) -> None:
    source = days.source(FAULTS[name].site)
    assert days.run(source).verdict == "complete"
    shown = days.shown()
    days.pocket.faults.append(name)
    for bad in (days.run(source), days.run(source)):
        verdict, cause, words, reason = BAD_DAYS[name]
        assert (bad.verdict, bad.cause, bad.closed) == (verdict, cause, 0)
        assert words in bad.detail
        assert not reason or reason in days.problems(bad)
        assert days.shown() == shown, "nobody misses anything, and nothing is there twice"
    days.pocket.faults.clear()
    after = days.run(source)
    assert (after.verdict in ("complete", "unchanged"), after.closed) == (True, 0)
    assert days.shown() == shown


def test_renumbered_ids_are_held_under_a_name_of_their_own(days: Days) -> None:
    source = days.source("vantaa")
    days.run(source)
    shown = days.shown()
    days.pocket.faults.append("renumbered")
    first, second, third = days.run(source), days.run(source), days.run(source)
    assert (first.verdict, first.new, first.closed) == ("complete", len(shown), 0)
    assert (second.closed, second.held, third.closed, third.held) == (0, len(shown), 0, len(shown))
    assert "id_churn" in days.problems(second)
    assert "renumbered vantaa" in {row["unit"] for row in days.scene.rows(Hold)}
    assert shown.items() <= days.shown().items()
    days.pocket.faults.clear()
    after = days.run(source)
    assert (after.verdict, after.closed, days.scene.rows(Hold)) == ("complete", 0, [])


def test_dead_details_keep_the_rows_blank_no_text_and_are_asked_for_again(days: Days) -> None:
    source = days.source("kuntarekry")
    days.run(source)
    shown = days.shown()
    days.pocket.world.advance()
    days.pocket.faults.append("dead_details")
    bad = days.run(source)
    assert (bad.verdict, bad.cause, bad.closed) == ("complete", "read to the end", 0)
    assert "not_found" in days.problems(bad)
    assert shown.items() <= days.shown().items(), "what was whole stays whole"
    days.pocket.faults.clear()
    after = days.run(source)
    assert days.problems(after) == set()


def test_a_name_that_is_no_fault_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="'flood' is no fault; expected some of truncated, totals"):
        Pocket(World(postings=50, today=date(2026, 11, 24)), faults=["totals", "flood"])


def test_the_command_lists_the_faults_and_refuses_what_is_none() -> None:
    listed = CliRunner().invoke(app, ["pocket", "--faults", "list"])
    assert listed.exit_code == 0
    assert all(f"  {name} " in listed.output and fault.tells in listed.output for name, fault in FAULTS.items())
    refused = CliRunner().invoke(app, ["pocket", "--faults", "flood"])
    assert refused.exit_code == 2
    assert "'flood' is no fault" in " ".join(refused.output.split())
