"""How postings go: by absence past the guard, by word of their source, by the calendar; and how they return."""

from datetime import date
from typing import Any

import pytest

from harvest.records import Gone, Kind, Whole
from normalize.dates import midnight
from normalize.records import Posting
from store.tables import Hold
from tests.built import KOUVOLA, MIKKELI, VAASA, Scene, card, codes, many, posting

TOWN = card()
AT_ONCE = card(removal={"misses": 1})


def state(scene: Scene, ref: str) -> tuple[str, int]:
    row = scene.posting(ref)
    return row["closed"], row["misses"]


def test_absent_once_stays_open_and_absent_twice_closes(scene: Scene) -> None:
    scene.harvest(TOWN, many(3))
    assert scene.harvest(TOWN, many(2)).closed == 0
    assert state(scene, "002") == ("", 1)
    assert scene.harvest(TOWN, many(2)).closed == 1
    assert state(scene, "002") == ("absent from 2 complete runs in a row", 2)


@pytest.mark.parametrize("whole", [Whole.COMPLETE, Whole.PARTIAL])
def test_seen_again_starts_the_misses_anew_even_in_a_partial_run(scene: Scene, whole: Whole) -> None:
    scene.harvest(TOWN, many(3))
    scene.harvest(TOWN, many(2))
    scene.harvest(TOWN, many(3), whole=whole)
    assert state(scene, "002") == ("", 0)
    scene.harvest(TOWN, many(2))
    assert state(scene, "002") == ("", 1)


@pytest.mark.parametrize("whole", [Whole.PARTIAL, Whole.FAILED])
def test_a_short_run_closes_nothing(scene: Scene, whole: Whole) -> None:
    scene.harvest(TOWN, many(3))
    for _ in range(5):
        scene.harvest(TOWN, many(1), whole=whole)
    assert [state(scene, one.ref) for one in many(3)] == [("", 0)] * 3


def test_empty_for_another_cause_than_a_true_zero_closes_nothing(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(3))
    scene.harvest(AT_ONCE, [], whole=Whole.EMPTY, cause="shape_changed")
    assert state(scene, "000") == ("", 0)
    scene.harvest(AT_ONCE, [], whole=Whole.EMPTY)
    assert state(scene, "000")[0] == "absent from 1 complete runs in a row"


def test_what_returns_reopens_with_its_id_and_first_day(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(2))
    scene.curate()
    before = scene.listing("001")
    scene.day(AT_ONCE, many(1))
    assert scene.status("001") == "closed"
    scene.day(AT_ONCE, many(2))
    after = scene.listing("001")
    assert (after["id"], after["first_seen"], after["status"]) == (before["id"], before["first_seen"], "open")
    assert [what for what, _, _ in scene.changes()] == ["added", "added", "closed", "reopened"]


@pytest.mark.parametrize("mode", ["window", "stream"])
def test_absence_means_nothing_where_the_card_says_so(scene: Scene, mode: str) -> None:
    town = card(removal={"mode": mode})
    scene.harvest(town, many(3))
    for _ in range(5):
        scene.harvest(town, many(1))
    assert state(scene, "002") == ("", 0)


def test_what_the_source_says_has_gone_closes_at_once_and_is_never_held(scene: Scene) -> None:
    scene.harvest(TOWN, many(20))
    scene.curate()
    tombs = [Gone(ref=one.ref, because="taken back") for one in many(20)[5:]]
    result = scene.harvest(TOWN, many(5), more=tombs)
    assert (result.closed, result.held) == (15, 0)
    assert state(scene, "019") == ("taken back", 0)
    scene.curate()
    assert scene.status("019") == "closed"


def test_a_tombstone_of_something_unknown_is_nothing(scene: Scene) -> None:
    assert scene.harvest(TOWN, many(1), more=[Gone(ref="never", because="taken back")]).closed == 0


@pytest.mark.parametrize(
    ("ends_on", "last_second", "midnight"),
    [
        ("2026-11-24", "2026-11-24 23:59:59", "2026-11-25 00:00"),
        ("2027-03-28", "2027-03-28 23:59:59", "2027-03-29 00:00"),  # the day of 23 hours
        ("2027-10-31", "2027-10-31 23:59:59", "2027-11-01 00:00"),  # the day of 25 hours
    ],
)
def test_what_ends_by_date_closes_at_the_midnight_of_helsinki(
    scene: Scene, ends_on: str, last_second: str, midnight: str
) -> None:
    scene.harvest(TOWN, [posting("1", ends_on=date.fromisoformat(ends_on))])
    scene.clock.at(last_second)
    scene.curate()
    assert scene.status("1") == "open"
    scene.clock.at(midnight)
    scene.curate()  # no run: its source may well be down
    listing = scene.listing("1")
    assert (listing["status"], listing["status_because"]) == ("closed", f"ended {ends_on}")
    assert scene.spells()[0]["ended"] == scene.clock.now


def test_what_is_still_listed_after_its_end_does_not_flap(scene: Scene) -> None:
    ending = posting("1", ends_on=date(2026, 11, 24))
    scene.harvest(TOWN, [ending])
    scene.curate()
    for number in range(4):
        retitled = posting("1", title=f"Nimi {number}", ends_on=date(2026, 11, 24))
        scene.day(TOWN, [retitled if number % 2 else ending])
        assert state(scene, "1")[0] == "ended 2026-11-24"
    assert [what for what, _, _ in scene.changes()] == ["added", "closed"]


def test_what_had_ended_when_it_was_first_met_is_never_shown(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", ends_on=date(2026, 11, 20))])
    scene.curate()
    assert scene.status("1") == "closed"
    assert (scene.changes(), scene.spells()) == ([], [])


def test_a_later_end_reopens(scene: Scene) -> None:
    scene.harvest(TOWN, [posting("1", ends_on=date(2026, 11, 24))])
    scene.curate()
    scene.day(TOWN, [posting("1", ends_on=date(2026, 11, 24))])
    scene.day(TOWN, [posting("1", ends_on=date(2026, 12, 24))])
    assert [what for what, _, _ in scene.changes()] == ["added", "closed", "reopened"]


OLD_NEWS = card("news", kind="news", removal={"mode": "window", "max_age": "180d"})


def news(ref: str, published_on: date | None = None, **facts: Any) -> Posting:
    return posting(ref, source="news", kind=Kind.NEWS, work_form="", published_on=published_on, **facts)


def test_news_end_by_their_age_though_their_source_is_down(scene: Scene) -> None:
    scene.harvest(OLD_NEWS, [news("dated", date(2026, 9, 1)), news("undated"), news("ends", ends_on=date(2026, 12, 1))])
    scene.curate()
    scene.clock.at("2027-02-28 23:59:59")
    scene.curate()
    assert scene.status("dated", "news") == "open", "its 180th day is not over"
    scene.clock.at("2027-03-01 00:00")
    scene.curate()
    listing = scene.listing("dated", "news")
    assert (listing["status"], listing["status_because"]) == ("closed", "older than 180 days")
    assert listing["closed_on"] == date(2027, 3, 1)
    scene.clock.at("2027-06-01 12:00")
    scene.curate()
    told = [scene.listing(ref, "news")["status_because"] for ref in ("undated", "ends")]
    assert told == ["older than 180 days", "ended 2026-12-01"]
    spells = {row["listing"]: row["ended"] for row in scene.spells()}
    assert spells[listing["id"]] == midnight(date(2027, 3, 1))
    assert spells[scene.listing("undated", "news")["id"]] == midnight(date(2027, 5, 24)), "180 days after 24 November"
    assert [what for what, _, _ in scene.changes()] == ["added", "added", "added", "closed", "closed", "closed"]


def test_what_is_too_old_does_not_flap_however_long_it_is_listed(scene: Scene) -> None:
    old = news("1", date(2026, 5, 28))
    scene.harvest(OLD_NEWS, [old, news("late", date(2026, 1, 1))])
    scene.curate()
    assert (scene.status("1", "news"), scene.status("late", "news")) == ("open", "closed")
    for number in range(4):
        retitled = news("1", date(2026, 5, 28), title=f"Nimi {number}")
        listed = retitled if number % 2 else old
        scene.day(OLD_NEWS, [listed])
        assert scene.posting("1", "news")["closed"] == "older than 180 days"
    other_card = card(
        "news", kind="news", removal={"mode": "window", "max_age": "180d"}, defaults={"municipality": "491"}
    )
    scene.day(other_card, [old])
    assert [what for what, _, _ in scene.changes()] == ["added", "closed"]


def test_an_undated_posting_grows_old_from_when_it_was_first_seen_however_often_it_changes(scene: Scene) -> None:
    scene.harvest(OLD_NEWS, [news("1")])
    scene.curate()
    for days in range(60, 240, 60):
        scene.day(OLD_NEWS, [news("1", title=f"Nimi {days}")], days=60)
    assert scene.status("1", "news") == "open"
    scene.day(OLD_NEWS, [news("1", title="Nimi lopuksi")])
    assert (scene.status("1", "news"), scene.posting("1", "news")["closed"]) == ("closed", "older than 180 days")


def test_a_longer_age_in_the_card_reopens_at_the_next_reading(scene: Scene) -> None:
    scene.harvest(OLD_NEWS, [news("1", date(2026, 5, 1))])
    scene.curate()
    assert scene.status("1", "news") == "closed"
    scene.day(card("news", kind="news", removal={"mode": "window", "max_age": "1000d"}), [news("1", date(2026, 5, 1))])
    assert scene.status("1", "news") == "open"


def test_a_tiny_source_may_end_all_it_had(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(4))
    scene.curate()
    result = scene.harvest(AT_ONCE, [])
    assert (result.closed, result.held, result.verdict) == (4, 0, "empty")


def test_more_than_five_and_more_than_a_fifth_of_a_source_are_held(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(30))
    scene.curate()
    assert scene.harvest(AT_ONCE, many(24)).held == 0, "six of thirty are a fifth, not more"
    scene.harvest(AT_ONCE, many(30))
    scene.curate()
    result = scene.harvest(AT_ONCE, many(23))
    assert (result.closed, result.held) == (0, 7)
    units = {row["unit"]: (row["going"], row["open"]) for row in scene.rows(Hold)}
    assert units["source town"] == units[f"municipality {MIKKELI}"] == units["maakunta 10"] == (7, 30)
    assert units["region mikkeli"] == (7, 30)
    scene.curate()
    assert scene.total() == 30


def test_additions_go_out_while_removals_are_held(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(20))
    scene.curate()
    result = scene.harvest(AT_ONCE, [*many(5), *many(3, "new")])
    assert (result.new, result.held) == (3, 15)
    scene.curate()
    assert scene.total() == 23


def test_a_shard_of_one_region_is_held_while_the_others_proceed(scene: Scene) -> None:
    south = many(30, "m", codes=(MIKKELI,))
    east = many(10, "k", codes=(KOUVOLA,))
    west = many(60, "v", codes=(VAASA,))
    scene.harvest(AT_ONCE, [*south, *east, *west])
    scene.curate()
    result = scene.harvest(AT_ONCE, [*south[3:], *east[:1], *west])
    assert (result.closed, result.held) == (3, 9)
    held = {row["unit"]: codes(row, "postings") for row in scene.rows(Hold)}
    assert set(held) == {f"municipality {KOUVOLA}", "maakunta 08", "region kouvola"}
    assert all(len(ids) == 9 for ids in held.values())
    scene.curate()
    assert (scene.status("m000"), scene.status("k009")) == ("closed", "open")


def test_buckets_are_units_too(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [*many(100), *many(8, "u", codes=())])
    scene.curate()
    assert scene.harvest(AT_ONCE, many(100)).held == 8
    assert [row["unit"] for row in scene.rows(Hold)] == ["bucket unplaced"]


def test_a_hold_is_computed_anew_by_each_complete_run_and_keeps_its_age(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(20))
    scene.curate()
    began = scene.clock.now
    scene.harvest(AT_ONCE, many(5))
    scene.clock.move(days=1)
    scene.harvest(AT_ONCE, many(4))
    hold = scene.rows(Hold, unit="source town")[0]
    assert (hold["going"], hold["since"]) == (16, began)
    scene.harvest(AT_ONCE, many(10), whole=Whole.PARTIAL)
    assert len(scene.rows(Hold, unit="source town")) == 1, "a partial run says nothing of absence"
    assert scene.harvest(AT_ONCE, many(18)).closed == 2
    assert scene.rows(Hold) == []


def test_a_held_posting_that_ends_by_date_closes(scene: Scene) -> None:
    scene.harvest(AT_ONCE, many(20, ends_on=date(2026, 11, 25)))
    scene.curate()
    assert scene.harvest(AT_ONCE, many(5, ends_on=date(2026, 11, 25))).held == 15
    scene.clock.move(days=2)
    scene.curate()
    assert scene.total() == 0


def test_a_run_that_places_too_little_is_partial_and_closes_nothing(scene: Scene) -> None:
    town = card(removal={"misses": 1}, expect={"placed": 0.9})
    assert scene.harvest(town, many(10)).verdict == "complete"
    scene.curate()
    result = scene.harvest(town, many(10, "n", codes=()))
    assert (result.verdict, result.cause, result.closed, result.held) == ("partial", "rarely_placed", 0, 0)
    assert result.detail == "10 of 20 have a place, placed = 0.9 expected; nothing is closed by this run"
    assert result.problems == 1


def test_a_merged_listing_stays_open_while_one_of_its_postings_is(scene: Scene) -> None:
    other = card("other", removal={"misses": 1})
    scene.harvest(AT_ONCE, [posting("1", title="Kokki")])
    scene.harvest(other, [posting("a", title="Kokki", source="other")])
    scene.curate()
    assert scene.groups() == [["other/a", "town/1"]]
    scene.harvest(AT_ONCE, [])
    scene.curate()
    assert (scene.status("1"), scene.listing("1")["source"]) == ("open", "other")
    scene.harvest(other, [])
    scene.curate()
    assert scene.status("1") == "closed"
