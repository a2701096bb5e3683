"""Labelled places as people write them, and what the two verbs about places print."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harvest.records import HarvestError
from schedules.cli import app
from schedules.labelled import read_labelled, unknown

SENTENCE = "Haemme kokkia Mikkeliin ja Savonlinnaan."
WANTED = {"491", "740"}


def typed(*words: str, stdin: str = "") -> str:
    said = CliRunner().invoke(app, list(words), input=stdin, catch_exceptions=False)
    assert said.exit_code == 0, said.output
    return said.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", f"text\tlanguage\texpected\n{SENTENCE}\tfi\t491,740\n"),
        ("a.tsv", f"Lang\tExpected codes\tSentence\nfi\t491|740\t{SENTENCE}\n"),
        ("a.tsv", f"{SENTENCE}\tfi\t491 740\n"),
        ("a.tsv", f"1\tfi\tMikkeli;Savonlinna\t{SENTENCE}\n"),
        ("a.csv", f'text,lang,codes\n"{SENTENCE}",fi,"491,740"\n'),
        ("a.csv", f"teksti;kieli;kunnat\n{SENTENCE};fi;491,740\n"),
        ("a.jsonl", json.dumps({"text": SENTENCE, "language": "fi", "expected": ["491", "740"]})),
        ("a.jsonl", json.dumps({"sentence": SENTENCE, "codes": "91,491,740".removeprefix("91,")})),
        ("a.json", json.dumps([{"text": SENTENCE, "lang": "fi", "mentions": [{"code": "491"}, {"code": "740"}]}])),
        ("a.tsv", f"\ufefftext\texpected\n{SENTENCE}\t['491', '740']\n"),
    ],
)
def test_columns_may_have_any_of_their_usual_names_and_orders(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    (row,) = read_labelled(tmp_path / name)
    assert (row.text, row.expected, row.at) == (SENTENCE, WANTED, None)


@pytest.mark.parametrize("empty", ["", "-", "none", "[]", "ei"])
def test_a_hard_negative_expects_nothing(tmp_path: Path, empty: str) -> None:
    (tmp_path / "a.tsv").write_text(f"text\tlanguage\texpected\nKannus on kuuma.\tfi\t{empty}\n", "utf-8")
    assert read_labelled(tmp_path / "a.tsv")[0].expected == frozenset()


def test_tokens_are_found_by_their_index_or_else_by_their_form(tmp_path: Path) -> None:
    head = "set\tsent\ttok\tform\tgold\ttier\tcase\tkind\treason\ttext\n"
    rows = (
        "a\t1\t1\tTurussa\tTurku\tP1\t+sg+ine\tkunta\t\tTyö Turussa alkaa .\na\t2\t9\tII\t\tN\t\t\troman\tLiite II .\n"
    )
    for content in (head + rows, rows):
        (tmp_path / "a.tsv").write_text(content, "utf-8")
        first, second = read_labelled(tmp_path / "a.tsv")
        assert (first.at, first.expected, first.language) == ((4, 11), {"853"}, "fi")
        assert (second.at, second.expected) == ((6, 8), frozenset())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "has no rows"),
        ("text\texpected\n\t491\n", "row 2: no text"),
        ('{"text": "a", "codes": []}\n{broken\n', "line 2: no JSON"),
        ("just one column\nof text\n", "one column only"),
        (
            "set\tsent\ttok\tform\tgold\ttier\ttext\na\t1\t0\tTurku\tTurku\tP1\tOulu\n",
            "'Turku' does not stand in the text",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_file_row_and_what_was_expected(
    tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "a.tsv").write_text(content, "utf-8")
    with pytest.raises(HarvestError, match=r"a\.tsv") as error:
        read_labelled(tmp_path / "a.tsv")
    assert told in str(error.value)


def test_a_label_that_the_tables_do_not_know_counts_as_missed_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\texpected\nMikkelissä\tMikkkeli\nOulussa\t564 Oulu\n", "utf-8")
    wrong, right = read_labelled(tmp_path / "a.tsv")
    assert (wrong.expected, right.expected) == ({"?Mikkkeli"}, {"564"})
    (told,) = unknown([wrong, right])
    assert told.startswith("row 2: expected 'Mikkkeli' is no municipality code, area or name")
    said = typed("evaluate", "places", str(tmp_path / "a.tsv"))
    assert "2 rows, 1 right, 1 false, 1 missed" in said


def test_spans_and_areas_have_columns_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text\tstart\tend\tgold\nTyö Turussa.\t4\t11\tTurku\n", "utf-8")
    assert (read_labelled(tmp_path / "a.tsv")[0].at, read_labelled(tmp_path / "a.tsv")[0].expected) == (
        (4, 11),
        {"853"},
    )
    (tmp_path / "b.tsv").write_text("text\tcodes\tregions\nTyö Etelä-Savossa.\t\t10\n", "utf-8")
    assert read_labelled(tmp_path / "b.tsv")[0].expected == {"maakunta:10"}


def test_the_figures_come_with_intervals_and_the_rows_can_be_had(tmp_path: Path) -> None:
    rows = [
        SENTENCE + "\tfi\t491,740",
        "Vi söker en kock till Vasa.\tsv\t905",
        "Matti Salo hakee.\tfi\t",
        "Oulussa\tfi\t091",
    ]
    (tmp_path / "a.tsv").write_text("text\tlanguage\texpected\n" + "\n".join(rows) + "\n", "utf-8")
    out = tmp_path / "found.jsonl"
    told = json.loads(typed("evaluate", "places", str(tmp_path / "a.tsv"), "--json", "--predictions", str(out)))
    assert (told["true"], told["false"], told["missed"]) == (3, 1, 1)
    assert (told["precision"], told["recall"], told["f1"], told["sets_right"]) == (0.75, 0.75, 0.75, 0.75)
    assert told["negatives_rejected"] == 1.0
    assert told["intervals"]["f1"][0] <= 0.75 <= told["intervals"]["f1"][1]
    assert told["seconds"] >= 0
    assert told["peak_mb"] > 10
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["found"] for row in found] == ["491,740", "905", "", "564"]
    assert "refused by after a first name" in found[2]["because"]
    said = typed("evaluate", "places", str(tmp_path / "a.tsv"), "--wrong")
    assert "4 rows, 3 right, 1 false, 1 missed" in said
    assert "row 5: expected 091, found 564" in said


def test_place_tells_each_name_with_its_reason() -> None:
    text = "Työpaikka sijaitsee Mikkelissä, lisätietoja antaa Matti Salo."
    said = typed("place", text)
    assert "20-30 'Mikkelissä': 491 Mikkeli, inessive; rule 'place of work', weight 0.65" in said
    assert "'Salo': 734 Salo, nominative; refused by the rule 'after a first name'" in said
    assert "placed: 491 because" in said
    told = json.loads(typed("place", "-", "--json", stdin=text))
    assert [(each["form"], each["kept"]) for each in told["mentions"]] == [("Mikkelissä", True), ("Salo", False)]
    assert "no names of places" in typed("place", "Tule meille töihin.", "--language", "fi")
