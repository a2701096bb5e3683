"""What a person says outlives every re-harvest and every curation."""

from normalize.vocabulary import Act
from store.packing import posting_id
from tests.built import HELSINKI_CODE, KOUVOLA, MIKKELI, Scene, card, many, posting

TOWN, OTHER = card(removal={"misses": 1}), card("other", removal={"misses": 1})
COOK = posting("1", title="Kokki")
COOK_ELSEWHERE = posting("a", title="Kokki", source="other")
CLEANER = posting("b", title="Siivooja", source="other", employer="Toinen", codes=(KOUVOLA,))


def again(scene: Scene) -> None:
    """Days pass, texts change, everything is read under another card and judged anew."""
    scene.day(TOWN, [posting("1", title="Kokki", summaries={"fi": "Uusi tiivistelmä"})])
    scene.day(card(defaults={"municipality": HELSINKI_CODE}), [COOK])
    scene.touch_everything()
    scene.curate()


def test_same_joins_what_no_rule_would(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [CLEANER])
    assert len(scene.groups()) == 2
    scene.decide(Act.SAME, COOK, CLEANER)
    scene.curate()
    assert scene.groups() == [["other/b", "town/1"]]
    again(scene)
    assert scene.groups() == [["other/b", "town/1"]]


def test_same_joins_even_when_only_one_of_the_two_is_touched(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [CLEANER])
    scene.decide(Act.SAME, CLEANER, COOK)
    with scene.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM touch")
    scene.touch([posting_id("town", "1")])
    scene.curate()
    assert scene.groups() == [["other/b", "town/1"]]


def test_different_keeps_apart_what_the_rules_would_join(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [COOK_ELSEWHERE])
    assert len(scene.groups()) == 1
    scene.decide(Act.DIFFERENT, COOK, COOK_ELSEWHERE)
    scene.curate()
    assert len(scene.groups()) == 2
    again(scene)
    scene.day(OTHER, [posting("a", title="Kokki", source="other", summaries={"fi": "Muuttui"})])
    assert len(scene.groups()) == 2


def test_placed_here_overrules_the_evidence(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.decide(Act.PLACE, COOK, value=KOUVOLA)
    scene.changes()
    scene.curate()
    assert scene.changes() == [("moved", [MIKKELI], [KOUVOLA])]
    again(scene)
    assert scene.municipalities("1") == [KOUVOLA]


def test_hidden_stays_hidden_and_says_by_whom(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.decide(Act.HIDE, COOK)
    scene.changes()
    scene.curate()
    assert scene.changes() == [("hidden", [MIKKELI], [])]
    again(scene)
    scene.day(TOWN, [])
    scene.day(TOWN, [COOK])
    assert (scene.status("1"), scene.listing("1")["status_because"]) == ("hidden", "hidden by Aino: seen by eye")
    assert scene.total() == 0
    scene.undo_decisions()
    scene.curate()
    assert scene.status("1") == "open"


def test_news_that_need_approval_are_hidden_until_then(scene: Scene) -> None:
    news = card("news", kind="news", keep={"words": ["työ*"], "publish": "after_approval"})
    item = posting("n", source="news", kind="news", publish="after_approval")
    scene.day(news, [item])
    assert (scene.status("n", "news"), scene.listing("n", "news")["status_because"]) == (
        "hidden",
        "waiting for approval",
    )
    assert (scene.changes(), scene.exported(), scene.total()) == ([], [], 0)
    scene.decide(Act.APPROVE, item)
    scene.curate()
    assert scene.changes() == [("added", [], [MIKKELI])]
    scene.day(news, [posting("n", source="news", kind="news", publish="after_approval", summaries={"fi": "Muuttui"})])
    assert scene.status("n", "news") == "open"


def test_same_and_different_may_name_a_posting_that_has_closed(scene: Scene) -> None:
    scene.day(TOWN, [COOK, *many(2)])
    scene.day(TOWN, many(2))
    scene.day(OTHER, [CLEANER])
    scene.decide(Act.SAME, COOK, CLEANER)
    scene.curate()
    assert scene.groups()[0] == ["other/b", "town/1"]
    assert (scene.status("1"), scene.listing("1")["source"]) == ("open", "other")
