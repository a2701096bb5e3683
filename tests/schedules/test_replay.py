"""A run's pages are read again under today's card: first nothing but told, then written as a fresh harvest would be."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from harvest.archive import Archive
from harvest.records import Get, Page, Problem, Reason, Request, Step
from harvest.source import Source
from normalize.packing import unpack
from normalize.vocabulary import Act
from schedules.replay import Comparison, Replay
from schedules.run import run_source
from store import health
from store.db import StoreError
from store.replayed import Replayed
from store.tables import Lease, PostingRow, RunRow, table
from store.write.runs import RunResult
from tests.built import KOUVOLA, MIKKELI, Clock, Scene, card, rules
from tests.schedules.test_run import Site

FIELDS = {"ref": "id", "title": "name", "employer": "who", "municipality": {"from": "town", "list": "kunta"}}


def town(fields: Mapping[str, Any] = FIELDS, **more: Any) -> Source:
    return card(adapter={"kind": "json_api", "items": "jobs", "fields": fields, **more.pop("adapter", {})}, **more)


TOWN = town()
SHORTER = town({name: spec for name, spec in FIELDS.items() if name != "employer"})


def job(ref: str, name: str, **more: str) -> dict[str, str]:
    return {"id": ref, "name": name, "who": "Ravintola Savo Oy", "town": MIKKELI, **more}


COOK, CLEANER, DRIVER = job("1", "Kokki"), job("2", "Siivooja"), job("3", "Kuljettaja", until="2026-12-24")


class Desk:
    """A site that is harvested with its pages archived, and read again from there."""

    def __init__(self, scene: Scene, clock: Clock, folder: Path) -> None:
        self.scene, self.clock = scene, clock
        self.site = Site(clock, COOK, CLEANER, DRIVER)
        self.archive = Archive(folder / "archive", clock)

    def harvest(self, source: Source = TOWN, get: Get | None = None) -> RunResult:
        self.clock.move(hours=1)
        with self.archive.recording(source.slug, get or self.site) as recording:
            result = run_source(source, recording.get, self.scene.store)
            recording.kept_as(result.id)
        self.scene.curate()
        return result

    def replay(self, source: Source, run: int) -> Replay:
        self.clock.move(hours=1)
        today = self.clock.today
        get = self.archive.replaying(source.slug, run)
        return Replay(source=source, run=run, get=get, cards=[source], rules=rules(today), today=today)

    def compare(self, source: Source, run: int) -> Comparison:
        return self.replay(source, run).compare(self.scene.store)

    def apply(self, source: Source, run: int) -> RunResult:
        return self.replay(source, run).apply(self.scene.store)

    def curated(self) -> list[dict[str, Any]]:
        return self.scene.exported()

    def closed(self) -> dict[str, str]:
        return {row["ref"]: row["closed"] for row in self.scene.rows(PostingRow)}


@pytest.fixture
def desk(scene: Scene, clock: Clock, tmp_path: Path) -> Desk:
    return Desk(scene, clock, tmp_path)


def test_under_the_same_card_nothing_would_change(desk: Desk) -> None:
    run = desk.harvest()
    found = desk.compare(TOWN, run.id)
    assert (found.postings, found.result.verdict, found.result.found, found.waiting) == ([], "complete", 3, 0)


def test_another_field_map_shows_just_the_postings_that_it_changes_and_writes_nothing(desk: Desk) -> None:
    run = desk.harvest()
    before = desk.scene.snapshot()
    found = desk.compare(town({**FIELDS, "ends": "until"}), run.id)
    (one,) = found.postings
    assert (one["source"], one["ref"], one["title"], one["new"]) == ("town", "3", "Kuljettaja", False)
    assert [name for name in one if name not in ("source", "ref", "title", "new")] == ["fields"]
    assert {name: str(now) for name, (_was, now) in one["fields"].items()} == {
        "ends": "2026-12-24 22:00:00+00:00", "ends_on": "2026-12-24",
    }  # fmt: skip
    assert desk.scene.snapshot() == before
    assert [row["replay_of"] for row in desk.scene.rows(RunRow)] == [0]


def test_places_clusters_and_states_that_would_change_are_told(desk: Desk) -> None:
    desk.site.jobs = ({**COOK, "real": KOUVOLA}, {**CLEANER, "over": "2026-11-01", "real": MIKKELI})
    run = desk.harvest()
    other = town({**FIELDS, "municipality": {"from": "real", "list": "kunta"}, "ends": "over"})
    cook, cleaner = desk.compare(other, run.id).postings
    assert (cook["place"], cook["regions"]) == ([[MIKKELI], [KOUVOLA]], [["mikkeli"], ["kouvola"]])
    assert cleaner["status"] == ["open", "closed"]
    assert "place" not in cleaner


def test_a_posting_of_another_source_is_told_when_its_cluster_would_change(desk: Desk) -> None:
    desk.site.jobs = (COOK,)
    run = desk.harvest(SHORTER)
    desk.harvest(card("board", adapter={"kind": "json_api", "items": "jobs", "fields": FIELDS}))
    found = desk.compare(TOWN, run.id).postings
    assert {one["source"]: one["cluster"] for one in found} == {"board": [[], ["town/1"]], "town": [[], ["board/1"]]}
    assert desk.scene.groups() == [["board/1"], ["town/1"]]
    desk.apply(TOWN, run.id)
    assert desk.scene.groups() == [["board/1", "town/1"]]


def test_what_is_written_is_what_a_fresh_harvest_would_have_written(desk: Desk, clock: Clock) -> None:
    other = town({**FIELDS, "ends": "until"}, removal={"misses": 1}, keep={"words": ["kokki*", "kuljet*"]})
    run = desk.harvest(town(removal={"misses": 1}))
    replayed = desk.apply(other, run.id)
    assert (replayed.requests, replayed.bytes, replayed.closed) == (0, 0, 1)
    written = desk.curated()
    assert {row["titles"]["fi"]: row["ends_on"] for row in written} == {"Kokki": None, "Kuljettaja": "2026-12-24"}
    fresh = desk.harvest(other)
    assert (fresh.new, fresh.changed, fresh.closed) == (0, 0, 0), "it finds all as the replay left it"
    assert desk.curated() == written


def test_a_replay_is_a_run_of_its_own_and_moves_no_clock_of_the_source(desk: Desk) -> None:
    first = desk.harvest()
    before = health.sources(desk.scene.store.engine, desk.clock.now)[0]
    again = desk.apply(SHORTER, first.id)
    after = health.sources(desk.scene.store.engine, desk.clock.now)[0]
    assert [(row["id"], row["replay_of"]) for row in health.runs(desk.scene.store.engine)] == [
        (again.id, first.id), (first.id, 0),
    ]  # fmt: skip
    clocks = ("last_attempt", "last_complete", "verdict")
    assert [after[name] for name in clocks] == [before[name] for name in clocks]
    with pytest.raises(StoreError, match=f"town had no run {again.id} that asked the net"):
        Replayed(desk.scene.store, "town", again.id)


def test_after_a_replay_the_next_harvest_reads_all_anew(desk: Desk) -> None:
    run = desk.harvest()
    assert desk.harvest().not_modified == 1
    desk.apply(TOWN, run.id)
    after = desk.harvest()
    assert (after.not_modified, after.unchanged) == (0, 3)


def test_a_page_that_answered_304_is_read_from_the_run_that_had_it(desk: Desk) -> None:
    desk.harvest()
    again = desk.harvest()
    assert again.not_modified == 1
    assert len(desk.compare(SHORTER, again.id).postings) == 3


def test_an_older_run_closes_nothing_and_brings_nothing_back(desk: Desk) -> None:
    once = {"removal": {"misses": 1}}
    desk.site.jobs = (COOK, CLEANER)
    first = desk.harvest(town(**once))
    desk.site.jobs = (COOK, DRIVER)
    desk.harvest(town(**once))
    before = desk.closed()
    assert [ref for ref, closed in sorted(before.items()) if closed] == ["2"]
    assert desk.apply(town(**once), first.id).closed == 0
    assert desk.closed() == before


def test_an_older_run_leaves_what_a_newer_one_has_read(desk: Desk) -> None:
    """Also when the newest run, of a window, does not list it any more."""
    window = town(removal={"mode": "window"})
    first = desk.harvest(window)
    desk.site.jobs = (job("1", "Keittiömestari"), CLEANER)
    second = desk.harvest(window)
    desk.site.jobs = (CLEANER,)
    desk.harvest(window)
    shorter = town({name: spec for name, spec in FIELDS.items() if name != "employer"}, removal={"mode": "window"})
    for _ in range(2):
        desk.apply(shorter, first.id)
        assert desk.scene.listing("1")["titles"] == '{"fi":"Keittiömestari"}'
        assert unpack(desk.scene.posting("3")["packed"]).employer == "", "nobody has read it since"
    for source, employer in ((shorter, ""), (window, "Ravintola Savo Oy"), (shorter, "")):
        desk.apply(source, second.id)
        assert unpack(desk.scene.posting("1")["packed"]).employer == employer, (
            "the same pages may be read again and again"
        )


def test_what_the_newest_run_missed_is_not_missed_once_more(desk: Desk) -> None:
    desk.harvest()
    desk.site.jobs = (COOK, CLEANER)
    run = desk.harvest()
    for _ in range(3):
        assert desk.apply(TOWN, run.id).closed == 0
    assert desk.scene.posting("3")["misses"] == 1
    assert desk.harvest().closed == 1


def test_a_replay_meets_the_guard_like_any_run(desk: Desk) -> None:
    desk.site.jobs = tuple(job(str(number), f"Työ {number}", of="a" if number < 8 else "b") for number in range(16))
    run = desk.harvest(town(removal={"misses": 1}))
    emptied = town(removal={"misses": 1}, keep={"words": ["Ei mitään tällaista"]})
    assert (desk.apply(emptied, run.id).held, desk.closed()["3"]) == (16, "")


def test_pages_that_are_not_kept_take_nothing_away(desk: Desk) -> None:
    details = {
        "details": {"url": "https://town.example/{ref}", "adapter": {"kind": "json_api", "fields": {"text": "text"}}}
    }
    source = town(adapter=details)

    def site(request: Request) -> Page:
        if request.detail:
            problem = Problem(step=Step.GET, reason=Reason.TIMEOUT, about=request.url, detail="it kept silent")
            return Page(url=request.url, fetched=desk.clock.now, problem=problem)
        return desk.site(request)

    desk.harvest()
    run = desk.harvest(source, site)
    assert desk.compare(town({**FIELDS, "title": "who"}, adapter=details), run.id).postings == []


def test_a_persons_word_outlives_a_replay(desk: Desk) -> None:
    run = desk.harvest()
    desk.scene.decide(Act.HIDE, unpack(desk.scene.posting("1")["packed"]))
    desk.scene.curate()
    desk.apply(SHORTER, run.id)
    assert desk.scene.status("1") == "hidden"


def test_a_source_that_is_being_harvested_is_not_replayed_into(desk: Desk) -> None:
    run = desk.harvest()
    replay = desk.replay(SHORTER, run.id)
    with desk.scene.store.harvesting("town"):
        assert len(replay.compare(desk.scene.store).postings) == 3, "but on a copy one may look"
        with pytest.raises(StoreError, match="a run of town is under way"):
            replay.apply(desk.scene.store)


def test_a_replay_that_has_lost_its_lease_to_another_writes_nothing(desk: Desk) -> None:
    run = desk.harvest()
    before = desk.scene.posting("1")
    replay, lease = desk.replay(SHORTER, run.id), table(Lease)

    def get(request: Request) -> Page:
        with desk.scene.store.engine.begin() as connection:
            connection.execute(update(lease).where(lease.c.name == "run town").values(holder="another"))
        return replay.get(request)

    with pytest.raises(StoreError, match="'run town' was lost"):
        replace(replay, get=get).apply(desk.scene.store)
    assert desk.scene.posting("1") == before
