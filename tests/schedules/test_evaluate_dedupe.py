"""Sameness measured on a file: what is printed is right by hand, and other ways to say the same change no group."""

import json
from pathlib import Path
from random import Random

import pytest

from benchmarks.adverts import HABITS, Generator
from harvest.records import HarvestError
from normalize.sameness import whole
from schedules.adverts_file import adverts
from schedules.agreement import agreement, by_kind, names_of
from schedules.evaluation import evaluate_dedupe

ROWS = list(Generator(5, 1500, HABITS["plain"]).rows())


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def grouped(path: Path) -> set[frozenset[str]]:
    read = adverts(path, 1)
    return {frozenset(read.ids[row] for row in group) for group in whole(read.columns)}


def test_shares_are_those_of_a_count_by_hand() -> None:
    told = agreement(["a", "a", "a", "b", "c"], [0, 0, 1, 1, 2])
    assert (told["pairs"]["precision"]["share"], told["pairs"]["recall"]["share"]) == (1 / 2, 1 / 3)
    assert (told["b_cubed"]["precision"], told["largest"], told["mixed"]["share"]) == (0.8, 2, 2 / 5)
    assert told["b_cubed"]["recall"] == pytest.approx((4 / 3 + 1 / 3 + 2) / 5)
    assert by_kind(["a", "a", "b"], [0, 0, 1], ["", "copy", ""])["copy"]["recall"]["share"] == 1
    assert names_of([[1, 3]], 4) == [0, 1, 2, 1]


def test_a_generated_file_is_scored_and_its_groups_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = written(tmp_path / "adverts.jsonl", ROWS), tmp_path / "groups.jsonl"
    evaluate_dedupe(path, out, 1, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"]["f1"] > 0.85
    assert told["mixed"]["share"] < 0.06
    assert told["listings"] == len(ROWS) == len(out.read_text("utf-8").splitlines())
    evaluate_dedupe(path, tmp_path / "groups.csv", 1, json=False)
    assert "pairs     precision" in capsys.readouterr().out
    assert (tmp_path / "groups.csv").read_text("utf-8").startswith("id,cluster\n")


def test_other_orders_and_other_names_of_sources_change_no_group(tmp_path: Path) -> None:
    first = grouped(written(tmp_path / "a.jsonl", ROWS))
    turned = [dict(row, source=f"x-{row['source']}") for row in ROWS]
    Random(3).shuffle(turned)
    assert grouped(written(tmp_path / "b.jsonl", turned)) == first
    renamed = [dict(row, source=f"x-{row['source']}") for row in ROWS]
    assert grouped(written(tmp_path / "c.jsonl", renamed)) == first
    assert grouped(tmp_path / "a.jsonl") == first


def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "1", "title": "Kokki"}\n{"id": "2", "title": 7}\n', "utf-8")
    with pytest.raises(HarvestError, match="the line at byte 30 is no advert"):
        adverts(path)
    with pytest.raises(HarvestError, match="there is no file"):
        adverts(tmp_path / "none.jsonl")
