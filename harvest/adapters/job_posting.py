"""schema.org JobPosting in the JSON-LD of pages, found through a list page, a sitemap, or by their own address."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import pydantic
from pydantic import model_validator

from harvest.adapters.adapter import Adapter, Ending, Node, not_read
from harvest.address import absolute
from harvest.css_paths import Markup, cut, leads_nowhere, markup, must_select
from harvest.fields import Field, FieldSpec, Pick
from harvest.json_paths import compile_path, whole_letters
from harvest.records import Page, Problem, Reason
from harvest.schema_org import READ, flat
from harvest.xml_items import Wanted, text_of
from harvest.xml_items import items as xml_items


class JobPosting(Adapter):
    """With ``items`` (a CSS selector of the links, or ``sitemap``) a page is a list: its items are the links with their
    attributes, ``link`` names the attribute that holds the address, and each new or changed one is read from its own
    page. Without it a page is the advert itself. ``paging.next`` is ``selector@attribute``; a
    list without a link is a true zero only where it has what ``empty`` selects.

    Every known deviation of real pages is read: ``@graph``, lists, several blocks, raw line breaks, an organisation or
    salary that is plain text, several places in one, numbers for texts.
    """

    kind: Literal["job_posting"] = "job_posting"
    link: str = "href"
    empty: str = ""
    budget: int = pydantic.Field(default=500, ge=1)

    meanings: ClassVar[Mapping[str, FieldSpec]] = {
        "ref": ["identifier", "url"],
        "url": "url",
        "title": "title",
        "text": "description",
        "employer": "employer",
        "employer_id": "employer_id",
        "place": "places",
        "postal_code": "postal_codes",
        "address": "streets",
        "published": "datePosted",
        "ends": "validThrough",
        "changed": "lastmod",
        "hours": "hours",
        "contract": "contract",
        "work_form": "work_form",
        "remote": "remote",
        "openings": "totalJobOpenings",
        "salary": "salary",
        "occupation": Field.model_validate({"from": "isco", "list": "isco"}),
    }

    @model_validator(mode="after")
    def _selectors_compile(self) -> "JobPosting":
        onward = self.paging.next.partition("@")[0]
        for key, selector in (("items", self.items), ("empty", self.empty), ("paging.next", onward)):
            if selector != "sitemap":
                try:
                    must_select(selector)
                except ValueError as error:
                    raise ValueError(f"{key} = {selector!r}: {error}") from None
        return self

    @model_validator(mode="before")
    @classmethod
    def _links_have_pages(cls, table: Any) -> Any:
        if isinstance(table, dict) and table.get("items") and "details" not in table:
            page = {name: table[name] for name in ("fields", "ignore") if name in table}
            details = {"url": "url", "adapter": {"kind": "job_posting", **page}, "budget": table.get("budget", 500)}
            return {**table, "details": details}
        return table

    @property
    def at_once(self) -> frozenset[str]:
        """Of a link no more than what the card itself maps: its meanings are those of an advert."""
        return frozenset({"ref", "url", "changed", *self.fields} if self.items else self.all_fields)

    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        return compile_path(expression)

    def names(self, item: Node) -> Iterable[str]:
        return () if self.items else (name for name in item if name not in READ and not name.startswith("@"))

    def read(self, page: Page) -> Iterator[Node | Problem | Ending]:
        if self.items == "sitemap":
            yield from _sitemap(page)
            return
        found = markup(page)
        if isinstance(found, Problem):
            yield found
        elif self.items:
            yield from self._links(page, found)
        else:
            yield from _adverts(page, found)

    def _links(self, page: Page, whole: Markup) -> Iterator[Node | Problem | Ending]:
        found = whole.tree.css(self.items)
        if not found:
            marker = f", nor empty = {self.empty!r}" if self.empty else ""
            problem = not_read(page, "HTML", f"items = {self.items!r} finds no link{marker}", Reason.SHAPE_CHANGED)
            if whole.is_cut and problem.reason is Reason.SHAPE_CHANGED:
                yield cut(page)
            else:
                yield Ending() if self.empty and whole.tree.css_first(self.empty) is not None else problem
            return
        if whole.is_cut:
            yield cut(page)
            return
        for element in found:
            attributes = {name: "true" if value is None else value for name, value in element.attributes.items()}
            if attributes.get(self.link):
                yield {**attributes, "url": absolute(whole.base, attributes[self.link])}
        selector, _, attribute = self.paging.next.partition("@")
        onward = whole.tree.css_first(selector) if selector else None
        address = (onward.attributes.get(attribute or "href") or "").strip() if onward is not None else ""
        yield Ending(next=() if leads_nowhere(address) else (address,))


def _adverts(page: Page, whole: Markup) -> Iterator[Node | Problem | Ending]:
    blocks = [block.text() for block in whole.tree.css('script[type^="application/ld+json"]')]
    found = [posting for block in blocks for posting in _postings(_loads(block))]
    if not found:
        said = "its JSON-LD cannot be read" if blocks else "it has no JSON-LD"
        problem = not_read(page, "HTML with a JobPosting", f"{said} of a JobPosting", Reason.SHAPE_CHANGED)
        yield cut(page) if whole.is_cut and problem.reason is Reason.SHAPE_CHANGED else problem
        return
    if whole.is_cut:
        yield cut(page)
        return
    for posting in found:
        yield flat(posting, page.url)
    yield Ending()


def _loads(block: str) -> object:
    """Lenient: raw line breaks in texts, a comment or a semicolon around the object, half a letter of two."""
    block = block.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        return json.loads(whole_letters(block), strict=False)
    except (ValueError, RecursionError):
        return None


def _postings(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _postings(one)
    elif isinstance(value, dict):
        kinds = value.get("@type", "")
        if any(
            str(kind).rpartition("/")[2] == "JobPosting" for kind in (kinds if isinstance(kinds, list) else [kinds])
        ):
            yield value
        else:
            for name in ("@graph", "mainEntity", "itemListElement", "item"):
                yield from _postings(value.get(name))


def _sitemap(page: Page) -> Iterator[Node | Problem | Ending]:
    """Addresses with their ``lastmod``; an index of sitemaps leads on to each of them."""
    onward: list[str] = []
    for node in xml_items(page, _UrlOrSitemap()):
        if isinstance(node, Ending):
            yield Ending(next=tuple(onward))
        elif isinstance(node, Problem):
            yield node
        else:
            parts = {child.tag.rpartition("}")[2]: text_of(child) for child in node if isinstance(child.tag, str)}
            address = absolute(page.url, parts.get("loc", ""))
            if node.tag.rpartition("}")[2] == "sitemap":
                onward.append(address)
            elif parts.get("loc"):
                yield {"url": address, "lastmod": parts.get("lastmod", "")}


class _UrlOrSitemap(Wanted):
    def __init__(self) -> None:
        super().__init__("url")
        self._sitemap = Wanted("sitemap")

    def __call__(self, element: Node) -> bool:
        return super().__call__(element) or self._sitemap(element)
