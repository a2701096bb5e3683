"""How whole a harvest was, and why."""

import json
from typing import Any

import pytest

from harvest.known import Known
from harvest.records import Problem, Reason, Whole
from tests.harvest.cards import JSON, SITE, Net, Walked, card, lost, tagged, walked

WALL = "<html><head><title>Just a moment...</title></head><body>enable JavaScript</body></html>"


def jobs(count: int, first: int = 0, **more: Any) -> str:
    return json.dumps({"jobs": [{"id": one, "name": "x"} for one in range(first, first + count)], **more})


def judged(result: Walked) -> tuple[Whole, str]:
    return result.verdict.whole, str(result.verdict.cause)


@pytest.mark.parametrize(
    ("answer", "whole", "cause"),
    [
        (jobs(3), Whole.COMPLETE, "read to the end"),
        (jobs(0), Whole.EMPTY, "true zero"),
        (WALL, Whole.FAILED, Reason.CHALLENGE),
        ("<html>Service is moving</html>", Whole.FAILED, Reason.NOT_THIS_FORMAT),
        ('{"results": []}', Whole.FAILED, Reason.SHAPE_CHANGED),
        ('{"jobs": [{"id": 1', Whole.FAILED, Reason.TRUNCATED),
        ("", Whole.FAILED, Reason.TRUNCATED),
        ("[" * 100_000, Whole.FAILED, Reason.NOT_THIS_FORMAT),
        (lost(Reason.DNS), Whole.FAILED, Reason.DNS),
        (lost(Reason.FORBIDDEN), Whole.FAILED, Reason.FORBIDDEN),
        ('{"jobs": [{"name": "x"}]}', Whole.EMPTY, Reason.FIELD_MISSING),
        ('{"jobs": [{"id": 1, "name": "x"}, {"name": "y"}]}', Whole.PARTIAL, Reason.FIELD_MISSING),
    ],
)  # fmt: skip
def test_each_kind_of_nothing_has_its_cause(answer: str | Problem, whole: Whole, cause: str) -> None:
    result = walked(card(), {"/jobs": answer})
    assert judged(result) == (whole, cause)
    assert result.verdict.counts_as_complete == (whole is Whole.COMPLETE or cause == "true zero")


def test_the_cause_is_told_in_a_sentence_that_names_the_address() -> None:
    said = walked(card(), {"/jobs": WALL}).verdict.detail
    assert said.startswith(
        f"{SITE}/jobs: expected JSON: the answer is a page that asks the visitor to prove to be human"
    )


def test_a_harvest_of_the_same_digests_is_unchanged() -> None:
    net = Net({"/jobs": jobs(2)})
    known = walked(card(), net).known()
    assert judged(walked(card(), net, known)) == (Whole.UNCHANGED, "same digests")


def test_a_harvest_from_which_something_vanished_is_complete_and_not_unchanged() -> None:
    known = walked(card(), {"/jobs": jobs(3)}).known()
    assert judged(walked(card(), {"/jobs": jobs(2)}, known)) == (Whole.COMPLETE, "read to the end")


@pytest.mark.parametrize(
    ("stated", "whole"), [(3, Whole.COMPLETE), ("3", Whole.COMPLETE), (4, Whole.PARTIAL), (2, Whole.PARTIAL)]
)
def test_the_stated_total_is_compared(stated: object, whole: Whole) -> None:
    source = card(JSON.replace('items = "jobs"', 'items = "jobs"\ntotal = "n"'))
    result = walked(source, {"/jobs": jobs(3, n=stated)})
    assert result.verdict.whole is whole
    if whole is Whole.PARTIAL:
        assert f"states a total of {stated}, and 3 were read; nothing is closed by this run" in result.verdict.detail


def test_fewer_than_expected_is_partial_and_more_is_only_told() -> None:
    few = walked(card(expect={"at_least": 3}), {"/jobs": jobs(2)})
    assert judged(few) == (Whole.PARTIAL, Reason.FEWER_THAN_EXPECTED)
    assert judged(walked(card(expect={"at_least": 1}), {"/jobs": jobs(0)})) == (Whole.EMPTY, Reason.FEWER_THAN_EXPECTED)
    many = walked(card(expect={"at_most": 1}), {"/jobs": jobs(2)})
    assert (many.verdict.whole, many.reasons) == (Whole.COMPLETE, [Reason.MORE_THAN_EXPECTED])


HALF = json.dumps({"jobs": [{"id": 1, "name": "x", "url": "/1"}, {"id": 2, "name": "y"}]})


def test_a_field_that_is_rarely_filled_makes_it_partial() -> None:
    result = walked(card(expect={"filled": {"url": 0.9}}), {"/jobs": HALF})
    assert judged(result) == (Whole.PARTIAL, Reason.FIELD_RARELY_FILLED)
    assert "url is filled in 1 of 2, filled.url = 0.9 expected" in result.verdict.detail
    assert walked(card(expect={"filled": {"url": 0.5}}), {"/jobs": HALF}).verdict.whole is Whole.COMPLETE


def test_a_304_repeats_how_well_a_field_was_filled() -> None:
    """Otherwise a ruined answer would count as whole as soon as it was asked for again."""
    net = Net({"/jobs": tagged(HALF)})
    source = card(expect={"filled": {"url": 0.9}})
    first = walked(source, net)
    again = walked(source, net, first.known())
    assert again.verdict.not_modified == 1
    assert judged(again) == judged(first) == (Whole.PARTIAL, Reason.FIELD_RARELY_FILLED)


def test_a_field_of_the_detail_page_is_counted_where_the_page_was_read() -> None:
    details = f"""
[adapter.details]
url = "{SITE}/job/{{ref}}"
adapter = {{ kind = "json_api", fields = {{ text = "text" }} }}
"""
    source = card(JSON + details, expect={"filled": {"text": 1}})
    net = Net({"/jobs": jobs(2), "/job/0": '{"text": "x"}', "/job/1": '{"text": "y"}'})
    first = walked(source, net)
    assert first.verdict.whole is Whole.COMPLETE
    assert walked(source, net, first.known()).verdict.whole is Whole.UNCHANGED
    net.pages["/job/1"] = "{}"
    assert judged(walked(source, net)) == (Whole.PARTIAL, Reason.FIELD_RARELY_FILLED)


def test_an_empty_page_before_the_last_is_something_lost() -> None:
    source = card(
        JSON.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p", last = "last" }')
    )
    pages = {f"/jobs?p={number}": jobs(1 if number != 7 else 0, number, last=12) for number in range(1, 13)}
    result = walked(source, pages)
    assert judged(result) == (Whole.PARTIAL, Reason.TRUNCATED)
    assert "page 7 of 12 has nothing on it" in result.verdict.detail


def test_several_causes_are_counted_and_the_first_is_named() -> None:
    source = card(start=f'{SITE}/a", "{SITE}/b", "{SITE}/c')
    result = walked(source, {"/a": jobs(1), "/b": WALL})
    assert judged(result) == (Whole.PARTIAL, Reason.CHALLENGE)
    assert result.verdict.detail.endswith("(and 1 more)")


def test_the_watermark_moves_only_with_a_complete_run() -> None:
    source = card(JSON + 'changed = "at"')
    dated = json.dumps(
        {"jobs": [{"id": 1, "name": "x", "at": "2026-11-02"}, {"id": 2, "name": "y", "at": "2026-11-01"}]}
    )
    assert walked(source, {"/jobs": dated}).verdict.watermark == "2026-11-02"
    partial = card(JSON + 'changed = "at"', expect={"at_least": 3})
    assert walked(partial, {"/jobs": dated}).verdict.watermark == ""


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        (["2026-11-24T08:00:00+02:00", "2026-11-24T07:00:00+00:00"], "2026-11-24T07:00:00+00:00"),
        (["2026-11-24T08:00:00+02:00", "2026-11-24T05:59:59Z"], "2026-11-24T08:00:00+02:00"),
        (["2026-11-24T08:00:00", "2026-11-24T06:30:00Z"], "2026-11-24T06:30:00Z"),
        (["24.10.2026", "3.11.2026"], "3.11.2026"),
        (["Tue, 27 Oct 2026 08:00:00 +0200", "Wed, 04 Nov 2026 08:00:00 +0200"], "Wed, 04 Nov 2026 08:00:00 +0200"),
        (["soon", "2026-11-24"], "2026-11-24"),
        (["2026-11-24", "soon"], "2026-11-24"),
        (["rev-a", "rev-c", "rev-b"], "rev-c"),
        (["0001-01-01T00:00:00+14:00"], "0001-01-01T00:00:00+14:00"),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_the_watermark_is_the_greatest_moment_in_the_sources_own_words(
    changes: list[str], kept: str, backwards: bool
) -> None:
    """Compared as texts, offsets and days without a leading zero would move it back or too far."""
    ordered = changes[::-1] if backwards else changes
    items = [{"id": number, "name": "x", "at": one} for number, one in enumerate(ordered)]
    assert walked(card(JSON + 'changed = "at"'), {"/jobs": json.dumps({"jobs": items})}).verdict.watermark == kept


def test_the_watermark_of_an_earlier_run_is_compared_as_a_moment_too() -> None:
    body = json.dumps({"jobs": [{"id": 1, "name": "x", "at": "2026-11-24T11:30:00Z"}]})
    known = Known(watermark="2026-11-24T13:00:00+02:00")
    assert walked(card(JSON + 'changed = "at"'), {"/jobs": body}, known).verdict.watermark == "2026-11-24T11:30:00Z"


def test_the_watermark_stays_while_a_detail_page_is_owed() -> None:
    """A stream lists what has changed once: asked from a later moment on, it would never give the owed ones again."""
    details = f"""
changed = "at"
[adapter.details]
url = "{SITE}/job/{{ref}}"
budget = 1
adapter = {{ kind = "json_api", fields = {{ title = "title" }} }}
"""
    source = card(JSON.replace('title = "name"\n', "") + details, removal={"mode": "stream"})
    days = ("2026-11-01", "2026-11-02", "2026-11-03")
    pages = {f"/job/{number}": '{"title": "Kokki"}' for number in range(3)}
    pages["/jobs"] = json.dumps({"jobs": [{"id": number, "at": day} for number, day in enumerate(days)]})
    first = walked(source, pages)
    assert (first.refs, first.verdict.whole, first.verdict.watermark) == (["0"], Whole.COMPLETE, "")
    second = walked(source, pages, Known(digests=first.known().digests, watermark="2026-10-01"))
    assert (second.refs, second.verdict.watermark) == (["1"], "2026-10-01")
    third = walked(source, pages, Known(digests={**first.known().digests, **second.known().digests}))
    assert (third.refs, third.verdict.watermark) == (["2"], "2026-11-03")


@pytest.mark.parametrize("ahead", ["2026-11-24T12:00:01Z", "2026-11-25", "2126-01-01T00:00:00Z"])
def test_a_change_that_is_still_to_come_does_not_move_the_watermark(ahead: str) -> None:
    items = [{"id": 1, "name": "x", "at": "2026-11-24T12:00:00Z"}, {"id": 2, "name": "y", "at": ahead}]
    result = walked(card(JSON + 'changed = "at"'), {"/jobs": json.dumps({"jobs": items})})
    assert (result.refs, result.verdict.watermark) == (["1", "2"], "2026-11-24T12:00:00Z")
