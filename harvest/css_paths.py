"""Pages of HTML as trees, and the expressions that look into them: a CSS selector, and what of the element is meant."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from harvest.adapters.adapter import not_read
from harvest.address import absolute
from harvest.charset import decode
from harvest.fields import Pick
from harvest.limits import MIB
from harvest.nesting import is_too_much
from harvest.records import Page, Problem, Reason

_PART = re.compile(r"(?P<css>.*?)(?:@(?P<attribute>[A-Za-z_][\w:.-]*)|::(?P<form>text|html))?", re.DOTALL)
_ADDRESSES = frozenset({"href", "src", "action"})
_UNSEEN = frozenset({"script", "style", "template", "noscript"})
_INLINE = frozenset({"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "span", "strong",
                     "sub", "sup", "time", "u", "wbr"})  # fmt: skip

LARGEST = 2 * MIB
"""Bytes of a page of HTML."""
DEEPEST = 1_000
"""Tags within tags; browsers stop at 512. A look into an element costs what stands within it, so that depth costs time."""
_TOO_DEEP = " > ".join("*" * DEEPEST)

_EXAMPLES = '"h2 a", "h2 a@href", "@data-id", "article .body::html"'


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a page: its node, and the address that its relative links are meant from."""

    node: LexborNode
    base: str


@dataclass(frozen=True, slots=True)
class Markup:
    """A page as a tree. ``base`` is its address, or what its ``<base href>`` says."""

    text: str
    tree: LexborHTMLParser
    base: str

    def elements(self, selector: str) -> list[Element]:
        """What ``selector`` finds, in the page's order; the page itself for an empty one."""
        if not selector:
            return [Element(self.tree.root, self.base)] if self.tree.root is not None else []
        return [Element(node, self.base) for node in self.tree.css(selector)]

    @property
    def is_cut(self) -> bool:
        """Whether it begins as a page of HTML and does not end as one."""
        return "<html" in self.text[:4096].lower() and "</html" not in self.text[-4096:].lower()


def markup(page: Page) -> Markup | Problem:
    """The page as a tree, or the problem of one that is no HTML."""
    try:
        text, _encoding = decode(page.read(LARGEST), page.charset)
    except ValueError as error:
        return not_read(page, "HTML", str(error), Reason.TOO_LARGE)
    if "<" not in text:
        return not_read(page, "HTML", "it has no mark-up")
    deep = f"its tags stand more than {DEEPEST} deep within each other"
    if is_too_much(text):  # 100,000 nested <div> took the parser 96 seconds
        return not_read(page, "HTML", f"{deep}, or have thousands of attributes", Reason.TOO_LARGE)
    tree = LexborHTMLParser(text)
    if tree.css_first(_TOO_DEEP) is not None:
        return not_read(page, "HTML", deep, Reason.TOO_LARGE)
    stated = tree.css_first("base[href]")
    base = absolute(page.url, (stated.attributes.get("href") or "").strip()) if stated is not None else page.url
    return Markup(text, tree, base)


def cut(page: Page) -> Problem:
    """The problem of a page that does not end."""
    return not_read(page, "a whole page of HTML", "it does not end in </html>", Reason.TRUNCATED)


def compile_css(expression: str) -> Pick:
    """``selector@attribute``, ``selector::text`` or ``selector::html`` as a function from an element to the texts it finds;
    a selector alone means ``::text``, and without a selector the element itself is meant.

    The attributes of addresses are given as seen from the page. Of elements within each other the outer one has the text of
    the inner ones already. Raises ``ValueError`` for what is no selector.
    """
    hit = _PART.fullmatch(expression.strip())
    assert hit is not None, "every part of it may be empty"
    selector, attribute, form = hit["css"].strip(), hit["attribute"], hit["form"]
    try:
        must_select(selector)
    except ValueError as error:
        raise ValueError(f"{error}; after it @attribute, ::text or ::html, like {_EXAMPLES}") from None

    def value(element: Element, node: LexborNode) -> str:
        if attribute:
            return _attribute(element, node, attribute)
        return (node.inner_html or "").strip() if form == "html" else text_of(node)

    def pick(element: Element) -> object:
        found = element.node.css(selector) if selector else [element.node]
        found = found if attribute or len(found) < 2 else _outer(found)
        texts = [text for node in found if (text := value(element, node))]
        return texts[0] if len(texts) == 1 else texts or None

    return pick


def _outer(found: list[LexborNode]) -> list[LexborNode]:
    """Those that stand within none of the others; they come in the page's order, so an inner one after its outer one."""
    kept: list[LexborNode] = []
    for node in found:
        above = node.parent
        while kept and above is not None and above.mem_id != kept[-1].mem_id:
            above = above.parent
        if not kept or above is None:
            kept.append(node)
    return kept


def leads_nowhere(address: str) -> bool:
    """Whether a link is none: lists often keep their arrow on the last page, without an address or with a dead one."""
    return not address or address.startswith(("#", "javascript:"))


def must_select(selector: str) -> None:
    """Raises ``ValueError`` for what is no CSS selector; nothing at all is none, and is let through."""
    if selector:
        try:
            LexborHTMLParser("<p></p>").css(selector)
        except SelectolaxError:
            raise ValueError(
                'expected a CSS selector, like "ul.jobs > li" or, by a text, "p:lexbor-contains(\'Ei avoimia\')"'
            ) from None


def text_of(node: LexborNode) -> str:
    """The text that a reader sees, its blanks single, a line for each block."""
    if node.child is not None and node.child.next is None and node.child.is_text_node:
        return " ".join((node.text(deep=False) or "").split())
    pieces: list[str] = []
    _gather(node, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(filter(None, lines))


def _gather(node: LexborNode, pieces: list[str]) -> None:
    """Without recursion: a hostile page nests deeper than Python does."""
    todo: list[tuple[LexborNode | None, str]] = [(node.child, "")]
    while todo:
        here, ending = todo.pop()
        if here is None:
            pieces.append(ending)
            continue
        todo.append((here.next, ending))
        if here.is_text_node:
            pieces.append((here.text_content or "").replace("\n", " "))
        elif here.is_element_node and here.tag not in _UNSEEN:
            line = "" if here.tag in _INLINE else "\n"
            pieces.append(line)
            todo.append((here.child, line))


def _attribute(element: Element, node: LexborNode, name: str) -> str:
    attributes = node.attributes
    if name not in attributes:
        return ""
    said = attributes[name]
    if said is None:
        return "true"
    said = said.strip()
    return absolute(element.base, said) if said and name in _ADDRESSES else said
