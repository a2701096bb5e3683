"""What unknown pages are taken for: every recorded page, and a list of mean ones."""

import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pytest

from harvest.adapters.adapter import Adapter
from harvest.guess import Guess, guess
from harvest.recognise import recognise, systems
from harvest.recognised import NotRecognisedError, Recognised
from harvest.records import Page
from schedules.joining import is_place
from tests.acceptance.replay import local_card
from tests.test_recorded import FOLDERS, RECORDED

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)
REFUSED = {
    "laura_tuni/90001.html": "the page of one advert, without JSON-LD",
    "laura_tuni/90002.html": "the page of one advert, without JSON-LD",
    "kirkkorekry/employer13.json": "an employer without a vacancy: an empty list",
}
"""Recorded pages that no card would begin at, and nothing can be told of."""
OTHERWISE = {"ventrus": "feed"}
"""Read by another adapter than its card has: it is RSS whose fields stand in a part of their own, and both can read it."""
PAGES = sorted(
    f"{folder}/{file.name}"
    for folder in FOLDERS
    for file in (RECORDED / folder).iterdir()
    if file.name != "expected.json"
)
LISTS = [
    f"{folder}/{next(iter(json.loads((RECORDED / folder / 'expected.json').read_text('utf-8'))['pages'].values()))}"
    for folder in FOLDERS
    if folder != "kirkkorekry"  # begins with the list of its employers
]


def page(body: bytes, url: str = "https://recorded.example/list") -> Page:
    return Page(url=url, fetched=NOW, file=io.BytesIO(body))


def recorded(name: str) -> Recognised:
    return recognise(page((RECORDED / name).read_bytes()))


@pytest.mark.parametrize("name", [name for name in PAGES if name not in REFUSED])
def test_a_recorded_page_is_given_to_the_adapter_that_its_card_reads_it_with(name: str, tmp_path: Path) -> None:
    folder = name.partition("/")[0]
    adapter = local_card(folder, "https://recorded.example", tmp_path).adapter
    readers = [adapter, adapter.details.adapter] if adapter.details else [adapter]
    kinds = {type(one).model_fields["kind"].default for one in readers}
    assert recorded(name).adapter["kind"] in ({OTHERWISE[folder]} if folder in OTHERWISE else kinds)


@pytest.mark.parametrize("name", LISTS)
def test_the_items_and_fields_of_a_list_are_found_where_its_card_has_them(name: str, tmp_path: Path) -> None:
    folder = name.partition("/")[0]
    adapter = local_card(folder, "https://recorded.example", tmp_path).adapter
    found = recorded(name)
    if adapter.items and folder not in OTHERWISE:
        assert found.adapter["items"].split("/")[-1] == adapter.items.partition("[")[0].split("/")[-1]
    fields = {name: Guess(spec) for name, spec in found.adapter.get("fields", {}).items()}
    fields |= guess(found.columns, is_place, NOW).fields
    of_the_format = found.adapter["kind"] in ("feed", "job_posting")
    assert of_the_format or {"ref", "title"} <= set(fields)
    for field in ("title", "employer", "ends", "published"):
        said = adapter.fields.get(field)
        if isinstance(said, str) and field in fields:
            assert fields[field].spec == said or fields[field].unsure, field


def test_systems_are_known_by_their_marks() -> None:
    known = {name: found.system for name in LISTS if (found := recorded(name)).system}
    assert {name.partition("/")[0] for name in known} >= {
        "greenhouse", "jobylon", "kuntarekry_pages", "laura_tuni", "lever", "linkedevents", "ptv_vaasa", "reachmee",
        "teamtailor", "varbi", "wordpress",
    }  # fmt: skip


def test_a_list_that_a_recruitment_system_serves_is_read_by_its_marks() -> None:
    offer = {
        "id": 1,
        "title": "Kokki",
        "careers_url": "https://x.example/o/kokki",
        "city": "Vaasa",
        "description": "<p>Keitä</p>",
    }
    found = recognise(page(json.dumps({"offers": [offer]}).encode()))
    assert (found.system, found.adapter["items"]) == ("Recruitee offers", "offers")


def test_every_system_says_how_it_is_read_or_where_to_look() -> None:
    assert all(one["says"] and {"card", "like", "instead"} & set(one) for one in systems())


def test_the_page_of_one_advert_is_told_from_a_list() -> None:
    found = recorded("kuntarekry_pages/detail.html")
    assert found.adapter["kind"] == "job_posting"
    assert "one advert" in found.unsure["kind"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_without_a_list_is_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(NotRecognisedError, match=r"ask the publisher for a feed|expected one object for each posting"):
        recorded(name)


LOGIN = b"<!doctype html><html><body><form><input name=u><input type=password name=p></form></body></html>"
WALL = b"<!doctype html><html><head><title>Just a moment...</title></head><body>cf-challenge</body></html>"
HUGE = b'{"jobs": [' + b'{"id": 1},' * 7_000_000 + b"{}]}"
SCRIPT = b"<!doctype html><html><body><div id=app></div><script src=/app.js></script></body></html>"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "is empty; expected a list of postings"),
        (b" \r\n\t ", "is empty; expected a list of postings"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a binary file; expected a feed, JSON"),
        (b"%PDF-1.7 ...", "is a binary file; expected a feed, JSON"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "is a binary file"),
        (LOGIN, "is a page to log in; expected a list that anybody may read"),
        (WALL, "asks the visitor to prove to be human"),
        (HUGE, "is larger than 67108864 bytes; expected a list of postings; ask for less at a time"),
        (SCRIPT, "if the page fills itself by script, look for the address that the script asks"),
        (b'{"jobs": [{"id": 1, ', "begins like JSON and cannot be read as it"),
        (b'{"ok": false}', "is JSON without a list of objects"),
        (b"[]", "is JSON without a list of objects"),
        (b"[1, 2, 3]", "is JSON without a list of objects"),
        (b"[" * 100_000, "begins like JSON and cannot be read as it"),
        (b"<rss version='2.0'><channel><title>x</title></channel></rss>", "is a feed that has no item now"),
        (b"<jobs></jobs>", "no element with parts is repeated"),
        (b"<a>" * 5000, "no element"),
        (b"PK\x03\x04 and no more", "begins as a workbook and does not end as one"),
        (b"hello, I am a letter; please read me\nall of it, too\n", "no row of it holds headings that we know"),
        (b"a" * 100_000, "no row of it holds headings that we know"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_postings_is_refused_in_a_sentence(body: bytes, told: str) -> None:
    with pytest.raises(NotRecognisedError) as raised:
        recognise(page(body))
    assert told in str(raised.value)
    assert "https://recorded.example/list" in str(raised.value)


def test_lines_of_json_are_read_where_an_adapter_for_them_is_there() -> None:
    lines = page(b'{"id": "A1", "title": "Kokki"}\n{"id": "A2", "title": "Leipuri"}\n')
    if "ndjson" in {one.model_fields["kind"].default for one in Adapter.__subclasses__()}:
        found = recognise(lines)
        assert (found.adapter["kind"], [one.path for one in found.columns]) == ("ndjson", ["id", "title"])
    else:
        with pytest.raises(NotRecognisedError, match="is lines of JSON, which no adapter of ours reads"):
            recognise(lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"])
def test_letters_of_other_encodings_are_read(encoding: str) -> None:
    table = "Tunniste;Tehtävänimike;Kunta\r\n1;Lähihoitaja;Säkylä\r\n2;Kokki;Äänekoski\r\n"
    found = recognise(page(table.encode(encoding)))
    assert found.adapter == {"kind": "table"}
    assert guess(found.columns, is_place, NOW).fields["title"].spec == "Tehtävänimike"
    assert found.columns[1].texts == ["Lähihoitaja", "Kokki"]


def test_a_running_number_is_no_reference() -> None:
    rows = [{"id": at, "name": f"Kokki {at}", "url": f"https://x.example/{at * 7}"} for at in range(1, 9)]
    found = guess(recognise(page(json.dumps(rows).encode())).columns, is_place, NOW)
    assert (found.fields["ref"].spec, found.fields["url"].spec) == ("url", "url")
    assert found.fields["ref"].unsure


def test_values_tell_where_names_do_not() -> None:
    rows = [
        {"a": "Kokki keittiöön", "b": "Mikkeli", "c": f"https://x.example/{at}", "d": "2027-01-0" + str(at), "e": "2026-01-01",
         "f": "Tehtävässä tarvitaan kauhaa. " * 20, "g": f"K-{at}"}
        for at in range(1, 6)
    ]  # fmt: skip
    fields = guess(recognise(page(json.dumps(rows).encode())).columns, is_place, NOW).fields
    assert {name: one.spec for name, one in fields.items()} == {
        "title": "a", "place": "b", "url": "c", "ends": "d", "published": "e", "text": "f", "ref": "g",
    }  # fmt: skip
    assert all("by its values only" in one.unsure for one in fields.values())


def test_a_page_of_a_hundred_thousand_names_takes_no_longer_than_one_of_many() -> None:
    rows = [
        {f"name {at} {row}": f"Kokki {at}" for at in range(20_000)} | {"id": f"A{row}", "title": "Kokki"}
        for row in range(5)
    ]
    started = perf_counter()
    guess(recognise(page(json.dumps(rows).encode())).columns, is_place, NOW)
    boxes = b"<div class='a%d'><a href='/jobs/%d'>Kokki</a></div>"
    body = b"<!doctype html><html><body>" + b"".join(boxes % (at % 900, at) for at in range(20_000)) + b"</body></html>"
    with suppress(NotRecognisedError):
        recognise(page(body))
    assert perf_counter() - started < 30


def test_fields_of_persons_are_never_read() -> None:
    rows = [
        {"id": f"A{at}", "title": f"Kokki {at}", "contact": {"name": "Essi Esimerkki"}, "email": "a@b.fi"}
        for at in (1, 2)
    ]
    found = guess(recognise(page(json.dumps(rows).encode())).columns, is_place, NOW)
    assert found.persons == ["contact.name", "email"]
    assert set(found.fields) == {"ref", "title"}
