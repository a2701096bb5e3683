"""The items of an XML document one at a time, in little memory, with an honest word on whether it was whole."""

import codecs
import copy
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any

from lxml import etree

from harvest.adapters.adapter import Ending, not_read, uncounted, whole_number
from harvest.charset import decode
from harvest.fields import Pick
from harvest.records import Page, Problem, Reason, Step
from harvest.xml_bytes import MOST_BEGUN, pieces, tags_begun

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "georss": "http://www.georss.org/georss",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sm": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "tt": "https://teamtailor.com/locations",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
"""Prefixes that an expression may use even where the document calls its namespaces something else."""

_HARMLESS = frozenset(
    {
        "ERR_UNDECLARED_ENTITY", "WAR_UNDECLARED_ENTITY", "ERR_ENTITYREF_SEMICOL_MISSING", "ERR_MISPLACED_CDATA_END",
        "ERR_INVALID_CHAR", "ERR_INVALID_CHARREF", "ERR_INVALID_DEC_CHARREF", "ERR_INVALID_HEX_CHARREF",
        "NS_ERR_UNDEFINED_NAMESPACE", "ERR_ATTRIBUTE_REDEFINED",
    }
)  # fmt: skip
"""Slips of libxml2's list that spoil a letter or a name. After any other, tags may not be where they seem to be, and an
item may have been swallowed: then the reading is not whole."""

_NO_ITEM_WITHIN = 32 * 1024 * 1024
_NAME = re.compile(r"(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*")


def items(page: Page, wanted: "Wanted", total: str = "", following: str = "") -> Iterator[Any]:
    """The elements that ``wanted`` accepts, each valid until the next is asked for; then an :class:`Ending`.

    Reading is lenient to what is wrong inside (a bare ``&``, an unknown entity: reported once; torn tags are reported as
    another format, since an item may be lost among them), strict about the end: a document whose bytes do not end in the
    closing tag of its root is cut, and an item that was only closed by the parser's kindness is not given. A document of
    200 MB adds under 30 MB of memory.
    """
    head = page.file.read(1024)
    page.file.seek(0)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0<")) or re.match(
        rb"\s*<(!doctype )?html", head, re.IGNORECASE
    ):
        yield not_read(page, "XML", "it does not begin like XML")
        return
    parser = etree.XMLPullParser(
        events=("start", "end"), encoding=_encoding(page.file, page.charset), recover=True, resolve_entities=False,
        no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    reading = _Reading(parser, wanted)
    fed = begun = 0
    for chunk in pieces(page.file):
        most, begun = tags_begun(chunk, begun)
        if most > MOST_BEGUN:
            yield not_read(page, "XML", f"more than {MOST_BEGUN} tags begin before one of them ends")
            return
        try:
            parser.feed(chunk)
        except etree.XMLSyntaxError as error:
            known = reading.root is not None
            yield not_read(page, "XML", str(error), Reason.TRUNCATED if known else Reason.NOT_THIS_FORMAT)
            return
        fed += len(chunk)
        yield from reading.items()
        if not reading.given and fed > _NO_ITEM_WITHIN:
            yield not_read(page, "XML of the card's shape", f"no {wanted.path!r} in {fed} bytes", Reason.SHAPE_CHANGED)
            return
    yield from _end(page, reading, total, following)


def lasting(node: Any) -> Any:
    """An item that may be looked at after the next was asked for; those of other formats are so of themselves."""
    return copy.deepcopy(node) if isinstance(node, etree._Element) else node


class _Reading:
    """A parser's events so far: the root, and the items that are complete, each dropped when the next is asked for."""

    def __init__(self, parser: Any, wanted: "Wanted") -> None:
        self.parser, self._wanted = parser, wanted
        self.root: Any = None
        self.given = 0
        self._previous: Any = None

    def items(self) -> Iterator[Any]:
        for event, element in self.parser.read_events():
            self.root = element if self.root is None else self.root
            if event == "end" and self._wanted(element):
                self.given += 1
                yield element
                element.clear()
                if self._previous is not None and self._previous.getparent() is not None:
                    self._previous.getparent().remove(self._previous)
                self._previous = element


def _end(page: Page, reading: _Reading, total: str, following: str) -> Iterator[Any]:
    root, parser = reading.root, reading.parser
    if root is None:
        yield not_read(page, "XML", "no element was found in it")
        return
    name = _split(root.tag)[1]
    if not _ends_in(page.file, name):
        detail = f"it does not end in the closing tag of {name!r}"
        yield not_read(page, "a whole XML document", detail, Reason.TRUNCATED)
        return
    # After a bare & the parser holds back all that follows until it meets a ; or is told that this was the end.
    with suppress(etree.XMLSyntaxError):
        parser.close()
    yield from reading.items()
    errors = parser.feed_error_log
    torn = [one for one in errors if one.type_name not in _HARMLESS and "EntityRef" not in one.message]
    for first in [*torn, *errors][:1]:
        detail = f"line {first.line}: {first.message}; the rest was read leniently ({len(errors)} such places)"
        reason = Reason.NOT_THIS_FORMAT if torn else Reason.BROKEN_RECORD
        yield Problem(step=Step.READ, reason=reason, about=page.url, detail=detail)
    onward = _stated(root, following)
    stated = whole_number(_stated(root, total))
    yield from uncounted(page, "XML of the card's shape", [("total", total, stated)])
    yield Ending(total=stated, next=(onward,) if onward else ())


def _stated(root: Any, expression: str) -> str:
    try:
        return text_of(compile_xpath(expression)[0](root)) if expression else ""
    except ValueError:
        return ""


def _ends_in(file: IO[bytes], root: str) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - 4096))
    tail = file.read().replace(b"\0", b"")
    tail = re.sub(rb"<!--.*?-->|<\?.*?\?>", b"", tail, flags=re.DOTALL).rstrip()
    closing = rb"(</\s*(?:[\w.-]+:)?" + re.escape(root).encode() + rb"\s*>|<(?:[\w.-]+:)?" + re.escape(root).encode()
    return re.search(closing + rb"[^<>]*/>)$", tail) is not None


def _encoding(file: IO[bytes], label: str) -> str:
    """The encoding by the rule of :mod:`harvest.charset`, found without holding the document."""
    strict = codecs.getincrementaldecoder("utf-8")()
    head = file.read(1024 * 1024)
    file.seek(0)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        return "UTF-16LE" if head[:2] in (b"\xff\xfe", b"<\0") else "UTF-16BE"
    try:
        while chunk := file.read(1024 * 1024):
            strict.decode(chunk)
    except UnicodeDecodeError:
        return _known_to_lxml(decode(head, label)[1])
    finally:
        file.seek(0)
    return "utf-8"


def _known_to_lxml(encoding: str) -> str:
    """Some names of the web's encodings are unknown there: those read as windows-1252."""
    try:
        etree.XMLParser(encoding=encoding)
    except LookupError:
        return "windows-1252"
    return encoding


class Wanted:
    """Whether an element is an item: its path of names ends in ``path``, and a predicate on the last step holds."""

    def __init__(self, path: str) -> None:
        self.path = path
        plain = re.sub(r"\[.*\]$", "", path).strip("/")
        self._steps = [step for step in plain.split("/") if step]
        if not self._steps or not all(_NAME.fullmatch(step) for step in self._steps):
            raise ValueError("expected element names separated by /, with a predicate on the last one if need be")
        self._predicate: Callable[[Any], object] | None = None
        if path.endswith("]"):
            self._predicate = compile_xpath("self::*" + path[path.index("[") :])[0]

    def __call__(self, element: Any) -> bool:
        here = element
        for step in reversed(self._steps):
            if here is None or not _is_named(here, step, element.nsmap):
                return False
            here = here.getparent()
        try:
            return self._predicate is None or bool(self._predicate(element))
        except ValueError:
            return True  # what is wrong with it is told with its fields


def compile_xpath(expression: str) -> tuple[Pick, frozenset[str]]:
    """A path of child names or an attribute as plain look-ups, anything else as XPath 1.0; with the names it looks at.

    A name without a prefix means the item's own namespace. What is found is a text, or a list of texts.
    """
    if re.fullmatch(rf"{_NAME.pattern}(/{_NAME.pattern})*", expression):
        steps = expression.split("/")
        return (lambda element: _texts_below(element, steps)), frozenset(steps[:1])
    try:
        compiled = etree.XPath(expression, namespaces=NAMESPACES, smart_strings=False)
    except etree.XPathSyntaxError as error:
        raise ValueError(f"expected an XPath 1.0 expression: {error}") from None
    except etree.XPathError as error:
        raise ValueError(f"{error}; known prefixes: {', '.join(sorted(NAMESPACES))}") from None
    if "Undefined namespace prefix" in str(_tried(compiled)):
        raise ValueError(f"a prefix is not known; known are {', '.join(sorted(NAMESPACES))}")

    def search(element: Any) -> object:
        try:
            found = compiled(element)
        except etree.XPathError as error:
            raise ValueError(str(error)) from None
        if isinstance(found, list):
            return [text_of(one) for one in found]
        return found

    return search, frozenset(_NAME.findall(expression))


def _tried(compiled: Any) -> object:
    try:
        compiled(etree.Element("x"))
    except etree.XPathError as error:
        return error
    return ""


def text_of(found: Any) -> str:
    """An element's text, with its inner mark-up if it has any; texts, and the first of a list, as they are."""
    if isinstance(found, list):
        return text_of(found[0]) if found else ""
    if isinstance(found, str):
        return found.strip()
    if not hasattr(found, "itertext"):
        return "" if found is None else str(found)
    if len(found) == 0:
        return (found.text or "").strip()
    inner = [found.text or ""] + [etree.tostring(child, encoding="unicode") for child in found]
    return "".join(inner).strip()


def names_of(element: Any) -> Iterator[str]:
    """The names of an element's children as an expression would write them."""
    own = _split(element.tag)[0]
    for child in element:
        if isinstance(child.tag, str):
            space, name = _split(child.tag)
            yield f"{child.prefix}:{name}" if child.prefix and space != own else name


def _split(tag: str) -> tuple[str, str]:
    """Namespace and name: a lenient parser lets names through that lxml's own QName refuses."""
    space, _, name = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    return space, name


def _texts_below(element: Any, steps: list[str]) -> str | list[str]:
    here = [element]
    for step in steps:
        here = [child for one in here for child in one if _is_named(child, step, element.nsmap, one)]
    if len(here) == 1:
        return text_of(here[0])
    return [text_of(one) for one in here]


def _is_named(element: Any, step: str, nsmap: dict[str | None, str], parent: Any = None) -> bool:
    tag = element.tag
    if not isinstance(tag, str):
        return False
    prefix, _, name = step.rpartition(":")
    space, local = _split(tag)
    if local != name:
        return False
    if prefix:
        return space in (nsmap.get(prefix), NAMESPACES.get(prefix))
    return parent is None or space == _split(parent.tag)[0]
