"""A source asked for part by part: united, resumed, and never taken for whole when a part is missing or capped."""

import json
from typing import Any

import pytest

from harvest.known import Known, PageMemo
from harvest.records import Reason, Whole
from tests.harvest.cards import SITE, Net, card, lost, walked

SHARDED = """
[adapter]
kind = "json_api"
items = "jobs"
total = "total"
[adapter.paging]
kind = "shards"
param = "area"
shards = ["01", "02", "03"]
cap = 4
[adapter.fields]
ref = "id"
title = "name"
changed = "changed"
"""
SOURCE = card(SHARDED)
PAGED = f'kind = "offset"\nparam = "from"\nshards = {{ url = "{SITE}/areas", items = "areas", param = "area" }}'


def part(*numbers: int, total: int | None = None, changed: str = "") -> str:
    jobs = [{"id": str(n), "name": f"Työ {n}", "changed": changed} for n in numbers]
    return json.dumps({"jobs": jobs, "total": len(jobs) if total is None else total})


def net(**parts: Any) -> Net:
    return Net({f"/jobs?area={name[1:]}": body for name, body in parts.items()})


def test_what_stands_in_several_shards_is_one_posting_and_each_total_is_its_own() -> None:
    result = walked(SOURCE, net(_01=part(1, 2), _02=part(2, 3), _03=part(3, 1)))
    assert (result.refs, result.problems, result.verdict.whole) == (["1", "2", "3"], [], Whole.COMPLETE)
    assert result.verdict.shards == (), "a whole run leaves nothing to go on with"


def test_a_double_within_one_shard_still_makes_its_total_disagree() -> None:
    result = walked(SOURCE, net(_01=part(1, 1), _02=part(2), _03=part(3)))
    assert result.reasons == [Reason.TOTAL_DISAGREES]


def test_a_shard_that_is_down_makes_the_run_partial_and_the_others_are_noted() -> None:
    result = walked(SOURCE, net(_01=part(1, 2), _02=lost(Reason.SERVER_ERROR), _03=part(3)))
    assert (result.verdict.whole, result.verdict.watermark) == (Whole.PARTIAL, "")
    assert [(one.key, one.refs, one.items) for one in result.verdict.shards] == [
        (f"{SITE}/jobs 01", ("1", "2"), 2),
        (f"{SITE}/jobs 03", ("3",), 1),
    ]


def after(result: Any) -> Known:
    return Known(digests=result.known().digests, shards={memo.key: memo for memo in result.verdict.shards})


def test_the_next_run_asks_for_the_missing_shards_only_and_is_whole_with_what_was_read_before() -> None:
    first = walked(SOURCE, net(_01=part(1, 2), _02=lost(Reason.TIMEOUT), _03=part(3)))
    again = net(_01=part(), _02=part(2, 4), _03=part())
    second = walked(SOURCE, again, after(first))
    assert again.paths == ["/jobs?area=02"]
    assert (second.seen, second.refs) == (["1", "2", "3"], ["4"])
    assert (second.verdict.whole, second.verdict.found, second.verdict.shards) == (Whole.COMPLETE, 4, ())


def test_a_second_run_that_misses_one_again_still_carries_what_the_first_read() -> None:
    first = walked(SOURCE, net(_01=part(1), _02=lost(Reason.TIMEOUT), _03=lost(Reason.TIMEOUT)))
    second = walked(SOURCE, net(_02=part(2), _03=lost(Reason.TIMEOUT)), after(first))
    assert [one.key[-2:] for one in second.verdict.shards] == ["01", "02"]
    assert second.verdict.whole is Whole.PARTIAL


@pytest.mark.parametrize("body", [part(1, 2, 3, 4), part(1, 2, 3, 4, total=9), part(1, 2, 3, total=4)])
def test_a_shard_that_comes_to_its_cap_has_more_than_it_shows(body: str) -> None:
    result = walked(SOURCE, net(_01=body, _02=part(5), _03=part(6)))
    assert result.verdict.whole is Whole.PARTIAL
    told = [one for one in result.problems if one.reason is Reason.TRUNCATED]
    assert [one.about for one in told] == [f"{SITE}/jobs 01"]
    assert "4 is the most it ever shows" in told[0].detail
    assert [one.key[-2:] for one in result.verdict.shards] == ["02", "03"], "a capped one is asked for again"


def test_one_below_its_cap_is_whole() -> None:
    assert walked(SOURCE, net(_01=part(1, 2, 3), _02=part(5), _03=part(6))).verdict.whole is Whole.COMPLETE


def test_a_list_that_is_not_sharded_can_be_capped_too() -> None:
    plain = card(SHARDED.replace('"shards"\nparam = "area"\nshards = ["01", "02", "03"]', '"none"'))
    result = walked(plain, Net({"/jobs": part(1, 2, 3, 4)}))
    assert (result.reasons, result.verdict.shards) == ([Reason.TRUNCATED], ())


def test_shards_that_the_source_lists_and_that_have_pages_are_noted_too() -> None:
    paged = SHARDED.replace('kind = "shards"\nparam = "area"\nshards = ["01", "02", "03"]', PAGED)
    pages = {
        "/areas": '{"areas": ["01", "02"]}',
        "/jobs?area=01&from=0": part(1, total=1),
        "/jobs?area=02&from=0": part(2, total=2),
    }
    first = walked(card(paged), Net({**pages, "/jobs?area=02&from=1": lost(Reason.TIMEOUT)}))
    assert [one.key[-2:] for one in first.verdict.shards] == ["01"]
    again = Net({**pages, "/jobs?area=02&from=1": part(3, total=2)})
    assert walked(card(paged), again, after(first)).verdict.whole is Whole.COMPLETE
    assert again.paths == ["/areas", "/jobs?area=02&from=0", "/jobs?area=02&from=1"]


def test_what_a_finished_shard_had_is_neither_measured_nor_found_twice() -> None:
    source = card(SHARDED + "[expect]\nat_least = 3\nfilled = { changed = 0.9 }\n")
    done = PageMemo(key=f"{SITE}/jobs 01", refs=("1", "2"), items=2, filled={"changed": (2, 2)})
    digests = {"1": b"x" * 16, "2": b"x" * 16}
    result = walked(
        source,
        net(_02=part(3, changed="2026-11-24"), _03=part()),
        Known(digests=digests, shards={done.key: done}),
    )
    assert (result.verdict.whole, result.verdict.found, result.problems) == (Whole.COMPLETE, 3, [])


def test_a_source_that_is_asked_for_what_has_changed_leaves_no_finished_shards() -> None:
    """What changes in a finished one between two runs of a day would be behind the watermark of the second."""
    params = 'total = "total"\nrequest = { params = { since = "{watermark}" } }'
    source = card(SHARDED.replace('total = "total"', params), removal={"mode": "stream"})
    result = walked(source, net(_01=part(1), _02=lost(Reason.TIMEOUT), _03=part(3)))
    assert (result.refs, result.verdict.whole, result.verdict.shards) == (["1", "3"], Whole.PARTIAL, ())


def test_a_shard_of_which_a_detail_page_is_owed_is_asked_for_again() -> None:
    details = f"""
[adapter.details]
url = "{SITE}/job/{{ref}}"
adapter = {{ kind = "json_api", fields = {{ text = "text" }} }}
"""
    pages = {"/jobs?area=01": part(1), "/jobs?area=03": part(3), "/job/1": '{"text": "x"}'}
    result = walked(card(SHARDED + details), pages)
    assert [one.key[-2:] for one in result.verdict.shards] == ["01"]
