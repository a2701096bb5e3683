"""What an operator decides: words about postings, holds, and whole sources; all of it kept with who and why, and undone."""

import json

import pytest

from normalize.records import Decision, Posting
from normalize.vocabulary import Act
from store import holds
from store.db import StoreError
from store.decided import decisions, meant
from store.packing import posting_id
from store.tables import Audit, DecisionRow, Hold, Spared
from tests.built import HELSINKI_CODE, KOUVOLA, MIKKELI, Scene, card, many, posting

TOWN, OTHER = card(removal={"misses": 1}), card("other", removal={"misses": 1})
COOK, CLEANER = posting("1", title="Kokki"), posting("2", title="Siivooja", codes=(KOUVOLA,))
GUARD = posting("3", title="Vartija")


def said(act: Act, one: Posting, other: Posting | None = None, value: str = "") -> Decision:
    ids = [posting_id(each.source, each.ref) for each in (one, other) if each]
    return Decision(act=act, posting=ids[0], other=ids[1] if other else "", value=value, reason="seen", author="Aino")


@pytest.fixture
def town(scene: Scene) -> Scene:
    scene.day(TOWN, [COOK, CLEANER, GUARD])
    return scene


def test_a_word_counts_at_the_next_curation_and_its_undoing_restores_what_was(town: Scene) -> None:
    before = town.groups()
    number = town.store.decide(said(Act.SAME, COOK, CLEANER))
    town.curate()
    assert town.groups() == [["town/1", "town/2"], ["town/3"]]
    town.store.undo(number, "it was another kitchen", "Eero")
    town.curate()
    assert town.groups() == before
    (row,) = town.rows(Audit)
    assert (row["act"], row["author"], row["reason"], row["about"]) == (
        "undo", "Eero", "it was another kitchen", f"decision {number}",
    )  # fmt: skip
    assert [one["undone"] for one in town.rows(DecisionRow)] == [True]


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ([said(Act.SAME, COOK, CLEANER)], said(Act.DIFFERENT, CLEANER, COOK), "decision 1 of Aino"),
        ([said(Act.DIFFERENT, COOK, CLEANER)], said(Act.SAME, COOK, CLEANER), "decision 1 of Aino"),
        (
            [said(Act.SAME, COOK, CLEANER), said(Act.SAME, CLEANER, GUARD)],
            said(Act.DIFFERENT, COOK, GUARD),
            "with 1 more, the two are one",
        ),
        (
            [said(Act.SAME, COOK, CLEANER), said(Act.DIFFERENT, COOK, GUARD)],
            said(Act.SAME, CLEANER, GUARD),
            "decision 2 of Aino",
        ),
        ([said(Act.PLACE, COOK, value=KOUVOLA)], said(Act.PLACE, COOK, value=MIKKELI), f"it is placed in {KOUVOLA}"),
        ([said(Act.HIDE, COOK)], said(Act.APPROVE, COOK), "it is to be hidden"),
        ([said(Act.APPROVE, COOK)], said(Act.HIDE, COOK), "it is to be shown"),
        ([said(Act.HIDE, COOK)], said(Act.HIDE, COOK), "says the same already"),
        ([said(Act.SAME, COOK, CLEANER)], said(Act.SAME, CLEANER, COOK), "says the same already"),
    ],
)
def test_a_word_against_one_that_stands_is_refused_and_names_it(
    town: Scene, first: list[Decision], then: Decision, told: str
) -> None:
    for one in first:
        town.store.decide(one)
    with pytest.raises(StoreError, match=told):
        town.store.decide(then)
    assert len(town.rows(DecisionRow)) == len(first), "nothing was kept of it"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (said(Act.SAME, COOK), "needs two different postings"),
        (said(Act.SAME, COOK, COOK), "needs two different postings"),
        (said(Act.HIDE, COOK, CLEANER), "leave out the second"),
        (said(Act.PLACE, COOK), "needs --to"),
        (said(Act.PLACE, COOK, value="Kouvola"), "Kouvola is 286"),
        (said(Act.PLACE, COOK, value="999"), "no municipality of today has this code"),
        (said(Act.PIN, COOK, value="mikeli"), "mikkeli"),
        (said(Act.HIDE, COOK, value="1"), "takes no --to"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_with_what_was_expected(town: Scene, wrong: Decision, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        town.store.decide(wrong)


def test_a_posting_is_placed_in_several_municipalities(town: Scene) -> None:
    town.store.decide(said(Act.PLACE, COOK, value=f"{KOUVOLA}, {HELSINKI_CODE}"))
    town.curate()
    assert town.municipalities("1") == [HELSINKI_CODE, KOUVOLA]


def test_decisions_are_listed_by_names_that_people_know(town: Scene) -> None:
    town.store.decide(meant(town.store.engine, "same", "1", "2", "", "seen", "Aino"))
    town.store.decide(meant(town.store.engine, "hide", "3", "", "", "a joke", "Eero"))
    told = decisions(town.store.engine)
    assert [(one["act"], one["posting"], one["other"], one["author"]) for one in told] == [
        ("same", "town/1", "town/2", "Aino"),
        ("hide", "town/3", "", "Eero"),
    ]
    assert [one["id"] for one in decisions(town.store.engine, "2")] == [1]


def test_a_name_that_two_sources_use_or_nobody_is_told_and_not_guessed(town: Scene) -> None:
    town.day(OTHER, [posting("1", title="Opettaja", source="other")])
    with pytest.raises(StoreError, match="2 postings are called '1'"):
        meant(town.store.engine, "hide", "1", "", "", "x", "Aino")
    with pytest.raises(StoreError, match="nothing here is called 'nobody'"):
        meant(town.store.engine, "hide", "nobody", "", "", "x", "Aino")
    with pytest.raises(StoreError, match="there is no decision 7"):
        town.store.undo(7, "x", "Aino")


def held(scene: Scene) -> int:
    scene.day(TOWN, many(20))
    scene.day(TOWN, many(10))
    return int(scene.rows(Hold)[0]["id"])


def test_a_hold_shows_what_would_vanish_and_where(scene: Scene) -> None:
    number = held(scene)
    told = holds.preview(scene.store.engine, number)
    waiting = holds.holds(scene.store.engine, scene.clock.now)
    assert {one["unit"] for one in waiting} >= {"source town", f"municipality {MIKKELI}", "region mikkeli"}
    assert told["held_elsewhere"] == 10, "several units hold the same ten"
    for one in waiting[1:]:
        scene.store.rule(one["id"], True, "they are right", "Aino")
    told = holds.preview(scene.store.engine, waiting[0]["id"])
    assert (told["postings"], told["municipalities"], told["regions"]["mikkeli"]) == (10, {MIKKELI: 10}, 10)
    assert len(told["listings"]) == 10


def test_the_last_release_closes_what_all_units_held(scene: Scene) -> None:
    held(scene)
    waiting = holds.holds(scene.store.engine, scene.clock.now)
    closed = [scene.store.rule(one["id"], True, "they have gone", "Aino") for one in waiting]
    assert closed == [*[0] * (len(waiting) - 1), 10]
    scene.curate()
    assert scene.total() == 10
    assert scene.posting("015")["closed"] == "absent, and released by Aino: they have gone"
    assert scene.rows(Hold) == []
    assert {row["act"] for row in scene.rows(Audit)} == {"release"}
    assert len(json.loads(scene.rows(Audit)[-1]["detail"])["postings"]) == 10


def test_what_a_reject_keeps_stays_until_it_is_seen_again(scene: Scene) -> None:
    held(scene)
    for one in holds.holds(scene.store.engine, scene.clock.now):
        scene.store.rule(one["id"], False, "the list was cut short", "Aino")
    for _ in range(3):
        scene.day(TOWN, many(10))
    assert (scene.total(), scene.rows(Hold)) == (20, []), "and is not held anew"
    scene.day(TOWN, many(20))
    assert scene.rows(Spared) == []
    scene.day(TOWN, many(17))
    assert scene.total() == 17, "seen again, it goes like any other"


def test_a_hold_that_is_no_more_is_told(scene: Scene) -> None:
    held(scene)
    scene.day(TOWN, many(20))
    with pytest.raises(StoreError, match="there is no hold 1"):
        scene.store.rule(1, True, "x", "Aino")


def test_a_withdrawn_source_is_hidden_at_once_and_its_copies_speak_after_the_curation(scene: Scene) -> None:
    copy = posting("a", title="Kokki", source="other")
    scene.day(TOWN, [COOK, GUARD])
    scene.day(OTHER, [copy])
    before = scene.exported()
    assert len(before) == 2
    assert scene.store.withdraw("town", True, "they asked us to", "Aino") == 2
    assert [one["source"] for one in scene.exported()] == [one["source"] for one in before if one["source"] == "other"]
    scene.curate()
    assert [(one["source"], one["titles"]["fi"]) for one in scene.exported()] == [("other", "Kokki")]
    scene.store.withdraw("town", False, "a misunderstanding", "Aino")
    scene.curate()
    assert scene.exported() == before, "as if it had never been hidden"
    assert [(row["act"], row["about"]) for row in scene.rows(Audit)] == [
        ("withdraw", "source town"),
        ("restore", "source town"),
    ]


def test_withdrawing_twice_or_a_source_that_is_none_is_told(town: Scene) -> None:
    town.store.withdraw("town", True, "x", "Aino")
    with pytest.raises(StoreError, match="withdrawn already"):
        town.store.withdraw("town", True, "x", "Aino")
    with pytest.raises(StoreError, match="was never harvested"):
        town.store.withdraw("nowhere", True, "x", "Aino")
