"""A curation writes what differs and says so: the change log in order, redirects, touches used up, none lost."""

import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from normalize.curate import curate
from normalize.packing import opened
from normalize.vocabulary import Act
from schedules.run import run_curation
from store import changes, explain
from store import touched as store_touched
from store.health import waiting
from store.judgements import Change, EdgeRow, ListingRow, Redirect, Spell
from store.tables import PostingRow, Touch, table
from store.touched import touched
from store.write.drafts import draft
from tests.built import (
    HELSINKI_CODE,
    KOUVOLA,
    MIKKELI,
    VAASA,
    Clock,
    Scene,
    card,
    many,
    posting,
    rules,
)

TOWN, OTHER, THIRD = card(removal={"misses": 1}), card("other", removal={"misses": 1}), card("third")


def test_what_happens_to_a_listing_is_told_with_its_municipalities_before_and_after(scene: Scene) -> None:
    first = posting("1", title="Kokki", codes=(MIKKELI,))
    told = []
    for listed in (
        [first],
        [posting("1", title="Kokki", codes=(MIKKELI,), employer="Toinen")],
        [posting("1", title="Kokki", codes=(KOUVOLA,))],
        [],
        [first],
    ):
        scene.day(TOWN, listed)
        told += scene.changes()
    assert told == [
        ("added", [], [MIKKELI]),
        ("changed", [MIKKELI], [MIKKELI]),
        ("moved", [MIKKELI], [KOUVOLA]),
        ("closed", [KOUVOLA], []),
        ("reopened", [], [MIKKELI]),
    ]


def test_a_move_out_of_every_municipality_is_a_removal_for_its_readers(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", codes=(MIKKELI, KOUVOLA))])
    scene.day(TOWN, [posting("1", codes=())])
    assert scene.changes() == [("added", [], [KOUVOLA, MIKKELI]), ("moved", [KOUVOLA, MIKKELI], [])]
    assert scene.municipalities("1") == []


def test_the_change_log_is_in_the_order_of_commits_and_says_when_and_why(scene: Scene) -> None:
    for number in range(4):
        scene.day(TOWN, many(number + 1))
    log = changes.changes(scene.store.engine)
    assert [one["seq"] for one in log] == sorted(one["seq"] for one in log)
    assert [one["at"] for one in log] == sorted(one["at"] for one in log)
    assert {one["because"] for one in log} == {"seen for the first time"}
    assert changes.changes(scene.store.engine, after=log[1]["seq"], limit=1) == log[2:3]
    assert changes.last_seq(scene.store.engine) == log[-1]["seq"]


def test_postings_that_turn_out_to_be_one_are_merged_into_the_older(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", title="Kokki")])
    scene.day(OTHER, [posting("a", title="Tarjoilija", source="other")])
    younger, older = scene.listing("a", "other")["id"], scene.listing("1")["id"]
    scene.changes()
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    assert scene.groups() == [["other/a", "town/1"]]
    assert sorted(scene.changes()) == [("changed", [MIKKELI], [MIKKELI]), ("merged", [MIKKELI], [])]
    assert [(row["old"], row["new"]) for row in scene.rows(Redirect)] == [(younger, older)]
    told = explain.explain(scene.store.engine, younger)
    assert told is not None
    assert told["listing"] == older


def test_redirects_lead_on_through_a_second_merger(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", title="Kokki")])
    scene.day(OTHER, [posting("a", title="Tarjoilija", source="other")])
    scene.day(THIRD, [posting("x", title="Siivooja", source="third")])
    last, first = scene.listing("x", "third")["id"], scene.listing("1")["id"]
    scene.day(THIRD, [posting("x", title="Tarjoilija", source="third")])
    scene.clock.move(days=1)
    scene.harvest(THIRD, [posting("x", title="Kokki", source="third")])
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    assert len(scene.rows(ListingRow)) == 1
    told = explain.explain(scene.store.engine, last)
    assert told is not None
    assert told["listing"] == first


def test_what_splits_off_is_a_listing_of_its_own_again_and_no_redirect(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", title="Kokki")])
    scene.day(OTHER, [posting("a", title="Tarjoilija", source="other")])
    own = scene.listing("a", "other")["id"]
    scene.day(OTHER, [posting("a", title="Kokki", source="other")])
    scene.changes()
    scene.day(OTHER, [posting("a", title="Tarjoilija", source="other")])
    assert sorted(scene.changes()) == [("changed", [MIKKELI], [MIKKELI]), ("split", [], [MIKKELI])]
    assert (scene.listing("a", "other")["id"], scene.rows(Redirect)) == (own, [])
    told = explain.explain(scene.store.engine, own)
    assert told is not None
    assert told["listing"] == own


def test_a_group_keeps_its_id_when_the_oldest_changes_what_it_says_of_itself(scene: Scene) -> None:
    twice = {"title": "Kokki", "plain": {"fi": "Sama teksti."}, "url": ""}
    day = date(2026, 11, 1)
    scene.day(TOWN, [posting("1", published_on=day, **twice), posting("2", published_on=day, **twice)])
    assert len(scene.groups()) == 1
    before = scene.listing("1")["id"]
    scene.day(TOWN, [posting("1", published_on=date(2026, 11, 20), **twice), posting("2", published_on=day, **twice)])
    assert scene.listing("1")["id"] == before
    assert scene.rows(Redirect) == []


def test_a_curation_uses_up_its_touches(scene: Scene) -> None:
    scene.harvest(TOWN, many(3))
    assert waiting(scene.store.engine) == 3
    assert scene.curate().listings == 3
    assert waiting(scene.store.engine) == 0
    assert scene.curate().listings == 0


def test_a_touch_written_during_a_curation_is_not_lost(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", title="Kokki")])
    store, today = scene.store, scene.clock.today
    store.declare(rules(today), today)
    for one in curate(itertools.islice(store.touched(today), 1), (), rules(today), today, draft):
        scene.harvest(TOWN, [posting("1", title="Siivooja")])
        store.save_listings([one], rules(today))
    assert waiting(store.engine) == 1
    scene.curate()
    assert json.loads(scene.listing("1")["titles"]) == {"fi": "Siivooja"}


def test_a_touch_of_a_posting_that_is_no_more_is_used_up_too(scene: Scene) -> None:
    scene.harvest(TOWN, many(1))
    scene.touch(["nothing0000000000"])
    scene.curate()
    assert scene.rows(Touch) == []


def test_judging_everything_again_changes_nothing(scene: Scene) -> None:
    a_while(scene)
    listings, spells, log = scene.rows(ListingRow), scene.rows(Spell), scene.rows(Change)
    scene.touch_everything()
    written = scene.curate()
    assert (written.listings, written.changes) == (len(listings), {})
    assert (scene.rows(ListingRow), scene.rows(Spell), scene.rows(Change)) == (listings, spells, log)
    before = scene.snapshot()
    scene.touch_everything()
    scene.curate()
    assert scene.snapshot() == before


def test_judging_step_by_step_gives_what_judging_all_at_once_gives(scene: Scene) -> None:
    a_while(scene)
    groups, edges = scene.groups(), scene.rows(EdgeRow)
    shown = {row["id"]: (row["status"], row["canonical"]) for row in scene.rows(ListingRow)}
    with scene.store.engine.begin() as connection:
        for model in (EdgeRow, ListingRow, Redirect, Change, Spell):
            connection.execute(table(model).delete())
        for name in ("listing_posting", "listing_municipality", "listing_region", "listing_theme", "listing_bucket"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
    scene.touch_everything()
    scene.curate()
    assert scene.groups() == groups
    assert scene.rows(EdgeRow) == edges
    assert {row["id"]: (row["status"], row["canonical"]) for row in scene.rows(ListingRow)} == shown


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_does_not_change_the_groups(scene: Scene, seed: int) -> None:
    arrivals = [(one, posting(f"{town}{work}", title=work, source=one.slug, codes=(town,), url=url))
                for one in (TOWN, OTHER, THIRD)
                for town in (MIKKELI, KOUVOLA)
                for work, url in (("Kokki", ""), ("Siivooja", f"https://one.example/{town}"))]  # fmt: skip
    random.Random(seed).shuffle(arrivals)
    listed: dict[str, list[object]] = {}
    for source, one in arrivals:
        listed.setdefault(source.slug, []).append(one)
        scene.day(source, listed[source.slug], minutes=7)  # type: ignore[arg-type]
    assert scene.groups() == sorted(
        sorted(f"{slug}/{town}{work}" for slug in ("town", "other", "third"))
        for town in (MIKKELI, KOUVOLA)
        for work in ("Kokki", "Siivooja")
    )


def test_a_change_in_one_place_looks_only_at_its_neighbourhood(scene: Scene) -> None:
    scene.harvest(TOWN, many(50))
    scene.harvest(OTHER, [posting("a", title="Työ 007", source="other")])
    scene.curate()
    scene.harvest(TOWN, [*many(7), posting("007", employer="Toinen"), *many(50)[8:]])
    (neighbourhood,) = itertools.islice(touched(scene.store.engine, scene.clock.today), 1)
    assert {opened(kept).posting.ref for kept in neighbourhood.kept} == {"007", "a"}


def test_another_set_of_rules_touches_everything_and_the_same_nothing(scene: Scene) -> None:
    scene.harvest(TOWN, many(3))
    scene.curate()
    today = scene.clock.today
    assert scene.store.declare(rules(today), today) is False
    assert waiting(scene.store.engine) == 0
    other = type(rules(today))(regions=rules(today).regions, themes={}, version="other")
    assert scene.store.declare(other, today) is True
    assert waiting(scene.store.engine) == 3


def test_a_posting_for_later_shows_on_its_day(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", published_on=date(2026, 11, 26))])
    scene.curate()
    assert (scene.status("1"), scene.listing("1")["status_because"]) == ("hidden", "not published before 2026-11-26")
    scene.clock.at("2026-11-25 23:59")
    scene.curate()
    assert (scene.status("1"), scene.changes()) == ("hidden", [])
    scene.clock.at("2026-11-26 00:00")
    scene.curate()
    assert (scene.status("1"), scene.changes()) == ("open", [("added", [], [MIKKELI])])


def test_a_posting_for_later_speaks_from_its_day_on_in_a_listing_that_is_open(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", title="Kokki")])
    scene.harvest(OTHER, [posting("a", title="Kokki", source="other", published_on=date(2026, 11, 26))])
    scene.curate()
    assert (scene.groups(), scene.listing("1")["source"]) == ([["other/a", "town/1"]], "town")
    scene.clock.at("2026-11-25 23:59")
    assert scene.curate().listings == 0
    scene.clock.at("2026-11-26 00:00")
    assert scene.curate().changes == {"changed": 1}
    assert (scene.listing("1")["source"], scene.listing("1")["begins_on"]) == ("other", None)


def test_what_closed_long_ago_is_another_round_however_it_is_touched(scene: Scene) -> None:
    scene.day(TOWN, [posting("1", title="Kokki")])
    scene.day(TOWN, [])
    scene.day(OTHER, [posting("a", title="Kokki", source="other")], days=160)
    assert scene.groups() == [["other/a"], ["town/1"]]
    scene.touch_everything()
    assert (scene.curate().changes, scene.groups()) == ({}, [["other/a"], ["town/1"]])


def test_the_calendar_touches_only_what_waits_for_its_day(scene: Scene) -> None:
    news = card("news", kind="news", keep={"words": ["työ*"], "publish": "after_approval"})
    item = posting("n", source="news", kind="news", publish="after_approval", published_on=date(2026, 11, 1))
    hidden = posting("1", published_on=date(2026, 11, 1))
    scene.harvest(news, [item])
    scene.harvest(TOWN, [hidden, posting("2", published_on=date(2026, 11, 26))])
    scene.decide(Act.HIDE, hidden)
    scene.curate()
    begins = {row["canonical"]: row["begins_on"] for row in scene.rows(ListingRow)}
    assert sorted(day for day in begins.values() if day) == [date(2026, 11, 26)]
    assert begins[scene.posting("2")["id"]] == date(2026, 11, 26)
    scene.clock.at("2026-11-26 00:00")
    scene.store.sweep(scene.clock.today)
    assert [row["posting"] for row in scene.rows(Touch)] == [scene.posting("2")["id"]]
    scene.curate()
    assert {row["begins_on"] for row in scene.rows(ListingRow)} == {None}


def test_a_reader_sees_a_whole_table_while_a_curation_writes(scene: Scene, engine: Engine, clock: Clock) -> None:
    scene.harvest(TOWN, many(3))
    scene.curate()
    seen: list[int] = []
    statement = select(table(ListingRow).c.id)

    scene.harvest(TOWN, many(6))
    today = clock.today
    curated = curate(scene.store.touched(today), (), rules(today), today, draft)
    with engine.connect().execution_options(readonly=True) as reader:
        seen.append(len(reader.execute(statement).all()))
        scene.store.save_listings(curated, rules(today))
        if engine.dialect.name == "sqlite":
            seen.append(len(reader.execute(statement).all()))
    with engine.connect().execution_options(readonly=True) as reader:
        seen.append(len(reader.execute(statement).all()))
    assert seen == ([3, 3, 6] if engine.dialect.name == "sqlite" else [3, 6])


def a_while(scene: Scene) -> None:
    """Some days with mergers, splits, moves, ends and returns."""
    cook = {"title": "Kokki", "codes": (MIKKELI,)}
    scene.day(TOWN, [posting("1", **cook), *many(4), posting("w", codes=())])
    scene.day(OTHER, [posting("a", source="other", **cook), posting("b", source="other", codes=(VAASA,))])
    scene.day(THIRD, [posting("x", source="third", reference="ABC-12345"), posting("y", source="third", **cook)])
    scene.day(TOWN, [posting("1", **cook, ends_on=date(2026, 11, 30)), *many(3), posting("w", codes=(HELSINKI_CODE,))])
    scene.day(OTHER, [posting("b", source="other", reference="abc 12345", title="Työ x")])
    scene.day(OTHER, [posting("a", source="other", **cook), posting("b", source="other", codes=(VAASA,))])
    scene.day(TOWN, many(4))
    assert {row["status"] for row in scene.rows(ListingRow)} == {"open", "closed"}
    assert len(scene.rows(ListingRow)) < len(scene.rows(PostingRow))


def test_a_neighbourhood_waits_for_the_edges_of_one_under_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first window joins town and other by their words, the second third with town by its address: judged side by
    side, the second must still find the first one's edge."""
    monkeypatch.setattr("store.touched.AT_ONCE", 4)
    monkeypatch.setattr("normalize.curate.LARGE", 1)
    numbers = ("1", "2")
    scene.harvest(TOWN, [posting(n, title=f"Työ {n}", employer="Sama") for n in numbers])
    scene.harvest(OTHER, [posting(n, title=f"Työ {n}", employer="Sama", source="other") for n in numbers])
    near = [posting(n, title="Muu", source="third", apply_url=f"https://town.example/jobs/{n}") for n in numbers]
    scene.harvest(THIRD, near)
    today = scene.clock.today
    with ThreadPoolExecutor(3) as workers:
        run_curation(rules(today), scene.store, today, workers)
    assert waiting(scene.store.engine) == 0
    together = [[f"other/{n}", f"third/{n}", f"town/{n}"] for n in numbers]
    assert scene.groups() == together
    told = scene.rows(Change)
    scene.touch_everything()
    scene.curate()
    assert scene.groups() == together
    assert scene.rows(Change) == told


def test_a_neighbourhood_waits_for_what_people_drew_to_one_under_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's word joins town with third; the first window finds other beside town, the second fourth beside third:
    no key and no edge joins the two windows yet."""
    monkeypatch.setattr("store.touched.AT_ONCE", 2)
    monkeypatch.setattr("normalize.curate.LARGE", 1)
    cook, cleaner = posting("1", title="Kokki"), posting("1", title="Siivooja", source="third", employer="Toinen")
    scene.decide(Act.SAME, cook, cleaner)
    with scene.store.engine.begin() as connection:
        connection.execute(table(Touch).delete())
    scene.harvest(TOWN, [cook])
    scene.harvest(OTHER, [posting("1", title="Kokki", source="other")])
    scene.harvest(THIRD, [cleaner])
    scene.harvest(card("fourth"), [posting("1", title="Siivooja", source="fourth", employer="Toinen")])
    store, today = scene.store, scene.clock.today
    given = touched(store.engine, today)
    first, second = next(given), next(given)
    assert len(first.kept) == 3
    assert second.touches == (), "it is put off until the first is saved"
    given.close()
    with ThreadPoolExecutor(3) as workers:
        run_curation(rules(today), store, today, workers)
    together = scene.groups()
    assert len(together) == 1
    scene.touch_everything()
    scene.curate()
    assert scene.groups() == together


def test_a_neighbourhood_is_read_as_of_one_moment(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.harvest(TOWN, [posting("1", title="Kokki")])
    around = store_touched._around

    def meanwhile(*asked: Any) -> Any:
        scene.harvest(TOWN, [posting("1", title="Siivooja")])
        return around(*asked)

    monkeypatch.setattr(store_touched, "_around", meanwhile)
    (one,) = next(touched(scene.store.engine, scene.clock.today)).kept
    assert opened(one).posting.titles == {"fi": "Kokki"}


def test_only_members_that_differ_are_written(scene: Scene) -> None:
    scene.harvest(TOWN, many(3))
    scene.curate()
    written: list[str] = []
    event.listen(scene.store.engine, "before_cursor_execute", lambda *said: written.append(said[2]))
    scene.touch_everything()
    scene.curate()
    assert not [said for said in written if said.startswith("INSERT INTO listing_posting")]
    scene.harvest(OTHER, [posting("a", title="Työ 000", source="other")])
    scene.curate()
    assert len([said for said in written if said.startswith("INSERT INTO listing_posting")]) == 1
