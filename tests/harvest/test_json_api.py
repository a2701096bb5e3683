"""JSON answers of every shape that was met."""

import json

import pytest

from harvest.records import Reason, Whole
from tests.harvest.cards import JSON, SITE, Walked, card, page, walked


def read(body: bytes | str, text: str = JSON, charset: str = "") -> Walked:
    return walked(card(text), lambda request: page(request.url, body, charset=charset))


def test_items_may_be_the_answer_itself_or_lie_deep_in_it() -> None:
    bare = JSON.replace('items = "jobs"', "")
    assert read('[{"id": 1, "name": "x"}]', bare).refs == ["1"]
    assert read('{"id": 1, "name": "x"}', bare).refs == ["1"]
    deep = JSON.replace('"jobs"', '"data.result.items"')
    assert read('{"data": {"result": {"items": [{"id": 1, "name": "x"}]}}}', deep).refs == ["1"]
    filtered = JSON.replace('"jobs"', '"groups[?open].jobs[]"')
    assert read(
        '{"groups": [{"open": true, "jobs": [{"id": 1, "name": "x"}]}, {"jobs": [{"id": 2}]}]}', filtered
    ).refs == ["1"]


def test_null_for_a_list_is_a_true_zero_only_where_the_total_says_so() -> None:
    text = JSON.replace('items = "jobs"', 'items = "jobs"\ntotal = "n"')
    assert read('{"jobs": null, "n": 0}', text).verdict.cause == "true zero"
    assert read('{"jobs": null, "n": 5}', text).verdict.cause == Reason.SHAPE_CHANGED


@pytest.mark.parametrize(
    "answer", ['{"jobs": {"1": {}}}', '{"jobs": "none"}', '{"error": "x"}', "null", "5", '"x"', "true"]
)
def test_an_answer_of_another_shape_is_no_empty_list(answer: str) -> None:
    result = read(answer)
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, Reason.SHAPE_CHANGED)
    assert f"{SITE}/jobs: expected JSON of the card's shape: items = 'jobs' gives no list" in result.verdict.detail


def test_an_expression_that_fails_on_the_answer_is_a_changed_shape() -> None:
    text = JSON.replace('"jobs"', '"sort_by(jobs, &id)"')
    assert read('{"jobs": [{"id": 2, "name": "x"}, {"id": 1, "name": "y"}]}', text).refs == ["1", "2"]
    assert read('{"jobs": 5}', text).verdict.cause == Reason.SHAPE_CHANGED


@pytest.mark.parametrize("items", ["[null]", '["a"]', "[1, [2]]", "[{}]"])
def test_items_that_are_no_objects_are_problems(items: str) -> None:
    assert set(read(f'{{"jobs": {items}}}').reasons) == {Reason.FIELD_MISSING}


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ('{"jobs": [{"id": 1, "name": "Työ"}]}'.encode(), ""),
        ("\ufeff".encode() + '{"jobs": [{"id": 1, "name": "Työ"}]}'.encode(), ""),
        ('{"jobs": [{"id": 1, "name": "Työ"}]}'.encode("latin-1"), ""),
        ('{"jobs": [{"id": 1, "name": "Työ"}]}'.encode("latin-1"), "iso-8859-1"),
        ('{"jobs": [{"id": 1, "name": "Työ"}]}'.encode(), "iso-8859-1"),
        (b'{"jobs": [{"id": 1, "name": "Ty\\u00f6"}]}', "us-ascii"),
        ('{"jobs": [{"id": 1, "name": "Työ"}]}'.encode("utf-16"), ""),
    ],
)
def test_letters_come_through_whatever_the_label_says(body: bytes, charset: str) -> None:
    assert read(body, charset=charset).fields["title"] == "Työ"


@pytest.mark.parametrize("cut", [1, 5, 20, 30, 40])
def test_an_answer_cut_anywhere_is_called_truncated(cut: int) -> None:
    whole = json.dumps({"jobs": [{"id": 1, "name": "x" * 20}]})
    result = read(whole[:-cut])
    assert (result.raw, result.verdict.cause) == ([], Reason.TRUNCATED)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 50_000, '{"jobs": NaN}', "{'jobs': []}", "jobs=1"])
def test_what_is_not_json_is_told_and_breaks_nothing(body: str) -> None:
    result = read(body)
    assert (result.verdict.whole, result.verdict.cause) == (Whole.FAILED, Reason.NOT_THIS_FORMAT)


def test_numbers_are_kept_as_they_are_written() -> None:
    assert read('{"jobs": [{"id": 12345678901234567890, "name": 1.5}]}').fields == {
        "ref": "12345678901234567890", "title": "1.5",
    }  # fmt: skip


@pytest.mark.parametrize("stated", ["", ', "n": null', ', "n": "many"', ', "n": {"value": 2}'])
@pytest.mark.parametrize("key", ["total", "paging.last"])
def test_a_declared_number_that_the_answer_does_not_state_makes_the_run_partial(key: str, stated: str) -> None:
    """Nobody could tell whether all was read."""
    paging = 'total = "n"' if key == "total" else 'paging = { kind = "page", param = "p", size = 9, last = "n" }'
    source = card(JSON.replace('items = "jobs"', f'items = "jobs"\n{paging}'))
    body = f'{{"jobs": [{{"id": 1, "name": "x"}}]{stated}}}'
    result = walked(source, {"/jobs": body, "/jobs?p=1": body})
    assert (result.refs, result.verdict.whole, result.verdict.cause) == (["1"], Whole.PARTIAL, Reason.SHAPE_CHANGED)
    assert f"{key} = 'n' finds no single number" in result.verdict.detail
