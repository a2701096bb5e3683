"""Finnish, Swedish or English: on a labelled set with a floor, and where nothing tells."""

import json
from pathlib import Path

import pytest

from normalize.language import language

LABELLED = Path(__file__).parents[1] / "labelled"


def test_the_labelled_titles_and_texts_come_out_right_as_often_as_ever():
    """Titles and short texts; for names alone (``first``) the source's first language is right."""
    rows = [json.loads(line) for line in (LABELLED / "languages.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = []
    for row in rows:
        candidates = tuple(dict.fromkeys((row.get("first", "fi"), "fi", "sv", "en")))
        found = language(row["text"], candidates)
        if found != row["language"]:
            wrong.append((row["text"], row["language"], found))
    floor = json.loads((LABELLED / "floors.json").read_text(encoding="utf-8"))["languages"]
    assert len(rows) >= 120
    assert 1 - len(wrong) / len(rows) >= floor, wrong


@pytest.mark.parametrize("text", ["", "  ", "2026", "–", "+358 40 123"])
@pytest.mark.parametrize("first", ["fi", "sv", "en"])
def test_where_there_are_no_words_the_first_candidate_stands(text, first):
    assert language(text, (first, "fi")) == first


def test_one_word_of_another_language_in_a_text_does_not_turn_it():
    text = "Haemme tiimiimme kokenutta team leaderia. Tarjoamme sinulle hyvät edut ja mukavan työn. The Shop on Mikkelissä."
    assert language(text, ("en",)) == "fi"


def test_a_language_is_found_that_the_source_did_not_name():
    assert language("Vi söker en barnskötare till vårt daghem", ("fi",)) == "sv"
