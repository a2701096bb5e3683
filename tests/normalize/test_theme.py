"""Themes by words and codes: stems, phrases, traps, and the reason given."""

import json
from pathlib import Path

import pytest

from harvest.declaration import DeclarationError
from normalize.theme import assign, load_themes

THEMES = load_themes()
LABELLED = Path(__file__).parents[1] / "labelled"


def themes(text: str, language: str = "fi", where: str = "text") -> list[str]:
    return [each.to for each in assign({where: {language: text}}, (), THEMES)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kiertotalousasiantuntija", "fi"),
        ("Haemme työntekijää KIERRÄTYSKESKUKSEEN", "fi"),
        ("Vastaat jätehuollon neuvonnasta", "fi"),
        ("teollisten symbioosien kehittäjä", "fi"),
        ("Expert på cirkulär ekonomi", "sv"),
        ("Säljare till återvinningscentralen", "sv"),
        ("Circular economy specialist", "en"),
        ("Waste  management engineer", "en"),
    ],
)
def test_a_word_or_phrase_of_the_theme_is_found_in_its_forms(text, language):
    assert themes(text, language) == ["kiertotalous"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kiertue alkaa Mikkelistä", "fi"),
        ("Kiertävä sairaanhoitaja", "fi"),
        ("Lähihoitaja vuorotyöhön", "fi"),
        ("Kirjoitat uudelleenkäytettävää koodia", "fi"),
        ("Du skriver återanvändbar kod", "sv"),
        ("Android: RecyclerView and Kotlin", "en"),
        ("biokiertotalous", "fi"),
        ("Koodin uudelleenkäyttö on meille tärkeää", "fi"),
        ("Meillä on lupa kierrättää ideoita tiimissä", "fi"),
        ("Kirjaston lainaamon virkailija", "fi"),
        ("Vi återanvänder kod", "sv"),
        ("Reuse of components in React", "en"),
    ],
)
def test_what_only_looks_like_the_theme_is_not_found(text, language):
    assert themes(text, language) == []


def test_a_trap_does_not_hide_a_real_word_beside_it():
    assert themes("Uudelleenkäytettävää koodia kiertotalouden palveluihin") == ["kiertotalous"]


@pytest.mark.parametrize("half", ["tuned", "unseen"])
def test_the_circular_economy_is_told_from_its_look_alikes_as_well_as_the_floors_say(half):
    """212 sentences and adverts of our own, half of them look-alikes, all written before the words were looked at. The
    words were then mended by the misses of the half ``tuned``; of the half ``unseen`` only the figures were read (they
    flatter: one hand wrote both the sentences and the words). Before it: precision 0.77 and recall 0.51 on the first, 0.76
    and 0.53 on the second; after it 1.00 and 0.98, 0.98 and 0.94."""
    floors = json.loads((LABELLED / "floors.json").read_text(encoding="utf-8"))
    rows = map(json.loads, (LABELLED / "kiertotalous.jsonl").read_text(encoding="utf-8").splitlines())
    of_half = [row for row in rows if row["half"] == half]
    found = [(bool(themes(row["text"], row["language"])), row["kiertotalous"]) for row in of_half]
    assert len(found) >= 100
    right = found.count((True, True))
    wrong, missed = ([row["text"] for row, one in zip(of_half, found, strict=True) if one == as_]
                     for as_ in ((True, False), (False, True)))  # fmt: skip
    assert right / (right + len(wrong)) >= floors["kiertotalous_precision"], wrong
    assert right / (right + len(missed)) >= floors["kiertotalous_recall"], missed


def test_the_reason_names_the_word_the_place_and_the_form_and_the_title_speaks_first():
    texts = {"title": {"fi": "Kiertotalousasiantuntija"}, "text": {"fi": "jätehuolto"}}
    (assigned,) = assign(texts, (), THEMES)
    assert assigned.because == "word kiertotalou* in the title: kiertotalousasiantuntija"


def test_a_code_is_enough_and_is_named():
    (assigned,) = assign({"title": {"fi": "Työntekijä"}}, ["isco:9612"], THEMES)
    assert assigned.because == "code 9612 of list isco: isco:9612"
    assert assign({}, ["isco:961"], THEMES) == ()
    assert assign({}, ["esco:9612"], THEMES) == ()


def test_a_text_without_a_known_language_is_searched_in_all():
    assert themes("Återvinning", "") == ["kiertotalous"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = { fi = "A" }\n', "owner: this key must be given"),
        ('name = { fi = "A" }\nowner = "B"\nword = {}\n', "word: unknown key; did you mean 'words'?"),
        ('name = { fi = "A" }\nowner = "B"\n[words]\nfi = ["ab*"]\n', "words: expected words of four letters"),
    ],
)
def test_a_wrong_theme_file_is_refused_in_one_sentence(tmp_path: Path, text, said):
    (tmp_path / "green.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as refused:
        load_themes([tmp_path])
    assert "green.toml: " in str(refused.value)
    assert said in str(refused.value)
