"""Names of places in texts: every rule by its examples, every form of every name, and the labelled sentences."""

import csv
import json
import re
import sys
from datetime import date
from pathlib import Path

import pytest

from normalize.gazetteer.names import CASES, SERIES
from normalize.gazetteer.tables import gazetteer
from normalize.mention import mentions
from normalize.place_rules import RULES
from normalize.score_places import answers, score
from schedules.labelled import read_labelled

LABELLED = Path(__file__).parents[1] / "labelled"
TABLES = Path(sys.modules["normalize.gazetteer.tables"].__file__ or "").parent
TODAY = date(2026, 9, 1)
EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]


def series(code: str) -> str:
    """The series of local cases that a municipality uses, and nothing for the other cases."""
    known = gazetteer().municipality(code)
    return (known.locative if known else "") or "ssa|lla"


def kept(text: str, language: str = "fi") -> list[str]:
    return [each.to for each in mentions(text, language) if each.kept]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{rule.name}: {text}" for rule, text in EXAMPLES])
def test_each_rule_decides_its_examples(rule, example):
    start, end = example.index("["), example.index("]") - 1
    text = example.replace("[", "").replace("]", "")
    language = "fi" if rule.name == "Swedish name" else ""
    found = [each for each in mentions(text, language) if (each.start, each.end) == (start, end)]
    assert [(each.rule, each.kept) for each in found] == [(rule.name, rule.weight > 0)]


def test_every_rule_has_an_example_and_the_last_applies_to_every_name():
    assert all(rule.examples for rule in RULES)
    assert RULES[-1].when(None)  # type: ignore[arg-type]


def test_every_case_form_of_every_municipality_is_found_where_a_label_vouches_for_it():
    with (TABLES / "forms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    missed = [
        form
        for row in rows
        if row["kind"] in ("municipality", "maakunta", "hyvinvointialue", "tyollisyysalue")
        for case in CASES
        for form in filter(None, row[case].split("|"))
        if not (
            SERIES.get(case, "") not in series(row["code"]) and gazetteer().classes(row["code"])
        )  # Salolla, Auralla
        and not any(row["code"] in each.to for each in mentions(f"Sijainti: {form}", "fi") if each.kept)
    ]
    assert missed == []


def test_every_swedish_name_and_its_genitive_are_found():
    for each in gazetteer().municipalities(TODAY):
        for form in (each.sv, each.sv if each.sv[-1] in "sxz" else f"{each.sv}s"):
            assert kept(f"Ort: {form}", "sv") == [each.code], form


@pytest.mark.parametrize("clitic", ["kin", "kaan", "ko", "han", "pa"])
def test_a_clitic_hangs_on_a_form(clitic):
    (found,) = mentions(f"Työtä on Vantaalla{clitic} tarjolla.", "fi")
    assert (found.to, found.form, found.case) == ("092", f"Vantaalla{clitic}", "ade")


@pytest.mark.parametrize("text", ["Kuusamontie 4", "Turunväylän varikko", "Salonkiasu", "etunimi.Salo@a.fi",
                                  "a@Mikkeli", "Mikkeli.fi on osoite", "https://www.hel.fi/Helsinki/fi/haku",
                                  "katso www.vaasa.fi/Vaasa", "euroja", "kotkan siivet", "II luokka"])  # fmt: skip
def test_a_street_a_word_and_an_address_are_no_names(text):
    assert kept(text) == []


def test_names_are_found_in_capitals_and_without_any_capital_only_if_they_mean_nothing_else():
    assert kept("LÄHIHOITAJIA MIKKELIIN JA SALOON") == ["491"]
    assert kept("lähihoitajia mikkeliin ja saloon") == ["491"]


def test_compounds_are_divided_at_the_hyphen():
    assert kept("Reitti Helsinki–Vantaa ja Kokkola-Pietarsaaren linja") == ["091", "092", "272", "598"]
    assert kept("Työtä Koillis-Lapissa ja Keski-Suomessa.") == ["maakunta:19", "maakunta:13"]


def test_areas_are_sets_of_their_members():
    (region,) = mentions("Työtä Etelä-Savossa.", "fi")
    assert "491" in gazetteer().members_of(region.to, TODAY)
    (word,) = mentions("Työtä pääkaupunkiseudulla.", "fi")
    assert gazetteer().members_of(word.to, TODAY) == {"049", "091", "092", "235"}
    (area,) = mentions("Työtä Mikkelin seudun työllisyysalueella.", "fi")
    assert (area.to, area.case) == ("tyollisyysalue:23", "ade")


def test_names_of_a_list_say_as_much_as_the_one_that_says_most():
    found = mentions("Haemme opettajia Ylöjärven, Pirkkalan ja Lempäälän kouluihin.", "fi")
    assert {each.weight for each in found} == {0.65}


def test_offsets_are_of_the_text_as_given_and_in_its_order():
    text = "Työ on 👩‍⚕️ Mikkelissä, Vaasassa ja MIKKELISSÄ."
    found = mentions(text, "fi")
    assert [text[each.start : each.end] for each in found] == ["Mikkelissä", "Vaasassa", "MIKKELISSÄ"]
    assert [each.form for each in found] == ["Mikkelissä", "Vaasassa", "MIKKELISSÄ"]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "-", "Salo" * 5000, "Mikkeli, " * 3000, "\ud800Mikkeli", "Ã…bo \x00 Turku"]
)
def test_whatever_a_text_holds_an_answer_comes_back(text):
    assert len(mentions(text, "fi")) <= 200


def test_the_labelled_sentences_come_out_right_as_often_as_they_did():
    """Written for this project by the hand that wrote the rules; *held* ones were not looked at while rules were made, but for
    two that a failing test printed. On the first run the seen half had an F1 of 0.990, the held one of 0.986, and *hard*,
    written against the rules as they then stood, 0.956; three of its labels were wrong. *apart* (lakes, ships, families and
    the like) rejected 0.490 of its negatives before there were rules for them; *after*, written when there were, 0.816, and
    0.102 without them."""
    rows = read_labelled(LABELLED / "places.tsv")
    assert sum(row.language == "fi" for row in rows) >= 300
    assert sum(row.language == "sv" for row in rows) >= 100
    assert sum(not row.expected for row in rows) >= 90
    found = list(answers(rows, TODAY))
    floors = json.loads((LABELLED / "floors.json").read_text(encoding="utf-8"))
    wrong = [
        (each.labelled.text, each.found, each.because)
        for each in found
        if not each.right and each.labelled.kind == "seen"
    ]
    for half in ("seen", "held", "hard", "apart", "after"):
        told = score([each for each in found if each.labelled.kind == half])
        assert told.f1 >= floors[f"places_{half}_f1"], wrong
        assert (told.negatives_rejected or 0) >= floors[f"places_{half}_negatives"], wrong
    assert score(found).decided_right >= floors["places_decided"], wrong  # type: ignore[operator]


def test_a_team_of_some_size_in_a_town_is_no_thing_of_that_name():
    for text in ("Mikkelissä 12-henkinen tiimi odottaa.", "Mikkelin 20-paikkainen hoivakoti hakee hoitajaa."):
        assert [each.kept for each in mentions(text, "fi")] == [True]


def test_no_sentence_of_the_labelled_set_is_there_twice():
    lines = (LABELLED / "places.tsv").read_text(encoding="utf-8").splitlines()
    texts = [line.split("\t")[3] for line in lines]
    assert len(texts) == len(set(texts))
    assert not re.search(r"\d{7}", "".join(texts))
