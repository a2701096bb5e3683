"""How sources and runs stand: three clocks, a verdict, and whether a source is as fresh as its card asks."""

from typing import Any

import pytest

from harvest.records import Whole
from store import health
from tests.built import Scene, card, many

TOWN = card(freshness={"complete_within": "24h"})


def stands(scene: Scene) -> dict[str, Any]:
    (row,) = health.sources(scene.store.engine, scene.clock.now)
    return row


def test_three_clocks_tell_attempt_complete_reading_and_change_apart(scene: Scene) -> None:
    times = []
    for listed, whole in ((many(3), Whole.COMPLETE), (many(3), Whole.UNCHANGED), (many(1), Whole.PARTIAL)):
        scene.clock.move(hours=1)
        times.append(scene.clock.now.isoformat())
        scene.harvest(TOWN, listed, whole=whole)
    row = stands(scene)
    assert (row["last_change"], row["last_complete"], row["last_attempt"]) == tuple(times)
    assert (row["verdict"], row["open"], row["fresh"]) == ("partial", 3, True)


@pytest.mark.parametrize(("whole", "fresh"), [(Whole.UNCHANGED, True), (Whole.PARTIAL, False), (Whole.FAILED, False)])
def test_green_runs_that_read_nothing_whole_do_not_keep_a_source_fresh(scene: Scene, whole: Whole, fresh: bool) -> None:
    scene.harvest(TOWN, many(3))
    scene.clock.move(hours=25)
    assert stands(scene)["fresh"] is False
    scene.harvest(TOWN, many(3), whole=whole)
    assert stands(scene)["fresh"] is fresh


@pytest.mark.parametrize(("cause", "fresh"), [("true zero", True), ("shape_changed", False)])
def test_a_true_zero_is_a_complete_reading_and_any_other_is_none(scene: Scene, cause: str, fresh: bool) -> None:
    scene.harvest(TOWN, [], whole=Whole.EMPTY, cause=cause)
    assert stands(scene)["fresh"] is fresh


def test_a_run_under_way_says_so(scene: Scene) -> None:
    from store.write.runs import begin_run

    begin_run(scene.store.engine, TOWN, scene.clock.now)
    assert (stands(scene)["verdict"], health.runs(scene.store.engine)[0]["verdict"]) == ("under way", "under way")


def test_runs_come_newest_first_and_by_source(scene: Scene) -> None:
    for slug in ("town", "other", "town"):
        scene.harvest(card(slug), many(1, source=slug))
    assert [row["source"] for row in health.runs(scene.store.engine)] == ["town", "other", "town"]
    assert [row["source"] for row in health.runs(scene.store.engine, "other")] == ["other"]
    assert len(health.runs(scene.store.engine, limit=1)) == 1


def test_rights_are_told_for_every_exit(scene: Scene) -> None:
    scene.harvest(card(rights={"basis": "own data", "page": "full", "api": "link"}), many(2))
    scene.curate()
    (row,) = health.rights(scene.store.engine)
    assert (row["basis"], row["page"], row["api"], row["export"], row["open"]) == ("own data", "full", "link", "no", 2)


def test_a_source_whose_card_was_removed_is_disabled_until_it_is_back(scene: Scene) -> None:
    other = card("other", enabled=False, disabled_because="robots.txt refuses us")
    for source in (TOWN, other):
        scene.harvest(source, many(2, source=source.slug, employer=source.slug))
    scene.curate()
    told = []
    for cards in ([TOWN, other], [other], [TOWN, other]):
        scene.store.declare_again(cards)
        scene.curate()
        rows = health.sources(scene.store.engine, scene.clock.now)
        told.append({row["source"]: (row["enabled"], row["disabled_because"], row["open"]) for row in rows})
    as_declared = {"town": (True, "", 2), "other": (False, "robots.txt refuses us", 2)}
    assert told == [as_declared, {**as_declared, "town": (False, "its card was removed", 2)}, as_declared]
    assert scene.total() == 4, "what it had stays, as with any source that is disabled"
