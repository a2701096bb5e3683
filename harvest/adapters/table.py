"""Tables that people keep: CSV in whatever separator and encoding, and XLSX. A row is an item, a heading a field."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from pydantic import model_validator

from harvest.adapters.adapter import Adapter, Ending, Node, not_read
from harvest.cells import CellError, as_text
from harvest.csv_rows import SEPARATORS, CsvRows
from harvest.fields import Pick
from harvest.records import Page, Problem, Reason, Step

if TYPE_CHECKING:
    from harvest.xlsx_rows import Sheet

HEADING_WITHIN = 50
"""Rows among which the headings must stand; what is above them is a title."""
_DATES = ("published", "starts", "ends", "changed")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class Row(dict[str, str]):
    """One row by heading. ``number`` is the row's own in the file, as a spreadsheet shows it."""

    number: int = 0


@dataclass(frozen=True)
class _Heading:
    """The row of headings: where each column is, under the card's spelling where the card knows it. ``width`` is how many
    columns there are to the last of them."""

    number: int
    columns: dict[int, str]
    known: int

    @cached_property
    def width(self) -> int:
        return max(self.columns) + 1


class Table(Adapter):
    """``items`` names the sheet of a workbook (else the first visible one that has the headings). Expressions are headings:
    letter case, blanks and a ``*`` or ``:`` at the end make no difference, and what stands above the headings is skipped.
    ``separator`` is found by itself where the card does not say it.
    """

    kind: Literal["table"] = "table"
    separator: Literal["", ";", ",", "\t", "|"] = ""

    @model_validator(mode="after")
    def _a_table_states_nothing(self) -> "Table":
        if self.total or self.paging.kind == "next":
            raise ValueError("a table states no total and no next page: leave out total and paging of kind next")
        return self

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        if not _plain(expression):
            raise ValueError("expected the heading of a column")
        return (lambda item: item.get(expression)), frozenset({expression})

    def names(self, item: Node) -> Iterable[str]:
        return (name for name, value in item.items() if value)

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        head = page.file.read(512)
        page.file.seek(0)
        if head.startswith(_OLD_EXCEL):
            detail = "it is an old Excel file (.xls) or has a password; save it as .xlsx, without one"
            yield not_read(page, "CSV or XLSX", detail)
        elif head.startswith(b"PK\x03\x04"):
            yield from self._workbook(page)
        elif not head.strip() or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[", b"%PDF")):
            yield not_read(page, "CSV or XLSX", "it begins like something else")
        else:
            yield from self._text(page)

    def _workbook(self, page: Page) -> Iterator[Node | Problem | Ending]:
        from harvest.xlsx_rows import Workbook, WorkbookError  # 0.2 s, which no command without a workbook is to wait

        try:
            sheets = Workbook(page.file).sheets
            if self.items and self.items not in sheets:
                there = ", ".join(map(repr, sheets)) or "none"
                detail = f"it has no visible sheet {self.items!r}; there are {there}"
                yield not_read(page, "the card's workbook", detail, Reason.SHAPE_CHANGED)
                return
            firsts: list[list[Any]] = []
            for sheet in [sheets[self.items]] if self.items else sheets.values():
                begin = list(islice(sheet.rows(), HEADING_WITHIN))
                heading = self._heading(begin)
                if heading:
                    yield from self._items(page, heading, sheet.rows(width=heading.width), sheet)
                    return
                firsts += [cells for _number, cells in begin[:1]]
            yield self._no_heading(page, firsts)
        except WorkbookError as error:
            reason = Reason.TRUNCATED if error.cut else Reason.TOO_LARGE if error.large else Reason.NOT_THIS_FORMAT
            yield not_read(page, "CSV or XLSX", str(error), reason)

    def _text(self, page: Page) -> Iterator[Node | Problem | Ending]:
        rows = CsvRows(page.file, page.charset, page.url)
        best: tuple[_Heading, str] | None = None
        first: list[list[Any]] = []
        for separator, sample in rows.samples((self.separator,) if self.separator else SEPARATORS, HEADING_WITHIN):
            found = self._heading(list(enumerate(sample, 1)))
            first = first or sample[:1]
            if found and (best is None or found.known > best[0].known):
                best = (found, separator)
        if best is None:
            yield self._no_heading(page, first)
            return
        heading, separator = best
        yield from self._items(page, heading, rows.rows(separator, heading.width), None)

    def _heading(self, rows: list[tuple[int, list[Any]]]) -> _Heading | None:
        """The row with the most of the card's headings, of several the first; a lone one of several is no heading."""
        spelled = {_plain(path): path for path in [*self.ignore, *(path for _name, path in self.expressions())]}
        wanted = {_plain(path) for _name, path in self.expressions()}
        best: _Heading | None = None
        for number, cells in rows:
            texts = {at: as_text(cell) for at, cell in enumerate(cells)}
            columns = {at: spelled.get(_plain(text), text) for at, text in texts.items() if text}
            known = len({_plain(text) for text in columns.values()} & wanted)
            if known >= min(2, len(wanted)) and (best is None or known > best.known):
                best = _Heading(number, columns, known)
        return best

    def _no_heading(self, page: Page, first: list[list[Any]]) -> Problem:
        wanted = ", ".join(dict.fromkeys(repr(path) for _name, path in self.expressions()))
        begins = "; ".join(" | ".join(filter(None, map(as_text, cells)))[:120] for cells in first)
        detail = f"none of its first {HEADING_WITHIN} rows holds the headings {wanted}; it begins with {begins!r}"
        return not_read(page, "a table with the card's headings", detail, Reason.SHAPE_CHANGED)

    def _items(
        self, page: Page, heading: _Heading, rows: Iterator[tuple[int, list[Any]] | Problem], sheet: "Sheet | None"
    ) -> Iterator[Node | Problem | Ending]:
        missing = list(self._missing(page, heading))
        yield from missing
        if any(one.reason is Reason.SHAPE_CHANGED for one in missing):
            return
        dated = {path for name, path in self.expressions() if name in _DATES}
        whole = True
        for one in rows:
            if isinstance(one, Problem):
                yield one
                whole = whole and one.reason is not Reason.TRUNCATED
                continue
            number, cells = one
            if number <= heading.number:
                continue
            yield from self._row(page, heading, number, cells, dated, sheet)
        if whole:
            yield Ending()

    def _row(
        self, page: Page, heading: _Heading, number: int, cells: list[Any], dated: set[str], sheet: "Sheet | None"
    ) -> Iterator[Node | Problem]:
        about = f"{page.url} item {number}"
        if any(as_text(cell) for cell in cells[heading.width :]):
            detail = (
                f"row {number} has more cells than there are headings; a separator within a text needs quotation marks"
            )
            yield Problem(step=Step.READ, reason=Reason.BROKEN_RECORD, about=about, detail=detail, drops=True)
            return
        row = Row()
        row.number = number
        for at, cell in enumerate(cells[: heading.width]):
            name = heading.columns.get(at) or f"column {at + 1}"
            if isinstance(cell, CellError):
                detail = f"row {number}, {name!r}: its formula gives {cell.said}; the cell is left out"
                yield Problem(step=Step.READ, reason=Reason.BROKEN_RECORD, about=about, detail=detail)
            number_of_day = sheet is not None and name in dated and type(cell) in (int, float)
            text = sheet.day(cell) if sheet is not None and number_of_day else _unquoted(as_text(cell))
            if text:
                row.setdefault(name, text)
        if row and not all(_plain(text) == _plain(name) for name, text in row.items()):  # headings said again
            yield row

    def _missing(self, page: Page, heading: _Heading) -> Iterator[Problem]:
        """Columns that the card maps and the table does not have, or has twice. Without ref or title nothing can be kept."""
        there = list(heading.columns.values())
        paths: dict[str, list[str]] = {}
        for name, path in self.expressions():
            paths.setdefault(name, []).append(path)
        for name, expected in paths.items():
            shown = " or ".join(map(repr, expected))
            twice = [path for path in expected if there.count(path) > 1]
            if twice:
                detail = f"row {heading.number} has the heading {twice[0]!r} twice; nobody can tell which is meant"
            elif not any(path in there for path in expected):
                detail = f"row {heading.number} has no heading {shown}; it has {', '.join(map(repr, there))[:300]}"
            else:
                continue
            grave = twice or name in ("ref", "title")
            reason = Reason.SHAPE_CHANGED if grave else Reason.FIELD_MISSING
            yield Problem(step=Step.READ, reason=reason, about=f"{page.url} {name}", detail=detail)


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split()).rstrip("*: ")


def _unquoted(text: str) -> str:
    """``="091"`` is how some programs keep a spreadsheet from eating a leading zero."""
    return text[2:-1] if text.startswith('="') and text.endswith('"') and len(text) > 2 else text
