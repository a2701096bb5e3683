"""Two postings compared sign by sign, asked by whatever name a person has in hand; and undoing a decision."""

import pytest

from normalize.vocabulary import Act
from store.db import StoreError
from store.explain_pair import explain_pair
from tests.built import Scene, card, posting

TOWN, OTHER = card(removal={"misses": 1}), card("other", removal={"misses": 1})
COOK = posting("job-1", title="Kokki")
COPY = posting("a", title="Kokki", source="other")
CLEANER = posting("b", title="Siivooja", source="other", employer="Toinen")


def test_every_sign_has_its_bits_and_the_sum_decides(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [COPY, CLEANER])
    told = explain_pair(scene.store.engine, "job-1", "https://other.example/jobs/a", scene.clock.today)
    assert told is not None
    assert (told["same"], told["together"], told["card"]) == (True, True, "no text")
    assert {"sign": "title", "found": "the same, 'Kokki'", "bits": 5.0} in told["signs"]
    apart = explain_pair(scene.store.engine, "job-1", "b", scene.clock.today)
    assert apart is not None
    assert (apart["same"], apart["together"]) == (False, False)
    with pytest.raises(StoreError, match="nothing here is called 'nothing'"):
        explain_pair(scene.store.engine, "job-1", "nothing", scene.clock.today)


def test_undoing_a_decision_restores_the_state_before(scene: Scene) -> None:
    scene.day(TOWN, [COOK])
    scene.day(OTHER, [COPY, CLEANER])
    before = scene.groups()
    for act, other in ((Act.SAME, CLEANER), (Act.DIFFERENT, COPY)):
        scene.decide(act, COOK, other)
        scene.curate()
        assert scene.groups() != before
        told = explain_pair(scene.store.engine, "job-1", other.ref, scene.clock.today)
        assert told is not None
        assert told["decided"] == [f"decided {act} by Aino: seen by eye"]
        scene.undo_decisions()
        scene.curate()
        assert scene.groups() == before
