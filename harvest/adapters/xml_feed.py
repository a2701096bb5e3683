"""An XML document of items, read as a stream: employer feeds, partner feeds, anything with a repeated element."""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import field_validator

from harvest.adapters.adapter import Adapter, Ending, Node
from harvest.fields import Pick
from harvest.records import Page, Problem
from harvest.xml_items import Wanted, compile_xpath, items, names_of


class XmlFeed(Adapter):
    """``items`` is a path of element names (``job``, ``jobs/job``, ``job[@status='open']``); ``total`` and ``paging.next``
    are XPath on the root, the rest on an item."""

    kind: Literal["xml_feed"] = "xml_feed"
    items: str

    @field_validator("items")
    @classmethod
    def _a_path(cls, path: str) -> str:
        Wanted(path)
        return path

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_xpath(expression)

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        return (("total", self.total), ("paging.next", self.paging.next))

    def names(self, item: Node) -> Iterable[str]:
        return names_of(item)

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        yield from items(page, Wanted(self.items), self.total, self.paging.next)
