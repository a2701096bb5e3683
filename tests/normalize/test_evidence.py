"""What gather finds in mapped fields, employers and titles, and what it refuses and says so."""

from datetime import date

import pytest

from harvest.records import Code, Reason, Step
from normalize import place
from normalize.evidence import gather
from normalize.records import Evidence
from normalize.vocabulary import Level


def found(fields=None, *, titles=None, employer="", default=""):
    evidence, _ = gather(fields or {}, titles=titles or {}, employer=employer, default=default)
    return evidence


def codes(evidence: tuple[Evidence, ...]) -> list[str]:
    return [code for each in evidence if not each.rejected for code in each.codes]


def test_an_address_gives_its_postal_code_and_its_town_each_with_the_rule_that_found_it():
    evidence = found({"place": "Veromiehentie 2, 01510 Vantaa"})
    assert [(each.level, each.rule, each.codes) for each in evidence] == [
        (Level.POSTAL, "postal code 01510", ("092",)),
        (Level.NAME, "municipality name Vantaa", ("092",)),
    ]
    assert {each.value for each in evidence} == {"Veromiehentie 2, 01510 Vantaa"}


def test_two_addresses_in_one_value_give_two_postal_codes():
    evidence = found({"place": "Prästgårdsgränden 6, 01510 Vanda / Bredbergsgränden 4, 01620 Vanda"})
    assert [each.rule for each in evidence if each.level is Level.POSTAL] == ["postal code 01510", "postal code 01620"]


@pytest.mark.parametrize("street", ["Kuusamontie 4", "Turun katu 5", "Helsingintie", "Vanha Vaasantie 3 B 12"])
def test_a_street_is_never_a_place(street):
    assert found({"address": street}) == ()


def test_a_code_keeps_its_written_form_and_is_padded():
    (evidence,) = found({"municipality": Code("kunta", "5")})
    assert (evidence.value, evidence.codes, evidence.level) == ("5", ("005",), Level.CODE)


def test_a_code_that_no_list_knows_is_a_problem_and_not_a_guess():
    evidence, problems = gather({"municipality": Code("kunta", "997"), "region": Code("no-list", "1")}, titles={})
    assert evidence == ()
    assert {(each.step, each.reason, each.about) for each in problems} == {
        (Step.PLACE, Reason.UNKNOWN_CODE, "municipality"),
        (Step.PLACE, Reason.UNKNOWN_CODE, "region"),
    }


def test_dummy_codes_of_the_municipality_lists_mean_abroad_or_nothing():
    assert found({"municipality": Code("kunta", "200")})[0].bucket == "abroad"
    assert found({"municipality": Code("kunta", "199")})[0].rejected


def test_leading_zeros_of_a_postal_code_come_back_only_when_such_a_code_exists():
    assert codes(found({"postal_code": "5100"})) == ["543"]
    (refused,) = found({"postal_code": "8170"})
    assert refused.rejected == "not in the table of postal codes"


def test_the_dummy_postal_code_is_kept_as_refused_with_its_rule():
    (refused,) = found({"postal_code": "12345"})
    assert (refused.rule, refused.codes, bool(refused.rejected)) == ("postal code 12345", (), True)


def test_a_postal_code_beside_a_place_abroad_is_not_ours():
    evidence = found({"place": "00100 Roma, Italia"})
    assert codes(evidence) == []
    assert any(each.bucket == "abroad" for each in evidence)


@pytest.mark.parametrize("country", ["France", "Ranska", "FR", "Frankrike"])
@pytest.mark.parametrize("field", ["postal_code", "address"])
def test_a_country_abroad_in_a_field_of_its_own_takes_the_postal_code_with_it(country, field):
    evidence = found({"place": ["Échirolles", country], field: "38130"})
    postal, abroad = sorted(evidence, key=lambda each: each.bucket)
    assert (postal.codes, postal.rejected) == (("790",), f'place says "{country}", a country abroad')
    assert (abroad.bucket, abroad.rejected) == ("abroad", "")
    placed = place.decide(evidence, date(2026, 9, 1))
    assert ([one.to for one in placed.buckets], placed.places) == (["abroad"], ())
    assert "postal code 38130" in placed.rejected[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"place": ["Sastamala", "Ranska"], "postal_code": "38130"},
        {"place": ["Suomi", "Ranska"], "postal_code": "38130"},
        {"place": "Ranska", "municipality": Code("kunta", "790"), "postal_code": "38130"},
    ],
)
def test_where_finland_is_named_beside_a_country_abroad_the_postal_code_counts(fields):
    assert place.decide(found(fields), date(2026, 9, 1)).places[0].code == "790"


def test_the_letters_of_a_country_are_one_only_as_a_place_of_its_own():
    assert found({"place": "IT-tuki, Vaasa"}) != []
    assert [each.bucket for each in found({"place": "IT-tuki, Vaasa"})] == [""]
    assert [each.bucket for each in found({"place": "se"})] == []


def test_a_district_gives_way_to_a_municipality_in_the_same_value():
    evidence = found({"place": "Tikkurila, Kouvola"})
    assert codes(evidence) == ["286"]
    assert [each.rejected for each in evidence if "Tikkurila" in each.rule] == [
        "the same value names another municipality"
    ]


def test_several_values_and_texts_by_language_are_all_read():
    assert codes(found({"place": ["Kuusamo", {"language": "sv", "value": "Vasa"}]})) == ["305", "905"]
    assert codes(found({"place": {"fi": "Espoo", "sv": "Esbo"}})) == ["049", "049"]


def test_a_region_field_gives_an_area_and_never_a_municipality():
    assert [each.area for each in found({"region": "Södra Savolax"})] == ["maakunta:10"]
    (refused,) = found({"region": "Oulu"})
    assert refused.rejected == "a region field is never turned into a municipality"


def test_the_countrys_name_alone_weighs_less_than_a_word_for_the_whole_country():
    (weak,) = found({"place": "Suomi"})
    (strong,) = found({"place": "Koko Suomi"})
    assert weak.bucket == strong.bucket == "national"
    assert weak.weight < 0.5 < strong.weight


def test_a_labour_authority_is_refused_as_a_place():
    (refused,) = found(employer="Uudenmaan TE-toimisto")
    assert refused.rejected == "a labour authority is never a workplace"


def test_an_employment_area_as_employer_is_an_area_and_no_municipality():
    (evidence,) = found(employer="Mikkelin seudun työllisyysalue")
    assert (evidence.area, evidence.codes) == ("tyollisyysalue:23", ())


@pytest.mark.parametrize("employer", ["Nokia Oyj", "Vaasan yliopisto", "Helsingin kaupungin asunnot Oy"])
def test_an_employer_that_only_carries_a_municipalitys_name_gives_nothing(employer):
    assert codes(found(employer=employer)) == []


def test_a_title_that_names_a_company_town_is_refused_when_the_company_is_the_employer():
    assert codes(found(titles={"fi": "Kokki Nokialle"})) == ["536"]
    (refused,) = found(titles={"fi": "Suunnittelija Nokialle"}, employer="Nokia Oyj")
    assert refused.rejected == "the employer is the company of that name"


def test_a_default_is_the_weakest_evidence_and_names_itself():
    (evidence,) = found(default="491")
    assert (evidence.level, evidence.rule) == (Level.DEFAULT, "default of the source 491")


def test_gathering_twice_gives_the_same_facts():
    fields = {"place": ["Vaasa", "Vaasa"], "remote": "fully"}
    assert found(fields, employer="Vasa stad") == found(fields, employer="Vasa stad")
    assert len(found(fields)) == 2
