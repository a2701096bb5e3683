"""Postings of a window are looked up in turn, and close when their page is missing twice, an hour apart."""

from sqlalchemy import event

from harvest.records import Probed
from store.tables import ProbeRow
from tests.built import Scene, card, many, posting

WINDOW = card(removal={"mode": "window", "probe": {"budget": 2}})


def due(scene: Scene) -> list[str]:
    return [one.ref for one in scene.store.known(WINDOW).probes]


def look(scene: Scene, *missing: str, alive: tuple[str, ...] = ()) -> int:
    """A run that lists one new posting and looks up others; how many it closed."""
    now = scene.clock.now
    more = [Probed(ref=ref, missing=ref in missing, at=now) for ref in (*missing, *alive)]
    return scene.harvest(WINDOW, [posting("999")], more=more).closed  # type: ignore[arg-type]


def test_the_longest_unseen_come_first_with_their_address(scene: Scene) -> None:
    for number in range(3):
        scene.harvest(WINDOW, [posting(f"00{number}")])
        scene.clock.move(hours=3)
    assert due(scene) == ["000", "001", "002"]
    assert scene.store.known(WINDOW).probes[0].url == "https://town.example/jobs/000"
    look(scene, alive=("000",))
    assert due(scene) == ["001", "002", "000", "999"]
    scene.harvest(WINDOW, [posting("001")])
    assert due(scene)[0] == "002"


def test_a_page_missing_twice_an_hour_apart_closes_and_is_never_held(scene: Scene) -> None:
    scene.harvest(WINDOW, many(10))
    scene.curate()
    gone = [one.ref for one in many(10)]
    assert look(scene, *gone) == 0
    scene.clock.move(minutes=59)
    assert "000" not in due(scene), "it is too early to ask again"
    assert look(scene, *gone) == 0
    scene.clock.move(minutes=1)
    assert due(scene)[:2] == ["000", "001"]
    assert look(scene, *gone) == 10
    assert scene.posting("000")["closed"] == "its page answered 404 or 410 twice, an hour apart"
    scene.curate()
    assert scene.status("000") == "closed"
    assert scene.rows(ProbeRow) == []


def test_pages_that_only_fail_keep_no_other_from_its_turn(scene: Scene) -> None:
    scene.harvest(WINDOW, many(6))
    for _ in range(3):
        scene.clock.move(hours=3)
        now, turn = scene.clock.now, due(scene)[:2]
        scene.harvest(WINDOW, [posting("999")], more=[Probed(ref=ref, missing=None, at=now) for ref in turn])  # type: ignore[list-item]
    assert turn == ["004", "005"]
    assert due(scene)[:2] == ["000", "001"]


def test_a_page_that_was_missing_and_then_fails_keeps_no_other_from_its_turn(scene: Scene) -> None:
    scene.harvest(WINDOW, many(4))
    look(scene, "000", "001")
    scene.clock.move(hours=3)
    assert due(scene)[:2] == ["000", "001"]
    more = [Probed(ref=ref, missing=None, at=scene.clock.now) for ref in ("000", "001")]
    scene.harvest(WINDOW, [posting("999")], more=more)  # type: ignore[arg-type]
    assert due(scene)[:2] == ["002", "003"]
    assert look(scene, "000") == 1, "it was missing before, and is missing now"


def test_what_the_window_shows_as_ever_costs_no_row(scene: Scene) -> None:
    scene.harvest(WINDOW, many(300))
    statements: list[str] = []
    event.listen(scene.store.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    scene.harvest(WINDOW, many(300))
    assert not [said for said in statements if said.startswith(("INSERT INTO probe", "UPDATE probe"))]
    assert scene.rows(ProbeRow) == []
    scene.harvest(WINDOW, many(298))
    assert len(scene.rows(ProbeRow)) == 2
    assert due(scene)[:2] == ["298", "299"]


def test_postings_without_an_address_use_up_no_turn(scene: Scene) -> None:
    scene.harvest(WINDOW, [posting(f"a{number:03}", url="") for number in range(60)])
    scene.clock.move(hours=3)
    scene.harvest(WINDOW, [posting("b")])
    assert due(scene) == ["b"]


def test_a_page_that_is_there_again_begins_anew(scene: Scene) -> None:
    scene.harvest(WINDOW, many(1))
    look(scene, "000")
    scene.clock.move(hours=2)
    look(scene, alive=("000",))
    scene.clock.move(hours=2)
    assert look(scene, "000") == 0


def test_what_the_window_shows_again_is_not_missing(scene: Scene) -> None:
    scene.harvest(WINDOW, many(1))
    look(scene, "000")
    scene.clock.move(hours=2)
    scene.harvest(WINDOW, many(1))
    scene.clock.move(hours=2)
    assert look(scene, "000") == 0


def test_what_closed_by_its_page_reopens_when_it_returns(scene: Scene) -> None:
    scene.harvest(WINDOW, many(1))
    look(scene, "000")
    scene.clock.move(hours=2)
    assert look(scene, "000") == 1
    scene.harvest(WINDOW, many(1))
    assert scene.posting("000")["closed"] == ""


def test_what_is_closed_or_has_no_address_is_never_looked_up(scene: Scene) -> None:
    scene.harvest(WINDOW, [posting("1"), posting("2", url="")])
    assert due(scene) == ["1"]
    scene.harvest(card(removal={"mode": "snapshot", "misses": 1}), [posting("2", url="")])
    assert due(scene) == []


def test_a_source_that_is_not_probed_keeps_nothing_of_it(scene: Scene) -> None:
    scene.harvest(card(), many(3))
    assert scene.rows(ProbeRow) == []
    assert scene.store.known(card()).probes == ()
