"""What has closed loses its text when its card says so, and stays what it was in every count."""

import json
from datetime import date, timedelta

import pytest

from harvest.records import Gone
from normalize.packing import unpack
from store.tables import PostingRow
from tests.built import Scene, card, many, posting

AT_ONCE = card(retention={"closed_text": "0"}, removal={"mode": "stream"})
LATER = card(retention={"closed_text": "30d"}, removal={"misses": 1})
SECRET = "Soppaa syntyy ja leipää paistetaan"


def said(scene: Scene) -> str:
    """Everything that the database holds, as text."""
    told = repr(scene.snapshot())
    return told + "".join(repr(unpack(row["packed"])) for row in scene.rows(PostingRow))


def test_where_the_terms_forbid_it_nothing_is_kept_of_a_closed_text_once_it_is_judged(scene: Scene) -> None:
    cook = posting("1", title="Keittäjä Kesälahdelle", plain={"fi": SECRET}, summaries={"fi": f"Lyhyesti: {SECRET}"})
    scene.harvest(AT_ONCE, [cook, posting("2")])
    scene.curate()
    assert SECRET in said(scene)
    scene.harvest(AT_ONCE, [posting("2")], more=[Gone(ref="1", because="archived")])
    scene.curate()
    listing = scene.listing("1")
    assert (listing["status"], listing["status_because"], listing["titles"]) == ("closed", "archived", "{}")
    assert SECRET not in said(scene)
    assert "Keittäjä" not in said(scene), "nor in a reason"
    assert json.loads(scene.listing("2")["titles"]) == {"fi": "Työ 2"}


def test_a_text_is_kept_for_as_long_as_the_card_says_and_no_day_longer(scene: Scene) -> None:
    scene.harvest(LATER, many(2))
    scene.curate()
    scene.day(LATER, many(1))
    for day, titles in ((29, {"fi": "Työ 001"}), (30, {})):
        scene.clock.at(f"{date(2026, 11, 25) + timedelta(days=day)} 10:00")
        scene.curate()
        assert json.loads(scene.listing("001")["titles"]) == titles
    assert scene.changes()[-1][0] == "closed", "a reader hears nothing of it"


def test_what_is_open_keeps_its_text_however_old(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    scene.clock.move(days=400)
    scene.curate()
    assert SECRET in said(scene)


def test_what_ends_by_date_is_forgotten_in_the_same_curation(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET}, ends_on=date(2026, 11, 24))])
    scene.curate()
    scene.clock.at("2026-11-25 00:00")
    scene.curate()
    assert scene.status("1") == "closed"
    assert SECRET not in said(scene)


def test_what_returns_has_its_text_again(scene: Scene) -> None:
    scene.harvest(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    scene.harvest(AT_ONCE, [], more=[Gone(ref="1", because="archived")])
    scene.curate()
    scene.day(AT_ONCE, [posting("1", plain={"fi": SECRET})])
    assert scene.status("1") == "open"
    assert SECRET in said(scene)
    assert json.loads(scene.listing("1")["titles"]) == {"fi": "Työ 1"}


@pytest.mark.parametrize("ref", ["a", "b"])
def test_a_double_advert_stays_one_when_its_texts_are_gone(scene: Scene, ref: str) -> None:
    double = [posting(one, title="Työ", url="", plain={"fi": SECRET}) for one in ("a", "b")]
    scene.harvest(AT_ONCE, double)
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]]
    gone = [Gone(ref=one, because="archived") for one in (ref, "b" if ref == "a" else "a")]
    scene.harvest(AT_ONCE, [], more=gone[:1])
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]], "one of them is forgotten, the other speaks"
    assert json.loads(scene.listing(ref)["titles"]) == {"fi": "Työ"}
    scene.harvest(AT_ONCE, [], more=gone[1:])
    scene.curate()
    scene.touch_everything()
    scene.curate()
    assert scene.groups() == [["town/a", "town/b"]]
    assert SECRET not in said(scene)


def test_a_change_of_the_card_counts_from_the_next_curation(scene: Scene) -> None:
    scene.harvest(LATER, [posting("1", plain={"fi": SECRET}), posting("2")])
    scene.day(LATER, [posting("2")])
    assert SECRET in said(scene)
    scene.store.declare_again([card(retention={"closed_text": "0"}, removal={"misses": 1})])
    scene.curate()
    assert SECRET not in said(scene)
