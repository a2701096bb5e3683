"""Lines of JSON, one object a line, read as a stream: however large the answer is, one line of it is in memory."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import model_validator

from harvest.adapters.adapter import Adapter, Ending, Node, not_read
from harvest.fields import Pick
from harvest.json_paths import compile_path, decode_json
from harvest.limits import MIB
from harvest.records import Page, Problem, Reason, Step

LONGEST_LINE = 4 * MIB
MOST_DOUBTS = 20
"""So many broken lines before the first good one, and it is another format."""


class Ndjson(Adapter):
    """Every expression is on one object: nothing stands around them, so a card that names ``items``,
    ``total`` or pages is refused.

    An answer without a line is a true zero: that is how a stream says that nothing has changed. A last line that cannot
    be read was cut. One in the middle stays behind, and since nobody knows which posting it was, the run is not whole.
    """

    kind: Literal["ndjson"] = "ndjson"

    @model_validator(mode="after")
    def _nothing_around_the_lines(self) -> "Ndjson":
        if self.items or self.total or self.paging.kind not in ("none", "shards"):
            raise ValueError("ndjson has one posting a line and nothing around them: leave out items, total and paging")
        return self

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_path(expression)

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        return ()

    def names(self, item: Node) -> Iterable[str]:
        return item.keys() if isinstance(item, dict) else ()

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        good, doubts = 0, list[Problem]()
        for number, line, last in _lines(page):
            item = _object(line, page.charset)
            if isinstance(item, dict):
                if last and not good and not doubts and not self._starts() & item.keys():
                    detail = f"its only object has no {', '.join(sorted(self._starts()))}: a message, and no posting"
                    yield not_read(page, "lines of JSON", detail)
                    return
                good += 1
                yield from doubts
                doubts.clear()
                yield item
                continue
            cut = last and (good > 0 or (not doubts and line.startswith(b"{") and "truncated" in item))
            if cut:
                detail = f"line {number} is the last, and does not end: {item}"
                yield not_read(page, "lines of JSON", detail, Reason.TRUNCATED)
                return
            detail = f"{item}; expected one object of JSON; tell the publisher if it lasts"
            about = f"{page.url} line {number}"
            doubts.append(Problem(step=Step.READ, reason=Reason.BROKEN_RECORD, about=about, detail=detail, drops=True))
            if good:
                yield doubts.pop()
            elif last or len(doubts) == MOST_DOUBTS:
                yield not_read(page, "lines of JSON, one object each", doubts[0].detail)
                return
        yield Ending()

    def _starts(self) -> frozenset[str]:
        """The top-level names that ``ref`` is taken from: an object without any of them is no posting."""
        spec = self.all_fields["ref"]
        paths = [one if isinstance(one, str) else one.from_ for one in (spec if isinstance(spec, list) else [spec])]
        flat = [path for some in paths for path in ([some] if isinstance(some, str) else some) if path]
        return frozenset(name for path in flat for name in self.compile(path)[1])


def _object(line: bytes, charset: str) -> dict[str, Any] | str:
    """The object of a line, or what is wrong with it."""
    if len(line) > LONGEST_LINE:
        return f"it is longer than {LONGEST_LINE} bytes"
    try:
        item = decode_json(line, charset)
    except ValueError as error:
        return str(error)
    return item if isinstance(item, dict) else "it holds something else than an object"


def _lines(page: Page) -> Iterator[tuple[int, bytes, bool]]:
    """Each line that is not blank, with its number and whether it is the last. One that is too long comes cut, as a line
    that is longer than may be."""
    number, waiting = 0, (0, b"")
    while piece := page.file.readline(LONGEST_LINE + 1):
        number += 1
        line = piece
        while not piece.endswith(b"\n") and len(piece) > LONGEST_LINE:
            piece = page.file.readline(LONGEST_LINE + 1)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line := line.strip() if len(line) <= LONGEST_LINE else line:
            if waiting[1]:
                yield *waiting, False
            waiting = number, line
    if waiting[1]:
        yield *waiting, True
