"""What a walk yields of each item: new, seen, gone, dropped or owed; nothing twice, nothing lost unsaid."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harvest.known import VOID, Known
from harvest.records import Page, Reason, Request, Whole
from tests.harvest.cards import JSON, SITE, Net, card, lost, page, tagged, walked


def jobs(*items: dict[str, Any], **more: Any) -> str:
    return json.dumps({"jobs": [{"name": "x", **item} for item in items], **more})


def detailed(more: str = "", fields: str = 'text = "text"') -> Any:
    return card(f"""{JSON}
[adapter.details]
url = "{SITE}/job/{{ref}}"
{more}
[adapter.details.adapter]
kind = "json_api"
[adapter.details.adapter.fields]
{fields}
""")


# -- items


def test_an_item_comes_in_the_sources_own_words_with_absolute_links() -> None:
    source = card(JSON + 'apply_url = "apply"', defaults={"municipality": "491", "language": "sv"})
    raw = walked(
        source, {"/jobs": jobs({"id": 7, "name": " Hoitaja ", "url": "job/7", "apply": "https://x.fi/a"})}
    ).raw[0]
    assert (raw.source, raw.ref, raw.page) == ("example", "7", f"{SITE}/jobs")
    assert raw.fields == {
        "ref": "7", "title": "Hoitaja", "url": f"{SITE}/job/7", "apply_url": "https://x.fi/a",
        "default_municipality": "491", "language": "sv",
    }  # fmt: skip


def test_a_default_speaks_only_where_the_source_is_silent() -> None:
    source = card(JSON + 'contract = "c"', defaults={"contract": "permanent"})
    raw = walked(source, {"/jobs": jobs({"id": 1, "c": "on_call"}, {"id": 2})}).raw
    assert [one.fields["contract"] for one in raw] == [["on_call"], "permanent"]


def test_what_has_not_changed_is_seen_and_what_has_is_given_again() -> None:
    known = walked(card(), {"/jobs": jobs({"id": 1}, {"id": 2})}).known()
    result = walked(card(), {"/jobs": jobs({"id": 1}, {"id": 2, "name": "y"}, {"id": 3})}, known)
    assert (result.seen, result.refs) == (["1"], ["2", "3"])


def test_a_field_that_nobody_maps_does_not_change_a_posting() -> None:
    known = walked(card(), {"/jobs": jobs({"id": 1, "hits": 5})}).known()
    assert walked(card(), {"/jobs": jobs({"id": 1, "hits": 6})}, known).seen == ["1"]


def test_fields_that_nobody_reads_are_told_once_unless_the_card_names_them() -> None:
    result = walked(card(), {"/jobs": jobs({"id": 1, "hits": 5, "b": 1}, {"id": 2, "hits": 6})})
    assert [(one.reason, one.detail) for one in result.problems] == [
        (Reason.UNREAD_FIELD, "nobody reads b, hits; map them in [adapter.fields] or name them in adapter.ignore")
    ]
    quiet = card(JSON.replace('items = "jobs"', 'items = "jobs"\nignore = ["hits", "b"]'))
    assert walked(quiet, {"/jobs": jobs({"id": 1, "hits": 5, "b": 1})}).problems == []


def test_an_item_without_a_ref_stays_behind_and_nothing_may_be_called_absent() -> None:
    known = walked(card(), {"/jobs": jobs({"id": 1}, {"id": 2})}).known()
    result = walked(card(), {"/jobs": jobs({"id": 1}, {"id": None})}, known)
    problem = result.problems[0]
    assert (problem.reason, problem.about, problem.drops) == (Reason.FIELD_MISSING, f"{SITE}/jobs item 2", True)
    assert "see adapter.fields.ref" in problem.detail
    assert not result.verdict.counts_as_complete


def test_an_item_without_a_title_stays_behind_and_what_was_kept_of_it_stays() -> None:
    known = walked(card(), {"/jobs": jobs({"id": 1}, {"id": 2})}).known()
    result = walked(card(), {"/jobs": jobs({"id": 1, "name": ""}, {"id": 2}, {"id": 3, "name": None})}, known)
    assert [(one.reason, one.about, one.drops) for one in result.problems] == [
        (Reason.FIELD_MISSING, "1", True), (Reason.FIELD_MISSING, "3", True),
    ]  # fmt: skip
    assert (sorted(result.seen), result.raw) == (["1", "2"], [])


def test_a_ref_that_comes_twice_is_kept_once_and_told_if_it_says_something_else() -> None:
    result = walked(card(), {"/jobs": jobs({"id": 1}, {"id": 1}, {"id": 1, "name": "other"})})
    assert (result.refs, result.verdict.found) == (["1"], 1)
    assert [(one.reason, one.about, one.drops) for one in result.problems] == [(Reason.DUPLICATE_REF, "1", True)]


@pytest.mark.parametrize(
    ("gone", "goes"),
    [
        (True, True),
        ("true", True),
        (1, True),
        (False, False),
        ("no", False),
        (None, False),
        ("ei", False),
        ("nej", False),
        (0.0, False),
        ("null", False),
        ("2026-11-21", True),
    ],
)
def test_what_the_source_calls_gone_is_gone(gone: object, goes: bool) -> None:
    result = walked(card(JSON + 'gone = "removed"'), {"/jobs": jobs({"id": 1, "removed": gone})})
    assert ([type(one).__name__ for one in result.all[:-1]] == ["Gone"]) is goes


def test_skipped_items_are_no_postings_at_all() -> None:
    source = card(JSON.replace('items = "jobs"', 'items = "jobs"\nskip = "ad"\ntotal = "n"'))
    result = walked(source, {"/jobs": jobs({"id": 1}, {"id": 1, "ad": True}, n=1)})
    assert (result.refs, result.problems, result.verdict.whole) == (["1"], [], Whole.COMPLETE)


def test_an_expression_of_skip_that_fails_skips_nothing() -> None:
    source = card(JSON.replace('items = "jobs"', 'items = "jobs"\nskip = "starts_with(ad, \'x\')"'))
    assert walked(source, {"/jobs": jobs({"id": 1, "ad": 5}, {"id": 2, "ad": "xy"})}).refs == ["1"]


def test_of_a_mixed_source_only_what_keep_asks_for_is_kept() -> None:
    source = card(JSON + 'text = "t"', keep={"words": ["kesätyö*"]})
    items = {"id": 1, "name": "Kesätyöt", "t": ""}, {"id": 2, "name": "Auraus", "t": "lunta"}
    result = walked(source, {"/jobs": jobs(*items)})
    assert result.refs == ["1"]
    assert [(one.reason, one.drops) for one in result.problems] == [(Reason.OFF_TOPIC, True)]


def test_keep_knows_categories_and_classes() -> None:
    source = card(
        JSON + 'occupation = { from = "c", list = "ptv" }\naudience = "a"',
        keep={"classes": ["P10"], "categories": ["Jobs"]},
    )
    items = {"id": 1, "c": ["p10"]}, {"id": 2, "c": ["P11"]}, {"id": 3, "a": "jobs"}
    assert walked(source, {"/jobs": jobs(*items)}).refs == ["1", "3"]


def test_slips_are_told_with_the_ref_and_the_field() -> None:
    source = card(JSON + 'contract = "c"', lookups={"contract": {"a": "permanent"}})
    result = walked(source, {"/jobs": jobs({"id": 1, "c": "b"})})
    assert [(one.reason, one.about, one.drops) for one in result.problems] == [
        (Reason.NOT_IN_LOOKUP, "1 contract", False)
    ]
    assert result.refs == ["1"]


def test_an_exception_of_the_net_is_not_swallowed() -> None:
    def broken(_request: Request) -> Page:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        walked(card(), broken)


# -- 304


def test_a_304_repeats_references_next_link_and_total() -> None:
    text = JSON.replace('items = "jobs"', 'items = "jobs"\ntotal = "n"\npaging = { kind = "next", next = "next" }')
    net = Net({"/jobs": tagged(jobs({"id": 1}, n=2, next="/more")), "/more": jobs({"id": 2}, n=2)})
    first = walked(card(text), net)
    net.pages["/more"] = jobs({"id": 2, "name": "new"}, n=2)
    again = walked(card(text), net, first.known())
    assert (again.seen, again.refs, again.verdict.whole) == (["1"], ["2"], Whole.COMPLETE)
    assert (again.verdict.found, again.verdict.not_modified) == (2, 1)


def test_validators_are_sent_only_for_what_a_304_could_repeat_truly() -> None:
    """Not while an item owes its detail page, has no title or ref, or is on another page as well."""
    for body in (jobs({"id": 1}, {"id": 1}), jobs({"id": 1, "name": ""}), jobs({"name": "x"})):
        assert walked(card(), {"/jobs": tagged(body)}).verdict.pages == ()
    assert walked(detailed(), {"/jobs": tagged(jobs({"id": 1}))}).verdict.pages == ()
    assert len(walked(card(), {"/jobs": tagged(jobs({"id": 1}))}).verdict.pages) == 1


def test_a_304_that_nobody_asked_for_is_no_page() -> None:
    result = walked(card(), lambda request: page(request.url, not_modified=True, status=304))
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, Reason.TRUNCATED)


# -- details


def test_the_page_of_an_item_is_asked_for_when_it_is_new_or_changed_and_only_then() -> None:
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}), "/job/1": '{"text": "one"}', "/job/2": '{"text": "two"}'})
    first = walked(detailed(), net)
    assert [one.fields["text"] for one in first.raw] == ["one", "two"]
    net.asked.clear()
    net.pages["/jobs"] = jobs({"id": 1}, {"id": 2, "name": "new"})
    again = walked(detailed(), net, first.known())
    assert (again.seen, again.refs, net.paths) == (["1"], ["2"], ["/jobs", "/job/2"])


def test_a_detail_page_never_changes_the_ref() -> None:
    net = {"/jobs": jobs({"id": 1}), "/job/1": '{"text": "one", "id": 99}'}
    assert walked(detailed(fields='text = "text"\nref = "id"'), net).refs == ["1"]


def test_what_slips_on_a_detail_page_is_told_too() -> None:
    source = detailed(fields='ends = { from = "end", date = "%d.%m.%Y" }')
    result = walked(source, {"/jobs": jobs({"id": 1}), "/job/1": '{"end": "soon"}'})
    assert (Reason.BAD_DATE, "1 ends") in [(one.reason, one.about) for one in result.problems]


def test_beyond_its_budget_details_wait_for_the_next_run_which_goes_on() -> None:
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}), "/job/1": '{"text": "one"}', "/job/2": '{"text": "two"}'})
    first = walked(detailed("budget = 1"), net)
    assert first.refs == ["1", "2"]
    assert [(one.reason, one.about) for one in first.problems] == [(Reason.BUDGET_SPENT, "2")]
    again = walked(detailed("budget = 1"), net, first.known())
    assert (again.seen, again.refs, again.raw[0].fields["text"]) == (["1"], ["2"], "two")


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.RATE_LIMITED])
def test_a_refused_detail_page_ends_the_asking_for_this_run(reason: Reason) -> None:
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}, {"id": 3}), "/job/1": lost(reason), "/job/2": "{}"})
    result = walked(detailed(), net)
    assert net.paths == ["/jobs", "/job/1"]
    assert (result.refs, result.reasons) == (["1", "2", "3"], [reason, Reason.BUDGET_SPENT, Reason.BUDGET_SPENT])


@pytest.mark.parametrize("answer", [lost(Reason.NOT_FOUND), lost(Reason.SERVER_ERROR), "<html>", '{"text": "on'])
def test_one_lost_detail_page_costs_only_itself_and_is_asked_again(answer: Any) -> None:
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}), "/job/1": answer, "/job/2": '{"text": "two"}'})
    result = walked(detailed(), net)
    assert (result.refs, result.verdict.whole, len(result.problems)) == (["1", "2"], Whole.COMPLETE, 1)
    net.pages["/job/1"] = '{"text": "one"}'
    again = walked(detailed(), net, result.known())
    assert (again.refs, again.seen) == (["1"], ["2"])


def test_a_lost_detail_page_does_not_blank_the_text_that_an_earlier_run_kept() -> None:
    net = Net({"/jobs": jobs({"id": 1}), "/job/1": '{"text": "one"}'})
    first = walked(detailed(), net)
    net.pages |= {"/jobs": jobs({"id": 1, "name": "new"}), "/job/1": lost(Reason.NOT_FOUND)}
    again = walked(detailed(), net, first.known())
    assert (again.seen, again.raw, again.reasons) == (["1"], [], [Reason.NOT_FOUND])


def test_under_another_card_a_lost_detail_page_does_not_blank_what_was_kept_either() -> None:
    """Its digest is void then, and not empty as that of one whose page is still owed, of which there is nothing to blank."""
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}), "/job/1": lost(Reason.FORBIDDEN)})
    result = walked(detailed(), net, Known(digests={"1": VOID, "2": b""}))
    assert (result.seen, result.refs, result.raw[0].digest) == (["1"], ["2"], b"")


def test_an_item_whose_title_is_on_a_lost_page_stays_behind_with_that_reason() -> None:
    text = (
        JSON.replace('title = "name"', "")
        + f"""
[adapter.details]
url = "{SITE}/job/{{ref}}"
adapter = {{ kind = "json_api", fields = {{ title = "title" }} }}
"""
    )
    result = walked(card(text), {"/jobs": '{"jobs": [{"id": 1}]}'})
    assert (result.raw, [(one.reason, one.drops) for one in result.problems]) == ([], [(Reason.NOT_FOUND, True)])
    kept = walked(card(text), {"/jobs": '{"jobs": [{"id": 1}]}'}, Known(digests={"1": b""}))
    assert kept.seen == ["1"]


def test_an_item_without_the_address_of_its_page_is_told_and_the_list_is_not_asked_for_instead() -> None:
    source = card(JSON + '[adapter.details]\nurl = "url"\nadapter = { kind = "json_api", fields = { text = "t" } }')
    net = Net({"/jobs": jobs({"id": 1})})
    result = walked(source, net)
    assert (net.paths, result.refs, result.reasons) == (["/jobs"], ["1"], [Reason.FIELD_MISSING])


CHANNELS = f"""{JSON}
[adapter.details]
each = "channels[].id"
url = "{SITE}/channel/{{each}}"
into = "channels"
adapter = {{ kind = "json_api", fields = {{ kind = "type", phone = "phone" }} }}
"""


def test_each_value_of_an_item_may_have_a_page_and_they_are_collected() -> None:
    net = Net({"/jobs": jobs({"id": 1, "channels": [{"id": "a"}, {"id": "b"}]}), "/channel/a": '{"type": "Web"}',
               "/channel/b": '{"type": "Phone", "phone": "1"}'})  # fmt: skip
    result = walked(card(CHANNELS), net)
    assert result.fields["channels"] == [{"kind": "Web"}, {"kind": "Phone", "phone": "1"}]
    assert result.problems == []


@pytest.mark.parametrize("channels", [None, [], [{"name": "x"}]])
def test_an_item_without_values_asks_for_no_page(channels: object) -> None:
    net = Net({"/jobs": jobs({"id": 1, "channels": channels})})
    result = walked(card(CHANNELS), net)
    assert (net.paths, result.problems, result.refs) == (["/jobs"], [], ["1"])


def test_one_lost_channel_keeps_the_others_and_is_asked_again() -> None:
    net = Net({"/jobs": jobs({"id": 1, "channels": [{"id": "a"}, {"id": "b"}]}), "/channel/b": '{"type": "Phone"}'})
    result = walked(card(CHANNELS), net)
    assert result.fields["channels"] == [{"kind": "Phone"}]
    assert (result.reasons, result.raw[0].digest) == ([Reason.NOT_FOUND], b"")


def test_details_are_asked_for_as_their_own_table_says() -> None:
    text = JSON.replace(
        'items = "jobs"', 'items = "jobs"\nrequest = { method = "POST", json = { q = 1 }, headers = { A = "1" } }'
    )
    source = card(f"""{text}
[adapter.details]
url = "{SITE}/job/{{ref}}"
[adapter.details.adapter]
kind = "json_api"
request = {{ params = {{ lang = "fi" }}, headers = {{ B = "2" }} }}
fields = {{ text = "text" }}
""")
    net = Net({"/jobs": jobs({"id": 1}), "/job/1?lang=fi": '{"text": "one"}'})
    assert walked(source, net).fields["text"] == "one"
    assert [(one.method, one.body) for one in net.asked] == [("POST", b'{"q":1}'), ("GET", None)]
    assert dict(net.asked[1].headers) == {"A": "1", "B": "2"}


def test_a_page_of_items_without_a_ref_ends_after_a_thousand() -> None:
    result = walked(card(), {"/jobs": '{"jobs": [' + "0," * 50_000 + "0]}"})
    assert (result.verdict.whole, len(result.problems)) == (Whole.FAILED, 1_001)
    assert result.reasons[-1] == Reason.SHAPE_CHANGED
    assert "1000 of its items have no ref" in result.problems[-1].detail


def test_the_budget_of_details_is_of_what_is_asked_over_the_net() -> None:
    """A replay reads them from the archive: cut short, it would not tell what a change of the card does."""
    net = Net({"/jobs": jobs({"id": 1}, {"id": 2}, {"id": 3}), **{f"/job/{n}": '{"text": "x"}' for n in (1, 2, 3)}})
    source = detailed("budget = 1")
    assert [one.reason for one in walked(source, net).problems] == [Reason.BUDGET_SPENT] * 2
    archived = walked(source, lambda request: replace(net(request), requests=0))
    assert (archived.refs, archived.problems) == (["1", "2", "3"], [])


@pytest.mark.parametrize(
    ("promoted", "refs"), [("false", ["1"]), (False, ["1"]), ("ei", ["1"]), ("true", []), (True, [])]
)
def test_what_is_skipped_is_what_says_yes(promoted: object, refs: list[str]) -> None:
    skipping = JSON.replace('items = "jobs"', 'items = "jobs"\nskip = "promoted"')
    assert walked(card(skipping), {"/jobs": jobs({"id": 1, "promoted": promoted})}).refs == refs


def test_one_id_for_many_items_is_no_whole_harvest_and_names_the_field_and_the_first_refs() -> None:
    items = [{"id": number // 4, "name": f"Hoitaja {number}"} for number in range(12)]
    result = walked(card(), {"/jobs": jobs(*items)})
    assert (result.refs, result.verdict.whole) == (["0", "1", "2"], Whole.PARTIAL)
    assert (result.verdict.cause, result.verdict.counts_as_complete) == (Reason.DUPLICATE_REF, False)
    told = result.problems[-1]
    assert (told.reason, told.about, told.drops) == (Reason.DUPLICATE_REF, "example", False)
    assert told.detail.startswith(
        "9 of 12 different items have the ref of another and say something else, so they stay behind"
    )
    assert "0, 1, 2" in told.detail
    assert "adapter.fields.ref = 'id'" in told.detail


def test_the_same_records_on_page_after_page_and_a_few_that_changed_meanwhile_are_a_whole_harvest() -> None:
    items = [{"id": number, "name": f"Hoitaja {number}"} for number in range(40)]
    moved = [{**item, "name": "changed"} if item["id"] < 2 else item for item in items]
    result = walked(card(), {"/jobs": jobs(*items, *moved)})
    assert (result.verdict.whole, result.verdict.found) == (Whole.COMPLETE, 40)


def test_a_million_items_with_one_id_are_not_told_one_by_one() -> None:
    items = [{"id": 1, "name": f"Hoitaja {number}"} for number in range(1_500)]
    result = walked(card(), {"/jobs": jobs(*items)})
    assert len(result.problems) == 1_001
    assert "1499 of 1500 different items" in result.problems[-1].detail


def test_a_promoted_item_on_every_page_that_says_a_little_more_is_one_item() -> None:
    items = [{"id": number, "name": f"Hoitaja {number}"} for number in range(40)]
    result = walked(card(), {"/jobs": jobs(*items, *[{"id": 1, "name": "Hoitaja 1, promoted"}] * 10)})
    assert (result.verdict.whole, result.verdict.found) == (Whole.COMPLETE, 40)
