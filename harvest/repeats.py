"""What is repeated on a page of HTML: the selector of a list's items, and what each of them holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from harvest.css_paths import Element, Markup, compile_css, text_of

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_FLEETING = re.compile(r"odd|even|first|last|active|current|selected|(?:is|has|js)-.*|.*\d{3,}.*")
_ASIDE = frozenset({"nav", "header", "footer", "aside", "select", "head"})
_ITEMS = frozenset({"li", "tr", "article", "div", "section", "a", "dl", "details"})
_ENTRANCES = 60
_MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Repeat:
    """A selector, the elements that it finds, and the selector of the link in each, seen from the page."""

    selector: str
    nodes: list[LexborNode]
    link: str


def repeats(page: Markup, paths: list[str]) -> list[Repeat]:
    """The lists of a page, the likeliest first: items with a link of their own and several texts, outside menus.

    ``paths`` are beginnings of words that addresses of postings have.
    """
    groups: dict[str, list[LexborNode]] = {}
    for node in page.tree.css(", ".join(sorted(_ITEMS))):
        if node.tag == "a" or node.css_first("a[href]") is not None:
            selector = _selector(node)
            if selector and not _is_aside(node):
                groups.setdefault(selector, []).append(node)
    scored = []
    for selector, nodes in groups.items():
        if nodes[0].css_first(selector) not in (None, nodes[0]):
            continue  # it holds itself
        links = [_links(node) for node in nodes]
        if len(nodes) < 2 and not _is_row(nodes[0]):
            continue
        alone = sum(len(one) == 1 for one in links) / len(nodes)
        distinct = len({address for one in links for address in one}) / max(1, sum(map(len, links)))
        texts = sum(min(6, sum(1 for _ in parts(node, page.base))) for node in nodes[:20]) / min(20, len(nodes))
        likely = sum(any(word in address.lower() for word in paths) for one in links for address in one[:1]) / len(
            nodes
        )
        if alone < 0.6 or distinct < 0.6:
            continue
        scored.append((min(len(nodes), 20) / 20 + texts / 2 + 2 * likely + alone, selector, nodes))
    found = []
    for _score, selector, nodes in sorted(scored, key=lambda one: -one[0])[:5]:
        if len(page.tree.css(selector)) == len(nodes):
            link = selector if nodes[0].tag == "a" else f"{selector} a[href]"
            found.append(Repeat(selector, nodes, link))
    return found


def parts(node: LexborNode, base: str) -> Iterator[tuple[str, str, str]]:
    """Expression, name and text of what an item holds: the attributes of its own, its first link, its parts by class or
    by the heading of their column."""
    headings = _headings(node)
    for name, value in node.attributes.items():
        if name.startswith("data-") and value and len(value) < 200:
            yield f"@{name}", name.removeprefix("data-"), value
    link = node if node.tag == "a" else node.css_first("a[href]")
    seen: set[str] = set()
    if link is not None:
        own = "" if node.tag == "a" else "a"
        yield f"{own}@href", "url", _value(f"{own}@href", node, base)
    title = next((tag for tag in ("h1", "h2", "h3", "h4", "h5") if node.css_first(tag) is not None), "")
    shown = node.css_first(title) if title else link
    if shown is not None and (title or node.tag != "a") and text_of(shown):
        yield title or "a", "title", text_of(shown)
        seen.add(title or "a")
    if node.tag == "tr":
        for at, cell in enumerate((one for one in _children(node) if one.tag in ("td", "th")), 1):
            path = f"td:nth-child({at})"
            if text := text_of(cell):
                yield path, headings.get(at, " ".join((cell.attributes.get("class") or "").split()[:1])), text
        return
    for one in node.css("*")[:_MOST_PARTS]:
        name, tag = _class(one) or (one.attributes.get("itemprop") or ""), str(one.tag)
        path = f"{tag}.{name}" if _class(one) else f'[itemprop="{name}"]' if name else tag
        if (
            path in seen
            or one.tag in ("a", "script", "style", "img", "svg")
            or not (name or one.tag in ("time", "p", "span"))
        ):
            continue
        seen.add(path)
        if one.tag == "time" and one.attributes.get("datetime"):
            yield f"{path}@datetime", name or "date", str(one.attributes["datetime"])
        elif (
            len(node.css(path)) == 1
            and not any(child.is_element_node and _class(child) for child in _children(one))
            and (text := text_of(one))
        ):
            yield path, name or tag, text


def _value(path: str, node: LexborNode, base: str) -> str:
    found = compile_css(path)(Element(node, base))
    return str(found[0] if isinstance(found, list) else found or "")


def _selector(node: LexborNode) -> str:
    """The node by its tag and class, below the nearest part of the page that has a name."""
    steps, here = [str(node.tag) + (f".{_class(node)}" if _class(node) else "")], node.parent
    while here is not None and here.tag not in ("body", "html", "-undef", None):
        identity = here.attributes.get("id") or ""
        if _NAME.fullmatch(identity) and not _FLEETING.fullmatch(identity):
            return " ".join([f"#{identity}", *steps])
        if _class(here):
            return " ".join([f"{here.tag}.{_class(here)}", *steps])
        if here.tag in ("main", "table", "tbody", "ul", "ol"):
            steps.insert(0, here.tag)
        here = here.parent
    return " ".join(steps) if len(steps) > 1 or "." in steps[0] else ""


def _class(node: LexborNode) -> str:
    names = (node.attributes.get("class") or "").split()
    return next((one for one in names if _NAME.fullmatch(one) and not _FLEETING.fullmatch(one.lower())), "")


def _is_aside(node: LexborNode) -> bool:
    here: LexborNode | None = node
    while here is not None:
        if here.tag in _ASIDE or here.attributes.get("role") == "navigation":
            return True
        here = here.parent
    return False


def _is_row(node: LexborNode) -> bool:
    return node.tag in ("tr", "li", "article")


def _links(node: LexborNode) -> list[str]:
    found = [node] if node.tag == "a" else node.css("a[href]")
    addresses = [(one.attributes.get("href") or "").strip() for one in found[:_ENTRANCES]]
    return list(
        dict.fromkeys(one for one in addresses if one and not one.startswith(("#", "javascript:", "mailto:", "tel:")))
    )


def _children(node: LexborNode) -> list[LexborNode]:
    return [one for one in node.iter() if one.is_element_node]


def _headings(node: LexborNode) -> dict[int, str]:
    """Of a row of a table: the heading of each of its columns."""
    here: LexborNode | None = node
    while here is not None and here.tag != "table":
        here = here.parent
    cells = here.css("th") if here is not None else []
    return {at: text_of(one) for at, one in enumerate(cells, 1)}
