"""Sameness of vacancies with texts, on invented pairs: copies of six kinds, and look-alikes of nine."""

import json
from pathlib import Path

from normalize.dedupe import judge
from normalize.records import Edge
from tests.normalize.made import kept, side
from tests.normalize.test_dedupe import keys

LABELLED = Path(__file__).parents[1] / "labelled"
PAIRS = [json.loads(line) for line in (LABELLED / "vacancies.jsonl").read_text(encoding="utf-8").splitlines()]
FLOORS = json.loads((LABELLED / "floors.json").read_text(encoding="utf-8"))


def test_pairs_of_vacancies_come_out_right_as_often_as_ever():
    joined = right = true = 0
    astray = []
    for pair in PAIRS:
        answer = judge(side(kept("a", **pair["a"])), side(kept("b", **pair["b"])))
        same = isinstance(answer, Edge)
        joined, right, true = joined + same, right + (same and pair["same"]), true + pair["same"]
        if same != pair["same"]:
            astray.append((pair["kind"], answer.because))
    assert len(PAIRS) >= 260
    assert right / joined >= FLOORS["vacancies_precision"], astray
    assert right / true >= FLOORS["vacancies_recall"], astray


def test_copies_meet_under_a_key():
    met = [bool(keys(side(kept("a", **p["a"]))) & keys(side(kept("b", **p["b"])))) for p in PAIRS if p["same"]]
    assert sum(met) / len(met) >= FLOORS["vacancies_met"]
