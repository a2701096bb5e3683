"""How pages follow each other: which addresses are asked, in which order, and where a series ends."""

import json
from typing import Any

import pytest

from harvest.known import Known
from harvest.paging import with_params
from harvest.records import Page, Reason, Request, Whole
from harvest.source import Source
from tests.harvest.cards import JSON, SITE, Net, card, lost, page, tagged, walked


def jobs(*ids: int, **more: Any) -> str:
    return json.dumps({"jobs": [{"id": one, "name": f"Job {one}"} for one in ids], **more})


def paged(paging: str, start: str = "/jobs", more: str = "", **tables: Any) -> Source:
    text = JSON.replace('items = "jobs"', f'items = "jobs"\n{more}paging = {paging}')
    return card(text, f"{SITE}{start}", **tables)


def test_a_source_without_paging_is_one_page() -> None:
    net = Net({"/jobs": jobs(1, 2)})
    assert walked(card(), net).refs == ["1", "2"]
    assert net.paths == ["/jobs"]


def test_next_follows_the_address_that_a_page_gives() -> None:
    net = Net({"/jobs": jobs(1, next="/jobs/2"), "/jobs/2": jobs(2, next="3"), "/jobs/3": jobs(3, next=None)})
    assert walked(paged('{ kind = "next", next = "next" }'), net).refs == ["1", "2", "3"]


def test_pages_are_counted_to_the_last_that_the_source_states() -> None:
    pages = {f"/jobs?page={number}": jobs(number, last=3) for number in (0, 1, 2, 3)}
    net = Net(pages)
    assert walked(paged('{ kind = "page", param = "page", last = "last" }'), net).refs == ["1", "2", "3"]
    from_zero = Net(pages)
    walked(paged('{ kind = "page", param = "page", last = "last", start = 0 }'), from_zero)
    assert from_zero.paths == ["/jobs?page=0", "/jobs?page=1", "/jobs?page=2"]


def test_pages_are_counted_to_the_stated_total_and_no_further() -> None:
    net = Net({"/jobs?p=1": jobs(1, 2, n=3), "/jobs?p=2": jobs(3, n=3)})
    result = walked(paged('{ kind = "page", param = "p" }', more='total = "n"\n'), net)
    assert (result.refs, result.verdict.whole) == (["1", "2", "3"], Whole.COMPLETE)
    assert net.paths == ["/jobs?p=1", "/jobs?p=2"]


def test_without_a_total_pages_are_counted_to_one_that_is_not_full_or_empty() -> None:
    net = Net({"/jobs?size=2&p=1": jobs(1, 2), "/jobs?size=2&p=2": jobs(3)})
    assert walked(paged('{ kind = "page", param = "p", size_param = "size", size = 2 }'), net).refs == ["1", "2", "3"]
    net = Net({"/jobs?p=1": jobs(1, 2), "/jobs?p=2": jobs(3), "/jobs?p=3": jobs()})
    assert walked(paged('{ kind = "page", param = "p" }'), net).verdict.whole is Whole.COMPLETE


def test_a_short_page_does_not_end_a_series_whose_total_is_higher() -> None:
    """The server caps what it gives at two, whatever the card asks for."""
    net = Net({"/jobs?size=500&p=1": jobs(1, 2, n=3), "/jobs?size=500&p=2": jobs(3, n=3)})
    source = paged('{ kind = "page", param = "p", size_param = "size", size = 500 }', more='total = "n"\n')
    assert walked(source, net).refs == ["1", "2", "3"]


def test_the_number_of_a_page_may_stand_in_the_path() -> None:
    net = Net({"/jobs/1/all": jobs(1), "/jobs/2/all": jobs(2), "/jobs/3/all": jobs()})
    assert walked(paged('{ kind = "page" }', "/jobs/{page}/all"), net).refs == ["1", "2"]


def test_parameters_stay_on_every_page_of_a_series_numbered_in_the_path() -> None:
    net = Net({f"/jobs/{number}?lang=fi&size=1": jobs(*([number] if number < 3 else [])) for number in (1, 2, 3)})
    source = paged(
        '{ kind = "page", size_param = "size", size = 1 }',
        "/jobs/{page}",
        more='request = { params = { lang = "fi" } }\n',
    )
    assert walked(source, net).refs == ["1", "2"]
    assert net.paths == ["/jobs/1?lang=fi&size=1", "/jobs/2?lang=fi&size=1", "/jobs/3?lang=fi&size=1"]


def test_the_number_of_a_page_may_stand_in_what_is_posted_and_is_a_number_there() -> None:
    asked: list[dict[str, Any]] = []

    def get(request: Request) -> Page:
        asked.append(json.loads(request.body or b""))
        return page(request.url, jobs(asked[-1]["page"], n=2))

    request = 'request = { method = "POST", json = { page = "{page}", lang = "fi" } }\ntotal = "n"\n'
    assert walked(paged('{ kind = "page" }', more=request), get).refs == ["1", "2"]
    assert asked == [{"page": 1, "lang": "fi"}, {"page": 2, "lang": "fi"}]


def test_offsets_count_items() -> None:
    net = Net({"/jobs?rows=2&from=0": jobs(1, 2, n=3), "/jobs?rows=2&from=2": jobs(3, n=3)})
    source = paged('{ kind = "offset", param = "from", size_param = "rows", size = 2 }', more='total = "n"\n')
    assert walked(source, net).refs == ["1", "2", "3"]
    assert net.paths == ["/jobs?rows=2&from=0", "/jobs?rows=2&from=2"]


def test_what_is_skipped_neither_ends_a_series_nor_moves_its_offset() -> None:
    """A promoted item stands on each page again, on top of the size; the items behind it are not lost."""

    def promoted(*ids: int) -> str:
        return json.dumps({"jobs": [{"id": 9, "ad": True}, *({"id": one, "name": "x"} for one in ids)]})

    net = Net(
        {"/jobs?rows=2&from=0": promoted(1, 2), "/jobs?rows=2&from=2": promoted(3, 4), "/jobs?rows=2&from=4": jobs()}
    )
    source = paged('{ kind = "offset", param = "from", size_param = "rows", size = 2 }', more='skip = "ad"\n')
    assert walked(source, net).refs == ["1", "2", "3", "4"]
    within = Net({"/jobs?rows=2&p=1": promoted(1), "/jobs?rows=2&p=2": promoted(2), "/jobs?rows=2&p=3": jobs()})
    source = paged('{ kind = "page", param = "p", size_param = "rows", size = 2 }', more='skip = "ad"\n')
    assert walked(source, within).refs == ["1", "2"]


def test_shards_from_a_list_are_asked_one_by_one() -> None:
    net = Net({"/jobs?area=01": jobs(1), "/jobs?area=02": jobs(2)})
    assert walked(paged('{ kind = "shards", param = "area", shards = ["01", "02"] }'), net).refs == ["1", "2"]


SHARDS = f'{{ kind = "offset", param = "from", shards = {{ url = "{SITE}/areas", items = "areas[].code", param = "area" }} }}'


def test_shards_that_the_source_lists_are_paged_each() -> None:
    net = Net(
        {
            "/areas": '{"areas": [{"code": "01"}, {"code": "02"}]}',
            "/jobs?area=01&from=0": jobs(1, n=2), "/jobs?area=01&from=1": jobs(2, n=2), "/jobs?area=02&from=0": jobs(3, n=1),
        }
    )  # fmt: skip
    result = walked(paged(SHARDS, more='total = "n"\n'), net)
    assert (result.refs, result.verdict.whole) == (["1", "2", "3"], Whole.COMPLETE)


@pytest.mark.parametrize(
    ("areas", "reason"),
    [
        ('{"areas": []}', Reason.SHAPE_CHANGED),
        ('{"regions": ["01"]}', Reason.SHAPE_CHANGED),
        ('{"areas": [{"co', Reason.TRUNCATED),
        ("<html>", Reason.NOT_THIS_FORMAT),
        (None, Reason.NOT_FOUND),
    ],
)
def test_without_its_list_of_shards_a_harvest_has_failed(areas: str | None, reason: Reason) -> None:
    net = Net({"/areas": areas} if areas else {})
    result = walked(paged(SHARDS), net)
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, reason)
    assert net.paths == ["/areas"]


def test_one_lost_shard_leaves_the_others_and_makes_the_harvest_partial() -> None:
    net = Net({"/jobs?area=02": jobs(2)})
    result = walked(paged('{ kind = "shards", param = "area", shards = ["01", "02"] }'), net)
    assert (result.refs, result.verdict.whole, result.verdict.cause) == (["2"], Whole.PARTIAL, Reason.NOT_FOUND)


def test_several_starts_are_several_series() -> None:
    net = Net({"/a?p=1": jobs(1, last=1), "/b?p=1": jobs(2, last=1)})
    source = paged('{ kind = "page", param = "p", last = "last" }', f'/a", "{SITE}/b')
    assert walked(source, net).refs == ["1", "2"]


LAST = '{ kind = "page", param = "p", last = "last" }'
SIZED = '{ kind = "offset", param = "from", size_param = "n", size = 2 }'


def test_the_pages_behind_a_lost_one_are_read_and_the_lost_one_is_named() -> None:
    net = Net({f"/jobs?p={number}": jobs(number, last=4) for number in (1, 3, 4)})
    result = walked(paged(LAST), net)
    assert (result.refs, net.paths[-1]) == (["1", "3", "4"], "/jobs?p=4")
    assert (result.verdict.whole, result.verdict.cause) == (Whole.PARTIAL, Reason.NOT_FOUND)
    assert result.reasons == [Reason.NOT_FOUND]
    assert "page 2 is lost: " in result.verdict.detail


@pytest.mark.parametrize(
    "broken", [lost(Reason.TIMEOUT), lost(Reason.SERVER_ERROR), '{"jobs": [{"id": 3', "<html>", "{}"]
)
def test_behind_a_lost_page_offsets_go_on_by_the_size_of_a_page(broken: Any) -> None:
    net = Net({"/jobs?n=2&from=0": jobs(1, 2, n=5), "/jobs?n=2&from=2": broken, "/jobs?n=2&from=4": jobs(5, n=5)})
    result = walked(paged(SIZED, more='total = "n"\n'), net)
    assert (result.refs, result.verdict.whole) == (["1", "2", "5"], Whole.PARTIAL)
    assert net.paths == ["/jobs?n=2&from=0", "/jobs?n=2&from=2", "/jobs?n=2&from=4"]


def test_a_first_page_that_is_lost_does_not_hide_the_second() -> None:
    net = Net({"/jobs?p=2": jobs(2, last=2)})
    assert walked(paged(LAST), net).refs == ["2"]
    assert net.paths == ["/jobs?p=1", "/jobs?p=2"]
    sized = Net({"/jobs?n=2&from=2": jobs(3)})
    assert walked(paged(SIZED), sized).refs == ["3"]


def test_after_three_lost_pages_in_a_row_a_series_ends() -> None:
    pages = {f"/jobs?p={number}": jobs(number, last=20) for number in (1, 4, 8, 9)}
    net = Net(pages)
    assert walked(paged(LAST), net).refs == ["1", "4"]
    assert net.paths == [f"/jobs?p={number}" for number in range(1, 8)]
    net = Net({})
    assert walked(paged(LAST), net).verdict.whole is Whole.FAILED
    assert len(net.asked) == 3


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS, Reason.DNS])
def test_who_is_refused_does_not_ask_for_the_next_page(reason: Reason) -> None:
    net = Net({"/jobs?p=1": jobs(1, last=9), "/jobs?p=2": lost(reason)})
    assert walked(paged(LAST), net).refs == ["1"]
    assert net.paths == ["/jobs?p=1", "/jobs?p=2"]


def test_a_lost_last_page_ends_its_series() -> None:
    net = Net({"/jobs?p=1": jobs(1, last=2)})
    walked(paged(LAST), net)
    assert net.paths == ["/jobs?p=1", "/jobs?p=2"]
    total = Net({"/jobs?n=2&from=0": jobs(1, 2, n=3)})
    walked(paged(SIZED, more='total = "n"\n'), total)
    assert total.paths == ["/jobs?n=2&from=0", "/jobs?n=2&from=2"]


def test_a_page_that_names_the_next_cannot_be_passed_over_when_it_is_lost() -> None:
    net = Net({"/jobs": jobs(1, next="/2")})
    walked(paged('{ kind = "next", next = "next" }'), net)
    assert net.paths == ["/jobs", "/2"]


@pytest.mark.parametrize("next_", ["/jobs", "/jobs?x=1"])
def test_a_loop_ends_and_is_told(next_: str) -> None:
    net = Net({"/jobs": jobs(1, next=next_), "/jobs?x=1": jobs(2, next="/jobs")})
    result = walked(paged('{ kind = "next", next = "next" }'), net)
    assert (result.verdict.whole, result.verdict.cause) == (Whole.PARTIAL, Reason.PAGING_LOOP)
    assert len(net.asked) <= 2


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_a_site_that_does_not_heed_the_number_of_the_page_is_left_after_three(kind: str) -> None:
    asked: list[str] = []

    def same(request: Request) -> Page:
        asked.append(request.url)
        return page(request.url, jobs(1, 2))

    result = walked(paged(f'{{ kind = "{kind}", param = "p", size = 2 }}'), same)
    assert (result.refs, result.verdict.whole, result.verdict.cause) == (["1", "2"], Whole.PARTIAL, Reason.PAGING_LOOP)
    assert len(asked) == 4


def test_a_page_that_comes_twice_does_not_end_its_series() -> None:
    net = Net({"/jobs?p=1": jobs(1, 2), "/jobs?p=2": jobs(1, 2), "/jobs?p=3": jobs(3)})
    result = walked(paged('{ kind = "page", param = "p", size = 2 }'), net)
    assert (result.refs, result.verdict.whole) == (["1", "2", "3"], Whole.COMPLETE)


def test_the_watermark_stands_in_parameter_and_body_of_every_page() -> None:
    net = Net({f"/jobs?w=2026-11-24&from={number}": jobs(*ids) for number, ids in ((0, [1]), (1, []))})
    source = paged(
        '{ kind = "offset", param = "from" }',
        more='request = { method = "POST", params = { w = "{watermark}" }, json = { after = ["{watermark}"], all = [] } }\n',
        removal={"mode": "window"},
    )
    assert walked(source, net, Known(watermark="2026-11-24")).refs == ["1"]
    assert [request.body for request in net.asked] == [b'{"after":["2026-11-24"],"all":[]}'] * 2
    walked(source, again := Net({"/jobs?from=0": jobs()}))
    assert [request.body for request in again.asked] == [b'{"all":[]}'], "a first reading asks for everything"


def test_a_secret_stays_with_the_hosts_that_the_card_names() -> None:
    net = Net({"/jobs": jobs(1, next="https://elsewhere.fi/jobs")})
    walked(
        paged('{ kind = "next", next = "next" }', more='request = { headers = { Key = "env:KEY", A = "b" } }\n'), net
    )
    assert [dict(request.headers) for request in net.asked] == [{"Key": "env:KEY", "A": "b"}, {"A": "b"}]


def test_every_page_of_a_series_repeats_itself_by_304() -> None:
    source = paged('{ kind = "next", next = "next" }', more='total = "n"\n')
    net = Net({"/jobs": tagged(jobs(1, next="/jobs/2", n=2)), "/jobs/2": tagged(jobs(2, n=2))})
    first = walked(source, net)
    again = walked(source, net, first.known())
    assert (again.seen, again.raw) == (["1", "2"], [])
    assert (again.verdict.whole, again.verdict.cause, again.verdict.not_modified) == (
        Whole.UNCHANGED,
        "not modified",
        2,
    )


def test_parameters_keep_their_place() -> None:
    assert with_params("https://x/?a=1&p=1&b=%C3%A4", {"p": "2", "c": "3"}) == "https://x/?a=1&p=2&b=%C3%A4&c=3"
    assert with_params("https://x/a", {}) == "https://x/a"
