"""Likes are found the same one by one and all at once, and nothing that is one is left out before it is opened."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import true

from benchmarks.adverts import HABITS, Generator
from normalize.columns import Furniture
from normalize.sameness import judged, paired, promising
from schedules.adverts_file import adverts
from store import near
from store.db import snapshot
from store.touched import touched
from tests.built import MIKKELI, VAASA, Scene, card, posting


def crowd(slug: str, count: int) -> list[Any]:
    """Postings of which many share each key, with short texts."""
    trades = ("Kokki", "Lähihoitaja", "Kuljettaja")
    return [
        posting(
            str(number), source=slug, title=trades[number % 3], codes=((MIKKELI, VAASA)[number % 2],),
            employer=f"Työnantaja {number % 5}",
        )
        for number in range(count)
    ]  # fmt: skip


def test_looked_up_or_all_at_once_the_pairs_are_the_same(scene: Scene) -> None:
    for slug in ("first", "second", "third"):
        scene.harvest(card(slug), crowd(slug, 60))
    with snapshot(scene.store.engine) as connection:
        every = near.together(connection, true(), Furniture())
        for some in (every.ids, every.ids[::7], every.ids[:1]):
            assert every.pairs(some, every.newest) == near.pairs(connection, some, Furniture())
        assert len(every.pairs(every.ids, every.newest)) > 100


def test_a_pair_whose_other_has_its_turn_later_is_left_to_that_turn(scene: Scene) -> None:
    for slug in ("first", "second"):
        scene.harvest(card(slug), crowd(slug, 30))
    with snapshot(scene.store.engine) as connection:
        every = near.together(connection, true(), Furniture())
    middle = int(np.quantile(every.turns, 0.75))
    early = [id_ for id_, turn in zip(every.ids, every.turns.tolist(), strict=True) if turn <= middle]
    late = sorted(set(every.ids) - set(early))
    first, second = every.pairs(early, middle), every.pairs(late, every.newest)
    assert first
    assert second
    assert not first & second
    assert first | second == every.pairs(every.ids, every.newest)


def test_what_is_harvested_while_all_are_paired_is_looked_up(scene: Scene) -> None:
    scene.harvest(card("first"), [posting("1", source="first", title="Kokki")])
    found = touched(scene.store.engine, scene.clock.today)
    first = next(found)
    scene.harvest(card("second"), [posting("1", source="second", title="Kokki", url="https://first.example/jobs/1")])
    then = [one for one in found if one.kept]
    assert len(first.kept) == 1
    assert [len(one.kept) for one in then] == [2]


@pytest.mark.parametrize("habits", HABITS)
def test_no_pair_that_would_be_accepted_is_left_out_unread(habits: str, tmp_path: Path) -> None:
    rows = [json.dumps(row, ensure_ascii=False) for row in Generator(11, 1200, HABITS[habits]).rows()]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows), "utf-8")
    columns = adverts(tmp_path / "rows.jsonl", 1).columns
    a, b = paired(columns)
    fits, accepted = promising(columns, a, b), judged(columns, a, b).accepted
    assert accepted.any()
    assert not (accepted & ~fits).any()
    assert fits.sum() < len(fits), "some are left out"
