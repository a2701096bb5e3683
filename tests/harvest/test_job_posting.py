"""JSON-LD JobPosting with every deviation of real pages, found through a list, a sitemap, or its own address."""

import json
from typing import Any

import pytest

from harvest.records import Code, Reason, Whole
from tests.harvest.cards import SITE, Net, Walked, card, lost, tagged, walked

PAGE = """
[adapter]
kind = "job_posting"
"""
WHOLE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Lähihoitaja",
    "description": "<p>Hoitotyötä.</p>",
    "datePosted": "2026-11-24",
    "validThrough": "2026-12-24T23:59:59+02:00",
    "employmentType": "FULL_TIME",
    "hiringOrganization": {"@type": "Organization", "name": "Esimerkki Oy", "identifier": "1234567-8"},
    "jobLocation": {
        "@type": "Place",
        "address": {
            "@type": "PostalAddress", "addressLocality": "Kouvola", "postalCode": "45100", "streetAddress": "Katu 1",
            "addressCountry": "FI",
        },
    },
    "identifier": {"@type": "PropertyValue", "name": "Esimerkki", "value": "A-1"},
}  # fmt: skip


def html(*blocks: object) -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}</script>'
        for one in blocks
    )
    return f"<!doctype html><html><head>{scripts}</head><body><h1>Työ</h1></body></html>"


def read(*blocks: object, text: str = PAGE) -> Walked:
    return walked(card(text), {"/jobs": html(*blocks)})


def fields(text: str = PAGE, **changes: Any) -> dict[str, Any]:
    return read({**WHOLE, **changes}, text=text).fields


def place(**address: Any) -> dict[str, Any]:
    return {"@type": "Place", "address": {"@type": "PostalAddress", **address}}


def test_a_posting_as_google_wants_it_needs_no_card() -> None:
    assert fields() == {
        "ref": "A-1", "url": f"{SITE}/jobs", "title": "Lähihoitaja", "text": "<p>Hoitotyötä.</p>", "employer": "Esimerkki Oy",
        "employer_id": "1234567-8", "place": ["Kouvola"], "postal_code": ["45100"], "address": ["Katu 1"],
        "published": "2026-11-24", "ends": "2026-12-24T23:59:59+02:00", "hours": ["full_time"],
    }  # fmt: skip
    assert read(WHOLE).problems == []


# -- deviations


@pytest.mark.parametrize(
    ("organisation", "name"),
    [
        ("Esimerkki Oy", "Esimerkki Oy"),
        ({"name": "Esimerkki Oy"}, "Esimerkki Oy"),
        ({"legalName": "Esimerkki Oy"}, "Esimerkki Oy"),
        ([{"name": "Esimerkki Oy"}, {"name": "Toinen"}], "Esimerkki Oy"),
        (None, None),
        ({}, None),
        ([], None),
    ],
)
def test_an_organisation_may_be_an_object_a_list_or_a_text(organisation: object, name: str | None) -> None:
    assert fields(hiringOrganization=organisation).get("employer") == name


@pytest.mark.parametrize(
    ("location", "places"),
    [
        (place(addressLocality="Kouvola"), ["Kouvola"]),
        ([place(addressLocality="Kouvola"), place(addressLocality="Kotka")], ["Kouvola", "Kotka"]),
        (place(addressLocality="Kouvola, Kotka"), ["Kouvola, Kotka"]),
        (place(addressLocality=["Kouvola", "Kotka"]), ["Kouvola", "Kotka"]),
        (place(addressLocality="Kouvola", addressRegion="Kymenlaakso"), ["Kouvola", "Kymenlaakso"]),
        ({"@type": "PostalAddress", "addressLocality": "Kouvola"}, ["Kouvola"]),
        ({"@type": "Place", "address": "Katu 1, Kouvola"}, ["Katu 1, Kouvola"]),
        (
            {"@type": "Place", "address": [{"addressLocality": "Kouvola"}, {"addressLocality": "Kotka"}]},
            ["Kouvola", "Kotka"],
        ),
        ({"@type": "Place", "name": "Kouvola"}, ["Kouvola"]),
        ({"@type": "Place", "name": "Kouvola", "address": None}, ["Kouvola"]),
        ("Kouvola", ["Kouvola"]),
        (["Kouvola", "Kotka"], ["Kouvola", "Kotka"]),
        (place(addressLocality=None), None),
        (place(addressLocality=""), None),
        (None, None),
        ([], None),
    ],
)
def test_a_place_may_be_an_object_several_or_a_text(location: object, places: list[str] | None) -> None:
    assert fields(jobLocation=location).get("place") == places


@pytest.mark.parametrize(
    ("code", "codes"), [("45100", ["45100"]), (45100, ["45100"]), (None, None), ("", None), (100, ["100"])]
)
def test_a_postal_code_may_be_a_number_or_nothing(code: object, codes: list[str] | None) -> None:
    assert fields(jobLocation=place(addressLocality="Kouvola", postalCode=code)).get("postal_code") == codes


@pytest.mark.parametrize(
    ("country", "places"),
    [
        ("FI", ["Kouvola"]), ("Finland", ["Kouvola"]), ("Suomi", ["Kouvola"]), ({"name": "FI"}, ["Kouvola"]),
        (None, ["Kouvola"]), ({"@type": "Country", "name": "Finland"}, ["Kouvola"]), ("EE", ["Kouvola", "EE"]),
        ({"name": "Viro"}, ["Kouvola", "Viro"]),
    ],
)  # fmt: skip
def test_finland_is_not_named_and_another_country_is(country: object, places: list[str]) -> None:
    assert fields(jobLocation=place(addressLocality="Kouvola", addressCountry=country))["place"] == places


@pytest.mark.parametrize(
    ("salary", "text"),
    [
        ("TES", "TES"),
        ({"currency": "EUR", "value": {"value": 2500, "unitText": "MONTH"}}, "2500 EUR / month"),
        (
            {"currency": "EUR", "value": {"minValue": 2500, "maxValue": 3000, "unitText": "MONTH"}},
            "2500–3000 EUR / month",
        ),
        ({"currency": "EUR", "value": "sopimuksen mukaan"}, "sopimuksen mukaan"),
        ({"currency": "EUR", "value": {"value": "TES"}}, "TES"),
        ([{"currency": "EUR", "value": 12}], "12 EUR"),
        ({"currency": "EUR"}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_salary_may_be_numbers_or_words(salary: object, text: str | None) -> None:
    assert fields(baseSalary=salary).get("salary") == text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("PART_TIME", {"hours": ["part_time"]}),
        (["FULL_TIME", "TEMPORARY"], {"hours": ["full_time"], "contract": ["fixed_term"]}),
        ("FULL_TIME, INTERN", {"hours": ["full_time"], "work_form": ["traineeship"]}),
        ("Vakinainen", {"contract": ["permanent"]}),
        (["Vakinainen", "FULL_TIME"], {"contract": ["permanent"], "hours": ["full_time"]}),
        (None, {}),
    ],
)
def test_the_form_of_employment_may_be_schema_orgs_word_or_the_pages_own(
    said: object, expected: dict[str, Any]
) -> None:
    text = (
        PAGE
        + '[adapter.fields]\ncontract = ["employmentType", "contract"]\n[lookups.contract]\nVakinainen = "permanent"\n'
    )
    found = fields(text + 'fixed_term = "fixed_term"', employmentType=said)
    assert {name: found[name] for name in ("hours", "contract", "work_form") if name in found} == expected


def test_a_remote_job_and_an_occupation_are_understood() -> None:
    found = fields(
        jobLocationType="TELECOMMUTE", occupationalCategory=["5321.1 Lähihoitajat", "29-1141"], jobLocation=None
    )
    assert (found["remote"], found["occupation"]) == ("fully", [Code("isco", "5321")])


@pytest.mark.parametrize(
    "blocks",
    [
        [{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, WHOLE]}],
        [{"@type": "BreadcrumbList", "itemListElement": []}, WHOLE],
        [[{"@type": "Organization"}, WHOLE]],
        [{**WHOLE, "@type": ["JobPosting", "Thing"]}],
        [{**WHOLE, "@type": "https://schema.org/JobPosting"}],
        ["{broken", WHOLE],
        ["[" * 50_000, WHOLE],
        ["<!-- " + json.dumps(WHOLE) + " -->"],
        [json.dumps(WHOLE) + ";"],
        [{"@type": "WebPage", "mainEntity": WHOLE}],
        [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": WHOLE}]}],
    ],
)
def test_a_posting_is_found_wherever_the_block_has_it(blocks: list[object]) -> None:
    assert read(*blocks).fields["ref"] == "A-1"


def test_raw_line_breaks_and_half_letters_in_a_text_are_read() -> None:
    block = json.dumps({**WHOLE, "description": "RIVI", "title": "HALF"})
    found = read(block.replace("RIVI", "yksi\nkaksi\tkolme").replace("HALF", "A\\ud83d\\ude00 B\\ud83d C")).fields
    assert (found["text"], found["title"]) == ("yksi\nkaksi\tkolme", "A😀 B\ufffd C")


def test_a_block_may_name_its_charset() -> None:
    body = html(WHOLE).replace('"application/ld+json"', '"application/ld+json; charset=utf-8"')
    assert walked(card(PAGE), {"/jobs": body}).refs == ["A-1"]


def test_without_an_identifier_the_address_is_the_ref() -> None:
    assert fields(identifier=None)["ref"] == f"{SITE}/jobs"
    assert fields(identifier="A-7")["ref"] == "A-7"
    assert fields(identifier=7)["ref"] == "7"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (html(), Reason.SHAPE_CHANGED),
        (html({"@type": "Article"}), Reason.SHAPE_CHANGED),
        (html("{broken"), Reason.SHAPE_CHANGED),
        ("no mark-up at all", Reason.NOT_THIS_FORMAT),
        ("<html><body>Just a moment... captcha</body></html>", Reason.CHALLENGE),
        (html(WHOLE)[:-20], Reason.TRUNCATED),
        (html(WHOLE)[:-100], Reason.TRUNCATED),
    ],
)
def test_a_page_without_a_posting_is_no_true_zero(body: str, cause: Reason) -> None:
    result = walked(card(PAGE), {"/jobs": body})
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, cause)


# -- lists


LIST = """
[adapter]
kind = "job_posting"
items = "a.job"
[adapter.paging]
kind = "next"
next = "a.next@href"
"""


def links(*paths: str, onward: str = "") -> str:
    found = "".join(f"<a class=job href={path}>x</a>" for path in paths)
    return f"<html><body>{found}{f'<a class=next href={onward}>next</a>' if onward else ''}</body></html>"


def advert(ref: str, **changes: Any) -> str:
    return html({**WHOLE, "identifier": ref, **changes})


def test_a_list_leads_to_the_pages_of_its_adverts() -> None:
    net = Net(
        {"/jobs": links("/j/1", onward="/jobs?2"), "/jobs?2": links("j/2"), "/j/1": advert("A"), "/j/2": advert("B")}
    )
    result = walked(card(LIST), net)
    assert [(one.ref, one.fields["title"]) for one in result.raw] == [
        (f"{SITE}/j/1", "Lähihoitaja"), (f"{SITE}/j/2", "Lähihoitaja"),
    ]  # fmt: skip
    assert (result.problems, result.verdict.whole) == ([], Whole.COMPLETE)
    net.asked.clear()
    again = walked(card(LIST), net, result.known())
    assert (net.paths, again.verdict.whole) == (["/jobs", "/jobs?2"], Whole.UNCHANGED)


def test_a_list_without_links_has_changed_its_shape() -> None:
    assert walked(card(LIST), {"/jobs": links()}).verdict.cause == Reason.SHAPE_CHANGED


def test_a_list_that_was_cut_is_not_whole() -> None:
    body = links("/j/1", "/j/2")[:-25]
    result = walked(card(LIST), {"/jobs": body, "/j/1": advert("A")})
    assert (result.verdict.counts_as_complete, result.verdict.cause) == (False, Reason.TRUNCATED)


def test_an_advert_that_was_taken_away_costs_only_itself() -> None:
    result = walked(card(LIST), {"/jobs": links("/j/1", "/j/2"), "/j/2": advert("B")})
    assert result.refs == [f"{SITE}/j/2"]
    assert [(one.reason, one.drops) for one in result.problems] == [(Reason.NOT_FOUND, True)]


@pytest.mark.parametrize("key", ['items = "a["', 'items = "a"\npaging = { kind = "next", next = "a[@href" }'])
def test_a_selector_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="expected a CSS selector"):
        card(f'[adapter]\nkind = "job_posting"\n{key}')


# -- sitemaps


SITEMAP = '[adapter]\nkind = "job_posting"\nitems = "sitemap"\n'


def sitemap(*entries: tuple[str, str], kind: str = "url") -> str:
    inside = "".join(f"<{kind}><loc>{SITE}{path}</loc><lastmod>{day}</lastmod></{kind}>" for path, day in entries)
    root = "urlset" if kind == "url" else "sitemapindex"
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</{root}>'


def test_a_sitemap_leads_to_adverts_and_lastmod_says_which_have_changed() -> None:
    net = Net(
        {"/jobs": sitemap(("/j/1", "2026-11-01"), ("/j/2", "2026-11-01")), "/j/1": advert("A"), "/j/2": advert("B")}
    )
    first = walked(card(SITEMAP), net)
    assert first.refs == [f"{SITE}/j/1", f"{SITE}/j/2"]
    net.asked.clear()
    net.pages["/jobs"] = sitemap(("/j/1", "2026-11-01"), ("/j/2", "2026-11-09"))
    again = walked(card(SITEMAP), net, first.known())
    assert (net.paths, again.refs, again.seen) == (["/jobs", "/j/2"], [f"{SITE}/j/2"], [f"{SITE}/j/1"])


def test_an_index_of_sitemaps_leads_to_each_and_one_that_is_lost_does_not_hide_the_rest() -> None:
    net = Net(
        {
            "/jobs": tagged(sitemap(("/s1", ""), ("/s2", ""), ("/s3", ""), kind="sitemap")),
            "/s1": sitemap(("/j/1", "")), "/s2": lost(Reason.SERVER_ERROR), "/s3": sitemap(("/j/3", "")),
            "/j/1": advert("A"), "/j/3": advert("C"),
        }
    )  # fmt: skip
    result = walked(card(SITEMAP), net)
    assert (result.refs, result.verdict.whole) == ([f"{SITE}/j/1", f"{SITE}/j/3"], Whole.PARTIAL)
    net.pages["/s2"] = sitemap(("/j/1", ""))
    again = walked(card(SITEMAP), net, result.known())
    assert (again.verdict.not_modified, again.verdict.counts_as_complete) == (1, True)


def test_a_sitemap_that_was_cut_is_not_whole() -> None:
    body = sitemap(("/j/1", ""), ("/j/2", ""))[:-30]
    result = walked(card(SITEMAP), {"/jobs": body, "/j/1": advert("A"), "/j/2": advert("B")})
    assert result.verdict.cause == Reason.TRUNCATED


LISTED = """
[adapter]
kind = "job_posting"
items = "a.job"
empty = "p.none"
[adapter.paging]
kind = "next"
next = "a.next@href"
"""


@pytest.mark.parametrize("dead", ["#", " # ", "javascript:void(0)", ""])
def test_an_arrow_that_leads_nowhere_ends_the_list(dead: str) -> None:
    body = f'<html><body><a class="job" href="/job/1">1</a><a class="next" href="{dead}">next</a></body></html>'
    net = Net({"/jobs": body, "/job/1": html(WHOLE)})
    result = walked(card(LISTED), net)
    assert (result.verdict.whole, result.problems, net.paths) == (Whole.COMPLETE, [], ["/jobs", "/job/1"])


@pytest.mark.parametrize(
    ("body", "whole", "cause"),
    [
        ('<html><body><p class="none">Ei avoimia</p></body></html>', Whole.EMPTY, "true zero"),
        ("<html><body><p>Uusi ulkoasu</p></body></html>", Whole.FAILED, Reason.SHAPE_CHANGED),
        ('<html><body><p class="none">Ei av', Whole.FAILED, Reason.TRUNCATED),
    ],
)
def test_a_list_without_a_link_is_a_true_zero_only_where_it_says_so(body: str, whole: Whole, cause: str) -> None:
    """Otherwise the last adverts of an employer would never close by their absence."""
    verdict = walked(card(LISTED), {"/jobs": body}).verdict
    assert (verdict.whole, verdict.cause) == (whole, cause)
