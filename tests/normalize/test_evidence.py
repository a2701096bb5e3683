"""What gather finds in mapped fields, employers and titles, and what it refuses and says so."""

from datetime import date

import pytest

from harvest.records import Code, Reason, Step
from normalize import place
from normalize.evidence import gather
from normalize.records import Evidence
from normalize.vocabulary import Level


def found(fields=None, *, titles=None, texts=None, employer="", default=""):
    evidence, _ = gather(fields or {}, titles=titles or {}, texts=texts or {}, employer=employer, default=default)
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


def test_a_text_is_read_only_where_no_field_names_a_municipality():
    text = {"fi": "Työpaikka sijaitsee Mikkelissä."}
    (sign,) = found(texts=text)
    assert (sign.level, sign.field, sign.codes, sign.weight) == (Level.TEXT, "text", ("491",), 0.65)
    assert sign.value == "Työpaikka sijaitsee Mikkelissä."
    assert [each.level for each in found({"place": "Vaasa"}, texts=text)] == [Level.NAME]
    assert Level.TEXT in {each.level for each in found({"region": "Etelä-Savo"}, texts=text)}
    assert Level.TEXT in {each.level for each in found({"place": "12345 Suomi"}, texts=text)}


def test_a_text_that_speaks_of_several_places_adds_those_listed_beside_the_fields_one():
    text = {"fi": "Työtä tehdään Mikkelin ja Savonlinnan toimipisteissä. Asiakkaita on Oulussa ja Kuopiossa."}
    evidence = found({"place": "Mikkeli"}, texts=text)
    assert [each.codes for each in evidence] == [("491",), ("740",)]
    placed = place.decide(evidence, date(2026, 9, 1))
    assert [one.code for one in placed.places] == ["491", "740"]
    assert "listed beside the place of a field Savonlinnan" in placed.places[1].because
    assert len(found({"place": "Kuusamo"}, texts=text)) == 1


def test_what_a_text_names_is_quoted_without_contacts_and_what_is_refused_without_its_surroundings():
    text = {
        "fi": "Työpaikka on Juvalla, soita 040 123 4567 tai anna.esimerkki@example.fi.\nLisätietoja antaa Matti Salo."
    }
    kept, refused = found(texts=text)
    assert "040" not in kept.value
    assert "@" not in kept.value
    assert (refused.value, refused.codes, refused.rejected) == ("Salo", ("734",), "a surname after a first name")


def test_a_place_that_is_named_often_is_one_sign_of_its_strongest_naming():
    text = {"fi": "Turun yliopisto on Turussa. Työpaikka sijaitsee Turussa. Turku on hyvä kaupunki."}
    assert [(each.codes, each.weight) for each in found(texts=text)] == [(("853",), 0.65)]


def test_a_town_in_a_text_is_refused_where_the_employer_is_the_company_of_that_name():
    signs = found(texts={"fi": "Työpaikka sijaitsee Nokialla."}, employer="Nokia Oyj")
    assert [each.rejected for each in signs if each.level is Level.TEXT] == ["the employer is the company of that name"]


def test_the_seat_of_an_employer_is_heard_below_a_title_and_above_a_text():
    seat = {"seat": "Mannerheimintie 1, 00100 Helsinki"}
    on = date(2026, 9, 1)
    assert [one.code for one in place.decide(found(seat), on).places] == ["091"]
    titled = place.decide(found(seat, titles={"fi": "Kokki Juvalle"}), on)
    assert [one.code for one in titled.places] == ["178"]
    assert "seat" in titled.conflicts[0]
    texted = place.decide(found(seat, texts={"fi": "Työpaikka sijaitsee Juvalla."}), on)
    assert [one.code for one in texted.places] == ["091"]
