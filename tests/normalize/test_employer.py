"""Who hires: which names are one employer, and which are no employer's name at all."""

import pytest

from normalize import employer
from normalize.evidence import gather


def key(name: str) -> str:
    return employer.key(name, gather({}, titles={}, employer=name)[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mäkelä Oy", "Oy Mäkelä Ab"),
        ("Mäkelä Oy", "MÄKELÄ OY"),
        ("Mäkelä Oy", "  Mäkelä   oy "),
        ("Mäkelä Oy", '"Mäkelä" Oy'),
        ("Mäkelä Oyj", "Mäkelä"),
        ("Rakennus-Mäkelä Oy", "Rakennus Mäkelä"),
        ("Tmi Mäkelä", "Mäkelä T:mi"),
        ("Mikkelin Urheilijat ry", "Mikkelin Urheilijat r.y."),
        ("Vaasan kaupunki", "Vasa stad"),
        ("Vaasan kaupunki", "Vaasan kaupunki, Perusopetus"),
        ("Vaasan kaupunki", "City of Vaasa"),
        ("Mikkelin kaupunki", "MIKKELIN KAUPUNKI"),
        ("Mustasaaren kunta", "Korsholms kommun"),
        ("Etelä-Savon hyvinvointialue", "Södra Savolax välfärdsområde"),
    ],
)
def test_spellings_of_one_employer_have_one_key(one, other):
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mäkelä Oy", "Makela Oy"),
        ("Mäkelä Oy", "Mäkelä & Pojat Oy"),
        ("Vaasan kaupunki", "Vaasan Sähkö Oy"),
        ("Vaasan kaupunki", "Vaasan seurakunta"),
        ("Helsingin kaupunki", "Vantaan kaupunki"),
        ("Etelä-Savon hyvinvointialue", "Pohjanmaan hyvinvointialue"),
        ("Nokia Oyj", "Nokian kaupunki"),
    ],
)
def test_different_employers_have_different_keys(one, other):
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "name", ["", "Uudenmaan TE-toimisto", "Pohjanmaan ELY-keskus", "Työmarkkinatori", "Oy Ab", "!!!"]
)
def test_authorities_of_labour_and_names_of_nothing_have_no_key(name):
    assert key(name) == ""


@pytest.mark.parametrize(
    "name", ["Anonyymi", "Nimetön työnantaja", "Työnantaja ei halua nimeään julki", "Anonym", "Confidential"]
)
def test_words_for_an_employer_without_a_name_are_known(name):
    assert employer.is_anonymous(name)


def test_a_company_is_not_anonymous():
    assert not employer.is_anonymous("Mäkelä Oy")


@pytest.mark.parametrize(
    "name",
    ["Yksityinen kotitalous", "Kotitalous", "Yksityishenkilö", "Yksityinen henkilö Maija M", "Privat hushåll", "Privatperson",
     "Private household"],
)  # fmt: skip
def test_words_for_a_household_are_known(name):
    assert employer.is_household(name)


@pytest.mark.parametrize("name", ["Kotitalousopettajien liitto ry", "Yksityiskoulujen liitto", "Mäkelä Oy"])
def test_an_organisation_is_no_household(name):
    assert not employer.is_household(name)


def test_a_whole_advert_is_no_name():
    assert employer.is_name("Helsingin kaupunki, kasvatuksen ja koulutuksen toimiala")
    assert not employer.is_name("Haemme meille lastenhoitajaa. " * 10)
