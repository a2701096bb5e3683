"""The guard decides purely: more than five and more than a fifth of any unit stay."""

import pytest

from schedules.guard import held


def going(count: int, *units: str, prefix: str = "p") -> dict[str, tuple[str, ...]]:
    return {f"{prefix}{number:03}": units for number in range(count)}


@pytest.mark.parametrize(
    ("leaving", "open_", "stays"),
    [(5, 5, 0), (6, 6, 6), (6, 30, 0), (6, 29, 6), (7, 30, 7), (20, 100, 0), (21, 100, 21), (0, 10, 0), (4, 4, 0)],
)
def test_it_takes_more_than_five_and_more_than_a_fifth(leaving: int, open_: int, stays: int) -> None:
    decided = held(going(leaving, "source town"), {"source town": open_})
    assert len(decided.get("source town", ())) == stays


def test_a_posting_counts_in_each_of_its_units_and_stays_if_any_holds_it() -> None:
    absent = {
        **going(6, "source town", "municipality 286", prefix="k"),
        **going(6, "source town", "municipality 091", prefix="h"),
    }
    decided = held(absent, {"source town": 100, "municipality 286": 10, "municipality 091": 90})
    assert {unit: len(postings) for unit, postings in decided.items()} == {"municipality 286": 6}


def test_a_province_may_lose_its_shard_though_no_town_passes_the_limit() -> None:
    towns = ("491", "593", "740")
    absent = {f"{town}-{number}": (f"municipality {town}", "maakunta 10") for town in towns for number in range(5)}
    open_in = {f"municipality {town}": 5 for town in towns} | {"maakunta 10": 15}
    assert [*held(absent, open_in)] == ["maakunta 10"]


def test_a_unit_of_which_nothing_is_known_to_be_open_is_held() -> None:
    assert held(going(6, "source town"), {}) == {"source town": [f"p00{number}" for number in range(6)]}


def test_the_order_in_which_postings_come_does_not_matter() -> None:
    absent = going(9, "source town", "region mikkeli")
    back = dict(reversed(absent.items()))
    assert held(absent, {"source town": 9}) == held(back, {"source town": 9})
