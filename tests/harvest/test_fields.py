"""The grammar of a field: where a value comes from, and what is done to it on the way."""

from typing import Any

import pytest

from harvest.fields import Field, Mapper, Slip, as_text, by_language
from harvest.json_paths import compile_path
from harvest.moment import moment_of
from harvest.records import Code, Reason


def mapped(specs: dict[str, Any], item: Any, **lookups: dict[str, str]) -> tuple[dict[str, Any], list[Slip]]:
    """``specs`` as a card has them: an object is a rule."""
    read = {name: _read(spec) for name, spec in specs.items()}
    return Mapper(read, compile_path, lookups, ("fi", "sv")).map(item)  # type: ignore[return-value]


def _read(spec: Any) -> Any:
    if isinstance(spec, list):
        return [_read(one) for one in spec]
    return Field.model_validate(spec) if isinstance(spec, dict) else spec


def one(spec: Any, item: Any, name: str = "title") -> Any:
    fields, slips = mapped({name: spec}, item)
    assert not slips
    return fields.get(name)


def test_of_several_expressions_the_first_that_is_not_empty_counts() -> None:
    assert one(["a", "b", "c"], {"a": " ", "b": "B", "c": "C"}) == "B"


def test_a_field_of_many_takes_from_all_its_expressions_each_value_once() -> None:
    assert one(["a", "b"], {"a": ["Kouvola", "Kotka"], "b": "Kouvola"}, "place") == ["Kouvola", "Kotka"]


def test_what_is_empty_is_absent() -> None:
    assert mapped({"title": "a", "place": "b", "url": "c"}, {"a": "", "b": [], "c": None}) == ({}, [])
    assert mapped({"title": "a", "place": "b", "url": "c"}, {"a": {}, "b": {}, "c": {"fi": None}}) == ({}, [])


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"from": "a", "match": "jid=([0-9]+)"}, "https://x/?jid=12&y", "12"),
        ({"from": "a", "match": "jid=([0-9]+)"}, "nothing of it", None),
        ({"from": "a", "match": "(?:(x)|y)"}, "y", None),
        ({"from": ["b", "a"]}, "A", "A"),
        ({"template": "https://x/{a}"}, 12, "https://x/12"),
        ({"template": "{a}, {c}"}, "A", None),
        ({"template": "{a.b} – {a.b}"}, {"b": "B"}, "B – B"),
        ({"const": "Vantaan kaupunki"}, "A", "Vantaan kaupunki"),
        ({"from": "a", "date": "epoch_s"}, 1795521600, "2026-11-24T12:00:00+00:00"),
        ({"from": "a", "date": "epoch_ms"}, "1795521600000", "2026-11-24T12:00:00+00:00"),
        ({"from": "a", "date": "rfc822"}, "Tue, 24 Nov 2026 12:00:00 GMT", "2026-11-24T12:00:00+00:00"),
        ({"from": "a", "date": "%d.%m.%Y"}, "24.11.2026", "2026-11-24"),
        ({"from": "a", "date": "%d.%m.%Y %H:%M"}, "24.11.2026 14:00", "2026-11-24T14:00:00+02:00"),
        ({"from": "a", "date": "%Y-%m-%d %H:%M:%S %Z"}, "2026-11-24 12:00:00 UTC", "2026-11-24T12:00:00+00:00"),
        ({"from": "a", "date": "%Y-%m-%dT%H:%M%z"}, "2026-11-24T14:00+0100", "2026-11-24T14:00:00+01:00"),
    ],
)  # fmt: skip
def test_a_rule_says_what_is_done_to_a_value(rule: dict[str, Any], value: object, expected: str | None) -> None:
    assert one(rule, {"a": value}, "reference") == expected


def test_split_gives_the_parts_of_a_text() -> None:
    assert one({"from": "a", "split": ","}, {"a": "Kouvola, Kotka,, Hamina"}, "place") == ["Kouvola", "Kotka", "Hamina"]


def test_a_code_carries_its_list() -> None:
    assert one({"from": "a", "list": "kunta"}, {"a": ["491", "286"]}, "municipality") == [
        Code("kunta", "491"),
        Code("kunta", "286"),
    ]


@pytest.mark.parametrize("several", [True, False])
def test_a_rule_alone_in_a_list_is_that_rule(several: bool) -> None:
    rule = {"from": "a", "list": "kunta"}
    assert one([rule] if several else rule, {"a": "491"}, "municipality") == [Code("kunta", "491")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Hoitaja ", "Hoitaja"),
        ({"fi": "Hoitaja", "sv": "Vårdare", "en": ""}, {"fi": "Hoitaja", "sv": "Vårdare"}),
        ([{"language": "fi", "value": "Hoitaja"}, {"language": "fi", "value": "toinen"}], {"fi": "Hoitaja"}),
        ([{"language": "fi-FI", "value": "Hoitaja"}, {"language": "sv", "value": None}], {"fi": "Hoitaja"}),
        (["Yksi", "Kaksi"], "Yksi\n\nKaksi"),
        ([], None),
        ({}, None),
        (12, "12"),
        (True, "true"),
    ],
)
def test_a_text_may_be_a_string_an_object_by_language_or_a_list(raw: object, expected: object) -> None:
    assert one("a", {"a": raw}) == expected


def test_rules_work_on_each_language_of_a_text() -> None:
    assert one({"from": "a", "match": "^(\\w+)"}, {"a": {"fi": "Yksi a", "sv": "Ett b"}}) == {"fi": "Yksi", "sv": "Ett"}


def test_a_plain_field_takes_the_first_language_that_the_card_names() -> None:
    assert one("a", {"a": {"sv": "https://sv", "fi": "https://fi"}}, "url") == "https://fi"
    assert one("a", {"a": {"en": "https://en"}}, "url") == "https://en"


def test_places_in_several_languages_are_several_places() -> None:
    assert one("a", {"a": {"fi": "Vaasa", "sv": "Vasa"}}, "place") == ["Vaasa", "Vasa"]


def test_a_lookup_gives_our_word_and_an_empty_one_drops_the_value_quietly() -> None:
    table = {"Keikka": "on_call", "Työpaikka": ""}
    assert mapped({"contract": "a"}, {"a": "Keikka"}, contract=table) == ({"contract": ["on_call"]}, [])
    assert mapped({"contract": "a"}, {"a": "Työpaikka"}, contract=table) == ({}, [])


def test_a_value_that_no_lookup_lists_is_a_problem_and_never_a_guess() -> None:
    fields, slips = mapped({"contract": "a"}, {"a": ["Keikka", "Outo"]}, contract={"Keikka": "on_call"})
    assert fields == {"contract": ["on_call"]}
    assert [(slip.field, slip.reason) for slip in slips] == [("contract", Reason.NOT_IN_LOOKUP)]
    assert slips[0].detail == "'Outo' is not in [lookups.contract]; add it there, with our word or with ''"


def test_a_lookup_keeps_the_list_of_a_code() -> None:
    rule = {"municipality": {"from": "a", "list": "kunta"}}
    assert mapped(rule, {"a": "0491"}, municipality={"0491": "491"})[0] == {"municipality": [Code("kunta", "491")]}


def test_a_date_of_another_form_is_a_problem() -> None:
    fields, slips = mapped({"ends": {"from": "a", "date": "%d.%m.%Y"}}, {"a": "31.2.2026"})
    assert (fields, [slip.reason for slip in slips]) == ({}, [Reason.BAD_DATE])
    assert "'31.2.2026' is not a date of the form '%d.%m.%Y'" in slips[0].detail


def test_an_expression_that_fails_on_an_item_is_a_problem_of_its_field_alone() -> None:
    fields, slips = mapped({"title": "t", "place": "join('-', p)"}, {"t": "T", "p": 5})
    assert fields == {"title": "T"}
    assert [(slip.field, slip.reason) for slip in slips] == [("place", Reason.SHAPE_CHANGED)]


@pytest.mark.parametrize("item", [None, "text", 5, ["a"], True])
def test_an_item_that_is_no_object_has_no_fields(item: object) -> None:
    assert mapped({"title": "a", "url": "a.b", "place": "a[].b"}, item)[0] == {}


def test_the_names_that_are_read_are_known() -> None:
    specs = {"title": "a.b", "place": ["c[?d=='x'].e", "f"], "url": _read({"template": "{g}/{h.i}"})}
    assert Mapper(specs, compile_path, {}, ("fi",)).reads >= {"a", "c", "f", "g", "h"}


@pytest.mark.parametrize("text", ["nan", "inf", "1e300", "-1e300", "", "x"])
def test_nonsense_is_no_moment(text: str) -> None:
    assert moment_of(text, "epoch_ms") == ""
    assert moment_of(text, "rfc822") == ""


def test_scalars_become_text_and_nothing_else_does() -> None:
    assert [as_text(raw) for raw in (" a ", 1, 1.5, False, ["b"], ["b", "c"], {"a": 1}, None)] == [
        "a", "1", "1.5", "false", "b", "", "", "",
    ]  # fmt: skip
    assert by_language({"FI": "x", "sv": 5}) == {"fi": "x", "sv": "5"}
