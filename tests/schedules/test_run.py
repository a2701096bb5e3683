"""The main path, from a source's answer to a region's curated table, on a clock and pages of our own."""

import io
import json
from collections.abc import Mapping

import pytest

from harvest.records import Page, Problem, Reason, Request, Step
from schedules.run import run_curation, run_source
from store import health
from store.db import StoreError
from store.tables import PostingRow
from tests.built import MIKKELI, Clock, Scene, card, rules

TOWN = card(
    adapter={
        "kind": "json_api",
        "items": "jobs",
        "fields": {
            "ref": "id",
            "title": "name",
            "employer": "who",
            "municipality": {"from": "town", "list": "kunta"},
            "ends": "until",
        },
    }
)
COOK = {"id": "1", "name": "Kokki", "who": "Ravintola Savo Oy", "town": MIKKELI, "until": "2026-12-24"}
CLEANER = {"id": "2", "name": "Siivooja", "who": "Ravintola Savo Oy", "town": MIKKELI}


class Site:
    """One page that says what it holds and answers 304 while it stays so; ``broken`` is raised instead."""

    def __init__(self, clock: Clock, *jobs: Mapping[str, str]) -> None:
        self.jobs, self.clock = jobs, clock
        self.broken: Exception | None = None
        self.problem: Problem | None = None

    def __call__(self, request: Request) -> Page:
        if self.broken:
            raise self.broken
        body = json.dumps({"jobs": self.jobs}).encode()
        etag = f'"{hash(body)}"'
        same = request.etag == etag
        return Page(
            url=request.url,
            fetched=self.clock.now,
            file=io.BytesIO(b"" if same else body),
            etag=etag,
            status=304 if same else 200,
            not_modified=same,
            media_type="application/json",
            problem=self.problem,
        )


@pytest.fixture
def site(clock: Clock) -> Site:
    return Site(clock, COOK, CLEANER)


def test_from_an_answer_to_the_curated_table(scene: Scene, site: Site, clock: Clock) -> None:
    first = run_source(TOWN, site, scene.store)
    assert (first.verdict, first.new, first.problems) == ("complete", 2, 0)
    written = run_curation(rules(clock.today), scene.store, clock.today)
    assert written.changes == {"added": 2}
    assert {row["titles"]["fi"]: row["regions"] for row in scene.exported()} == {
        "Kokki": ["mikkeli"], "Siivooja": ["mikkeli"],
    }  # fmt: skip


def test_the_same_answer_again_changes_nothing(scene: Scene, site: Site) -> None:
    run_source(TOWN, site, scene.store)
    again = run_source(TOWN, site, scene.store)
    assert (again.verdict, again.not_modified, again.unchanged, again.new, again.changed) == ("unchanged", 1, 2, 0, 0)


def test_a_304_repeats_nothing_of_what_cleaning_has_dropped(scene: Scene, site: Site) -> None:
    site.jobs = (COOK, {**CLEANER, "name": "<br>"})
    first = run_source(TOWN, site, scene.store)
    assert (first.new, first.dropped) == (1, 1)
    again = run_source(TOWN, site, scene.store)
    assert (again.not_modified, again.unchanged) == (1, 1)


def test_what_vanishes_is_missed_and_then_closed(scene: Scene, site: Site) -> None:
    run_source(TOWN, site, scene.store)
    scene.curate()
    site.jobs = (COOK,)
    assert [run_source(TOWN, site, scene.store).closed for _ in range(3)] == [0, 1, 0]
    scene.curate()
    assert scene.status("2") == "closed"


def test_a_crash_between_reading_and_saving_is_followed_by_no_304(scene: Scene, site: Site) -> None:
    run_source(TOWN, site, scene.store)
    site.jobs = (COOK, CLEANER, {**COOK, "id": "3"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.write.runs._save", _crash)
        with pytest.raises(KeyboardInterrupt):
            run_source(TOWN, site, scene.store)
    after = run_source(TOWN, site, scene.store)
    assert (after.not_modified, after.new) == (0, 1), "validators of what was never saved are not sent"


def _crash(*_what: object) -> None:
    raise KeyboardInterrupt


def test_what_is_expected_to_go_wrong_is_a_verdict(scene: Scene, site: Site) -> None:
    run_source(TOWN, site, scene.store)
    site.problem = Problem(step=Step.GET, reason=Reason.DNS, about="town.example", detail="no such name")
    failed = run_source(TOWN, site, scene.store)
    assert (failed.verdict, failed.cause, failed.closed) == ("failed", "dns", 0)
    site.problem = None
    assert run_source(TOWN, site, scene.store).not_modified == 1


def test_what_is_not_expected_ends_its_own_run_and_is_told(scene: Scene, site: Site) -> None:
    site.broken = ZeroDivisionError("a false assumption")
    with pytest.raises(ZeroDivisionError):
        run_source(TOWN, site, scene.store)
    assert health.runs(scene.store.engine)[0]["cause"] == "unexpected"
    site.broken = None
    assert run_source(TOWN, site, scene.store).new == 2, "its lease was let go"


def test_a_source_is_harvested_by_one_at_a_time(scene: Scene, site: Site) -> None:
    with scene.store.harvesting("town"), pytest.raises(StoreError, match="a run of town is under way"):
        run_source(TOWN, site, scene.store)
    assert scene.rows(PostingRow) == []


def test_two_curations_at_once_are_refused(scene: Scene, clock: Clock) -> None:
    with scene.store.curating(), pytest.raises(StoreError, match="a curation is under way"):
        run_curation(rules(clock.today), scene.store, clock.today)
