"""The workbook that a partner fills in: headings and lists in Finnish or Swedish, and a sheet of help."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from normalize.gazetteer.tables import gazetteer

Language: TypeAlias = Literal["fi", "sv"]

WORDS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("template.toml").read_text("utf-8"))
"""Columns, lists and help, as ``template.toml`` has them."""

_ROWS = 2_000
_FORMATS = {"text": "@", "date": "d.m.yyyy", "number": "0", "list": "@", "municipality": "@"}
_WIDTHS = {"title": 36, "text": 60, "url": 36, "apply_url": 36, "employer": 28}


def headings(language: Language) -> dict[str, str]:
    """The heading of each field, as the workbook has it."""
    return {column["field"]: column[language] + ("*" if column.get("required") else "") for column in WORDS["columns"]}


def template(language: Language, today: date) -> Workbook:
    """The workbook, to be saved: the sheet to fill in first, then the help, then the hidden lists that it chooses from.

    Columns of codes are texts, so that leading zeros stay. A word that is not in its list is refused by the spreadsheet,
    and told by the reply where one slips through.
    """
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = WORDS["names"]["sheet"][language]
    helping = book.create_sheet(WORDS["names"]["help"][language])
    lists = book.create_sheet(WORDS["names"]["lists"][language])
    lists.sheet_state = "hidden"
    sheet.freeze_panes = "C2"
    for at, (column, heading) in enumerate(zip(WORDS["columns"], headings(language).values(), strict=True), 1):
        letter = get_column_letter(at)
        cell = sheet.cell(1, at, heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = _WIDTHS.get(column["field"], 16)
        sheet.column_dimensions[letter].number_format = _FORMATS[column["form"]]
        words = _choices(column, language, today)
        if words:
            _offer(sheet, letter, lists, at, heading, words)
    _help(helping, language)
    return book


def _choices(column: Mapping[str, Any], language: Language, today: date) -> list[str]:
    if column["form"] == "municipality":
        return sorted({getattr(one, language) or one.fi for one in gazetteer().municipalities(today)})
    return [words[language] for words in WORDS["words"].get(column["field"], {}).values()]


def _offer(sheet: Worksheet, letter: str, lists: Worksheet, at: int, heading: str, words: list[str]) -> None:
    lists.cell(1, at, heading)
    for row, word in enumerate(words, 2):
        lists.cell(row, at, word)
    where = f"'{lists.title}'!${letter}$2:${letter}${len(words) + 1}"
    choice = DataValidation(type="list", formula1=where, allow_blank=True, showErrorMessage=True)
    choice.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(choice)


def _help(sheet: Worksheet, language: Language) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 90
    for row, sentence in enumerate(WORDS["help"][language], 1):
        sheet.cell(row, 2, sentence).alignment = Alignment(wrap_text=True)
    first = len(WORDS["help"][language]) + 2
    for row, column in enumerate(WORDS["columns"], first):
        sheet.cell(row, 1, column[language]).font = Font(bold=True)
        sheet.cell(row, 2, column["help"][language]).alignment = Alignment(wrap_text=True)
