"""The shipped regions on their dates, what a wrong region file says, and which regions a placed listing gets."""

import csv
from datetime import date
from pathlib import Path

import pytest

from harvest.declaration import DeclarationError
from normalize.records import Assigned, Place, Placed
from normalize.region import assign, load_regions
from normalize.vocabulary import Level

SHARED = Path(__file__).parents[3] / "shared" / "data" / "geo" / "pilot_regions.csv"

TRIAL = [
    "020",
    "108",
    "143",
    "177",
    "211",
    "250",
    "418",
    "508",
    "536",
    "562",
    "581",
    "604",
    "619",
    "635",
    "702",
    "790",
    "837",
    "887",
    "908",
    "922",
    "936",
    "980",
]
TAMPERE_2025 = [
    "020",
    "177",
    "211",
    "291",
    "418",
    "536",
    "562",
    "604",
    "635",
    "702",
    "837",
    "887",
    "908",
    "922",
    "936",
    "980",
]
OSTROBOTHNIA_2025 = ["231", "280", "399", "475", "499", "545", "893", "905", "946"]
SOUTH_SAVO_2021 = ["046", "097", "178", "213", "491", "507", "588", "593", "623", "681", "740", "768"]
SOUTH_SAVO_2025 = ["046", "097", "178", "213", "491", "507", "593", "623", "681", "740", "768"]

MEMBERS = [
    ("paakaupunkiseutu", date(2021, 6, 1), ["049", "091", "092"]),
    ("paakaupunkiseutu", date(2026, 6, 1), ["049", "091", "092"]),
    ("helsinki", date(2026, 6, 1), ["091"]),
    ("espoo", date(2026, 6, 1), ["049"]),
    ("vantaa", date(2026, 6, 1), ["092"]),
    ("tampere", date(2021, 2, 28), ["837"]),
    ("tampere", date(2021, 6, 1), TRIAL),
    ("tampere", date(2024, 12, 31), TRIAL),
    ("tampere", date(2025, 1, 1), TAMPERE_2025),
    ("kouvola", date(2026, 6, 1), ["286"]),
    ("vaasa", date(2024, 12, 31), ["905"]),
    ("vaasa", date(2025, 1, 1), OSTROBOTHNIA_2025),
    ("mikkeli", date(2021, 6, 1), SOUTH_SAVO_2021),
    ("mikkeli", date(2024, 12, 31), SOUTH_SAVO_2021),
    ("mikkeli", date(2025, 1, 1), SOUTH_SAVO_2025),
    ("kuusamo", date(2026, 6, 1), ["305"]),
    ("taivalkoski", date(2026, 6, 1), ["832"]),
]
CORES = {
    "paakaupunkiseutu": {"049", "091", "092"}, "helsinki": {"091"}, "espoo": {"049"}, "vantaa": {"092"},
    "tampere": {"837"}, "kouvola": {"286"}, "vaasa": {"905"}, "mikkeli": {"491"}, "kuusamo": {"305"},
    "taivalkoski": {"832"},
}  # fmt: skip


def placed_in(*codes: str) -> Placed:
    return Placed(places=tuple(Place(code=c, given=c, level=Level.CODE, weight=1, because="said so") for c in codes))


def written(tmp_path: Path, text: str, slug: str = "mikkeli") -> list[Path]:
    (tmp_path / f"{slug}.toml").write_text(text, encoding="utf-8")
    return [tmp_path]


GOOD = 'name = { fi = "A", sv = "A", en = "A" }\nowner = "B"\n'


def test_ten_regions_are_shipped_and_each_speaks_three_languages():
    regions = load_regions()
    assert set(regions) == set(CORES)
    assert all(set(region.name) == set(region.intro) == {"fi", "sv", "en"} for region in regions.values())
    assert {slug for slug, region in regions.items() if region.parent} == {"helsinki", "espoo", "vantaa"}


@pytest.mark.parametrize(("slug", "on", "members"), MEMBERS)
def test_a_region_has_the_members_of_the_day(slug, on, members):
    region = load_regions()[slug]
    assert sorted(region.members(on)) == members
    assert {code for code, role in region.members(on).items() if role == "core"} == CORES[slug]


@pytest.mark.beside("shared/data/geo/pilot_regions.csv")
def test_the_members_agree_with_the_collected_facts_layer_by_layer():
    with SHARED.open(encoding="utf-8") as file:
        rows = [(row["region_id"], row["layer"], row["municipality_code"]) for row in csv.DictReader(file)]
    regions = load_regions()
    for slug, layer, on in (
        ("paakaupunkiseutu", "pilot_2021_core", date(2021, 6, 1)),
        ("kouvola", "employment_area_2025", date(2025, 6, 1)),
        ("tampere", "trial_2021", date(2021, 6, 1)),
        ("tampere", "employment_area_2025", date(2025, 6, 1)),
        ("vaasa", "employment_area_2025", date(2025, 6, 1)),
        ("mikkeli", "pilot_2021_province", date(2021, 6, 1)),
    ):
        facts = {code for region, each, code in rows if (region, each) == (slug, layer)}
        assert set(regions[slug].members(on)) == facts, (slug, layer)


def test_a_listing_gets_the_region_of_its_municipality_and_the_parent_by_its_own_membership():
    assigned = assign(placed_in("092"), load_regions(), date(2026, 6, 1))
    assert [(each.to, each.role) for each in assigned] == [("paakaupunkiseutu", "core"), ("vantaa", "core")]
    assert assigned[1].because == "092 Vantaa is a core municipality of Vantaa on 2026-06-01"


def test_a_border_moves_with_the_date():
    regions = load_regions()
    assert [each.to for each in assign(placed_in("090"), regions, date(2020, 12, 31))] == ["mikkeli"]
    assert assign(placed_in("090"), regions, date(2021, 1, 1)) == ()


def test_an_area_belongs_to_the_region_that_covers_it_whole():
    regions = load_regions()
    province = Placed(areas=(Assigned(to="maakunta:10", because="said so"),))
    assert [(each.to, each.role) for each in assign(province, regions, date(2026, 6, 1))] == [("mikkeli", "partner")]
    uusimaa = Placed(areas=(Assigned(to="maakunta:01", because="said so"),))
    assert assign(uusimaa, regions, date(2026, 6, 1)) == ()
    seutu = Placed(areas=(Assigned(to="tyollisyysalue:23", because="said so"),))
    assert [each.to for each in assign(seutu, regions, date(2026, 6, 1))] == ["mikkeli"]
    assert assign(seutu, regions, date(2024, 6, 1)) == ()


def test_the_word_for_the_capital_region_gives_the_region_and_no_child_of_it():
    word = Placed(areas=(Assigned(to="word:paakaupunkiseutu", because="said so"),))
    assert [each.to for each in assign(word, load_regions(), date(2026, 6, 1))] == ["paakaupunkiseutu"]


def test_what_has_no_place_has_no_region():
    assert assign(Placed(buckets=(Assigned(to="national", because="said so"),)), load_regions(), date(2026, 6, 1)) == ()


def test_except_takes_a_municipality_out(tmp_path):
    text = GOOD + '[[covers]]\nmaakunta = ["10"]\nexcept = ["740"]\n'
    region = load_regions(written(tmp_path, text))["mikkeli"]
    assert sorted(region.members(date(2026, 6, 1))) == [code for code in SOUTH_SAVO_2025 if code != "740"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("owner = 'B'\n[[covers]]\nmaakunta = ['10']\n", "name: this key must be given"),
        (GOOD + "ownr = 'C'\n[[covers]]\nmaakunta = ['10']\n", "ownr: unknown key; did you mean 'owner'?"),
        (GOOD + "[[covers]]\nmaakunt = ['10']\n", "covers.0.maakunt: unknown key; did you mean 'maakunta'?"),
        (
            GOOD + "[[covers]]\nmaakunta = ['Etelä-Savo']\n",
            "expected a code of maakunta; did you mean 10 (Etelä-Savo)?",
        ),
        (GOOD + "[[covers]]\nmunicipalities = ['Mikeli']\n", "did you mean 491 (Mikkeli)?"),
        (GOOD + "[[covers]]\nmaakunta = ['10']\nrole = 'centre'\n", "covers.0.role: "),
        (GOOD + "[[covers]]\nrole = 'core'\n", "expected maakunta, tyollisyysalue, hyvinvointialue or municipalities"),
        (GOOD + "parent = 'kuvola'\n[[covers]]\nmaakunta = ['10']\n", "`kuvola` is none"),
        (GOOD + "parent = 'mikkeli'\n[[covers]]\nmaakunta = ['10']\n", "expected no circle"),
        (GOOD + "[[covers]\n", "this is not TOML"),
        (GOOD, "covers: this key must be given"),
        (GOOD + "covers = []\n", "covers: "),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence_that_names_it(tmp_path, text, said):
    with pytest.raises(DeclarationError) as refused:
        load_regions(written(tmp_path, text))
    assert "mikkeli.toml: " in str(refused.value)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_later_folder_takes_the_place_of_a_shipped_file(tmp_path):
    from normalize.region import REGIONS

    folders = [REGIONS, *written(tmp_path, GOOD + "[[covers]]\nmunicipalities = ['491']\n")]
    regions = load_regions(folders)
    assert regions["mikkeli"].owner == "B"
    assert len(regions) == 10


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DeclarationError, match="expected a folder"):
        load_regions([tmp_path / "nowhere"])
