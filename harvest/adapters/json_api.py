"""JSON answers: where the items are, how pages follow, which field is which, all in JMESPath or plain dotted paths."""

from collections.abc import Iterable, Iterator
from typing import Literal

from harvest.adapters.adapter import Adapter, Ending, Node, not_read
from harvest.fields import Pick
from harvest.json_paths import compile_path, decode_json
from harvest.records import Page, Problem, Reason


class JsonApi(Adapter):
    """``items``, ``total``, ``paging.next`` and ``paging.last`` are expressions on the whole answer, the rest on an item."""

    kind: Literal["json_api"] = "json_api"

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_path(expression)

    def names(self, item: Node) -> Iterable[str]:
        return item.keys() if isinstance(item, dict) else ()

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        try:
            body = page.read()
            answer = decode_json(body, page.charset)
        except ValueError as error:
            reason = Reason.TRUNCATED if "truncated" in str(error).lower() else Reason.NOT_THIS_FORMAT
            yield not_read(page, "JSON", f"{error}", reason)
            return
        total, last = (_whole_number(self._found(path, answer)) for path in (self.total, self.paging.last))
        items = self._found(self.items, answer) if self.items else answer
        if items is None and (total == 0 or last == 0):
            items = []
        if isinstance(items, dict) and not self.items:
            items = [items]
        if not isinstance(items, list):
            where = f"items = {self.items!r}" if self.items else "the answer itself"
            yield not_read(page, "JSON of the card's shape", f"{where} gives no list", Reason.SHAPE_CHANGED)
            return
        yield from items
        following = self._found(self.paging.next, answer)
        yield Ending(total=total, last=last, next=(following,) if isinstance(following, str) and following else ())

    def _found(self, expression: str, answer: object) -> object:
        return compile_path(expression)[0](answer) if expression else None


def _whole_number(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
