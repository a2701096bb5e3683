"""The tables of facts: codes by date, members by date, names, and code lists that number the same thing differently."""

import csv
import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from normalize.gazetteer.tables import Gazetteer, gazetteer

TABLES = Path(sys.modules["normalize.gazetteer.tables"].__file__ or "").parent
SHARED = Path(__file__).parents[3] / "shared"
TODAY = date(2026, 9, 1)


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_a_municipality_that_merged_keeps_its_code_until_the_day_and_has_its_successors_from_then_on():
    assert gazetteer().current("588", date(2024, 12, 31)) == "588"
    assert gazetteer().current("588", date(2025, 1, 1)) == "507"
    assert gazetteer().current("099", date(2021, 1, 1)) == "214"


def test_mergers_are_followed_through_as_many_as_there_were_by_then():
    assert gazetteer().current("184", date(2003, 12, 31)) == "184"
    assert gazetteer().current("184", date(2005, 1, 1)) == "640"
    assert gazetteer().current("184", TODAY) == "593"


def test_every_abolished_municipality_has_one_of_today():
    abolished = [row["code"] for row in rows("municipalities") if row["valid_to"]]
    assert len(abolished) >= 154
    assert all(gazetteer().valid(gazetteer().current(code, TODAY) or "", TODAY) for code in abolished)


def test_a_code_that_does_not_exist_yet_or_at_all_is_none():
    assert gazetteer().current("710", date(2008, 12, 31)) is None
    assert gazetteer().current("997", TODAY) is None


@pytest.mark.parametrize(("on", "count"), [(date(2020, 6, 1), 310), (date(2021, 6, 1), 309), (date(2025, 1, 1), 308)])
def test_finland_has_as_many_municipalities_as_statistics_finland_counted(on, count):
    assert len(gazetteer().municipalities(on)) == count


def test_etela_savo_had_fourteen_members_then_twelve_then_eleven():
    members = ["046", "097", "178", "213", "491", "507", "588", "593", "623", "681", "740", "768"]
    assert gazetteer().members("maakunta", "10", date(2020, 12, 31)) == {*members, "090", "171"}
    assert gazetteer().members("maakunta", "10", date(2021, 1, 1)) == set(members)
    assert gazetteer().members("maakunta", "10", date(2025, 1, 1)) == set(members) - {"588"}
    assert gazetteer().maakunta("090", date(2020, 12, 31)) == "10"
    assert gazetteer().maakunta("090", TODAY) == "12"


def test_employment_areas_exist_from_the_first_of_january_2025_only():
    assert gazetteer().members("tyollisyysalue", "23", date(2024, 12, 31)) == frozenset()
    assert gazetteer().members("tyollisyysalue", "23", TODAY) == {"097", "178", "213", "491", "507", "623"}


def test_a_wellbeing_services_county_has_the_municipalities_that_merged_since():
    assert "588" in gazetteer().members("hyvinvointialue", "etela-savo", date(2024, 6, 1))
    assert "588" not in gazetteer().members("hyvinvointialue", "etela-savo", TODAY)


def test_there_are_nineteen_provinces_and_each_has_a_name_in_three_languages():
    provinces = [row for row in rows("areas") if row["list"] == "maakunta"]
    assert len(provinces) == 19
    assert all(row["fi"] and row["sv"] and row["en"] for row in provinces)
    assert gazetteer().sense("åland").area == "maakunta:21"


def test_the_same_number_means_another_province_in_another_list():
    assert gazetteer().area("maakunta", "10") == "maakunta:10"
    assert gazetteer().area("tpt-maakunta", "10") == "maakunta:14"
    assert gazetteer().area("tpt-maakunta", "06") == gazetteer().area("tpt-maakunta", "6") == "maakunta:10"
    assert gazetteer().area("tpt-maakunta", "12") == "maakunta:19"
    assert gazetteer().area("tpt-maakunta", "19") == "maakunta:15"
    assert gazetteer().area("nuts3", "FI195") == gazetteer().area("nuts3", "fi19a") == "maakunta:15"


def test_each_list_of_province_codes_covers_all_nineteen_once():
    for edition in ("tpt-api", "NUTS 2016 and 2021"):
        provinces = [row["maakunta"] for row in rows("code_lists") if row["edition"] == edition]
        assert len(provinces) == len(set(provinces)) == 19


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Vasa", ("905",)),
        ("VAASA", ("905",)),
        (" s:t  michel ", ("491",)),
        ("Kuusankoski", ("306",)),
        ("Pedersöre", ("599",)),
        ("Pargas", ("445",)),
        ("Lappi", ()),
        ("Tikkurila", ()),
        ("491", ()),
        ("20", ()),
        ("Kuusamontie", ()),
    ],
)
def test_a_structured_name_gives_its_code_and_a_number_or_street_gives_none(name, codes):
    assert gazetteer().named(name) == codes


def test_every_current_municipality_is_found_by_its_finnish_and_its_swedish_name():
    for each in gazetteer().municipalities(TODAY):
        assert gazetteer().named(each.fi) == gazetteer().named(each.sv.upper()) == (each.code,)


def test_a_postal_code_that_crosses_a_border_gives_both_and_a_dummy_gives_nothing():
    assert gazetteer().postal("74420").municipalities == ("140", "762")
    assert gazetteer().postal("64260").municipalities == ("231", "545")
    assert sum(len(row["also"]) == 3 for row in rows("postal_codes")) == 25
    assert gazetteer().postal("12345") is None


@pytest.mark.parametrize(
    "name",
    [
        "Uudenmaan TE-toimisto",
        "TE-palvelut",
        "Etelä-Savon ELY-keskus",
        "Pohjanmaan elinvoimakeskus",
        "KEHA-keskus",
        "Mikkelin seudun työllisyysalue",
        "Österbottens NTM-central",
        "Nylands TE-byrå",
    ],
)
def test_labour_authorities_are_known_by_old_and_new_names(name):
    assert gazetteer().is_authority(name)


@pytest.mark.parametrize("name", ["Mikkelin kaupunki", "Vasa stad", "Kouvolan Sähkö Oy", "Tekeskus Oy"])
def test_others_are_no_authorities(name):
    assert not gazetteer().is_authority(name)


def test_every_name_of_today_has_case_forms_and_the_right_series_is_marked():
    assert {row["code"] for row in rows("forms") if row["kind"] == "municipality"} == {
        each.code for each in gazetteer().municipalities(TODAY)
    }
    assert [form.right for form in gazetteer().forms("Vantaalle")] == [True]
    assert [form.right for form in gazetteer().forms("Vantaassa")] == [False]
    assert [form.right for form in gazetteer().forms("Nokialla")] == [True]
    assert [form.right for form in gazetteer().forms("Nokiassa")] == [False]


def test_the_version_follows_the_bytes_of_the_tables(tmp_path):
    for path in TABLES.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert Gazetteer(tmp_path).version == gazetteer().version
    (tmp_path / "words.csv").write_text("# changed\n", encoding="utf-8")
    assert Gazetteer(tmp_path).version != gazetteer().version


def test_every_table_says_what_it_is_and_where_it_is_from():
    for path in TABLES.glob("*.csv"):
        head = path.read_text(encoding="utf-8").splitlines()[:4]
        assert [line.split(":")[0] for line in head] == ["# content", "# source", "# licence", "# state"], path.name


@pytest.mark.beside("shared")
def test_no_table_is_a_copy_of_a_shared_file():
    shared = {hashlib.sha256(path.read_bytes()).digest() for path in SHARED.rglob("*.csv")}
    assert not shared & {hashlib.sha256(path.read_bytes()).digest() for path in TABLES.glob("*.csv")}


def test_the_first_question_is_answered_within_a_fraction_of_a_second():
    ask = (
        "import time; start = time.perf_counter();"
        "from normalize.gazetteer.tables import gazetteer as g;"
        "g().sense('x'); g().forms('x'); g().postal('x'); g().version;"
        "print(time.perf_counter() - start)"
    )
    seconds = min(
        float(subprocess.run([sys.executable, "-c", ask], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    )
    assert seconds < 0.6, "measured 0.09 s; the bound leaves room for a busy machine"
