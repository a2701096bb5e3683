"""A source's words to ours: texts, lines, moments, numbers, links. Each slip is a value, never an exception."""

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalize import clean, dates
from normalize.vocabulary import Contract, Remote, WorkForm

FETCHED = datetime(2026, 9, 1, 12, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def moment(raw: str) -> dates.Moment:
    found = dates.moment(raw, FETCHED)
    assert isinstance(found, dates.Moment), found
    return found


@pytest.mark.parametrize(
    "raw",
    [
        "<script>alert(1)</script>Hei",
        "<style>p{}</style>Hei",
        "<iframe src='https://x.fi'>alert</iframe>Hei",
        "<p onclick='alert(1)'>Hei</p>",
        "<img src=x onerror=alert(1)>Hei",
        "<svg onload=alert(1)><script>alert(1)</script></svg>Hei",
        "&lt;script&gt;alert(1)&lt;/script&gt;Hei",
        "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Hei",
        "<a href='javascript:alert(1)'>Hei</a>",
        "<a href='java&#115;cript:alert(1)'>Hei</a>",
        "<a href='data:text/html,alert'>Hei</a>",
        "<!-- alert -->Hei",
        "<math><mtext><script>alert(1)</script></mtext></math>Hei",
        "<form action='https://x.fi'>Hei</form>",
    ],
)
def test_nothing_that_runs_or_loads_survives_in_a_text(raw):
    text = clean.text(raw)
    for sign in ("alert", "script", "iframe", "on", "<img", "<svg", "<form", "src"):
        assert sign not in text.html.replace("noopener", "")
    assert text.plain == "Hei"


def test_links_lead_to_other_sites_or_mail_only_and_never_into_our_own_pages():
    raw = '<a href="https://x.fi/a">1</a><a href="mailto:a@x.fi">2</a><a href="/b">3</a><a href="//x.fi">4</a>'
    shown = clean.text(raw).html
    assert 'href="https://x.fi/a"' in shown
    assert 'href="mailto:a@x.fi"' in shown
    assert shown.count("href") == 2
    assert shown.count('rel="noopener nofollow"') == 4


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Hei", "Hei"),
        ("  Hei \r\n\r\n\r\n\r\n maailma\t x ", "Hei\n\nmaailma x"),
        ("<p>Hei</p><p>maa\n  ilma</p>", "Hei\n\nmaa ilma"),
        ("Hei<br>maailma<br/>x", "Hei\nmaailma\nx"),
        ("<div>a</div><div>b</div>", "a\n\nb"),
        ("<ul><li>a</li></ul>b", "a\n\nb"),
        ("<h1>Otsikko</h1>Teksti", "Otsikko\nTeksti"),
        ("<H2>Otsikko</H2>Teksti", "Otsikko\n\nTeksti"),
        ("<section>a</section>b", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("<b>Hei</b>\nmaailma", "Hei\nmaailma"),
        ("Hei &amp; hoi &#228;", "Hei & hoi ä"),
        ("<p>Hei &amp; hoi&nbsp;x</p>", "Hei & hoi x"),
        ("&lt;p&gt;Hei &amp;amp; hoi&lt;/p&gt;", "Hei & hoi"),
        ("&amp;lt;p&amp;gt;Hei&amp;lt;/p&amp;gt;", "Hei"),
        ("palkka < 3000 ja > 2000", "palkka < 3000 ja > 2000"),
        ("a &lt; b", "a < b"),
        ("https://x.fi/?a=1&section=2&copy=3", "https://x.fi/?a=1&section=2&copy=3"),
        ("yhteis\xadtyö\u200b", "yhteistyö"),
        ("a\x00b\x07c\ud800d", "abcd"),
        ("Ma\u0308kela\u0308", "Mäkelä"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_a_text_reads_the_same_whatever_it_was_packed_in(raw, plain):
    assert clean.text(raw).plain == plain


def test_a_plain_text_is_shown_in_paragraphs_and_its_signs_stay_signs():
    assert clean.text("Hei & hoi\nx\n\n1 < 2").html == "<p>Hei &amp; hoi<br>x</p><p>1 &lt; 2</p>"


@pytest.mark.parametrize(
    "raw",
    [
        "<div>" * 200_000,
        "<b><i>" * 100_000,
        "<table><tr><td>" * 60_000,
        "<div>" * 4_900,
        "<" * 1_000_000,
        "&lt;a" * 200_000,
        "&amp;" * 200_000,
        "<a " + "x=1 " * 250_000 + ">",
        "<!--" * 250_000,
        "<p>Hei maailma</p>" * 60_000,
        " \n" * 500_000,
        "&#1" * 300_000,
        "ä " * 500_000,
    ],
    ids=lambda raw: raw[:12].strip(),
)
def test_a_megabyte_of_anything_costs_seconds_at_most(raw):
    start = time.process_time()
    clean.text(raw)
    clean.line(raw)
    dates.moment(raw, FETCHED)
    assert time.process_time() - start < 5


PIECES = [
    "<p>",
    "</p>",
    "<script>",
    "</script>",
    "&lt;",
    "&gt;",
    "&amp;",
    "<div ",
    ">",
    "\n",
    "\ud800",
    "onload=x",
    "<!--",
]


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_cleaner(raw):
    text = clean.text(raw)
    assert "<script" not in text.html.lower()
    text.html.encode()
    clean.line(raw).encode()
    assert "\n" not in clean.line(raw)
    clean.link(raw)
    clean.number(raw)
    clean.truth(raw)
    clean.word(raw, Contract)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("  Kokki \n\t Vaasa ", "Kokki Vaasa"),
        ("Kokki &amp;amp; leipuri", "Kokki & leipuri"),
        ("Kokki &amp;amp;amp; leipuri", "Kokki & leipuri"),
        ("<b>Kokki</b>", "Kokki"),
        ("&lt;b&gt;Kokki&lt;/b&gt;", "Kokki"),
        ("R&D-insinööri", "R&D-insinööri"),
        ("Kokki <3 ruoka", "Kokki <3 ruoka"),
        ("kierto\xadtalous\u202easiantuntija", "kiertotalousasiantuntija"),
        ("a\u00a0b\u2009c", "a b c"),
        ("\x00", ""),
    ],
)
def test_a_line_has_no_markup_no_entities_and_single_spaces(raw, line):
    assert clean.line(raw) == line


@pytest.mark.parametrize(
    ("raw", "at", "on", "dated"),
    [
        ("2020-11-24T22:00:00Z", utc(2020, 11, 24, 22), date(2020, 11, 25), True),  # tpt: Helsinki midnight as UTC
        ("2026-06-24T21:00:00Z", utc(2026, 6, 24, 21), date(2026, 6, 25), True),
        ("2020-11-24T22:00:00.000Z", utc(2020, 11, 24, 22), date(2020, 11, 25), True),
        ("15.05.2018 klo 14:00", utc(2018, 5, 15, 11), date(2018, 5, 15), False),
        ("15.5.2018 klo 14.00", utc(2018, 5, 15, 11), date(2018, 5, 15), False),
        ("15.5.2018 kl. 14", utc(2018, 5, 15, 11), date(2018, 5, 15), False),
        ("pe 25.9.2026 klo 15.00 mennessä", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("25.9.2026 15:00", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("25.9.2026, 15:00:30", utc(2026, 9, 25, 12, 0, 30), date(2026, 9, 25), False),
        ("25.9.2026", utc(2026, 9, 24, 21), date(2026, 9, 25), True),
        ("25.9.2026 00:00", utc(2026, 9, 24, 21), date(2026, 9, 25), True),
        ("31.12.2026 klo 24:00", utc(2026, 12, 30, 22), date(2026, 12, 31), True),
        ("2026-09-25", utc(2026, 9, 24, 21), date(2026, 9, 25), True),
        ("2026-09-25+03:00", utc(2026, 9, 24, 21), date(2026, 9, 25), True),
        ("2026-09-25T15:00:00", utc(2026, 9, 25, 12), date(2026, 9, 25), False),  # Helbit: naive Helsinki
        ("2026-09-25 15:00:00", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("2026-09-25T15:00:00.123456", utc(2026, 9, 25, 12, 0, 0, 123456), date(2026, 9, 25), False),  # P67, PTV
        ("2026-09-25T15:00:00.1234567", utc(2026, 9, 25, 12, 0, 0, 123456), date(2026, 9, 25), False),
        ("2026-09-25T15:00:00+0300", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("2026-09-25 15:00:00 +0300", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("2026-09-25 12:00:00 UTC", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("1790337600", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("1790337600000", utc(2026, 9, 25, 12), date(2026, 9, 25), False),  # EURES
        ("Fri, 25 Sep 2026 12:00:00 GMT", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("25 Sep 2026 15:00:00 +0300", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("Friday, 25 Sep 2026 15:00:00 EEST", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("Fri, 25 Sep 2026 12:00:00 -0000", utc(2026, 9, 25, 12), date(2026, 9, 25), False),
        ("Fri, 25 Sep 2026 22:30:00 GMT", utc(2026, 9, 25, 22, 30), date(2026, 9, 26), False),
        ("2026-03-29T02:59:00", utc(2026, 3, 29, 0, 59), date(2026, 3, 29), False),
        ("2026-03-29T03:30:00", utc(2026, 3, 29, 1, 30), date(2026, 3, 29), False),  # this hour is missing
        ("2026-03-29T04:00:00", utc(2026, 3, 29, 1), date(2026, 3, 29), False),
        ("2026-10-25T03:30:00", utc(2026, 10, 25, 0, 30), date(2026, 10, 25), False),  # this one comes twice: the first
        ("2026-10-25T04:00:00", utc(2026, 10, 25, 2), date(2026, 10, 25), False),
        ("2026-03-29", utc(2026, 3, 28, 22), date(2026, 3, 29), True),
        ("2026-03-30", utc(2026, 3, 29, 21), date(2026, 3, 30), True),
        ("2026-10-25", utc(2026, 10, 24, 21), date(2026, 10, 25), True),
        ("24/11/2026", utc(2026, 11, 23, 22), date(2026, 11, 24), True),
        ("11/24/2026", utc(2026, 11, 23, 22), date(2026, 11, 24), True),
        ("24-11-2026", utc(2026, 11, 23, 22), date(2026, 11, 24), True),
        ("11/11/2026", utc(2026, 11, 10, 22), date(2026, 11, 11), True),
        ("24/11/2026 15:00", utc(2026, 11, 24, 13), date(2026, 11, 24), False),
        ("24-11-2026 klo 15", utc(2026, 11, 24, 13), date(2026, 11, 24), False),
        ("24.11.26", utc(2026, 11, 23, 22), date(2026, 11, 24), True),
        ("24.11.26 klo 15.30", utc(2026, 11, 24, 13, 30), date(2026, 11, 24), False),
        ("2026-11-24T24:00:00", utc(2026, 11, 23, 22), date(2026, 11, 24), True),  # its end, where an end is asked for
        ("2026-11-24 24:00", utc(2026, 11, 23, 22), date(2026, 11, 24), True),
        ("2026-11-24T24:00:00+02:00", utc(2026, 11, 24, 22), date(2026, 11, 25), True),
        ("2026-11-24T24:00:00Z", utc(2026, 11, 25), date(2026, 11, 25), False),
    ],
)  # fmt: skip
def test_a_moment_is_read_in_every_shape_that_sources_use(raw, at, on, dated):
    assert moment(raw) == dates.Moment(at, on, dated)


@pytest.mark.parametrize(
    "raw", ["", "  ", "Jatkuva haku", "toistaiseksi", "Tills vidare", "tillsvidare", "Open until filled"]
)
def test_words_for_no_date_are_no_date_and_no_slip(raw):
    assert dates.moment(raw, FETCHED) is None


@pytest.mark.parametrize(
    "raw",
    [
        "0026-09-01", "0001-01-01T00:00:00", "9999-12-31", "2121-01-01", "1.1.2121", "1970-01-01", "2026-02-30", "31.2.2026",
        "2026-W35", "2026-W35-1", "2026-244", "syksyllä", "5.2026", "31.12.2026 klo 24:30", "31.12.2026 klo 25.00",
        "05/06/2026", "5-6-2026", "24/13/2026", "24/11-2026", "2026-08-20T24:01:00", "2026-02-30T24:00:00", "24.11.126",
        "1.9.2026 - 30.9.2026", "99999999999999", "Foo, 45 Sep 2026 99:99:99 +9999", "-1", "null",
        "٢٠٢٦-٠٩-٠١", "2026-09-01Tx",
    ],
)  # fmt: skip
def test_what_is_no_date_is_told_in_a_sentence(raw):
    said = dates.moment(raw, FETCHED)
    assert isinstance(said, str)
    assert repr(raw)[1:-1] in said


ALMOST_DATES = (
    r"[0-9]{1,4}[-./ ][0-9]{1,2}[-./ ][0-9]{1,4}[T ,]?[0-9:.+Zkloa ]{0,20}",
    r"([A-Za-z]{3}, )?[0-9]{1,2} [A-Za-z]{3} [0-9]{2,4}[ 0-9:+-]{0,20}[A-Z()]{0,5}",
    r"[0-9]{1,20}",
)


@given(st.one_of(st.text(max_size=60), *(st.from_regex(shape, fullmatch=True) for shape in ALMOST_DATES)))
@settings(max_examples=500, deadline=None)
def test_no_text_breaks_the_reading_of_moments(raw):
    found = dates.moment(raw, FETCHED)
    if isinstance(found, dates.Moment):
        assert found.at.tzinfo is UTC
        assert found.at.astimezone(dates.HELSINKI).date() == found.on
        assert dates.midnight(found.on) <= found.at < dates.end_of(found.on)


def test_a_day_ends_where_the_next_begins_also_when_the_clock_is_turned():
    assert dates.end_of(date(2026, 3, 29)) - dates.midnight(date(2026, 3, 29)) == utc(2026, 1, 1, 23) - utc(2026, 1, 1)
    assert dates.end_of(date(2026, 10, 25)) == utc(2026, 10, 25, 22)


@pytest.mark.parametrize(("raw", "number"), [("1", 1), (" 12 ", 12), ("3.0", 3), ("2,00", 2), ("1000", 1000)])
def test_a_number_of_openings_is_read(raw, number):
    assert clean.number(raw) == number


@pytest.mark.parametrize("raw", ["", "0", "-1", "1001", "useita", "2-3", "1.5", "1.000", "9" * 50, "½", "²"])
def test_what_is_no_number_of_openings_is_told(raw):
    assert isinstance(clean.number(raw), str)


@pytest.mark.parametrize(
    ("raw", "link"),
    [
        ("https://x.fi/a", "https://x.fi/a"),
        (" http://x.fi/a b#c ", "http://x.fi/a%20b#c"),
        ("HTTPS://x.fi/?a=1&amp;section=2", "https://x.fi/?a=1&section=2"),
        ("https://x.fi/?a=1&section=2", "https://x.fi/?a=1&section=2"),
        ("https://äijä.fi/työ", "https://äijä.fi/työ"),
        ("https://x.fi:8443/", "https://x.fi:8443/"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("mailto:maija@x.fi", ""),
        ("ftp://x.fi", ""),
        ("//x.fi/a", ""),
        ("/a", ""),
        ("x.fi", ""),
        ("https://", ""),
        ("https://user:word@x.fi/", ""),
        ("https://x.fi:0/", ""),
        ("https://x.fi:99999/", ""),
        ("https://x.fi%2e/", ""),
        ("https://[::1", ""),
        ("https://x<y.fi/", ""),
        ('https://x.fi/a"b<c>', "https://x.fi/a%22b%3Cc%3E"),
        ("https://x.fi/?a={b|c}#d", "https://x.fi/?a=%7Bb%7Cc%7D#d"),
        ("https://x.fi/" + "a" * 1_987, "https://x.fi/" + "a" * 1_987),
        ("https://x.fi/" + "a" * 1_988, ""),
        ("https://x.fi/" + '"' * 700, ""),  # encoded, it is longer than an address may be
        ("https://x.fi/" + "a" * 60_000, ""),
    ],
)
def test_a_link_leads_to_the_web_or_nowhere(raw, link):
    assert clean.link(raw) == link


def test_a_word_is_of_the_vocabulary_or_nothing():
    assert clean.word(" Permanent ", Contract) == "permanent"
    assert clean.word("hybrid", Remote) == "partly"
    assert clean.word("true", Remote) == ""
    assert clean.word("false", Remote) == "no"
    assert clean.word("vakituinen", Contract) == ""
    assert clean.word("work_trial", WorkForm) == "work_trial"


def test_a_flag_is_set_by_the_words_of_three_languages():
    assert all(clean.truth(raw) for raw in ("true", "1", "Kyllä", "ja", "YES"))
    assert not any(clean.truth(raw) for raw in ("", "false", "0", "ei", "nej", "no", "maybe"))


SLOW = {
    "tags within tags": "<div>" * 10_000,
    "letters within letters": "<b><i>" * 10_000,
    "colours carried from block to block": "".join(f"<font color={number}><p>" for number in range(2_400)),
    "lists within lists": "<ul><li>" * 20_000,
    "links that nobody closes": '<p><a href="https://example.fi">' * 5_000,
    "one tag of many attributes": f"<p {' '.join(f'a{number}=1' for number in range(60_000))}>",
    "the same behind a quoted bracket": f'<p a=">" {" ".join(f"a{number}=1" for number in range(60_000))}>',
    "blocks closed that were never open": "<div>" * 2_400 + "</p>" * 2_500,
    "a script before all that": "<script>1</script>" + "".join(f"<font color={number}><p>" for number in range(2_400)),
    "escaped tags": "&lt;div&gt;" * 40_000,
    "two million letters": "<p>Hei " + "x" * 2_000_000,
    "two million ampersands": "<p>Hei" + " &amp;" * 400_000,
}


@pytest.mark.parametrize("shape", SLOW.values(), ids=SLOW)
def test_what_a_parser_would_take_minutes_for_is_shown_without_its_mark_up_at_once(shape: str) -> None:
    began = time.process_time()
    found = clean.text(f"Hei {shape}")
    clean.line(shape)
    assert time.process_time() - began < 2  # it takes 0.2; a parser up to 40
    assert "Hei" in found.plain


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("".join(f"<font color={number}><p>" for number in range(2_400)) + "Hei", "its mark-up is too deep"),
        ("<p>Hei</p>" * 6_000, "its mark-up is too deep, too long or too much"),
        ("x" * 600_000, "it has 600000 characters; kept are the first 500000"),
        ("<p>Hei</p>" * 1_000, ""),
        (f"<p>Hei</p><img src='data:image/png;base64,{'A' * 600_000}'>", ""),
    ],
    ids=["too deep", "too much", "too long", "an honest text", "a picture within"],
)
def test_what_is_left_out_of_a_text_is_told_and_its_words_are_kept(raw: str, told: str) -> None:
    found = clean.text(raw)
    assert found.lost.startswith(told)
    assert bool(found.lost) == bool(told)
    assert found.plain.startswith(("Hei", "x"))


def test_scripts_and_styles_are_no_words_of_a_text_without_mark_up() -> None:
    found = clean.text("<style>p { color: red }</style><script>alert(1)</script>" + "<p>Hei</p>" * 6_000 + "<script>x")
    assert found.plain.startswith("Hei\nHei")
    assert found.plain.endswith("Hei")
