from datetime import date

import pytest

from pocket.score import score
from pocket.world import World


@pytest.fixture(scope="module")
def truth() -> dict:
    world = World(2021, 300, today=date(2026, 9, 15))
    world.advance(2)
    return world.truth()


def perfect(truth: dict) -> list[dict]:
    return [
        {
            "source": each["source"],
            "ref": each["ref"],
            "listing": each["vacancy"],
            "municipalities": each["municipalities"],
            "bucket": each["bucket"],
            "shown": each["open"],
        }
        for each in truth["postings"]
        if each["on_topic"]
    ]


def test_a_perfect_harvest_scores_perfectly(truth):
    got = score(truth, perfect(truth))
    assert (got["sameness"]["precision"], got["sameness"]["recall"], got["sameness"]["exact_recall"]) == (1, 1, 1)
    assert got["mixed"] == 0
    assert got["places_right"] == {"share": 1, "wrong": []}
    assert got["on_topic"]["news"] == {"precision": 1, "recall": 1}
    assert (got["missing"], got["ended_but_shown"], got["unknown"]) == ([], [], [])


def test_joining_nothing_has_no_precision_and_no_recall(truth):
    got = score(truth, [{**row, "listing": f"{row['source']} {row['ref']}"} for row in perfect(truth)])
    assert got["sameness"]["precision"] is None
    assert got["sameness"]["recall"] == 0
    assert got["largest_cluster"] == 1


def test_joining_everything_is_found_out(truth):
    got = score(truth, [{**row, "listing": "one"} for row in perfect(truth)])
    assert got["sameness"]["recall"] == 1
    assert got["sameness"]["precision"] < 0.01
    assert got["mixed"] == 1


def test_what_is_lost_misplaced_stale_or_off_topic_is_named(truth):
    rows = perfect(truth)
    lost = next(row for row in rows if row["shown"])
    rows.remove(lost)
    moved = next(row for row in rows if row["municipalities"] == ["491"])
    moved["municipalities"] = ["905"]
    stale = next(row for row in rows if not row["shown"])
    stale["shown"] = True
    snow = next(each for each in truth["postings"] if each["kind"] == "news" and not each["on_topic"])
    rows.append({**snow, "listing": "snow", "shown": True})
    got = score(truth, rows)
    assert got["missing"] == [(lost["source"], lost["ref"])]
    assert got["places_right"]["wrong"] == [(moved["source"], moved["ref"])]
    assert got["ended_but_shown"] == [(stale["source"], stale["ref"])]
    assert got["on_topic"]["news"]["precision"] < 1


def test_a_pair_of_copies_is_of_the_class_of_its_harder_side_and_each_class_has_its_own_recall():
    def posting(ref: str, joinable: str) -> dict:
        return {"source": "a", "ref": ref, "vacancy": "v", "kind": "vacancy", "municipalities": [], "bucket": "unplaced",
                "on_topic": True, "joinable": joinable, "open": True}  # fmt: skip

    told = [posting("0", ""), posting("1", "exact"), posting("2", "partial"), posting("3", "semantic")]
    rows = [{**each, "listing": "one" if each["ref"] in "01" else each["ref"], "shown": True} for each in told]
    same = score({"postings": told}, rows)["sameness"]
    assert (same["exact_pairs"], same["partial_pairs"], same["semantic_pairs"]) == (1, 2, 3)
    assert (same["exact_recall"], same["partial_recall"], same["semantic_recall"]) == (1, 0, 0)
    assert (same["precision"], same["recall"]) == (1, 1 / 6)
