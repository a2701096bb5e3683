"""How often fields were filled is kept with each run, and the shape of the last whole reading for the next."""

from datetime import date

import pytest

from harvest.known import Shape
from harvest.records import Reason, Whole
from store import health
from tests.built import Clock, Scene, card, many

TOWN = card()


def shape(items: int = 3, **filled: tuple[int, int]) -> Shape:
    return Shape(items=items, names={"id": (items, "number")}, filled=filled, on=date(2026, 11, 24))


def test_the_shape_of_a_whole_reading_is_known_to_the_next(scene: Scene) -> None:
    assert scene.store.known(TOWN).shape is None
    scene.harvest(TOWN, many(3), shape=shape())
    assert scene.store.known(TOWN).shape == shape()


@pytest.mark.parametrize("whole", [Whole.PARTIAL, Whole.FAILED])
def test_a_short_run_leaves_the_shape_as_it_was(scene: Scene, whole: Whole) -> None:
    scene.harvest(TOWN, many(3), shape=shape())
    scene.harvest(TOWN, many(3), whole=whole, shape=shape(9))
    assert scene.store.known(TOWN).shape == shape()


def test_nor_does_one_that_was_mostly_repeated(scene: Scene) -> None:
    scene.harvest(TOWN, many(30), shape=shape(30))
    scene.harvest(TOWN, many(30), shape=shape(2))
    scene.harvest(TOWN, many(30), shape=None)
    assert scene.store.known(TOWN).shape == shape(30)


def test_a_field_of_detail_pages_keeps_its_rate_while_none_is_asked_for(scene: Scene) -> None:
    scene.harvest(TOWN, many(3), shape=shape(text=(3, 3), title=(3, 3)))
    scene.harvest(TOWN, many(3), shape=shape(title=(2, 3)))
    known = scene.store.known(TOWN).shape
    assert known is not None
    assert known.filled == {"text": (3, 3), "title": (2, 3)}


def test_the_first_day_of_another_shape_is_known(scene: Scene, clock: Clock) -> None:
    scene.harvest(TOWN, many(3), shape=shape())
    for _ in range(3):
        clock.move(days=1)
        scene.harvest(TOWN, many(3), whole=Whole.PARTIAL, cause=Reason.SHAPE_CHANGED)
    known = scene.store.known(TOWN).shape
    assert known is not None
    assert (known.on, known.changed_on) == (date(2026, 11, 24), date(2026, 11, 25))


def test_under_another_card_no_shape_is_expected(scene: Scene) -> None:
    scene.harvest(TOWN, many(3), shape=shape())
    other = card(defaults={"municipality": "491"})
    assert scene.store.known(other).shape is None
    scene.harvest(other, many(3))
    assert scene.store.known(other).shape is None


def test_how_often_each_field_was_filled_is_told_of_runs_and_of_sources(scene: Scene, clock: Clock) -> None:
    scene.harvest(TOWN, many(3), filled={"title": (3, 3), "ends": (1, 3)})
    scene.harvest(TOWN, many(3), whole=Whole.PARTIAL, filled={"title": (2, 2)})
    assert [row["filled"] for row in health.runs(scene.store.engine)] == [
        {"title": [2, 2]}, {"title": [3, 3], "ends": [1, 3]},
    ]  # fmt: skip
    assert health.sources(scene.store.engine, clock.now)[0]["filled"] == {"title": [3, 3], "ends": [1, 3]}
