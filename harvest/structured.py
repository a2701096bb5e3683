"""Pages that are made for machines: JSON, XML, feeds, sitemaps and tables, and where their items are."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from harvest.adapters.adapter import Ending
from harvest.cells import as_text as cell_text
from harvest.columns import MOST_ITEMS, Column, columns, lists_in, of_json, of_xml, repeated
from harvest.csv_rows import SEPARATORS, CsvRows
from harvest.guess import plain, words
from harvest.json_paths import below, decode_json
from harvest.recognised import MOST_BYTES, NotRecognisedError, Recognised, read_by
from harvest.records import Page, Problem
from harvest.xml_items import Wanted
from harvest.xml_items import items as xml_items

_SAMPLE = 4 * 1024 * 1024


def of_json_text(page: Page, body: bytes) -> Recognised:
    try:
        answer = decode_json(body, page.charset)
    except ValueError as error:
        lines = body.split(b"\n", 3)
        if len(lines) > 1 and all(_is_object(line) for line in lines[:2] if line.strip()):
            return _lines(page)
        raise NotRecognisedError(
            f"{page.url} begins like JSON and cannot be read as it ({error}); mend it, or save it whole"
        ) from None
    lists = lists_in(answer)
    if not lists:
        raise NotRecognisedError(
            f"{page.url} is JSON without a list of objects in it; expected one object for each posting"
        )
    path, items = lists[0]
    adapter: dict[str, Any] = {"kind": "json_api"} | ({"items": path} if path else {})
    unsure = (
        {"items": f"the answer has other lists: {', '.join(repr(one) for one, _ in lists[1:4])}"}
        if len(lists) > 1
        else {}
    )
    if path and isinstance(answer, dict):
        adapter |= _announced(answer, len(items))
    found = columns([of_json(one) for one in items[:MOST_ITEMS]])
    return Recognised(
        page, adapter, f"it is JSON with {len(items)} objects in {path or 'the answer itself'}", found, unsure=unsure
    )


def _lines(page: Page) -> Recognised:
    body = page.read(MOST_BYTES).split(b"\n")[:MOST_ITEMS]
    found = columns([of_json(json.loads(line)) for line in body if _is_object(line)])
    return Recognised(page, {"kind": "ndjson"}, "it is lines of JSON, an object in each", found)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _announced(answer: dict[str, Any], items: int) -> dict[str, Any]:
    """The total and the next page that an answer states."""
    said, told = dict(_scalars(answer)), dict[str, Any]()
    for path, value in said.items():
        if type(value) is int and value >= items and any(_is_called(path, one) for one in words()["pages"]["total"]):
            told.setdefault("total", path)
        leads = isinstance(value, str) and value.startswith(("http", "/", "?"))
        if leads and any(_is_called(path, one) for one in words()["pages"]["next"]):
            told.setdefault("paging", {"kind": "next", "next": path})
    return told


def last_page(answer: Any) -> str:
    """The path of the number of pages that an answer states; empty where it states none."""
    said = dict(_scalars(answer)) if isinstance(answer, dict) else {}
    names = words()["pages"]["last"]
    return next(
        (path for path, value in said.items() if type(value) is int and any(_is_called(path, one) for one in names)), ""
    )


def _scalars(value: dict[str, Any], path: str = "", deep: int = 0) -> Iterator[tuple[str, Any]]:
    for key, one in value.items():
        here = below(path, key)
        if isinstance(one, dict) and deep < 3:
            yield from _scalars(one, here, deep + 1)
        elif not isinstance(one, dict | list):
            yield here, one


def _is_called(path: str, name: str) -> bool:
    return plain(path.rpartition(".")[2]) == plain(name) or ("." in name and path.endswith(name))


def of_xml_text(page: Page) -> Recognised:
    page.file.seek(0)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(page.file.read(_SAMPLE), parser)
    except etree.XMLSyntaxError as error:
        raise NotRecognisedError(f"{page.url} begins like XML and cannot be read as it ({error})") from None
    if root is None:
        raise NotRecognisedError(f"{page.url} begins like XML, and no element was found in it")
    name = etree.QName(root).localname.lower()
    if name in ("urlset", "sitemapindex"):
        return _sitemap(page)
    if name in ("rss", "feed", "rdf") and len(root):
        found = _elements({"kind": "feed"}, page)
        if found:
            adapter: dict[str, Any] = {"kind": "feed"}
            if root.xpath("*[local-name()='link'][@rel='next']/@href"):
                adapter["paging"] = {"kind": "next", "next": "*[local-name()='link'][@rel='next']/@href"}
            return Recognised(page, adapter, "it is a feed (RSS or Atom)", found)
        raise NotRecognisedError(f"{page.url} is a feed that has no item now; try again when it has one")
    path = repeated(root)
    if not path:
        raise NotRecognisedError(
            f"{page.url} is XML in which no element with parts is repeated; expected one for each posting"
        )
    found = _elements({"kind": "xml_feed", "items": path}, page)
    return Recognised(page, {"kind": "xml_feed", "items": path}, f"it is XML in which {path!r} is repeated", found)


def _elements(adapter: dict[str, Any], page: Page) -> list[Column]:
    page.file.seek(0)
    wanted = [Wanted(adapter["items"])] if "items" in adapter else [Wanted("item"), Wanted("entry")]
    laid: list[list[tuple[str, str, str]]] = []
    for one in wanted:
        page.file.seek(0)
        nodes = (node for node in xml_items(page, one) if not isinstance(node, Problem | Ending))
        laid += [list(of_xml(node)) for node in islice(nodes, MOST_ITEMS)]
    return columns(laid)


def _sitemap(page: Page) -> Recognised:
    adapter: dict[str, Any] = {"kind": "job_posting", "items": "sitemap"}
    addresses = [str(node["url"]) for node in read_by(adapter, page, 5000)]
    paths = words()["pages"]["paths"]
    starts: dict[str, int] = {}
    for one in addresses:
        first = "/" + "/".join(one.split("/")[3 : -2 if one.endswith("/") else -1]) + "/"
        if any(word in one.split("/", 3)[-1].lower() for word in paths) and first != "//":
            starts[first] = starts.get(first, 0) + 1
    unsure = {}
    common = max(starts, key=lambda one: starts[one]) if starts else ""
    if common and starts[common] < len(addresses):
        adapter["skip"] = f"!contains(url, '{common}')"
        unsure["skip"] = (
            f"{starts[common]} of {len(addresses)} addresses hold {common}; the others are taken for other pages"
        )
    return Recognised(page, adapter, f"it is a sitemap of {len(addresses)} pages", unsure=unsure)


def of_table(page: Page) -> Recognised:
    best: list[tuple[int, list[Any]]] = []
    if page.read(MOST_BYTES).startswith(b"PK\x03\x04"):
        best = _of_workbook(page)
    else:
        rows = CsvRows(page.file, page.charset, page.url)
        samples = [list(enumerate(sample, 1)) for _separator, sample in rows.samples(SEPARATORS, MOST_ITEMS + 10)]
        best = max(samples, key=lambda sample: sum(len(cells) - 1 for _number, cells in sample), default=[])
    known = {plain(one) for synonyms in words()["fields"].values() for one in synonyms}
    scored = [
        (len({plain(cell_text(cell)) for cell in cells} & known), -at) for at, (_number, cells) in enumerate(best)
    ]
    hits, first = max(scored, default=(0, 0))
    if hits < 2:
        shown = " | ".join(cell_text(one) for one in best[0][1])[:100] if best else ""
        raise NotRecognisedError(
            f"{page.url} begins with {shown!r}: neither a feed, JSON, XML nor HTML, and no row of it holds headings that we "
            "know, such as Tunniste and Tehtävänimike; aluetori template writes a table to fill in"
        )
    headings = [cell_text(cell) for cell in best[-first][1]]
    items = [
        [(name, name, cell_text(cell)) for name, cell in zip(headings, cells, strict=False) if name and cell_text(cell)]
        for _number, cells in best[1 - first :]
    ]
    return Recognised(
        page,
        {"kind": "table"},
        f"it is a table whose row {1 - first} holds the headings",
        columns([one for one in items if one]),
    )


def _of_workbook(page: Page) -> list[tuple[int, list[Any]]]:
    from harvest.xlsx_rows import Workbook, WorkbookError

    try:
        sheets = Workbook(page.file).sheets
        rows = [list(islice(sheet.rows(), MOST_ITEMS + 10)) for sheet in sheets.values()]
    except WorkbookError as error:
        raise NotRecognisedError(f"{page.url}: {error}") from None
    return max(rows, key=len, default=[])
