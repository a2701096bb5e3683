"""JSON answers: where the items are, how pages follow, which field is which, all in JMESPath or plain dotted paths."""

from collections.abc import Iterable, Iterator
from typing import Literal

from harvest.adapters.adapter import Adapter, Ending, Node, not_json, not_read, uncounted, whole_number
from harvest.fields import Pick
from harvest.json_paths import compile_path, decode_json
from harvest.records import Page, Problem, Reason


class JsonApi(Adapter):
    """``items``, ``total``, ``paging.next`` and ``paging.last`` are expressions on the whole answer, the rest on an item."""

    kind: Literal["json_api"] = "json_api"

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_path(expression)

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        paging = self.paging
        return (
            ("items", self.items),
            ("total", self.total),
            ("paging.next", paging.next),
            ("paging.last", paging.last),
        )

    def names(self, item: Node) -> Iterable[str]:
        return item.keys() if isinstance(item, dict) else ()

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        try:
            answer = decode_json(page.read(), page.charset)
        except ValueError as error:
            yield not_json(page, error)
            return
        try:
            found = [compile_path(path)[0](answer) if path else None for _key, path in self.of_the_answer()]
        except (TypeError, ValueError) as error:
            yield not_read(page, "JSON of the card's shape", str(error), Reason.SHAPE_CHANGED)
            return
        items, following = found[0] if self.items else answer, found[2]
        total, last = whole_number(found[1]), whole_number(found[3])
        if items is None and (total == 0 or last == 0):
            items = []
        if isinstance(items, dict) and not self.items:
            items = [items]
        if not isinstance(items, list):
            where = f"items = {self.items!r}" if self.items else "the answer itself"
            yield not_read(page, "JSON of the card's shape", f"{where} gives no list", Reason.SHAPE_CHANGED)
            return
        yield from items
        counts = (("total", self.total, total), ("paging.last", self.paging.last, last))
        yield from uncounted(page, "JSON of the card's shape", counts)
        yield Ending(total=total, last=last, next=(following,) if isinstance(following, str) and following else ())
