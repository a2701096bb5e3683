"""What the items of an unknown page hold, laid out as columns: for each expression that finds something, its values."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from harvest.fields import as_text
from harvest.json_paths import below
from harvest.xml_items import NAMESPACES, text_of

MOST_ITEMS = 50
MOST_COLUMNS = 400
_DEEP = 5
_LANGUAGES = frozenset({"fi", "sv", "en"})
_MARKUP = frozenset({"a", "abbr", "b", "br", "div", "em", "h1", "h2", "h3", "h4", "i", "li", "ol", "p", "span", "strong",
                     "sub", "sup", "table", "tbody", "td", "tr", "u", "ul"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One expression, the dotted names by which its values are called, and of each item the texts that it finds."""

    path: str
    name: str
    values: list[list[str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Every text of every item."""
        return [text for one in self.values for text in one]

    @property
    def share(self) -> float:
        """In how many of the items it finds something."""
        return sum(map(bool, self.values)) / len(self.values) if self.values else 0.0


def columns(items: Sequence[Iterable[tuple[str, str, str]]]) -> list[Column]:
    """The columns of items that are given as triples of expression, name and text, in the order in which they are met."""
    found: dict[str, Column] = {}
    for at, item in enumerate(items):
        for path, name, text in item:
            if path not in found and len(found) >= MOST_COLUMNS:
                continue
            column = found.setdefault(path, Column(path, name))
            column.values.extend([] for _ in range(at + 1 - len(column.values)))
            column.values[at].append(text)
    for column in found.values():
        column.values.extend([] for _ in range(len(items) - len(column.values)))
    return list(found.values())


def of_json(value: Any, path: str = "", name: str = "", deep: int = 0) -> Iterator[tuple[str, str, str]]:
    """What an object of JSON holds; texts by language are one value, objects of a list are looked into."""
    if isinstance(value, dict) and value and not (path and _LANGUAGES.issuperset(value)):
        for key, one in value.items() if deep < _DEEP else ():
            yield from of_json(one, below(path, key), f"{name}.{key}" if name else key, deep + 1)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        if all(isinstance(one, dict) and {"language", "value"} <= one.keys() for one in value):
            yield path, name, as_text(value[0]["value"])
            return
        for one in value[:MOST_ITEMS]:
            yield from of_json(one, f"{path}[]", name, deep + 1)
    else:
        texts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        yield from ((path, name, text) for one in texts if path and (text := as_text(one)))


def lists_in(answer: Any) -> list[tuple[str, list[Any]]]:
    """The lists of objects in an answer of JSON with the paths that lead to them, the likeliest first: the one that holds
    most, on equal terms the one that stands higher."""
    found: list[tuple[int, str, list[Any]]] = []

    def look(value: Any, path: str, deep: int) -> None:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            weight = sum(len(one) for one in value[:MOST_ITEMS] if isinstance(one, dict))
            found.append((weight // (deep + 1), path, value))
        elif isinstance(value, dict) and deep < _DEEP:
            for key, one in value.items():
                look(one, below(path, key), deep + 1)

    look(answer, "", 0)
    return [(path, value) for _weight, path, value in sorted(found, key=lambda one: -one[0])]


def of_xml(element: Any) -> Iterator[tuple[str, str, str]]:
    """What an element holds: its attributes, and the texts below it by path."""
    for key, value in element.attrib.items():
        if value.strip() and key[0] != "{":
            yield f"@{key}", key, value.strip()
    yield from _below(element, element, "", "", 0)


def _below(item: Any, parent: Any, path: str, name: str, deep: int) -> Iterator[tuple[str, str, str]]:
    for child in parent:
        if not isinstance(child.tag, str):
            continue
        local = etree.QName(child).localname
        step = _step(item, parent, child)
        here = f"{path}/{step}" if path and step and "local-name" not in path else step
        if not here or "local-name" in path:
            here = f".//*[local-name()='{local}']"
        called = f"{name}.{local}" if name else local
        inner = [one for one in child if isinstance(one.tag, str)]
        if not inner or {etree.QName(one).localname.lower() for one in inner} <= _MARKUP:
            if text := text_of(child):
                yield here, called, text
            elif child.get("href") and child.get("rel", "alternate") == "alternate":
                xpath = f"*[local-name()='{local}'][not(@rel) or @rel='alternate']/@href"
                yield xpath, called, child.get("href")
        elif deep < _DEEP:
            yield from _below(item, child, here, called, deep + 1)


def _step(item: Any, parent: Any, child: Any) -> str:
    """The name of a child as an expression would write it; nothing where no plain name finds it."""
    name, own = etree.QName(child), etree.QName(parent).namespace
    if name.namespace == own:
        return name.localname
    prefix = next(
        (one for one, space in (*NAMESPACES.items(), *item.nsmap.items()) if space == name.namespace and one), ""
    )
    return f"{prefix}:{name.localname}" if prefix and re.fullmatch(r"[A-Za-z_][\w.-]*", name.localname) else ""


def repeated(root: Any) -> str:
    """The path of the element that is repeated in a document and holds most; empty where none has parts."""
    weights: dict[str, tuple[int, int]] = {}

    def look(element: Any, path: tuple[str, ...]) -> None:
        for child in element:
            if not isinstance(child.tag, str):
                continue
            step = (*path, etree.QName(child).localname)
            parts = len(
                {one.tag for one in child.iter() if isinstance(one.tag, str) and (one.text or "").strip()} - {child.tag}
            )
            if parts:
                key = "/".join(step[-2:])
                held, times = weights.get(key, (0, 0))
                weights[key] = (max(held, parts), times + 1)
            if len(step) < _DEEP and len(weights) < 200:
                look(child, step)

    look(root, (etree.QName(root).localname,))
    whole = [key for key, (parts, _times) in weights.items() if parts > 1]
    return max(whole, key=lambda key: (weights[key][1] > 1, weights[key][0]), default="")
