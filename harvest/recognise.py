"""What an unknown page is: which format, where its items are, how its pages follow, by which system it was made."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from harvest.adapters.adapter import not_read
from harvest.charset import decode
from harvest.columns import MOST_ITEMS, columns
from harvest.css_paths import Markup, markup
from harvest.fields import Mapper
from harvest.guess import words
from harvest.recognised import MOST_BYTES, Ask, NotRecognisedError, Recognised, adapter_from, read_by, titled
from harvest.records import Page, Problem, Reason
from harvest.repeats import parts, repeats
from harvest.source import SHIPPED
from harvest.structured import of_json_text, of_table, of_xml_text

_HEAD = 512 * 1024


def recognise(page: Page, ask: Ask | None = None) -> Recognised:
    """What ``page`` is. ``ask`` gives further pages of a live source: the page of one item, a list that a page for people
    leads to. Raises :class:`NotRecognisedError` with a sentence."""
    try:
        body = page.read(MOST_BYTES)
    except ValueError as error:
        raise NotRecognisedError(f"{page.url}: {error}; expected a list of postings; ask for less at a time") from None
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise NotRecognisedError(f"{page.url} is empty; expected a list of postings")
    if not head.startswith(b"PK\x03\x04") and _is_binary(body):
        raise NotRecognisedError(
            f"{page.url} is a binary file; expected a feed, JSON, XML, HTML, CSV or XLSX: save or export it as one of these"
        )
    text = decode(body[:_HEAD], page.charset)[0]
    if found := _by_marks(page, text, ask):
        return found
    if head.startswith((b"{", b"[")):
        return of_json_text(page, body)
    if head.startswith(b"<") or (head[:2] in (b"\xff\xfe", b"\xfe\xff") and "<" in text[:5]):
        if re.match(
            r"\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype html|<html|<body|<div|<!--)", text.lstrip("\ufeff"), re.IGNORECASE
        ):
            return _html(page, ask)
        return of_xml_text(page)
    return of_table(page)


@cache
def systems() -> list[dict[str, Any]]:
    """Systems by their marks, as ``marks.toml`` has them."""
    found: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("marks.toml").read_text("utf-8"))["system"]
    return found


def _by_marks(page: Page, text: str, ask: Ask | None) -> Recognised | None:
    for system in systems():
        if not all(mark in text for mark in system["says"]) or not re.search(system.get("address", ""), page.url):
            continue
        if where := system.get("instead"):
            other = ask(urljoin(page.url, where)) if ask else None
            if other is not None and not other.problem:
                found = recognise(other)
                found.because = f"the page bears the marks of {system['name']}, whose list is at {other.url}"
                return found
            continue
        card = _card_of(system)
        adapter = card.pop("adapter")
        if titled(adapter, page):
            if "like" not in card:
                _prune(adapter, page)
            return Recognised(
                page, adapter, f"it bears the marks of {system['name']}", system=system["name"], card=card,
                kind=system.get("kind", ""), unsure={},
            )  # fmt: skip
    return None


def _prune(adapter: dict[str, Any], page: Page) -> None:
    """Leaves out what a system may tell and this source does not."""
    items = read_by(adapter, page)
    reader = adapter_from(adapter)
    for name in list(adapter.get("fields", {})):
        mapper = Mapper({name: reader.fields[name]}, reader.compile, {}, ("fi", "sv", "en"))
        if not any(mapper.map(item)[0] for item in items):
            del adapter["fields"][name]


def _card_of(system: dict[str, Any]) -> dict[str, Any]:
    if "like" not in system:
        return tomllib.loads(system["card"])
    card = tomllib.loads((SHIPPED / f"{system['like']}.toml").read_text("utf-8"))
    return {name: card[name] for name in ("adapter", "lookups", "keep", "removal") if name in card} | {"like": card}


def _html(page: Page, ask: Ask | None) -> Recognised:
    found = markup(page)
    if isinstance(found, Problem):
        raise NotRecognisedError(f"{page.url}: {found.detail}")
    wall = not_read(page, "HTML", "")
    if wall.reason is Reason.CHALLENGE:
        raise NotRecognisedError(
            f"{page.url}: the answer is a page that asks the visitor to prove to be human; ask the publisher for a feed"
        )
    alone = {"kind": "job_posting"}
    if postings := read_by(alone, page):
        because = f"its JSON-LD has {len(postings)} JobPosting{'s' if len(postings) > 1 else ''}"
        unsure = {} if len(postings) > 1 else {"kind": "the page is one advert; the list of all of them was expected"}
        return Recognised(page, alone, because, unsure=unsure)
    if found.tree.css_first("input[type=password]") is not None:
        raise NotRecognisedError(
            f"{page.url} is a page to log in; expected a list that anybody may read: ask the publisher for a feed"
        )
    lists = repeats(found, words()["pages"]["paths"])
    if not lists:
        return _led_on(page, found, ask)
    best, paging = lists[0], _onward(found)
    linked = _first_advert(best.nodes[0], found.base, ask)
    if linked:
        adapter: dict[str, Any] = {"kind": "job_posting", "items": best.link} | paging
        return Recognised(
            page, adapter, f"{best.selector!r} links to {len(best.nodes)} pages with a JobPosting in their JSON-LD"
        )
    found_columns = columns([parts(node, found.base) for node in best.nodes[:MOST_ITEMS]])
    adapter = {"kind": "html_list", "items": best.selector} | paging
    others = ", ".join(repr(one.selector) for one in lists[1:4])
    unsure = {
        "items": "selectors break when a site is laid out anew" + (f"; also repeated: {others}" if others else "")
    }
    return Recognised(page, adapter, f"it is HTML in which {best.selector!r} is repeated", found_columns, unsure=unsure)


def _first_advert(node: Any, base: str, ask: Ask | None) -> bool:
    link = next((text for path, name, text in parts(node, base) if name == "url"), "")
    if not ask or not link.startswith("http"):
        return False
    other = ask(link)
    return not other.problem and bool(read_by({"kind": "job_posting"}, other))


def _led_on(page: Page, found: Markup, ask: Ask | None) -> Recognised:
    """A page without a list may name its feed."""
    for link in found.elements('link[rel="alternate"][type*="rss"], link[rel="alternate"][type*="atom"]')[:1]:
        address = urljoin(found.base, link.node.attributes.get("href") or "")
        other = ask(address) if ask else None
        if other is not None and not other.problem:
            led = recognise(other)
            led.because = f"the page names the feed {address}"
            return led
    raise NotRecognisedError(
        f"{page.url} is HTML without a list of postings that can be seen: no JobPosting, no repeated part with links, no feed; "
        "if the page fills itself by script, look for the address that the script asks, or ask the publisher for a feed"
    )


def _onward(found: Markup) -> dict[str, Any]:
    for selector in (
        "a[rel=next]",
        "link[rel=next]",
        "a.next",
        ".next a",
        "li.pagination-next a",
        ".pagination__next a",
    ):
        if found.tree.css_first(f"{selector}") is not None:
            return {"paging": {"kind": "next", "next": selector}}
    return {}


def _is_binary(body: bytes) -> bool:
    head = body[:4096]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or (head[1:2] == b"\0" and head[:1] == b"<"):
        return False
    return (
        b"\0" in head
        or head.startswith((b"%PDF", b"\x89PNG", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"))
        or (sum(one < 9 or 13 < one < 32 for one in head) > len(head) // 50)
    )
