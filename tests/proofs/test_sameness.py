"""Sameness in a world whose truth is known: 2,000 postings over real HTTP, with floors."""

import json
from pathlib import Path

from pocket.score import score
from tests.proofs.finland import finland

FLOORS = json.loads((Path(__file__).parents[1] / "labelled" / "floors.json").read_text(encoding="utf-8"))


def test_of_2000_postings_all_exact_copies_are_joined_and_hardly_any_others(tmp_path: Path) -> None:
    with finland(tmp_path, 2_000) as there:
        there.harvest()
        there.curate()
        got = score(there.pocket.world.truth(), there.memberships())
    same = got["sameness"]
    assert same["exact_pairs"] > 100
    assert same["exact_recall"] >= FLOORS["pocket_exact_recall"]
    assert same["precision"] >= FLOORS["pocket_precision"]
    assert same["partial_recall"] >= FLOORS["pocket_partial_recall"]
    assert same["semantic_recall"] >= FLOORS["pocket_semantic_recall"]
    assert (got["missing"], got["ended_but_shown"], got["unknown"]) == ([], [], [])
    assert got["places_right"]["share"] == 1
