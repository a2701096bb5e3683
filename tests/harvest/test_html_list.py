"""Lists of HTML: what an expression finds, where a list ends, and how nothing is told from a page that has changed."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from harvest.records import Reason, Whole
from tests.harvest.cards import SITE, Net, card, page, walked
from tests.harvest.test_job_posting import advert

LIST = """
[adapter]
kind = "html_list"
items = "li.job"
skip = ".promoted"
[adapter.fields]
ref = { from = "a@href", match = "/job/([0-9]+)" }
title = "a"
url = "a@href"
place = ".town"
ends = ".ends@datetime"
"""


def job(ref: int, title: str = "Kokki", more: str = "", marks: str = "") -> str:
    town = '<span class="town">Vaasa</span>'
    return f'<li class="job {marks}"><a href="/job/{ref}">{title}</a>{town}{more}</li>'


def listed(*jobs: str, more: str = "", head: str = "") -> str:
    return (
        f"<!doctype html><html><head>{head}</head><body><h1>Työpaikat</h1><ul>{''.join(jobs)}</ul>{more}</body></html>"
    )


def text(**changes: str) -> str:
    """The card with keys of its adapter added or replaced."""
    return LIST.replace("[adapter.fields]", "".join(f"{k} = {v}\n" for k, v in changes.items()) + "[adapter.fields]")


def one(spec: str, item: str, **more: Any) -> Any:
    """What the field ``summary`` holds when it is had by ``spec``."""
    found = walked(card(LIST + f"summary = {spec}\n"), {"/jobs": listed(item, **more)})
    return found.fields.get("summary")


def test_items_are_read_with_links_as_seen_from_the_page() -> None:
    found = walked(
        card(LIST), {"/jobs": listed(job(1), job(2, more='<time class="ends" datetime="2026-12-01">1.12.</time>'))}
    )
    assert found.verdict.whole is Whole.COMPLETE
    assert found.refs == ["1", "2"]
    assert found.raw[1].fields == {
        "ref": "2", "title": "Kokki", "url": f"{SITE}/job/2", "place": ["Vaasa"], "ends": "2026-12-01"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "inner", "expected"),
    [
        ('"p"', "<p>Ko<b>kki</b>  &amp;\n leipuri</p>", "Kokki & leipuri"),
        ('"p::text"', "<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        ('"div"', "<div><p>a</p><script>x()</script><style>y</style><ul><li>b</li></ul></div>", "a\nb"),
        ('"p::html"', "<p>a <b>b</b></p>", "a <b>b</b>"),
        ('"@data-id"', "", "7"),
        ('"@data-new"', "", "true"),
        ('"i@data-x"', "<i>without</i>", None),
        ('"img@src"', '<img src="logo.png">', f"{SITE}/logo.png"),
        ('"i[data-x=\\"a@b\\"]"', '<i data-x="a@b">c</i>', "c"),
        ('"dt:lexbor-contains(\\"Hakuaika\\") + dd"', "<dl><dt>Ala<dd>x<dt>Hakuaika<dd>1.12.2026</dl>", "1.12.2026"),
        ('["b", "i"]', "<i>second</i>", "second"),
        ('{ template = "{b} – {i}" }', "<b>a</b><i>c</i>", "a – c"),
    ],
)
def test_an_expression_is_a_selector_and_what_of_the_element_is_meant(spec: str, inner: str, expected: str) -> None:
    item = job(1, more=inner).replace("<li ", '<li data-id="7" data-new ')
    assert one(spec, item) == expected


def test_a_base_address_on_the_page_is_the_one_that_links_are_seen_from() -> None:
    found = walked(card(LIST), {"/jobs": listed(job(1), head='<base href="https://other.example.fi/fi/">')})
    assert found.fields["url"] == "https://other.example.fi/job/1"


def test_promoted_cards_are_skipped_by_themselves_or_by_what_they_hold() -> None:
    inner = job(3, more='<i class="promoted"></i>')
    found = walked(card(LIST), {"/jobs": listed(job(1), job(2, marks="promoted"), inner)})
    assert (found.refs, found.verdict.whole) == (["1"], Whole.COMPLETE)


@pytest.mark.parametrize(
    ("key", "shown"),
    [('total = ".n"', "<p class=n>0 avoinna</p>"), ('empty = ".none"', "<p class=none>Ei avoimia työpaikkoja</p>")],
)
def test_a_stated_total_of_0_or_the_cards_marker_is_a_true_zero(key: str, shown: str) -> None:
    name, _, value = key.partition(" = ")
    found = walked(card(text(**{name: value})), {"/jobs": listed(more=shown)})
    assert (found.verdict.whole, found.verdict.cause, found.problems) == (Whole.EMPTY, "true zero", [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (listed(more="<p>Tervetuloa uusille sivuille</p>"), Reason.SHAPE_CHANGED),
        (listed(more="<p class=n>12 avoinna</p>"), Reason.SHAPE_CHANGED),
        (listed(head="<title>Just a moment...</title>"), Reason.CHALLENGE),
        (listed(job(1))[:-20], Reason.TRUNCATED),
        (listed(more="<p class=none>Ei avoimia</p>")[:-9], Reason.TRUNCATED),
        ("Not found", Reason.NOT_THIS_FORMAT),
        ("", Reason.NOT_THIS_FORMAT),
        ('{"jobs": []}', Reason.NOT_THIS_FORMAT),
    ],
)
def test_a_page_that_is_no_list_is_never_a_true_zero(body: str, reason: Reason) -> None:
    found = walked(card(text(total='".n"', empty='".none"')), {"/jobs": body})
    assert found.reasons[0] is reason
    assert (found.verdict.whole, found.verdict.counts_as_complete) == (Whole.FAILED, False)


@pytest.mark.parametrize(
    ("said", "total"), [("1 356", 1356), ("Löytyi 1\u00a0356 paikkaa", 1356), ("2", 2), ("1.356", 1356)]
)
def test_a_total_is_the_one_number_that_stands_there(said: str, total: int) -> None:
    found = walked(card(text(total='".n"')), {"/jobs": listed(job(1), job(2), more=f"<p class=n>{said}</p>")})
    if total == 2:
        assert found.verdict.whole is Whole.COMPLETE
    else:
        assert found.reasons == [Reason.TOTAL_DISAGREES]
        assert f"a total of {total}, and 2 were read" in found.problems[0].detail


@pytest.mark.parametrize("said", ["1–24 / 1356", "monta", ""])
def test_a_total_that_cannot_be_read_leaves_the_run_partial(said: str) -> None:
    found = walked(card(text(total='".n"')), {"/jobs": listed(job(1), more=f"<p class=n>{said}</p>")})
    assert (found.refs, found.verdict.whole, found.reasons) == (["1"], Whole.PARTIAL, [Reason.SHAPE_CHANGED])
    assert "total = '.n' finds no single number" in found.problems[0].detail


NEXT = LIST + '[adapter.paging]\nkind = "next"\nnext = "{next}"\n'


@pytest.mark.parametrize(
    "end", ["", '<a class="next" href="#">»</a>', '<a class="next" href="javascript:void(0)">»</a>']
)
def test_the_next_page_is_a_link_and_a_dead_one_ends_the_list(end: str) -> None:
    pages = {"/jobs": listed(job(1), more='<a class="next" href="?p=2">»</a>'), "/jobs?p=2": listed(job(2), more=end)}
    found = walked(card(NEXT.replace("{next}", "a.next")), pages)
    assert (found.refs, found.verdict.whole) == (["1", "2"], Whole.COMPLETE)


def test_the_next_page_may_stand_in_another_attribute() -> None:
    pages = {"/jobs": listed(job(1), more='<ip-pagination next="/jobs/sivu2/">'), "/jobs/sivu2/": listed(job(2))}
    assert walked(card(NEXT.replace("{next}", "ip-pagination@next")), pages).refs == ["1", "2"]


def test_pages_by_number_end_at_what_a_page_without_results_shows() -> None:
    paging = '[adapter.paging]\nkind = "page"\nparam = "page"\nstart = 0\n'
    pages = {
        "/jobs?page=0": listed(job(1)),
        "/jobs?page=1": listed(job(2)),
        "/jobs?page=2": listed(more="<p class=none>"),
    }
    found = walked(card(text(empty='".none"') + paging), pages)
    assert (found.refs, found.verdict.whole) == (["1", "2"], Whole.COMPLETE)
    pages["/jobs?page=2"] = listed(more="<p>Something else</p>")
    assert walked(card(text(empty='".none"') + paging), pages).verdict.whole is Whole.PARTIAL


def test_pages_by_offset_end_at_the_stated_total() -> None:
    paging = '[adapter.paging]\nkind = "offset"\nparam = "from"\n'
    count = "<p class=n>2 kpl</p>"
    pages = {"/jobs?from=0": listed(job(1), more=count), "/jobs?from=1": listed(job(2), more=count)}
    net = Net(pages)
    assert walked(card(text(total='".n"') + paging), net).refs == ["1", "2"]
    assert net.paths == list(pages)


DETAILS = LIST + '[adapter.details]\nurl = "url"\n[adapter.details.adapter]\nkind = "{kind}"\n'
OWN_PAGE = (
    DETAILS.replace("{kind}", "html_list") + 'items = "main"\n[adapter.details.adapter.fields]\ntext = ".body::html"\n'
)


def test_an_items_own_page_is_read_by_selectors() -> None:
    detail = '<html><body><main><div class="body"><p>Keität.</p></div></main></body></html>'
    found = walked(card(OWN_PAGE), {"/jobs": listed(job(1)), "/job/1": detail})
    assert found.fields["text"] == "<p>Keität.</p>"
    assert found.fields["title"] == "Kokki"


def test_an_items_own_page_may_hold_a_job_posting() -> None:
    found = walked(card(DETAILS.replace("{kind}", "job_posting")), {"/jobs": listed(job(1)), "/job/1": advert("A-1")})
    assert found.fields["ref"] == "1"
    assert found.fields["text"]


@pytest.mark.parametrize(
    "adapter",
    [OWN_PAGE, OWN_PAGE.replace('items = "main"\n', "")],
    ids=["with items", "the page itself"],
)
def test_an_own_page_that_has_changed_owes_its_text_and_blanks_nothing(adapter: str) -> None:
    pages = {"/jobs": listed(job(1)), "/job/1": "<html><body><p>Kirjaudu sisään</p></body></html>"}
    found = walked(card(adapter), pages)
    assert found.raw[0].digest == b"", "the next run asks again"
    assert Reason.SHAPE_CHANGED in found.reasons


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('items = "li.job"', 'items = "li..job"', r"adapter.items\s+Value error, expected a CSS selector"),
        ('skip = ".promoted"', 'skip = "a["', r"adapter.skip\s+Value error, expected a CSS selector, like"),
        (
            'title = "a"',
            'title = "a["',
            r"fields.title = 'a\[': expected a CSS selector.* after it @attribute, ::text",
        ),
        ('title = "a"', 'title = "a::attr(href)"', r"fields.title = 'a::attr\(href\)': expected a CSS selector"),
        ('title = "a"', 'title = { template = "{a[} {b}" }', r"fields.title = 'a\['"),
        ('items = "li.job"', 'items = "li"\ntotal = "p:nope"', "total = 'p:nope': expected"),
        (
            "[adapter.fields]",
            '[adapter.paging]\nkind = "page"\nparam = "p"\n[adapter.fields]',
            "give total, paging.last or empty",
        ),
    ],
)
def test_a_mistake_in_a_selector_is_told_when_the_card_is_loaded(was: str, becomes: str, said: str) -> None:
    assert was in LIST
    with pytest.raises(ValidationError, match=said):
        card(LIST.replace(was, becomes, 1))


def nested(deep: int) -> str:
    return listed(job(1, more="<div class=deep>" + "<div>" * deep + "alin" + "</div>" * deep + "</div>"))


def test_a_page_that_nests_deeply_is_read() -> None:
    found = walked(card(LIST + 'summary = ".deep"\n'), {"/jobs": page("", nested(900))})
    assert found.fields["summary"] == "alin"


def test_a_page_that_nests_without_end_is_refused() -> None:
    found = walked(card(LIST), {"/jobs": page("", nested(20_000))})
    assert (found.verdict.whole, found.reasons) == (Whole.FAILED, [Reason.TOO_LARGE])
    assert "more than 1000 deep within each other" in found.verdict.detail


def test_a_page_that_is_larger_than_any_list_is_refused_before_it_is_parsed() -> None:
    found = walked(card(LIST), {"/jobs": listed(job(1), more="<b>x" * 1_100_000)})
    assert (found.verdict.whole, found.reasons) == (Whole.FAILED, [Reason.TOO_LARGE])
    assert "larger than 2097152 bytes" in found.verdict.detail


def test_what_stands_within_a_part_that_is_found_is_not_found_again() -> None:
    inner = "<i>yksi <i>kaksi</i></i><i>kolme</i>"
    assert one('"i"', job(1, more=inner)) == "yksi kaksi\n\nkolme"


def test_items_within_each_other_end_where_they_say_far_more_than_the_page() -> None:
    rows = "".join(f'<div class="row" id="{n}"><a href="/job/{n}">Kokki</a>{"teksti " * 200}' for n in range(400))
    own = '[adapter]\nkind = "html_list"\nitems = ".row"\n[adapter.fields]\nref = "@id"\ntitle = "a"\ntext = "::text"\n'
    found = walked(card(own), {"/jobs": f"<html><body>{rows}</body></html>"})
    assert (found.verdict.whole, found.verdict.cause) == (Whole.FAILED, Reason.TOO_LARGE)
    assert "one within the other" in found.verdict.detail


WHOLE = listed(job(1), job(2), more="<p class=n>2 kpl</p>").encode()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE)), st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4))
def test_whatever_is_cut_or_changed_ends_in_a_verdict(end: int, flips: list[tuple[int, int]]) -> None:
    body = bytearray(WHOLE)
    for place, byte in flips:
        body[place] = byte
    found = walked(card(text(total='".n"')), {"/jobs": bytes(body[:end])})
    if not flips and end < len(WHOLE) - 1:  # the last sign closes nothing that matters
        assert not found.verdict.counts_as_complete


@pytest.mark.parametrize(
    "page_of",
    [
        lambda size: "<div>" * (size // 5),
        lambda size: "<ul><li>" * (size // 8),
        lambda size: "".join(f"<font color={number}><p>" for number in range(size // 20)),
        lambda size: f"<p {' '.join(f'a{number}=1' for number in range(size // 10))}>",
        lambda size: "<div>" * 900 + "x<br>" * (size // 5),
        lambda size: "<div>" * 900 + "</p>" * (size // 4),
    ],
    ids=["divs", "lists", "colours", "attributes", "words below a deep hole", "ends of nothing"],
)
@pytest.mark.parametrize("size", [100_000, 2_000_000])
def test_a_page_that_a_parser_would_take_minutes_for_is_refused_at_once(
    page_of: Callable[[int], str], size: int
) -> None:
    began = time.process_time()
    found = walked(card(LIST), {"/jobs": page("", page_of(size))})
    assert time.process_time() - began < 3  # half a second; the parser took 96 for a quarter of the largest
    assert found.reasons == [Reason.TOO_LARGE]
    assert "or have thousands of attributes" in found.verdict.detail
