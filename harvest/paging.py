"""How the pages of a source follow each other: the first request of each series, and the one after a page."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from harvest.adapters.adapter import Paging, RequestOptions, Shards
from harvest.address import absolute
from harvest.known import PageMemo
from harvest.records import Problem, Reason, Request
from harvest.since import since
from harvest.source import Source

MOST_LOST = 3
"""Pages in a row: after so many the rest is left for the next run."""
_FOR_ALL_PAGES = frozenset(
    {
        Reason.DNS, Reason.ADDRESS_NOT_ALLOWED, Reason.ROBOTS, Reason.RATE_LIMITED, Reason.FORBIDDEN, Reason.PROTOCOL,
        Reason.REDIRECTS, Reason.BUDGET_SPENT, Reason.CHALLENGE,
    }
)  # fmt: skip
"""Reasons that hold for the next page as well: who was refused does not go on asking."""


@dataclass(slots=True, kw_only=True)
class Series:
    """Pages that follow each other, and how far they were read: ``pages``, ``items`` on them, and ``rows``, which are
    the items and what was skipped among them; ``fullest`` is the most rows on one page. ``lost`` pages have a place in it
    and were not read, ``in_a_row`` of them last; ``last`` is the number of pages it states. ``pattern`` asks for any of its
    pages, its number left open."""

    name: str
    pattern: Request
    pages: int = 0
    items: int = 0
    rows: int = 0
    fullest: int = 0
    lost: int = 0
    in_a_row: int = 0
    total: int | None = None
    last: int | None = None

    def count(self, page: PageMemo) -> None:
        """Take a page into account that was read to its end."""
        self.pages += 1
        self.items += page.items
        self.rows += page.items + page.skipped
        self.fullest = max(self.fullest, page.items + page.skipped)
        self.in_a_row = 0
        self.total = self.total if page.total is None else page.total
        self.last = self.last if page.last is None else page.last

    def lose(self) -> None:
        """Take a page into account that was not read to its end."""
        self.lost += 1
        self.in_a_row += 1

    @property
    def tried(self) -> int:
        """How many pages lie behind, read or lost."""
        return self.pages + self.lost


def all_series(source: Source, watermark: str, shards: tuple[str, ...] | None) -> Iterator[Series]:
    """Every series of a source: each start address, once for each shard if there are any."""
    paging, options = source.adapter.paging, source.adapter.request
    for start in source.start:
        for shard in shards if shards is not None else ("",):
            params = since(options.params, watermark)
            if shard:
                params[_shard_param(paging)] = shard
            if paging.size_param and paging.size:
                params[paging.size_param] = str(paging.size)
            url = with_params(start, params)
            name = f"{Request(url=start).key} {shard}".strip()  # a key: it is a row of what is known
            yield Series(name=name, pattern=ask(source, url, options, watermark))


def ask(source: Source, url: str, options: RequestOptions, watermark: str = "") -> Request:
    """A request for ``url`` as ``options`` put it, with the source's headers and manners."""
    body = None
    headers = {**source.adapter.request.headers, **options.headers}
    if options.json_ is not None:
        body = msgspec.json.encode(since(options.json_, watermark))
        headers.setdefault("Content-Type", "application/json")
    return Request(
        url=url,
        method=options.method,
        headers=_for(source, url, tuple(sorted(headers.items()))),
        body=body,
        delay=source.manners.delay.total_seconds(),
    )


def first_request(source: Source, series: Series) -> Request:
    """The request for the first page of a series."""
    paging = source.adapter.paging
    return _numbered(paging, series.pattern, _begin(paging))


def next_requests(source: Source, series: Series, request: Request, page: PageMemo) -> list[Request]:
    """The requests that follow ``page``, the last one counted in ``series``; none when the series has ended.

    Counting on past a page that has nothing would never end, so an empty page ends a series: whether that was too early
    is for the stated total to tell. A page that is not full ends it only where no total says that there is more.
    """
    paging = source.adapter.paging
    if page.next:
        return [_onward(source, request, absolute(request.url, address)) for address in page.next]
    if paging.kind not in ("page", "offset"):
        return []
    rows = page.items + page.skipped
    if page.last is not None and paging.kind == "page":
        done = series.tried >= page.last
    elif page.total is not None:
        done = rows == 0 or series.items + series.lost * series.fullest >= page.total
    else:
        done = rows < (paging.size or 1)
    return [] if done else [_next_by_number(paging, series)]


def after_lost(source: Source, series: Series, reason: Reason | None) -> list[Request]:
    """The request for the page after one that was lost for ``reason``, where its number is known: the postings on it are
    there all the same. None after :data:`MOST_LOST` in a row, nor where the reason holds for it too."""
    paging = source.adapter.paging
    rows = series.fullest or paging.size or 0
    if paging.kind not in ("page", "offset") or series.in_a_row >= MOST_LOST or reason in _FOR_ALL_PAGES:
        return []
    if paging.kind == "page" and series.last is not None:
        done = series.tried >= series.last
    elif series.total is not None and rows:
        done = series.items + series.lost * rows >= series.total
    else:
        done = paging.kind == "offset" and not rows
    return [] if done else [_next_by_number(paging, series)]


def of_page(source: Source, series: Series, problem: Problem) -> Problem:
    """The problem of the page that was just asked for, with its number where the series has numbers."""
    if source.adapter.paging.kind not in ("page", "offset"):
        return problem
    return replace(problem, detail=f"page {series.tried + 1} is lost: {problem.detail}")


def ends_too_early(source: Source, page: PageMemo, following: list[Request]) -> bool:
    """Whether an empty page says itself that there are more: then something was lost on it."""
    return source.adapter.paging.kind == "page" and not page.items + page.skipped and bool(following)


def with_params(url: str, params: dict[str, str]) -> str:
    """``url`` with query parameters set; those already there keep their place."""
    if not params:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url  # who asks for it tells that it is no address
    pairs = [(name, params.get(name, value)) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    pairs += [(name, value) for name, value in params.items() if name not in dict(pairs)]
    return urlunsplit(parts._replace(query=urlencode(pairs, safe=":,/{}[]*")))


def _begin(paging: Paging) -> int:
    if paging.start is not None:
        return paging.start
    return 1 if paging.kind == "page" else 0


def _numbered(paging: Paging, pattern: Request, number: int) -> Request:
    if paging.kind in ("page", "offset") and paging.param:
        return replace(pattern, url=with_params(pattern.url, {paging.param: str(number)}))
    body = pattern.body.replace(b'"{page}"', str(number).encode()) if pattern.body else None
    return replace(pattern, url=pattern.url.replace("{page}", str(number)), body=body)


def _next_by_number(paging: Paging, series: Series) -> Request:
    step = series.tried if paging.kind == "page" else _rows_asked(paging, series)
    return _numbered(paging, series.pattern, _begin(paging) + step)


def _rows_asked(paging: Paging, series: Series) -> int:
    """How far to count on. A promoted item that is repeated on every page comes on top of the size that was asked for."""
    if paging.size and series.rows > paging.size * series.pages:
        return paging.size * series.tried
    return series.rows + series.lost * (series.fullest or paging.size or 0)


def _shard_param(paging: Paging) -> str:
    return paging.shards.param if isinstance(paging.shards, Shards) else paging.param


def _onward(source: Source, request: Request, url: str) -> Request:
    return replace(request, url=url, headers=_for(source, url, request.headers))


def _for(source: Source, url: str, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Without the secrets where an answer, and not the card, has named the host."""
    details, shards = source.adapter.details, source.adapter.paging.shards
    named = [*source.start, details.url if details else "", shards.url if isinstance(shards, Shards) else ""]
    with suppress(ValueError):  # an answer may name what is no address
        if urlsplit(url).netloc in {urlsplit(address).netloc for address in named}:
            return headers
    return tuple((name, value) for name, value in headers if not value.startswith("env:"))
