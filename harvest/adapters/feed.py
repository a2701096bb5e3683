"""RSS and Atom with whatever extension tags they carry: the format knows the usual fields, the card adds its own."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

from harvest.adapters.adapter import Adapter, Ending, Node
from harvest.fields import FieldSpec, Pick
from harvest.records import Page, Problem
from harvest.xml_items import Wanted, compile_xpath, items, names_of

_LINK = "*[local-name()='link'][not(@rel) or @rel='alternate']/@href"


class Feed(Adapter):
    """Items are ``item`` (RSS, RDF) or ``entry`` (Atom). Expressions are tags (``pubDate``, ``tt:locations/tt:location``)
    or XPath on an item. A feed is usually a window of the newest: its card then says removal.mode = "window"."""

    kind: Literal["feed"] = "feed"

    meanings: ClassVar[Mapping[str, FieldSpec]] = {
        "ref": ["guid", "id", "link", _LINK],
        "url": ["link", _LINK],
        "title": "title",
        "summary": ["description", "summary"],
        "text": ["content:encoded", "content", "description", "summary"],
        "published": ["pubDate", "published", "dc:date", "updated"],
    }

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_xpath(expression)

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        return (("total", self.total), ("paging.next", self.paging.next))

    def names(self, item: Node) -> Iterable[str]:
        return names_of(item)

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        yield from items(page, _ItemOrEntry(), self.total, self.paging.next)


class _ItemOrEntry(Wanted):
    def __init__(self) -> None:
        super().__init__("item")
        self._entry = Wanted("entry")

    def __call__(self, element: Node) -> bool:
        return super().__call__(element) or self._entry(element)
