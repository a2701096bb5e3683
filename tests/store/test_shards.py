"""Shards that a run read to their end are known until midnight, unless a whole run has read all of them."""

from harvest.records import Whole
from tests.built import Scene, card, many, memo

TOWN = card()
DONE = memo("https://town.example/jobs 01", ["000"], etag="")


def known(scene: Scene) -> dict[str, tuple[str, ...]]:
    return {name: one.refs for name, one in scene.store.known(TOWN).shards.items()}


def test_finished_shards_of_a_partial_run_are_known_until_the_midnight_of_helsinki(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), whole=Whole.PARTIAL, shards=(DONE,), pages=(memo("a"),))
    assert known(scene) == {DONE.key: ("000",)}
    assert list(scene.store.known(TOWN).pages) == ["a"], "they are no pages"
    scene.clock.at("2026-11-24 23:59")
    assert known(scene) == {DONE.key: ("000",)}
    scene.clock.at("2026-11-25 00:00")
    assert known(scene) == {}


def test_a_whole_run_leaves_none_and_a_failed_one_leaves_those_before(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), whole=Whole.PARTIAL, shards=(DONE,))
    scene.harvest(TOWN, [], whole=Whole.FAILED)
    assert known(scene) == {DONE.key: ("000",)}
    scene.harvest(TOWN, many(2))
    assert known(scene) == {}


def test_under_another_card_they_are_read_anew(scene: Scene) -> None:
    scene.harvest(TOWN, many(2), whole=Whole.PARTIAL, shards=(DONE,))
    assert scene.store.known(card(defaults={"municipality": "491"})).shards == {}
