"""The pages that are looked at while a card is drafted: of an address or a file, each once, and how a list goes on."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from harvest.guess import words
from harvest.json_paths import compile_path, decode_json
from harvest.paging import with_params
from harvest.recognised import MOST_BYTES, Recognised, read_by
from harvest.records import Get, HarvestError, Page, Request
from harvest.structured import last_page

_ROUND = frozenset({10, 12, 15, 20, 24, 25, 30, 48, 50, 100, 200, 500, 1000})
"""So many items are likely the first page of more."""


class Looked:
    """A ``get`` that asks for each page once. ``met`` are the bodies by address since it was last emptied, in order."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._pages: dict[str, tuple[Page, bytes]] = {}
        self.met: dict[str, bytes] = {}

    def get(self, request: Request) -> Page:
        if request.key not in self._pages:
            page = self._get(request)
            try:
                self._pages[request.key] = (page, b"" if page.problem else page.read(MOST_BYTES))
            except ValueError:
                return page
        page, body = self._pages[request.key]
        if not page.problem:
            self.met[request.url] = body
        return replace(page, file=io.BytesIO(body))


def of_address(where: str, known: Looked) -> Page:
    page = known.get(Request(url=where))
    if page.problem:
        raise HarvestError(f"{page.problem.about}: {page.problem.detail}")
    return page


def of_file(where: str, slug: str, now: datetime) -> Page:
    path = Path(where)
    expected = "expected the address of a page (https://…) or a saved file"
    if not path.exists():
        raise HarvestError(f"{where}: there is no such file; {expected}")
    if not path.is_file():
        raise HarvestError(f"{where} is a folder; {expected}: name one file in it")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise HarvestError(f"{where} is larger than {MOST_BYTES // 1024 // 1024} MB; save a shorter list")
        body = path.read_bytes()
    except OSError as error:
        raise HarvestError(f"{where} cannot be read: {error.strerror}; {expected}") from None
    return Page(url=f"inbox/{slug}/{path.name}", fetched=now, file=io.BytesIO(body), wire_bytes=len(body))


def find_paging(found: Recognised, known: Looked) -> None:
    """Tries how the pages of a list of JSON follow each other, and writes down the way that gives other items."""
    adapter, page = found.adapter, found.page
    if adapter["kind"] != "json_api" or "paging" in adapter or found.system:
        return
    answer = decode_json(page.read(MOST_BYTES), page.charset)
    items: Any = _at(answer, adapter.get("items", "")) or []
    total = _at(answer, adapter["total"]) if "total" in adapter else None
    last = last_page(answer)
    pages = _at(answer, last) if last else None
    more = (isinstance(total, int) and total > len(items)) or (isinstance(pages, int) and pages > 1)
    if not more and (total is not None or len(items) not in _ROUND):
        return
    present = dict(parse_qsl(urlsplit(page.url).query))
    ways = sorted(words()["pages"]["paging"], key=lambda way: way[1] not in present)
    for kind, param, first, size in ways:
        begin = int(present[param]) if present.get(param, "").isdigit() else first
        number = begin + 1 if kind == "page" else begin + len(items)
        other = known.get(Request(url=with_params(page.url, {param: str(number)})))
        following = [] if other.problem else read_by(adapter, other)
        if following and following[0] not in items:
            adapter["paging"] = {"kind": kind, "param": param, "start": begin}
            if kind == "page" and last:
                adapter["paging"]["last"] = last
            if kind == "offset" and (size in present or total is None):
                adapter["paging"] |= {"size": len(items)} | ({"size_param": size} if size in present else {})
            found.because += f"; {param} = {number} gives further ones"
            return
    if more:
        found.unsure["paging"] = (
            f"there are {total or pages} in all, {len(items)} on this page; how the others are asked for was not found"
        )
        adapter["paging"] = {"kind": "none"}


def _at(answer: Any, path: str) -> Any:
    return compile_path(path)[0](answer) if path else answer
