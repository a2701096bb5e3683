"""How sources and runs stand: three clocks, a verdict, and whether a source is as fresh as its card asks."""

from typing import Any

import pytest
from sqlalchemy import insert

from harvest.records import Whole
from store import health
from store.tables import Lease, table
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


def test_a_run_that_was_killed_is_told_once_its_lease_has_run_out(scene: Scene) -> None:
    from store.write.runs import begin_run

    began = scene.clock.now.isoformat()
    engine, until = scene.store.engine, scene.clock.seconds() + health.LEASE_LASTS
    with engine.begin() as connection:
        held = {"name": "run town", "holder": "one that was killed", "until": until, "free_at": 0.0}
        connection.execute(insert(table(Lease)), held)
    begin_run(engine, TOWN, scene.clock.now)
    scene.clock.move(seconds=health.LEASE_LASTS - 1)
    assert health.runs(engine, now=scene.clock.now)[0]["verdict"] == stands(scene)["verdict"] == "under way"
    scene.clock.move(seconds=2)
    (row,) = health.runs(engine, now=scene.clock.now)
    assert (row["verdict"], row["cause"], row["ended"]) == ("failed", "killed", began)
    assert (stands(scene)["verdict"], stands(scene)["cause"]) == ("failed", "killed")


def test_a_run_that_was_killed_is_told_for_good_when_the_next_begins(scene: Scene) -> None:
    from store.write.runs import begin_run

    scene.harvest(card("other"), many(1, source="other"))
    began = scene.clock.now
    begin_run(scene.store.engine, TOWN, began)
    begin_run(scene.store.engine, card("other"), began)
    scene.clock.move(hours=1)
    scene.harvest(TOWN, many(3))
    new, other, killed, _first = health.runs(scene.store.engine)
    assert (killed["verdict"], killed["cause"], killed["ended"]) == ("failed", "killed", began.isoformat())
    assert "nothing of the run was kept" in killed["detail"]
    assert (new["verdict"], other["verdict"]) == ("complete", "under way"), "another source's is left alone"


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
