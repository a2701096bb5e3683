"""Rows of an XLSX workbook one at a time, in bounds that are looked at before anything is parsed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.exceptions import InvalidFileException

from harvest.cells import Cell, CellError, as_text
from harvest.limits import MIB

MOST_DECODED = 128 * MIB
MOST_ENTRIES = 2_000
MOST_RATIO = 200
MOST_ROWS = 200_000
MOST_COLUMNS = 200

_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{3,40})"')
_STEP = 256 * 1024
_OVERLAP = 100
_BREAKS = (zipfile.BadZipFile, zlib.error, InvalidFileException, EOFError, OSError, LookupError, ValueError, TypeError,
           AttributeError, SyntaxError, OverflowError, NotImplementedError, RecursionError, AssertionError)  # fmt: skip
"""What the parser raises for what is no workbook, or a broken one: it has no exception of its own for that."""
_PADDED = re.compile(r"0{2,20}")
_SERIALS = range(32_874, 73_051)
"""Excel's days from 1990 to 2100: a number of this size in a column of dates is a date that lost its format."""


class WorkbookError(Exception):
    """The file is not a workbook that may be read; the message says why and what to do. ``cut`` when it does not end,
    ``large`` when a bound is passed."""

    def __init__(self, detail: str, *, cut: bool = False, large: bool = False) -> None:
        super().__init__(detail)
        self.cut, self.large = cut, large


class Workbook:
    """A workbook's visible sheets. Values are what was last computed: no formula is run here."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        merged = _admit(file)
        file.seek(0)
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            # openpyxl keeps the part's name to itself, and tells of merged cells only where it holds the whole sheet
            self.sheets = {sheet.title: Sheet(sheet, merged.get(sheet._worksheet_path, [])) for sheet in visible}
        except _BREAKS as error:
            raise WorkbookError(_no_workbook(error)) from None


class Sheet:
    """One sheet. ``rows`` may be called several times."""

    def __init__(self, sheet: Any, merged: list[str]) -> None:
        self._sheet, self._merged = sheet, merged
        self._sheet.reset_dimensions()

    def rows(self, width: int = MOST_COLUMNS) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with their numbers, from 1; empty ones at the end are left out. What is merged over several rows stands in
        each of them; a row that is one merged cell, which is a heading of a section, is empty.

        Raises :class:`WorkbookError` where the sheet breaks, or goes on for more than ``MOST_ROWS``.
        """
        down, across = self._merges()
        carried: dict[int, tuple[int, Cell]] = {}
        number = 0
        try:
            for number, row in enumerate(self._sheet.iter_rows(max_col=width), 1):
                if number > MOST_ROWS:
                    break
                cells = [_value(cell) for cell in row]
                if number in across and sum(cell not in (None, "") for cell in cells) == 1:
                    cells = []
                for column, last in down.get(number, ()):
                    if column < len(cells):
                        carried[column] = (last, cells[column])
                for column, (last, value) in list(carried.items()):
                    if number > last:
                        del carried[column]
                    elif column < len(cells):
                        cells[column] = value
                yield number, cells
        except _BREAKS as error:
            raise WorkbookError(
                f"it breaks off after row {number} ({type(error).__name__}: {error})", cut=True
            ) from None
        if number > MOST_ROWS:
            raise WorkbookError(f"the sheet has more than {MOST_ROWS} rows; send fewer at a time", large=True)

    def day(self, serial: int | float) -> str:
        """A number of Excel's in a column of dates, which has lost its format, as a date; others as they are."""
        days = serial + (1462 if self._sheet.parent.epoch.year == 1904 else 0)
        if not 0 < days < 1_000_000 or int(days) not in _SERIALS:  # it may be no number at all
            return as_text(serial)
        return as_text(from_excel(serial, self._sheet.parent.epoch))

    def _merges(self) -> tuple[dict[int, list[tuple[int, int]]], set[int]]:
        """Columns (from 0) that are merged downwards, with their last row, by their first; and rows merged across."""
        down: dict[int, list[tuple[int, int]]] = {}
        across: set[int] = set()
        for ref in self._merged:
            try:
                left, top, right, bottom = range_boundaries(ref)
            except ValueError:  # it only looked like an area
                continue
            if None in (left, top, right, bottom):
                continue
            if right > left and top == bottom:
                across.add(top)
            if bottom > top and left <= MOST_COLUMNS:
                down.setdefault(top, []).append((left - 1, bottom))
        return down, across


def _value(cell: Any) -> Cell:
    value: Cell = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return CellError(str(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = cell.number_format
        if isinstance(shown, str) and _PADDED.fullmatch(shown) and float(value).is_integer():
            return str(int(value)).zfill(len(shown))  # a code typed as a number, shown as 091
    return value


def _admit(file: IO[bytes]) -> dict[str, list[str]]:
    """What is merged, by part; raises :class:`WorkbookError` for a bomb, for entities, and for what is no zip at all."""
    merged: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _must_be_small(entries)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    merged[entry.filename] = _looked_through(archive, entry)
    except zipfile.BadZipFile as error:
        detail = f"it begins as a workbook and does not end as one ({error}); send it again, whole"
        raise WorkbookError(detail, cut=True) from None
    except (zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise WorkbookError(_no_workbook(error)) from None
    return merged


def _must_be_small(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or total > MOST_DECODED:
        detail = f"it unpacks to {total} bytes in {len(entries)} parts; allowed are {MOST_DECODED} in {MOST_ENTRIES}"
        raise WorkbookError(f"{detail}: send fewer rows at a time", large=True)
    for entry in entries:
        if entry.file_size > MIB and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            detail = f"{entry.filename[:80]!r} in it grows more than {MOST_RATIO} times when unpacked, as a bomb does"
            raise WorkbookError(f"{detail}; look at it by hand", large=True)


def _looked_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> list[str]:
    found: list[str] = []
    with archive.open(entry) as part:
        tail = b""
        while chunk := part.read(_STEP):
            text = (tail + chunk).replace(b"\0", b"")
            if _DOCTYPE.search(text):
                raise WorkbookError(
                    f"{entry.filename[:80]!r} in it declares entities, which no workbook does; look at it"
                )
            if entry.filename.startswith("xl/worksheets/"):
                found += [hit.decode() for hit in _MERGED.findall(text)]
            tail = text[-_OVERLAP:]
    return list(dict.fromkeys(found))


def _no_workbook(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}"[:200]
    return f"it is no workbook that can be read ({said}); save it as .xlsx (Excel workbook), without a password"
