"""The keys by which the likes of a posting are found."""

import pytest

from normalize.fingerprint import reference_key, title_key, url_key


def test_titles_are_compared_by_their_words():
    assert title_key("Kokki (m/w/d),  VAASA!") == title_key("kokki vaasa") == "kokki vaasa"
    assert title_key("Senior Developer") != title_key("Developer")
    assert title_key("C++ developer") != title_key("C# developer")
    assert title_key("!!!") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.x.fi/tyo/12", "http://x.fi/tyo/12/"),
        ("https://x.fi/tyo/12?utm_source=a&utm_medium=b", "https://x.fi/tyo/12"),
        ("https://x.fi/tyo/12?ref=linkedin&fbclid=abc", "https://x.fi/tyo/12"),
        ("https://x.fi/tyo?b=2&a=1", "https://x.fi/tyo?a=1&b=2"),
        ("https://X.fi/tyo/12#hae", "https://x.fi/tyo/12"),
        ("https://x.fi/ty%C3%B6/12", "https://x.fi/työ/12"),
        ("https://x.fi/tyo;jsessionid=ABC?id=1", "https://x.fi/tyo?id=1"),
        ("https://x.fi:443/tyo", "https://x.fi/tyo"),
    ],
)
def test_one_advert_under_two_addresses_has_one_key(one, other):
    assert url_key(one) == url_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.fi/job?id=1", "https://x.fi/job?id=2"),
        ("https://x.fi/job?ref=101", "https://x.fi/job?ref=102"),
        ("https://x.fi/job?101", "https://x.fi/job?102"),
        ("https://x.fi/jobs#/101", "https://x.fi/jobs#/102"),
        ("https://x.fi/Job", "https://x.fi/job"),
        ("http://127.0.0.1:8001/job", "http://127.0.0.1:8002/job"),
    ],
)
def test_two_adverts_of_one_site_have_two_keys(one, other):
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(
    "url", ["", "https://x.fi", "https://x.fi/", "https://www.x.fi/?utm_source=a", "mailto:a@x.fi"]
)
def test_a_front_page_has_no_key(url):
    assert url_key(url) == ""


def test_a_reference_is_compared_without_case_and_separators():
    assert reference_key("MIK-00123-26") == reference_key("mik 00123/26") == "mik0012326"


@pytest.mark.parametrize("reference", ["", "1", "2026", "avoin", "-----"])
def test_what_is_too_short_or_has_no_number_is_no_reference(reference):
    assert reference_key(reference) == ""


def test_a_long_address_has_a_key_that_an_index_can_hold_and_that_tells_it_from_its_likes():
    one, other = (url_key(f"https://x.fi/{'ä' * 1_900}/{number}?q={'ö' * 50}") for number in (1, 2))
    assert one != other
    assert max(len(one.encode()), len(other.encode())) < 2_000
    assert url_key("https://x.fi/a%00%0ab") == "x.fi/ab"
