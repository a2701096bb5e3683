"""One raw posting to one posting: every field, and what is told when a value slips."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvest.records import Code, Problem, Reason, Step
from normalize import facts
from normalize.records import Posting
from tests.normalize.made import cleaned, raw

WHOLE: dict[str, Any] = {
    "title": "Kokki &amp; leipuri",
    "summary": "<p>Tule <b>meille</b></p>",
    "text": "<p>Haemme kokkia.</p><script>x</script>",
    "employer": "Vaasan kaupunki",
    "employer_id": "0209602-6",
    "municipality": [Code("kunta", "905")],
    "address": ["Vaasanpuistikko 10", "65100 Vaasa"],
    "url": "https://x.fi/tyo/1?utm_source=a",
    "apply_url": "https://x.fi/hae/1",
    "language": "fi",
    "published": "2026-08-20T08:00:00",
    "starts": "1.10.2026",
    "ends": "15.9.2026",
    "changed": "2026-08-21T08:00:00Z",
    "contract": ["fixed_term"],
    "hours": "part_time",
    "remote": "partly",
    "work_form": "apprenticeship",
    "agency": "true",
    "openings": "3",
    "salary": "KVTES",
    "reference": "VAA-00123-26",
    "unit": "Keskuskeittiö",
    "occupation": [Code("isco", "5120"), Code("isco", "5120")],
    "audience": ["youth"],
}


def problem(problems: list[Problem]) -> tuple[Reason, str, bool]:
    (one,) = problems
    assert one.step is Step.CLEAN
    return one.reason, one.about, one.drops


def test_every_field_becomes_a_fact():
    posting, problems = cleaned(**WHOLE)
    assert problems == []
    assert posting.titles == {"fi": "Kokki & leipuri"}
    assert posting.summaries == {"fi": "Tule meille"}
    assert posting.html == {"fi": "<p>Haemme kokkia.</p>"}
    assert posting.plain == {"fi": "Haemme kokkia."}
    assert (posting.employer, posting.employer_key, posting.employer_id) == (
        "Vaasan kaupunki",
        "kunta:905",
        "0209602-6",
    )
    assert posting.address == "Vaasanpuistikko 10; 65100 Vaasa"
    assert (posting.url, posting.apply_url) == ("https://x.fi/tyo/1?utm_source=a", "https://x.fi/hae/1")
    assert (posting.contract, posting.hours, posting.remote, posting.work_form) == (
        "fixed_term", "part_time", "partly", "apprenticeship",
    )  # fmt: skip
    assert (posting.agency, posting.openings, posting.salary) == (True, 3, "KVTES")
    assert (posting.reference, posting.unit) == ("VAA-00123-26", "Keskuskeittiö")
    assert (posting.occupations, posting.audience) == (("isco:5120",), ("youth",))
    assert posting.published == datetime(2026, 8, 20, 5, tzinfo=UTC)
    assert (posting.published_on, posting.starts_on, posting.ends_on) == (
        date(2026, 8, 20),
        date(2026, 10, 1),
        date(2026, 9, 15),
    )
    assert posting.ends == datetime(2026, 9, 15, 21, tzinfo=UTC)  # a day ends at its last midnight
    assert posting.changed == datetime(2026, 8, 21, 8, tzinfo=UTC)
    assert (posting.url_key, posting.reference_key) == ("x.fi/tyo/1", "vaa0012326")
    assert posting.title_key == "kokki leipuri"
    assert {"905"} == {code for sign in posting.evidence for code in sign.codes}


def test_a_title_alone_is_enough_and_nothing_is_invented():
    posting, problems = cleaned(title="Kokki")
    assert problems == []
    silent = (
        "employer",
        "employer_key",
        "openings",
        "contract",
        "hours",
        "ends",
        "ends_on",
        "url",
        "plain",
        "evidence",
    )
    assert not any(getattr(posting, name) for name in silent)
    assert posting.openings is None
    assert posting.work_form == "employment"


@pytest.mark.parametrize("title", ["", "  ", "<b></b>", "&nbsp;", {}, {"fi": ""}])
def test_without_a_title_only_the_problem_comes_out(title):
    (one,) = facts.posting(raw(title=title, ref="7"))
    assert isinstance(one, Problem)
    assert problem([one]) == (Reason.FIELD_MISSING, "7 title", True)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("ends", "syksyllä", Reason.BAD_DATE),
        ("ends", "0026-09-01", Reason.BAD_DATE),
        ("ends", "2026-08-01", Reason.BAD_DATE),
        ("published", "eilen", Reason.BAD_DATE),
        ("openings", "useita", Reason.BAD_NUMBER),
        ("openings", "0", Reason.BAD_NUMBER),
        ("contract", "vakituinen", Reason.NOT_IN_VOCABULARY),
        ("work_form", ["employment", "muu"], Reason.NOT_IN_VOCABULARY),
        ("url", "javascript:alert(1)", Reason.BAD_LINK),
        ("apply_url", "hae täältä", Reason.BAD_LINK),
        ("url", "https://x.fi/" + "a" * 60_000, Reason.BAD_LINK),
    ],
)
def test_a_value_that_slips_is_told_and_the_rest_of_the_posting_stays(field, value, reason):
    posting, problems = cleaned(**{"published": "2026-08-20", field: value})
    assert problem(problems) == (reason, f"1 {field}", False)
    assert posting.titles == {"fi": "Kokki"}
    assert not posting.ends


@pytest.mark.parametrize(
    ("field", "of", "longest"),
    [
        ("title", lambda one: one.titles["fi"], 500),
        ("reference", lambda one: one.reference, 200),
        ("salary", lambda one: one.salary, 500),
        ("address", lambda one: one.address, 500),
        ("employer_id", lambda one: one.employer_id, 100),
    ],
)
def test_a_line_that_no_screen_could_hold_is_shortened_and_told(field, of, longest):
    posting, problems = cleaned(**{field: "x1 " * 20_000})
    assert problem(problems) == (Reason.BROKEN_RECORD, f"1 {field}", False)
    assert problems[0].detail == f"it has 59999 characters; kept are the first {longest}"
    assert longest - 3 < len(of(posting)) <= longest
    assert of(posting).endswith("…")


def test_of_a_hundred_addresses_and_a_channel_s_endless_name_the_rest_is_told():
    channels = [{"kind": "Phone", "title": "a" * 5_000, "phone": "1" * 9_000}]
    posting, problems = cleaned(address=[f"Katu {n}" for n in range(100)], channels=channels)
    assert posting.address.count(";") == 49
    assert (len(posting.channels[0].names["fi"]), len(posting.channels[0].phone)) == (500, 500)
    assert sorted(one.about for one in problems) == ["1 address", "1 channels", "1 channels"]


@pytest.mark.parametrize(
    ("raw_title", "title"),
    [
        ("Kokki<script>x()</script>", "Kokki"),
        ("<SCRIPT type='a'>x()</script > Kokki <b>ja</b> leipuri", "Kokki ja leipuri"),
        ("&lt;style&gt;p { }&lt;/style&gt;Kokki &amp; leipuri", "Kokki & leipuri"),
        ("Kokki, <script>-tagien tuntija", "Kokki, -tagien tuntija"),
        ("C++ &lt;vector&gt; ja <svg/onload=x()>", "C++ ja"),
    ],
)
def test_no_script_comes_into_a_title(raw_title, title):
    assert cleaned(title=raw_title)[0].titles == {"fi": title}


def test_a_title_of_a_script_only_is_none():
    assert [one.reason for one in facts.posting(raw(title="<script>x</script>"))] == [Reason.FIELD_MISSING]


def test_a_text_under_a_code_that_is_no_language_is_one_of_unknown_language():
    posting, problems = cleaned(title={"xx": "Sairaanhoitaja"}, text={"xx": "Haemme hoitajaa, ja työ alkaa pian."})
    assert (posting.titles, set(posting.plain)) == ({"fi": "Sairaanhoitaja"}, {"fi"})
    assert [(one.reason, one.about) for one in problems] == [
        (Reason.NOT_IN_VOCABULARY, "1 title"),
        (Reason.NOT_IN_VOCABULARY, "1 text"),
    ]


def test_a_code_that_is_no_language_does_not_hide_a_text_under_one_that_is():
    posting, problems = cleaned(title={"xx": "Kokki!", "sv": "Kock", "de": "Koch"})
    assert posting.titles == {"sv": "Kock", "de": "Koch"}
    assert problem(problems) == (Reason.NOT_IN_VOCABULARY, "1 title", False)


def test_an_end_on_the_day_before_publication_may_be_the_clock_and_stays():
    posting, problems = cleaned(published="2026-08-20", ends="2026-08-19")
    assert posting.ends_on == date(2026, 8, 19)
    assert problems == []


def test_a_code_that_its_list_does_not_have_is_told_with_the_step_of_places():
    _posting, (one,) = cleaned(municipality=Code("kunta", "999"))
    assert (one.step, one.reason, one.about) == (Step.PLACE, Reason.UNKNOWN_CODE, "1 municipality")


@pytest.mark.parametrize(
    "fields", [{"anonymous": "true", "employer": "Mäkelä Oy"}, {"employer": "Anonyymi työnantaja"}]
)
def test_an_anonymous_employer_leaves_no_name_no_number_and_no_unit(fields):
    posting, problems = cleaned(employer_id="1234567-8", unit="Mäkelän Kahvila", municipality="Vaasa", **fields)
    assert problems == []
    assert posting.anonymous
    assert not (posting.employer)
    assert not (posting.employer_key)
    assert not (posting.employer_id)
    assert not (posting.unit)
    assert "Mäkelä" not in repr(posting)
    assert [sign.codes for sign in posting.evidence] == [("905",)]


@pytest.mark.parametrize(
    "fields", [{"household": "1", "employer": "Maija Meikäläinen"}, {"employer": "Yksityishenkilö Maija"}]
)
def test_a_household_s_name_and_street_are_dropped_and_its_municipality_stays(fields):
    posting, problems = cleaned(
        title="Lastenhoitaja", employer_id="010190-123A", address="Kuusikuja 3, 65100 Vaasa", place="Kuusikuja 3, Vaasa",
        unit="Meikäläinen", postal_code="65100", **fields,
    )  # fmt: skip
    assert problems == []
    assert posting.household
    for word in ("Maija", "Meikäläinen", "Kuusikuja", "010190"):
        assert word not in repr(posting)
    assert "905" in {code for sign in posting.evidence for code in sign.codes}


def test_an_advert_in_the_employer_s_field_becomes_the_text_and_the_card_names_the_employer():
    advert = "<p>Haemme kokkia keskuskeittiöön.</p>" + " Tule meille." * 20
    posting, problems = cleaned(employer=advert, default_employer="Vantaan kaupunki")
    assert problem(problems) == (Reason.BROKEN_RECORD, "1 employer", False)
    assert posting.employer == "Vantaan kaupunki"
    assert posting.plain["fi"].startswith("Haemme kokkia keskuskeittiöön.\n\nTule")
    posting, _problems = cleaned(employer=advert, text="Oma teksti.")
    assert (posting.employer, posting.plain) == ("", {"fi": "Oma teksti."})


def test_defaults_speak_only_where_the_source_is_silent():
    defaults = {"default_employer": "Vantaan kaupunki", "default_municipality": "092"}
    silent, _problems = cleaned(**defaults)
    assert silent.employer == "Vantaan kaupunki"
    spoken, _problems = cleaned(employer="Mäkelä Oy", municipality="Vaasa", **defaults)
    assert spoken.employer == "Mäkelä Oy"
    assert {sign.weight for sign in spoken.evidence if "092" in sign.codes} == {0.3}


def test_a_trusted_language_is_believed_and_a_hint_is_only_a_hint():
    text = "Vi söker en kock till vårt kök. Du har erfarenhet och gillar att arbeta med oss."
    assert cleaned(title="Kock", text=text, language="fi")[0].language == "fi"
    assert cleaned(title="Kock", text=text, language="fi", language_trusted=False)[0].language == "sv"
    assert cleaned(title="ABC 123", language="sv-FI", language_trusted=True)[0].language == "sv"
    assert cleaned(title="123", language="sv", language_trusted=False)[0].language == "sv"
    assert cleaned(title="123", language="de", languages=("en", "fi"))[0].language == "en"


def test_texts_by_language_keep_their_languages_and_the_first_of_the_card_speaks():
    posting, _problems = cleaned(
        title={"sv": "Kock", "fi": "Kokki"},
        text={"fi": "Hei", "sv": "Hej"},
        summary={"sv": "Kort"},
        languages=("sv", "fi"),
    )
    assert posting.language == "sv"
    assert posting.titles == {"sv": "Kock", "fi": "Kokki"}
    assert posting.plain == {"fi": "Hei", "sv": "Hej"}
    assert posting.summaries == {"sv": "Kort"}
    assert posting.title_key == "kock"


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("Kokki", "employment"),
        ("Kokki, työkokeilu", "work_trial"),
        ("Työkokeilupaikka keittiössä", "work_trial"),
        ("Kökshjälp, arbetsprövning", "work_trial"),
        ("Kitchen help (work trial)", "work_trial"),
        ("Kokki oppisopimuksella", "apprenticeship"),
        ("Läroavtal: kock", "apprenticeship"),
        ("Apprentice cook", "apprenticeship"),
        ("Harjoittelija, viestintä", "traineeship"),
        ("Praktikant till köket", "traineeship"),
        ("Internship in marketing", "traineeship"),
        ("Summer trainee", "traineeship"),
        ("Toimeksianto: valokuvaaja", "commission"),
        ("Oppisopimuskoordinaattori", "employment"),
        ("Työkokeilukoordinaattori", "employment"),
        ("Internal auditor", "employment"),
        ("Commissioning engineer", "employment"),
        ("Uppdragsledare", "employment"),
        ("Praktisk lärare", "employment"),
    ],
)
def test_a_form_of_work_is_read_from_whole_words_of_the_title(title, form):
    assert cleaned(title=title)[0].work_form == form


def test_a_form_of_work_that_the_source_states_is_not_overruled_and_others_than_vacancies_have_none():
    assert cleaned(title="Harjoittelija", work_form="employment")[0].work_form == "employment"
    assert cleaned(title="Harjoittelu ulkomailla", kind="news", openings="3")[0].work_form == ""
    assert cleaned(title="Harjoittelu ulkomailla", kind="news", openings="3")[0].openings is None


def test_unknown_openings_are_not_one():
    assert cleaned()[0].openings is None
    assert cleaned(openings="1")[0].openings == 1


def test_channels_of_a_service_keep_their_contacts():
    channel = {
        "kind": "phone",
        "title": "Neuvonta",
        "url": "https://x.fi",
        "phone": "+358 9 123",
        "email": "a@x.fi",
        "address": "",
    }
    posting, _problems = cleaned(kind="service", channels=[channel, "no object"])
    (one,) = posting.channels
    assert (one.kind, one.names, one.phone, one.email) == ("phone", {"fi": "Neuvonta"}, "+358 9 123", "a@x.fi")


CONTACT = "Maija Mallinen, puh. 040 123 4567, maija.mallinen@vaasa.fi"
"""A person, as adverts have them in any field."""


def test_contacts_of_persons_stand_in_the_text_and_in_no_other_field():
    values = dict.fromkeys(("employer", "address", "unit", "salary", "reference", "audience", "employer_id"), CONTACT)
    values |= {
        "url": "mailto:maija.mallinen@vaasa.fi",
        "apply_url": "maija.mallinen@vaasa.fi",
        "contract": CONTACT,
        "ends": CONTACT,
    }
    posting, problems = cleaned(text=CONTACT, openings=CONTACT, place="Vaasa", **values)
    assert posting.plain == {"fi": CONTACT}
    told = {name: repr(getattr(posting, name)) for name in Posting.__struct_fields__ if name not in ("plain", "html")}
    for said in (*told.values(), *(one.detail for one in problems)):
        assert "maija.mallinen" not in said
        assert "123 4567" not in said


def test_a_reference_that_looks_like_a_number_to_call_stays():
    assert cleaned(reference="040-1234567-26")[0].reference == "040-1234567-26"


VALUES = st.recursive(
    st.text(max_size=40) | st.builds(Code, st.sampled_from(["kunta", "nuts3", "x"]), st.text(max_size=5)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["fi", "sv", "", "title"]), inner, max_size=3)
    ),
    max_leaves=4,
)
NAMES = [*WHOLE, "channels", "place", "postal_code", "region", "anonymous", "household", "default_employer"]


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
@settings(max_examples=300, deadline=None)
def test_no_value_of_any_shape_in_any_field_breaks_the_cleaner(fields):
    found = list(facts.posting(raw(**fields)))
    assert found
    for one in found:
        json.dumps(repr(one))


def test_a_text_without_its_mark_up_is_told_as_a_problem():
    one, problems = cleaned(title="Hoitaja", text="<p>Hei</p>" * 6_000)
    assert [problem(problems)] == [(Reason.BROKEN_RECORD, "1 text", False)]
    assert one is not None
