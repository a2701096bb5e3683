"""The workbook that partners fill in: filled, put into the inbox and harvested it gives what was written."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from harvest.source import SHIPPED, load_sources
from normalize.packing import unpack
from normalize.records import Posting
from normalize.vocabulary import Contract, Hours, Remote, WorkForm
from schedules.template import WORDS, Language, headings, template
from store.tables import PostingRow, table
from tests.schedules.test_reply import Partner

TODAY = date(2026, 11, 24)
CARD = "taulukkopohja"

FILLED: dict[Language, dict[str, Any]] = {
    "fi": {
        "ref": "KUNTA-7", "title": "Lähihoitaja, kotihoito", "employer": "Esimerkkikunta", "place": "Vaasa",
        "postal_code": "00100", "published": date(2026, 11, 20), "ends": date(2026, 12, 31), "openings": 3,
        "contract": "Määräaikainen", "hours": "Osa-aikainen", "work_form": "Oppisopimus", "remote": "Osittain",
        "language": "suomi", "url": "https://www.example.fi/paikat/7", "text": "Autat ihmisiä kotona.\nTyö on kaksivuorotyötä.",
    },
    "sv": {
        "ref": "KUNTA-7", "title": "Närvårdare, hemvård", "employer": "Exempelkommun", "place": "Vasa",
        "postal_code": "00100", "published": date(2026, 11, 20), "ends": date(2026, 12, 31), "openings": 3,
        "contract": "Visstid", "hours": "Deltid", "work_form": "Läroavtal", "remote": "Delvis",
        "language": "svenska", "url": "https://www.example.fi/paikat/7", "text": "Du hjälper människor hemma.",
    },
}  # fmt: skip


def filled(language: Language, *rows: dict[str, Any]) -> bytes:
    """The template as a partner sends it back."""
    first = io.BytesIO()
    template(language, TODAY).save(first)
    book = load_workbook(first)
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, 2):
        for field, value in row.items():
            sheet.cell(number, columns[headings(language)[field]], value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    """Who has copied the card as its notes say."""
    partner = Partner(tmp_path)
    text = (SHIPPED / f"{CARD}.toml").read_text("utf-8")
    for was, becomes in (("inbox/esimerkkikunta/", "inbox/kunta/"), ("enabled = false", "enabled = true")):
        assert was in text
        text = text.replace(was, becomes, 1)
    (partner.config / "sources" / "kunta.toml").write_text(text, "utf-8")
    return partner


def postings(partner: Partner) -> list[Posting]:
    row = table(PostingRow)
    with partner.bench.store().engine.connect() as connection:
        return [unpack(packed) for packed in connection.execute(select(row.c.packed).order_by(row.c.ref)).scalars()]


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_filled_template_is_what_was_written_in_it(partner: Partner, language: Language) -> None:
    row = FILLED[language]
    result = partner.send(filled(language, row, {**row, "ref": "KUNTA-8", "work_form": None}), "paikat.xlsx")
    assert (result.verdict, result.new, result.problems) == ("complete", 2, 0), partner.answer(
        "paikat.xlsx.vastaus.txt"
    )
    one, other = postings(partner)
    assert (one.ref, one.titles, one.employer) == ("KUNTA-7", {language: row["title"]}, row["employer"])
    assert (one.published_on, one.ends_on, one.openings) == (date(2026, 11, 20), date(2026, 12, 31), 3)
    assert (one.contract, one.hours, one.work_form) == (Contract.FIXED_TERM, Hours.PART_TIME, WorkForm.APPRENTICESHIP)
    assert (one.remote, one.url, one.language) == (Remote.PARTLY, row["url"], language)
    assert "905" in {code for said in one.evidence for code in said.codes}
    assert one.plain[language].startswith(row["text"].splitlines()[0])
    assert other.work_form == WorkForm.EMPLOYMENT
    assert partner.answer("paikat.xlsx.vastaus.txt")[-2:] == [
        f"  Rivi 2: KUNTA-7, {row['title']}",
        f"  Rivi 3: KUNTA-8, {row['title']}",
    ]


def test_a_word_that_is_not_in_the_list_is_answered_with_those_that_are(partner: Partner) -> None:
    partner.send(filled("fi", {**FILLED["fi"], "hours": "Joskus"}), "paikat.xlsx")
    told = partner.answer("paikat.xlsx.vastaus.txt")
    at = told.index('Rivi 2, sarake "Työaika": "Joskus"')
    assert "Kokoaikainen" in told[at + 1]
    assert "Osa-aikainen" in told[at + 1]


def test_an_untouched_template_is_an_empty_list(partner: Partner) -> None:
    assert partner.send(filled("fi"), "paikat.xlsx").cause == "true zero"


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_workbook_has_help_lists_and_texts_for_codes(language: Language) -> None:
    book = load_workbook(io.BytesIO(filled(language)))
    sheet, helping, lists = book.worksheets
    assert [one.sheet_state for one in book.worksheets] == ["visible", "visible", "hidden"]
    assert [cell.value for cell in sheet[1]] == list(headings(language).values())
    told = {row[0].value for row in helping.iter_rows() if row[0].value}
    assert told == {heading.rstrip("*") for heading in headings(language).values()}
    chosen = {str(one.sqref).partition("2:")[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    at = {heading: cell.column_letter for cell, heading in zip(sheet[1], headings(language).values(), strict=True)}
    contract = at[headings(language)["contract"]]
    assert chosen[contract] == f"'{lists.title}'!${contract}$2:${contract}$6"
    assert [lists[f"{contract}{row}"].value for row in range(2, 7)] == [
        word[language] for word in WORDS["words"]["contract"].values()
    ]
    towns = {cell.value for cell in lists[at[headings(language)["place"]]]}
    assert {"fi": "Vaasa", "sv": "Vasa"}[language] in towns
    assert 300 < len(towns) < 320
    assert sheet.column_dimensions[at[headings(language)["postal_code"]]].number_format == "@"


def test_the_card_and_the_template_are_in_step() -> None:
    card = load_sources([SHIPPED])[CARD]
    columns = {one["field"]: [one["fi"], one["sv"]] for one in WORDS["columns"]}
    assert dict(card.adapter.fields) == columns
    words = {
        name: {word[code]: ours for ours, word in list_.items() for code in ("fi", "sv")}
        for name, list_ in WORDS["words"].items()
    }
    assert card.lookups == words


def test_the_lists_hold_our_whole_vocabularies() -> None:
    for name, vocabulary in (("contract", Contract), ("hours", Hours), ("work_form", WorkForm), ("remote", Remote)):
        assert list(WORDS["words"][name]) == [str(word) for word in vocabulary]
    assert {one["field"] for one in WORDS["columns"] if one["form"] == "list"} == set(WORDS["words"])
