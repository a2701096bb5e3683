"""A shape that has changed is named, by a labelled set of changes; what changes every day is not."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvest.fields import Pick
from harvest.known import Known, Shape
from harvest.records import Reason, Whole
from harvest.shape import Sketch, look, vanished
from tests.harvest.cards import JSON, NOON, Net, Walked, card, tagged, walked

LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "labelled" / "shapes.jsonl").read_text("utf-8").splitlines()
]
PLACED = card(JSON + 'place = "location"\ntext = "text"\n')


def sketched(names: dict[str, tuple[int, Any]]) -> Shape:
    """So many items of each name, with such a value."""
    sketch = Sketch(_nothing)
    for number in range(max(count for count, _value in names.values())):
        item = {name: value for name, (count, value) in names.items() if number < count}
        sketch.see(item, tuple(item))
    shape = sketch.shape({}, NOON)
    assert shape is not None
    return shape


def _nothing(expression: str) -> tuple[Pick, frozenset[str]]:
    raise ValueError(expression)


@pytest.mark.parametrize("case", LABELLED, ids=lambda case: case["why"])
def test_what_a_person_would_call_another_shape_is_told_and_nothing_else(case: dict[str, Any]) -> None:
    before, after = sketched(case["before"]), sketched(case["after"])
    found = vanished(before, after, frozenset(case["before"]))
    assert {one.name: one.became for one in found} == case["told"]


def test_a_name_that_the_card_does_not_read_may_go() -> None:
    before, after = sketched({"id": (9, 7), "location": (9, "Mikkeli")}), sketched({"id": (9, 7)})
    assert list(vanished(before, after, frozenset({"id"}))) == []


@pytest.mark.parametrize(
    ("value", "like"),
    [(7, "number"), ("7", "number"), ("7,5", "number"), (None, "nothing"), ("", "nothing"),
     (True, "yes or no"), ("2026-12-24", "date"), ("24.12.2026", "date"),
     ("2026-12-24T10:00:00Z", "date"), ("Tue, 24 Nov 2026 08:00:00 +0200", "date"), ("https://a.example", "address"),
     ("Mikkeli", "text"), ("x" * 201, "long text"), (["a", "b"], "list"), ({"a": 1}, "object")],
)  # fmt: skip
def test_what_values_look_like(value: object, like: str) -> None:
    assert look(value) == like


def jobs(count: int, place: str = "location", **more: Any) -> str:
    return json.dumps(
        {"jobs": [{"id": n, "name": "Kokki", "text": "Tekstiä", place: "Mikkeli", **more} for n in range(count)]}
    )


def after(first: Walked) -> Known:
    """What a store would know after a walk, the day before."""
    known = first.known()
    shape = first.verdict.shape
    assert shape is not None
    day_before = Shape(items=shape.items, names=shape.names, filled=shape.filled, on=date(2026, 11, 23))
    return Known(digests=known.digests, pages=known.pages, shape=day_before)


def test_a_field_that_was_renamed_is_named_with_its_day_and_closes_nothing() -> None:
    first = walked(PLACED, Net({"/jobs": jobs(98)}))
    again = walked(PLACED, Net({"/jobs": jobs(98, "place")}), after(first))
    assert (again.verdict.whole, again.verdict.cause) == (Whole.PARTIAL, Reason.SHAPE_CHANGED)
    assert (
        "`location` became `place` on 2026-11-24: 98 of 98 items had the one on 2026-11-23, 98 of 98 have the other now; "
        "correct the card"
    ) in again.verdict.detail


def test_a_reference_that_was_renamed_is_told_first_though_no_item_can_be_read() -> None:
    first = walked(PLACED, Net({"/jobs": jobs(20)}))
    again = walked(PLACED, Net({"/jobs": jobs(20).replace('"id"', '"jobid"')}), after(first))
    assert (again.verdict.whole, again.verdict.cause) == (Whole.EMPTY, Reason.SHAPE_CHANGED)
    assert "`id` became `jobid`" in again.verdict.detail


def test_a_field_that_is_filled_no_more_is_told_and_spoils_nothing() -> None:
    first = walked(PLACED, Net({"/jobs": jobs(98)}))
    again = walked(PLACED, Net({"/jobs": jobs(98, text="")}), after(first))
    (told,) = again.problems
    assert (told.reason, told.detail) == (
        Reason.FIELD_RARELY_FILLED, "text is filled in 0 of 98, and was in 98 of 98 on 2026-11-23",
    )  # fmt: skip
    assert again.verdict.whole is Whole.COMPLETE


def test_how_often_each_field_was_filled_is_counted() -> None:
    found = walked(PLACED, Net({"/jobs": jobs(10, place="none")}))
    assert found.verdict.filled == {
        "ref": (10, 10),
        "title": (10, 10),
        "text": (10, 10),
        "url": (0, 10),
        "place": (0, 10),
    }


def test_elements_of_xml_have_a_shape_too() -> None:
    text = '[adapter]\nkind = "xml_feed"\nitems = "job"\n[adapter.fields]\nref = "id"\ntitle = "name"\nplace = "town"\n'
    body = "".join(f"<job><id>{n}</id><name>Kokki</name><town>Mikkeli</town></job>" for n in range(9))
    first = walked(card(text), Net({"/jobs": f"<jobs>{body}</jobs>"}))
    assert first.verdict.shape is not None
    assert first.verdict.shape.names == {"id": (9, "number"), "name": (9, "text"), "town": (9, "text")}
    again = walked(card(text), Net({"/jobs": f"<jobs>{body.replace('town>', 'city>')}</jobs>"}), after(first))
    assert "`town` became `city`" in again.verdict.detail


def test_tombstones_have_no_shape() -> None:
    """They hold little more than a ref, and a day on which much ends is no other shape."""
    source = card(JSON + 'place = "location"\ntext = "text"\ngone = "deleted"\n', removal={"mode": "stream"})
    first = walked(source, Net({"/jobs": jobs(20)}))
    tombstones = json.dumps({"jobs": [{"id": n, "deleted": True} for n in range(8)]})
    again = walked(source, Net({"/jobs": tombstones}), after(first))
    assert (again.verdict.whole, again.problems, again.verdict.shape) == (Whole.COMPLETE, [], None)


def test_another_shape_is_told_until_it_is_mended_though_the_page_does_not_change() -> None:
    """A 304 shows no names: repeated, it would pass for whole."""
    first = walked(PLACED, Net({"/jobs": tagged(jobs(20))}))
    net = Net({"/jobs": tagged(jobs(20, "place"), '"2"')})
    again = walked(PLACED, net, after(first))
    assert (again.verdict.whole, again.verdict.pages) == (Whole.PARTIAL, ())
    known = Known(digests=again.known().digests, pages=again.known().pages, shape=after(first).shape)
    third = walked(PLACED, net, known)
    assert (third.verdict.whole, third.verdict.cause) == (Whole.PARTIAL, Reason.SHAPE_CHANGED)
