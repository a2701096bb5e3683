"""Rows of a text table one at a time: an unclosed quotation mark costs its own row, and a cut file is called cut."""

import csv
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO, TextIOWrapper
from itertools import islice
from typing import IO, Any

from harvest.charset import encoding_of
from harvest.records import Problem, Reason, Step

SEPARATORS = (";", ",", "\t", "|")
_SAMPLE = 64 * 1024
_LONGEST_LINE = 1024 * 1024


class CsvRows:
    """A file of separated values. ``samples`` gives its first rows under each separator, so that the one may be chosen that
    makes sense; ``rows`` then gives all of them with their numbers, problems among them."""

    def __init__(self, file: IO[bytes], label: str, url: str) -> None:
        self._file, self._url = file, url
        self._encoding = encoding_of(file, label)

    def samples(self, separators: tuple[str, ...], most: int) -> Iterator[tuple[str, list[list[Any]]]]:
        """The first ``most`` rows under each of ``separators``."""
        text = self._text()
        head = text.read(_SAMPLE).replace("\0", "")
        text.detach()
        for separator in separators:
            reader = csv.reader(StringIO(head, newline=""), delimiter=separator)
            try:
                yield separator, list(islice(reader, most))
            except csv.Error:
                yield separator, []

    def rows(self, separator: str, width: int) -> Iterator[tuple[int, list[Any]] | Problem]:
        """Every row with its number, from 1; of a row with more than ``width`` cells the further ones too.

        The last thing is a problem ``truncated`` when the file ends within a row.
        """
        text = self._text()
        try:
            yield from self._rows(_Lines(text), separator, width)
        finally:
            with suppress(ValueError):  # whoever stops reading early may have closed the page
                text.detach()

    def _rows(self, lines: "_Lines", separator: str, width: int) -> Iterator[tuple[int, list[Any]] | Problem]:
        reader = csv.reader(lines, delimiter=separator, strict=True)
        number = 0
        while True:
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                row = _one_line(lines.taken[0], separator, width)
                if row is not None:
                    yield number, row
                elif lines.at_end and not _look_like_rows(lines.taken[1:], separator, width):
                    yield self._cut(number)
                    return
                else:
                    yield self._broken(number, str(error))
                lines.give_back()
                continue
            number += 1
            if 0 < len(cells) < width and not lines.taken[-1].endswith(("\n", "\r")):
                yield self._cut(number)
                return
            yield number, cells

    def _text(self) -> TextIOWrapper:
        self._file.seek(0)
        return TextIOWrapper(self._file, encoding=self._encoding, errors="replace", newline="")

    def _cut(self, number: int) -> Problem:
        detail = (
            f"the file ends within row {number}, so it was cut; nothing is closed by this run: send it again, whole"
        )
        return Problem(step=Step.READ, reason=Reason.TRUNCATED, about=f"{self._url} item {number}", detail=detail)

    def _broken(self, number: int, error: str) -> Problem:
        detail = f"row {number} cannot be read ({error}); a quotation mark within a text is written twice"
        about = f"{self._url} item {number}"
        return Problem(step=Step.READ, reason=Reason.BROKEN_RECORD, about=about, detail=detail, drops=True)


class _Lines:
    """The lines of a text, remembering those of the row that is being read, so that all but its first can be read again."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.at_end = False

    def begin(self) -> None:
        self.taken = []

    def give_back(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(_LONGEST_LINE)
        if not line:
            self.at_end = True
            raise StopIteration
        line = line.replace("\0", "")  # no database takes it
        self.taken.append(line)
        return line


def _one_line(line: str, separator: str, width: int) -> list[str] | None:
    """A row whose quotation marks are not as they should be, where it can mean one thing only."""
    if line.count('"') % 2:
        return None
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell that is longer than any may be
        return None
    return cells if len(cells) == width else None


def _look_like_rows(lines: list[str], separator: str, width: int) -> bool:
    return bool(lines) and all(line.count(separator) == width - 1 for line in lines if line.strip())
