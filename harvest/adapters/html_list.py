"""Pages of HTML whose items are found by CSS: lists of a site's own making, and the pages of single items."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import field_validator, model_validator

from harvest.adapters.adapter import Adapter, Ending, Node, not_read, uncounted, whole_number
from harvest.css_paths import Element, Markup, compile_css, cut, leads_nowhere, markup, must_select
from harvest.fields import Pick
from harvest.records import Page, Problem, Reason

_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.]\d{3})+(?!\d)|\d+")


class HtmlList(Adapter):
    """``items`` is a CSS selector; without it the page itself is the item, which is for the page of one. Expressions are
    ``selector@attribute``, ``selector::text``, ``selector::html``, or a selector alone for its text. ``total`` and
    ``paging.last`` are expressions of one number on the page, ``paging.next`` is a link (``a.next``; another attribute:
    ``pager@next``). An item is skipped when it is, or holds, what ``skip`` selects.

    A page without an item is a true zero where it states a total of 0 or has what ``empty`` selects; any other has
    changed its shape.
    """

    kind: Literal["html_list"] = "html_list"
    empty: str = ""

    @field_validator("items", "empty", "skip")
    @classmethod
    def _selects(cls, selector: str) -> str:
        must_select(selector)
        return selector

    @model_validator(mode="after")
    def _an_end_can_be_told(self) -> "HtmlList":
        if self.paging.kind in ("page", "offset") and not (self.total or self.paging.last or self.empty):
            raise ValueError(
                "paging by number goes on until a page has nothing: give total, paging.last or empty (what a page without "
                "results shows), so that the end can be told from a page that has changed its shape"
            )
        return self

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_css(expression), frozenset()

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        return (("total", self.total), ("paging.next", self.paging.next), ("paging.last", self.paging.last))

    def skipper(self) -> Pick | None:
        if not self.skip:
            return None
        return lambda item: item.node.css_matches(self.skip)

    def names(self, item: Node) -> Iterable[str]:  # noqa: ARG002 - a page has no fields of its own that could be unread
        return ()

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        found = markup(page)
        if isinstance(found, Problem):
            yield found
            return
        total, last = _number(found, self.total), _number(found, self.paging.last)
        items = found.elements(self.items) if self.items else self._whole(found)
        if not items and (total == 0 or last == 0 or (self.empty and found.elements(self.empty))):
            yield cut(page) if found.is_cut else Ending(total=total, last=last)
            return
        if not items:
            problem = not_read(page, "HTML of the card's shape", self._nothing(), Reason.SHAPE_CHANGED)
            yield cut(page) if found.is_cut and problem.reason is Reason.SHAPE_CHANGED else problem
            return
        if found.is_cut:
            yield cut(page)
            return
        yield from items
        counts = (("total", self.total, total), ("paging.last", self.paging.last, last))
        yield from uncounted(page, "HTML of the card's shape", counts)
        yield Ending(total=total, last=last, next=self._onward(found))

    def _whole(self, found: Markup) -> list[Element]:
        """The page itself, if any of the fields is on it: a page of something else must not blank what was known."""
        page = found.elements("")
        picks = [compile_css(path) for _name, path in self.expressions()]
        return page if any(pick(element) for element in page for pick in picks) else []

    def _nothing(self) -> str:
        if not self.items:
            return "none of adapter.fields finds anything on it"
        marker = f", nor empty = {self.empty!r}" if self.empty else ""
        return f"items = {self.items!r} finds nothing{marker}"

    def _onward(self, found: Markup) -> tuple[str, ...]:
        """The next page, unless the link is a dead one: lists often keep their arrow on the last page."""
        if not self.paging.next:
            return ()
        selector, at, attribute = self.paging.next.partition("@")
        for element in found.elements(selector):
            said = (element.node.attributes.get(attribute if at else "href") or "").strip()
            if not leads_nowhere(said):
                address = compile_css(f"@{attribute}" if at else "@href")(element)
                return (str(address),)
        return ()


def _number(found: Markup, expression: str) -> int | None:
    """The only number that ``expression`` finds on the page, thousands apart or not; nothing where there are several."""
    if not expression:
        return None
    texts = [compile_css(expression)(page) for page in found.elements("")]
    hits = (re.sub(r"\D", "", hit) for text in texts if isinstance(text, str) for hit in _NUMBER.findall(text))
    numbers = {whole_number(hit) for hit in hits}
    return numbers.pop() if len(numbers) == 1 else None
