"""Tables of partners: whatever separator, encoding and habit of spreadsheets, each row is read or told why not."""

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from pydantic import ValidationError

from harvest import xlsx_rows
from harvest.adapters import table
from harvest.records import Page, Reason, Whole
from tests.harvest.cards import Walked, card, page, walked

TABLE = """
[adapter]
kind = "table"
ignore = ["Huom"]
[adapter.fields]
ref = "Tunniste"
title = ["Tehtävä", "Uppgift"]
municipality = { from = "Kunta", list = "kunta" }
ends = "Päättyy"
text = "Kuvaus"
"""
HEADINGS = ["Tunniste", "Tehtävä", "Kunta", "Päättyy", "Kuvaus"]
TEXT = "Tunniste;Tehtävä;Kunta;Päättyy;Kuvaus\nA-1;Kokki;091;31.12.2026;Keitä\nA-2;Leipuri;491;1.12.2026;Leivo\n"


def read(body: bytes | str, text: str = TABLE, **more: Any) -> Walked:
    return walked(card(text), {"/jobs": page("", body, **more)})


def titles(found: Walked) -> list[Any]:
    return [one.fields["title"] for one in found.raw]


def workbook(
    rows: Iterable[Iterable[Any]], title: str = "Paikat", change: Callable[[Workbook], None] = lambda book: None
) -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def one(row: list[Any], text: str = TABLE, **formats: str) -> dict[str, Any]:
    """The fields of the only row of a workbook; ``formats`` of its cells by letter."""

    def change(book: Workbook) -> None:
        for letter, shown in formats.items():
            book.active[f"{letter}2"].number_format = shown

    found = read(workbook([HEADINGS, row], change=change), text)
    assert found.problems == [], found.problems
    return found.fields


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_separator_encoding_and_line_ends_are_found(separator: str, encoding: str, ending: str) -> None:
    body = TEXT.replace(";", separator).replace("\n", ending).encode(encoding)
    found = read(body)
    assert (found.verdict.whole, found.problems) == (Whole.COMPLETE, [])
    assert found.raw[0].fields == {
        "ref": "A-1", "title": "Kokki", "municipality": [("kunta", "091")], "ends": "31.12.2026", "text": "Keitä"
    }  # fmt: skip
    assert found.refs == ["A-1", "A-2"]


def test_a_given_separator_is_believed() -> None:
    text = TABLE.replace('kind = "table"', 'kind = "table"\nseparator = ";"')
    assert read(TEXT.replace(";", ","), text).reasons == [Reason.SHAPE_CHANGED]


def test_titles_above_the_headings_are_skipped_and_headings_need_not_be_spelled_alike() -> None:
    body = "sep=;\nKaupungin paikat;;;;\n\n tunniste ;TEHTÄVÄ*;Kunta:;päättyy;Kuvaus;Huom\nA-1;Kokki;091;;;x\n"
    found = read(body)
    assert (found.refs, found.problems) == (["A-1"], [])


def test_a_text_may_hold_line_breaks_separators_and_quotation_marks() -> None:
    found = read(TEXT.replace("Keitä", '"Keitä;\nja ""maista"""'))
    assert found.raw[0].fields["text"] == 'Keitä;\nja "maista"'
    assert found.refs == ["A-1", "A-2"]


def test_a_leading_zero_kept_by_a_formula_is_read() -> None:
    assert read(TEXT.replace("091", '="091"')).raw[0].fields["municipality"] == [("kunta", "091")]


def test_a_column_that_nobody_reads_is_reported_and_an_ignored_or_empty_one_is_not() -> None:
    found = read("Tunniste;Tehtävä;Kunta;Päättyy;Kuvaus;Huom;Palkka;Tyhjä\nA-1;Kokki;091;;;x;3000;\n")
    assert found.reasons == [Reason.UNREAD_FIELD]
    assert "nobody reads Palkka;" in found.problems[0].detail


def test_a_heading_in_another_language_stands_for_its_field() -> None:
    assert titles(read(TEXT.replace("Tehtävä", "Uppgift"))) == ["Kokki", "Leipuri"]


@pytest.mark.parametrize(
    ("was", "becomes", "reason", "said", "kept"),
    [
        ("Kuvaus", "Selite", Reason.FIELD_MISSING, "row 1 has no heading 'Kuvaus'; it has 'Tunniste'", 2),
        ("Tunniste", "Numero", Reason.SHAPE_CHANGED, "row 1 has no heading 'Tunniste'", 0),
        ("Tehtävä", "Nimi", Reason.SHAPE_CHANGED, "row 1 has no heading 'Tehtävä' or 'Uppgift'", 0),
        ("Kuvaus", "Kunta", Reason.SHAPE_CHANGED, "row 1 has the heading 'Kunta' twice", 0),
        (
            "Tunniste;Tehtävä;Kunta;Päättyy;Kuvaus",
            "a;b;c;d;e",
            Reason.SHAPE_CHANGED,
            "begins with 'a | b | c | d | e'",
            0,
        ),
    ],
)
def test_a_missing_or_doubled_column_is_named(was: str, becomes: str, reason: Reason, said: str, kept: int) -> None:
    found = read(TEXT.replace(was, becomes, 1))
    problem = next(one for one in found.problems if one.reason is reason)
    assert said in problem.detail
    assert len(found.raw) == kept
    assert found.verdict.counts_as_complete is bool(kept)


@pytest.mark.parametrize(
    "row",
    ["A-9;Siivooja;091;;liikaa;osia", 'A-9;"Siivooja;091;;x', 'A-9;"Siivooja" tai "vahtimestari;091;;x'],
    ids=["too many cells", "a quotation mark that is not closed", "marks in disorder"],
)
def test_a_row_that_breaks_is_a_problem_and_the_rest_goes_on(row: str) -> None:
    lines = TEXT.splitlines()
    found = read("\n".join([lines[0], lines[1], row, lines[2], 'A-3;"Kuski";091;;"Aja"', ""]))
    assert found.refs == ["A-1", "A-2", "A-3"]
    assert found.reasons == [Reason.BROKEN_RECORD]
    assert found.problems[0].about.endswith(" item 3")
    assert found.verdict.whole is Whole.PARTIAL, "nobody knows which posting it was, so none may be called absent"


def test_a_quotation_mark_that_never_closes_costs_its_own_row() -> None:
    lines = TEXT.splitlines()
    found = read("\n".join([lines[0], 'A-9;"Siivooja;091;;x', *lines[1:], ""]))
    assert (found.refs, found.reasons) == (["A-1", "A-2"], [Reason.BROKEN_RECORD])


def test_a_cell_that_is_longer_than_any_may_be_costs_its_own_row() -> None:
    found = read(TEXT + f"A-3;Kuski;091;;{'x' * 140_000}\nA-4;Lukki;091;;Kudo\n")
    assert (found.refs, found.reasons) == (["A-1", "A-2", "A-4"], [Reason.BROKEN_RECORD])


def test_what_lost_a_row_is_read_again_even_if_it_is_the_same() -> None:
    body = page("", TEXT + "A-9;Siivooja;091;;liikaa;osia\n", etag='"1"')
    found = walked(card(TABLE), {"/jobs": body})
    again = walked(card(TABLE), {"/jobs": body}, found.known())
    assert again.verdict.whole is Whole.PARTIAL
    assert again.verdict.not_modified == 0


def test_unescaped_marks_in_a_row_that_can_mean_one_thing_only_are_let_pass() -> None:
    found = read(TEXT.replace("Kokki", '"Kokki" ravintolaan'))
    assert (titles(found)[0], found.problems) == ("Kokki ravintolaan", [])


@pytest.mark.parametrize(
    "cut", [TEXT[:-9], TEXT[:-16], TEXT[:-7] + '"Leivo'], ids=["in a row", "in a date", "in a text"]
)
def test_a_text_file_cut_in_a_row_is_truncated_and_closes_nothing(cut: str) -> None:
    found = read(cut)
    assert (found.refs, found.reasons) == (["A-1"], [Reason.TRUNCATED])
    assert not found.verdict.counts_as_complete


def test_a_file_without_a_last_line_break_is_whole() -> None:
    assert read(TEXT.rstrip()).verdict.whole is Whole.COMPLETE


def test_headings_that_are_said_again_further_down_are_no_posting() -> None:
    lines = TEXT.splitlines()
    found = read("\n".join([*lines[:2], lines[0].upper(), lines[2], ""]))
    assert (found.refs, found.problems) == (["A-1", "A-2"], [])


def test_headings_alone_are_a_true_zero() -> None:
    assert read(TEXT.splitlines()[0] + "\n").verdict.cause == "true zero"
    assert read(workbook([HEADINGS])).verdict.cause == "true zero"


@pytest.mark.parametrize(
    ("body", "reason", "said"),
    [
        (b"", Reason.NOT_THIS_FORMAT, "the answer is empty"),
        (b"<html><body>Sivua ei ole</body></html>", Reason.NOT_THIS_FORMAT, "a page of HTML"),
        (b"<html><title>Just a moment...</title></html>", Reason.CHALLENGE, "prove to be human"),
        (b'{"jobs": []}', Reason.NOT_THIS_FORMAT, "begins like something else"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Reason.NOT_THIS_FORMAT, "an old Excel file"),
        (b"Hei! Paikat tulevat huomenna.\n", Reason.SHAPE_CHANGED, "begins with 'Hei! Paikat tulevat huomenna.'"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(body: bytes, reason: Reason, said: str) -> None:
    found = read(body)
    assert found.reasons == [reason]
    assert said in found.problems[0].detail
    assert found.verdict.whole is Whole.FAILED


@pytest.mark.parametrize(
    ("said", "formats", "field", "expected"),
    [
        (["A-1", "Kokki", "091", date(2026, 12, 31)], {}, "ends", "2026-12-31"),
        (["A-1", "Kokki", "091", datetime.fromisoformat("2026-12-31T15:00")], {}, "ends", "2026-12-31T15:00:00"),
        (["A-1", "Kokki", "091", 46387.625 - 1e-9], {"D": "d.m.yyyy h:mm"}, "ends", "2026-12-31T15:00:00"),
        (["A-1", "Kokki", "091", 46387], {}, "ends", "2026-12-31"),
        (["A-1", "Kokki", "091", "31.12.2026 klo 15"], {}, "ends", "31.12.2026 klo 15"),
        ([20240315.0, "Kokki", "091"], {}, "ref", "20240315"),
        ([20240315, "Kokki", "091"], {}, "ref", "20240315"),
        (["007", "Kokki", "091"], {}, "ref", "007"),
        ([1.5, "Kokki", "091"], {}, "ref", "1.5"),
        (["A-1", "Kokki", "091"], {}, "municipality", [("kunta", "091")]),
        (["A-1", "Kokki", 91], {"C": "000"}, "municipality", [("kunta", "091")]),
        (["A-1", True, "091"], {}, "title", "true"),
        (["A-1", time(15, 0), "091"], {}, "title", "15:00:00"),
    ],
)
def test_a_cell_is_what_the_sheet_shows(said: list[Any], formats: dict[str, str], field: str, expected: Any) -> None:
    assert one(said, **formats)[field] == expected


@pytest.mark.parametrize("shown", ["d.m.yyyy", "General"])
def test_days_counted_from_1904_are_the_same_days(shown: str) -> None:
    def change(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active["D2"] = 46387 - 1462
        book.active["D2"].number_format = shown

    assert read(workbook([HEADINGS, ["A-1", "Kokki", "091"]], change=change)).fields["ends"] == "2026-12-31"


def test_empty_rows_and_headings_of_sections_are_no_postings() -> None:
    def change(book: Workbook) -> None:
        book.active.merge_cells("A1:E1")
        book.active.merge_cells("A3:E3")

    rows = [
        ["Paikat 2026"],
        HEADINGS,
        ["Keittiö"],
        ["A-1", "Kokki", "091"],
        [],
        ["", None, " "],
        ["A-2", "Leipuri", "491"],
    ]
    found = read(workbook(rows, change=change))
    assert (found.refs, found.problems) == (["A-1", "A-2"], [])


def test_what_is_merged_over_several_rows_stands_in_each_of_them() -> None:
    rows = [HEADINGS, ["A-1", "Kokki", "091"], ["A-2", "Leipuri", None], ["A-3", "Kuski", None]]
    found = read(workbook(rows, change=lambda book: book.active.merge_cells("C2:C3")))
    assert [raw.fields.get("municipality") for raw in found.raw] == [[("kunta", "091")], [("kunta", "091")], None]


def test_hidden_sheets_are_not_there_and_a_sheet_may_be_named() -> None:
    def change(book: Workbook) -> None:
        hidden = book.create_sheet("Vanhat", 0)
        hidden.sheet_state = "hidden"
        hidden.append(HEADINGS)
        hidden.append(["X-1", "Vanha", "091"])
        book.create_sheet("Ohje", 0).append(["Täytä rivit"])

    body = workbook([HEADINGS, ["A-1", "Kokki", "091"]], change=change)
    assert read(body).refs == ["A-1"]
    named = TABLE.replace('kind = "table"', 'kind = "table"\nitems = "{}"')
    assert read(body, named.replace("{}", "Paikat")).refs == ["A-1"]
    for name in ("Vanhat", "Muut"):
        found = read(body, named.replace("{}", name))
        assert found.reasons == [Reason.SHAPE_CHANGED]
        assert f"no visible sheet '{name}'; there are 'Ohje', 'Paikat'" in found.problems[0].detail
    assert read(workbook([["Täytä rivit"]])).reasons == [Reason.SHAPE_CHANGED]


def parts(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


BOOK = workbook([HEADINGS, ["A-1", "Kokki", "091", 46387, "=1+1"], ["A-2", "Leipuri", "491", None, "Leivo"]])
SHEET = "xl/worksheets/sheet1.xml"


def changed(was: bytes, becomes: bytes, part: str = SHEET) -> bytes:
    entries = parts(BOOK)
    assert was in entries[part]
    return packed(entries | {part: entries[part].replace(was, becomes, 1)})


def test_a_formula_gives_what_was_last_computed_and_an_error_is_told() -> None:
    assert "text" not in read(BOOK).raw[0].fields, "nobody has computed it yet"
    found = read(changed(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"))
    assert found.raw[0].fields["text"] == "2"
    found = read(changed(b'<c r="E2"><f>1+1</f><v></v>', b'<c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v>'))
    assert found.refs == ["A-1", "A-2"]
    assert found.reasons == [Reason.BROKEN_RECORD]
    assert "row 2, 'Kuvaus': its formula gives #DIV/0!" in found.problems[0].detail


@pytest.mark.parametrize("number", [b"1e999", b"NaN", b"-1e308", b"9" * 400])
def test_a_number_that_is_no_day_is_left_as_it_is(number: bytes) -> None:
    found = read(changed(b"<v>46387</v>", b"<v>" + number + b"</v>"))
    assert found.reasons in ([], [Reason.TRUNCATED])
    assert found.verdict.whole in (Whole.COMPLETE, Whole.PARTIAL, Whole.FAILED)


@pytest.mark.parametrize("merged", [b"ZZZZZZZ1:B2", b"1:2", b":::"])
def test_a_merged_area_that_is_none_is_a_sheet_that_breaks(merged: bytes) -> None:
    found = read(changed(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="' + merged + b'"/></mergeCells>'))
    assert (found.reasons, found.verdict.whole) == ([Reason.TRUNCATED], Whole.FAILED)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "reason", "said"),
    [
        (packed({**parts(BOOK), "xl/media/x.bin": bytes(40 * 1024 * 1024)}), Reason.TOO_LARGE, "as a bomb does"),
        (packed({**parts(BOOK), **{f"x{n}": b"" for n in range(2_000)}}), Reason.TOO_LARGE, "in 2009 parts"),
        (packed({**parts(BOOK), SHEET: ENTITIES + parts(BOOK)[SHEET]}), Reason.NOT_THIS_FORMAT, "declares entities"),
        (
            packed({**parts(BOOK), SHEET: (ENTITIES + parts(BOOK)[SHEET]).decode().encode("utf-16")}),
            Reason.NOT_THIS_FORMAT,
            "declares entities",
        ),
        (packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), Reason.NOT_THIS_FORMAT, "save it as .xlsx"),
        (packed({**parts(BOOK), "xl/workbook.xml": b"<x"}), Reason.NOT_THIS_FORMAT, "save it as .xlsx"),
        (BOOK[: len(BOOK) // 2], Reason.TRUNCATED, "does not end as one"),
        (changed(b"</row><row r=\"3\"", b"</rov><row r=\"3\""), Reason.TRUNCATED, "breaks off after row"),
    ],
    ids=["ratio", "entries", "entities", "entities in UTF-16", "ods", "no workbook", "cut", "torn sheet"],
)  # fmt: skip
def test_a_workbook_that_is_none_or_goes_out_of_bounds_is_refused(body: bytes, reason: Reason, said: str) -> None:
    found = read(body)
    assert found.reasons == [reason]
    assert said in found.problems[0].detail
    assert found.verdict.whole is Whole.FAILED


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_DECODED", 1000)
    monkeypatch.setattr(xlsx_rows, "_looked_through", None)
    found = read(BOOK)
    assert (found.reasons, found.verdict.whole) == ([Reason.TOO_LARGE], Whole.FAILED)


def test_one_cell_in_the_far_corner_costs_nothing() -> None:
    def change(book: Workbook) -> None:
        book.active["XFD150000"] = "x"

    assert read(workbook([HEADINGS, ["A-1", "Kokki", "091"]], change=change)).refs == ["A-1"]


def test_a_sheet_of_more_rows_than_allowed_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_rows, "MOST_ROWS", 2)
    monkeypatch.setattr(table, "HEADING_WITHIN", 1)
    found = read(BOOK)
    assert (found.refs, found.reasons) == (["A-1"], [Reason.TOO_LARGE])
    assert found.verdict.whole is not Whole.COMPLETE


@pytest.mark.parametrize(
    ("key", "said"),
    [('total = "x"', "a table states no total"), ('separator = "!"', "separator: "), ("items = 1", "items")],
)
def test_a_mistake_in_the_card_is_told(key: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace(": ", "")):
        card(TABLE.replace('kind = "table"', f'kind = "table"\n{key}'))


BODIES = [TEXT.encode(), TEXT.encode("utf-16"), BOOK]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BODIES), st.data())
def test_whatever_is_cut_or_changed_ends_in_a_verdict(body: bytes, data: st.DataObject) -> None:
    """No bytes raise, and what is not whole is not called complete while fewer are found."""
    cut = data.draw(st.integers(0, len(body)))
    flips = data.draw(st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=3))
    changed_body = bytearray(body)
    for place, byte in flips:
        changed_body[place] = byte
    found = walked(
        card(TABLE), {"/jobs": Page(url="", fetched=page("").fetched, file=io.BytesIO(bytes(changed_body[:cut])))}
    )
    if not flips and cut < len(body) - len("Leivo\n".encode("utf-16")) - 4 and found.verdict.counts_as_complete:
        assert len(found.refs) == len(read(body[: cut + 1]).refs), "cut between two rows, which nobody can see"


@pytest.mark.parametrize("body", [TEXT.replace("A-1", "A\0-1"), TEXT.replace("Tunniste", "Tun\0niste"), "\0" + TEXT])
def test_a_null_character_in_a_text_table_is_no_part_of_it(body: str) -> None:
    """PostgreSQL takes none: one in a ref ended the whole run."""
    found = read(body)
    assert ([one.ref for one in found.raw], found.problems) == (["A-1", "A-2"], [])
