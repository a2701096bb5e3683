"""A card proved on pages that were recorded for it: which of its expressions find nothing there."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from harvest.adapters.adapter import Adapter
from harvest.adapters.html_list import HtmlList
from harvest.fields import Mapper
from harvest.recognised import tried
from harvest.records import Page, Problem
from harvest.source import Source


def unproved(source: Source, pages: Mapping[str, Page]) -> Iterator[str]:
    """A sentence for each field of the card that no item of the recorded ``pages`` (by file name) has, and for each page
    that nothing of the card can read. A page on which ``items`` finds nothing is tried as a page of details.

    A field with several expressions is named when none of them finds anything, since they stand for each other.
    """
    adapter, details = source.adapter, source.adapter.details
    lists: list[Any] = []
    singles: list[Any] = []
    for name, page in pages.items():
        found, said = _read(adapter, page)
        if not found and details:
            found, said = _read(details.adapter, page)
            singles += found
        else:
            lists += found
        if not found:
            yield f"{name}: nothing of it is read ({said or 'it holds no item'})"
    if lists:
        yield from _missing(source, adapter, "adapter.fields", lists)
    if singles and details:
        yield from _missing(source, details.adapter, "adapter.details.adapter.fields", singles)


def _read(adapter: Adapter, page: Page) -> tuple[list[Any], str]:
    nodes = list(tried(adapter, page))
    said = [node.detail for node in nodes if isinstance(node, Problem)]
    return [node for node in nodes if not isinstance(node, Problem)], said[-1] if said else ""


def _missing(source: Source, adapter: Adapter, key: str, items: list[Any]) -> Iterator[str]:
    for name in adapter.fields:
        paths = [path for field, path in adapter.expressions() if field == name]
        picks = [adapter.compile(path)[0] for path in paths]
        shown = " or ".join(repr(path) for path in paths)
        mapper = Mapper({name: adapter.fields[name]}, adapter.compile, source.lookups, source.languages)
        if not paths or any(mapper.map(item)[0] for item in items):
            continue
        among = f"on the recorded page ({len(items)} items)" if len(items) > 1 else "on the recorded page"
        if any(pick(item) for pick in picks for item in items):
            why = "finds something, and nothing is left of it after match, split, date or lookups"
        else:
            why = "finds nothing"
        yield f"{key}.{name} = {shown} {why} {among}; mend it, or take the field out"


def is_html(source: Source) -> bool:
    """Whether the source is read by selectors, which break without a word when a site is laid out anew."""
    details = source.adapter.details
    return any(isinstance(one, HtmlList) for one in (source.adapter, details.adapter if details else None))


def recorded_pages(path: Path, url: str, fetched: datetime) -> dict[str, Page]:
    """The recorded page ``path``, or those of a folder, by name, as if ``url`` had answered them."""
    files = sorted(one for one in path.iterdir() if one.name != "expected.json") if path.is_dir() else [path]
    return {file.name: Page(url=url, fetched=fetched, file=file.open("rb")) for file in files}
