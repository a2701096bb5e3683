"""How the pages of a source follow each other: the first request of each series, and the one after a page."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from harvest.adapters.adapter import Paging
from harvest.records import PageMemo, Request
from harvest.source import Source


def first_requests(source: Source, watermark: str, shards: tuple[str, ...] | None) -> Iterator[tuple[str, Request]]:
    """The first request of every series with a name for it: each start address, once for each shard if there are any."""
    paging = source.adapter.paging
    for start in source.start:
        for shard in shards if shards is not None else ("",):
            params = {
                name: value.replace("{watermark}", watermark) for name, value in source.adapter.request.params.items()
            }
            if shard:
                params[_shard_param(paging)] = shard
            if paging.size_param and paging.size:
                params[paging.size_param] = str(paging.size)
            if paging.kind in ("page", "offset") and paging.param:
                params[paging.param] = str(_begin(paging))
            url = start.replace("{watermark}", quote(watermark)).replace("{page}", str(_begin(paging)))
            yield f"{start} {shard}".strip(), ask(source, with_params(url, params), watermark)


def ask(source: Source, url: str, watermark: str = "") -> Request:
    """A request of the source's manner for ``url``."""
    options = source.adapter.request
    body = None
    if options.json_ is not None:
        body = msgspec.json.encode(options.json_).replace(b"{watermark}", watermark.encode())
    headers = dict(options.headers)
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    return Request(
        url=url,
        method=options.method,
        headers=tuple(sorted(headers.items())),
        body=body,
        delay=source.manners.delay.total_seconds(),
    )


def next_requests(source: Source, start: str, request: Request, page: PageMemo, read: int) -> list[Request]:
    """The requests that follow ``page``, with ``read`` items in the series so far; none when the series has ended.

    Counting on past a page that has no items would never end, so an empty page ends a series: whether that was too
    early is for the stated total to tell.
    """
    paging = source.adapter.paging
    if page.next:
        return [ask(source, urljoin(request.url, address)) for address in page.next]
    if paging.kind == "page":
        number = page_number(source, start, request) + 1
        if page.last is not None:
            done = number > page.last - 1 + _begin(paging)
        else:
            done = page.items == 0 or (paging.size is not None and page.items < paging.size) or read == page.total
        return [] if done else [ask(source, _at_page(paging, start, request.url, number))]
    if paging.kind == "offset":
        done = page.items == 0 or (page.total is not None and read >= page.total)
        done = done or (page.total is None and paging.size is not None and page.items < paging.size)
        return [] if done else [ask(source, with_params(request.url, {paging.param: str(_begin(paging) + read)}))]
    return []


def page_number(source: Source, start: str, request: Request) -> int:
    """Which page of its series a request asks for."""
    paging = source.adapter.paging
    if paging.param:
        return int(dict(parse_qsl(urlsplit(request.url).query)).get(paging.param, _begin(paging)))
    before, _, after = start.partition("{page}")
    digits = request.url[len(before) : len(request.url) - len(after)] if after else request.url[len(before) :]
    return int(digits) if digits.isdigit() else _begin(paging)


def with_params(url: str, params: dict[str, str]) -> str:
    """``url`` with query parameters set; those already there keep their place."""
    if not params:
        return url
    parts = urlsplit(url)
    pairs = [(name, params.get(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    pairs += [(name, value) for name, value in params.items() if name not in dict(pairs)]
    return urlunsplit(parts._replace(query=urlencode(pairs, safe=":,/{}[]*")))


def _begin(paging: Paging) -> int:
    if paging.start is not None:
        return paging.start
    return 1 if paging.kind == "page" else 0


def _at_page(paging: Paging, start: str, url: str, number: int) -> str:
    if paging.param:
        return with_params(url, {paging.param: str(number)})
    return start.replace("{page}", str(number))


def _shard_param(paging: Paging) -> str:
    return paging.param if isinstance(paging.shards, list) or paging.shards is None else paging.shards.param
