"""A source's pages one after another, read into postings in its own words, ending in the verdict. Knows no HTTP."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from harvest.adapters.adapter import Ending, RequestOptions, Shards, not_json
from harvest.fields import as_text
from harvest.json_paths import compile_path, decode_json
from harvest.known import Known, PageMemo
from harvest.limits import MIB
from harvest.paging import Series, after_lost, all_series, ask, ends_too_early, first_request, next_requests, of_page
from harvest.probes import probes
from harvest.reading import Reader
from harvest.records import Found, Get, Page, Problem, Reason, Request, Step
from harvest.secret import masked
from harvest.shape import reshaped
from harvest.shards import each_once
from harvest.source import Source
from harvest.verdict import SPOILS, Tally

MOST_PAGES = 10_000
"""A series that goes on longer is a loop: ten million items at a thousand a page."""
MOST_STALE = 3
"""Pages in a row with nothing new on them: the site does not heed the number that it is asked for."""
MOST_NAMELESS = 1_000
"""Items without a ref on one page: each is told, and kept until the verdict, so that millions of them would fill the memory."""
MOST_TIMES = 20
"""Items that say so many times what their page holds stand within each other, each with the text of all inner ones."""


def walk(source: Source, get: Get, known: Known) -> Iterator[Found]:
    """Everything the source has now: postings that are new or changed, signs of those that are not, what the source
    says has gone, problems among them, and the :class:`Verdict` last.

    Pages are asked for as the reader goes on, so nothing is held that was already taken. A page that answers 304
    repeats the references that it had. What ``get`` raises is not expected and is not caught here.
    """
    tally = Tally()
    reader = Reader(source, get, known, tally)
    shards = yield from _shards(source, get, tally)
    for series in all_series(source, known.watermark, shards):
        yield from each_once(series, _series(series, get, known, reader, tally), known, reader, tally)
    yield from reader.gone.values()
    if tally.pages_read:
        yield from probes(source, get, known, reader.digests, tally)
    if reader.unread:
        names = ", ".join(sorted(reader.unread))
        detail = f"nobody reads {names}; map them in [adapter.fields] or name them in adapter.ignore"
        yield Problem(step=Step.MAP, reason=Reason.UNREAD_FIELD, about=source.slug, detail=detail)
    if reader.untitled and len(reader.untitled) == tally.found:
        detail = f"none of the {tally.found} found has a title, so nothing new is kept; see adapter.fields.title"
        yield tally.spoil_all(Problem(step=Step.READ, reason=Reason.SHAPE_CHANGED, about=source.slug, detail=detail))
    yield from reader.clashing()
    shape = reader.sketch.shape(tally.fill_rates(), reader.fetched)
    yield from reshaped(source, known.shape, shape, reader.reads, tally)
    yield from tally.unmet_expectations(source)
    vanished = source.removal.mode == "snapshot" and any(ref not in reader.digests for ref in known.digests)
    # what is owed a detail page is listed again only by an answer to the same question
    yield tally.verdict(vanished, known.watermark if reader.owed else reader.watermark.text, shape)


def _series(series: Series, get: Get, known: Known, reader: Reader, tally: Tally) -> Iterator[Found]:
    """Everything on the pages of one series. A page that is lost ends it, unless an earlier one named several to read (a
    sitemap) or the number of the next is known: the postings behind it are there all the same."""
    source = reader.source
    asked: set[str] = set()
    distinct = stale = 0
    following = [first_request(source, series)]
    while following:
        request = following.pop(0)
        if request.key in asked or len(asked) >= MOST_PAGES:
            detail = f"the pages lead back to {request.url}, which was read before; see adapter.paging"
            yield tally.spoil(Problem(step=Step.READ, reason=Reason.PAGING_LOOP, about=source.slug, detail=detail))
            return
        asked.add(request.key)
        memo = known.pages.get(request.key)
        page = get(replace(request, etag=memo.etag, last_modified=memo.last_modified) if memo else request)
        tally.count_page(page)
        duplicates = reader.duplicates
        if page.problem:
            yield tally.spoil(of_page(source, series, page.problem))
            memo = None
        elif page.not_modified and memo:
            yield from reader.repeat(memo)
        else:
            memo = yield from _page(page, request, reader, tally)
        if memo is None:
            series.lose()
            following += after_lost(source, series, tally.spoiled[-1].reason if tally.spoiled else None)
            continue
        tally.pages_read += 1
        if memo.etag or memo.last_modified:
            tally.memos.append(memo)
        series.count(memo)
        distinct += memo.items - (reader.duplicates - duplicates)
        again = memo.items and reader.duplicates - duplicates == memo.items
        stale = stale + 1 if again and series.pages > 1 else 0
        if stale == MOST_STALE:
            detail = f"the last {MOST_STALE} pages hold only what was read before, as if nobody had turned them"
            yield tally.spoil(Problem(step=Step.READ, reason=Reason.PAGING_LOOP, about=request.url, detail=detail))
            return
        onward = next_requests(source, series, request, memo)
        if ends_too_early(source, memo, onward):
            detail = f"page {series.tried} of {memo.last} has nothing on it; nothing is closed by this run"
            yield tally.spoil(Problem(step=Step.READ, reason=Reason.TRUNCATED, about=request.url, detail=detail))
        following += onward
    if series.total is not None and series.total != distinct and not series.lost:
        detail = f"the source states a total of {series.total}, and {distinct} were read; nothing is closed by this run"
        yield tally.spoil(Problem(step=Step.READ, reason=Reason.TOTAL_DISAGREES, about=series.name, detail=detail))


def _page(page: Page, request: Request, reader: Reader, tally: Tally) -> Generator[Found, None, PageMemo | None]:
    """What stands on the page; its value as a generator is the page's memo, or nothing when it was not read to its end.

    The memo carries validators only if a 304 could repeat it truly: not while one of its items owes a detail page, nor
    when one was lost, nor where it leads on to an address with a secret, which would have to be kept.
    """
    kept, unsettled, spoiled, items, skipped = len(reader.kept), reader.unsettled, len(tally.spoiled), 0, 0
    rates = tally.fill_rates()
    ending: Ending | None = None
    heaviest = reader.weight + MOST_TIMES * page.file.seek(0, 2) + MIB
    page.file.seek(0)
    nameless = reader.nameless + MOST_NAMELESS
    for place, node in enumerate(reader.source.adapter.read(page), 1):
        if isinstance(node, Ending):
            ending = node
        elif isinstance(node, Problem):
            yield tally.spoil(node) if node.reason in SPOILS or node.drops else node
        elif reader.skips(node):
            skipped += 1
        else:
            items += 1
            yield from reader.read(node, page, place)
            if reader.nameless >= nameless:
                reason = Reason.SHAPE_CHANGED
                detail = f"{MOST_NAMELESS} of its items have no ref, and the rest is not read; see adapter.fields.ref"
            elif reader.weight > heaviest:
                reason = Reason.TOO_LARGE
                detail = (
                    f"its items say more than {MOST_TIMES} times what it holds, one within the other; see adapter.items"
                )
            else:
                continue
            yield tally.spoil(Problem(step=Step.READ, reason=reason, about=page.url, detail=detail))
            ending = None
            break
    page.file.close()
    tally.items += items
    if ending is None:
        return None
    whole = reader.unsettled == unsettled and len(tally.spoiled) == spoiled
    repeatable = whole and all(masked(address) == address for address in ending.next)
    return PageMemo(
        key=request.key,
        etag=page.etag if repeatable else "",
        last_modified=page.last_modified if repeatable else "",
        refs=tuple(reader.kept[kept:]),
        items=items,
        skipped=skipped,
        filled=tally.fill_since(rates),
        next=ending.next,
        total=ending.total,
        last=ending.last,
    )


def _shards(source: Source, get: Get, tally: Tally) -> Generator[Found, None, tuple[str, ...] | None]:
    """Its value is the shards to ask for, or nothing where the source has none. A list that cannot be had is a spoiled
    harvest without a page."""
    shards = source.adapter.paging.shards
    if not isinstance(shards, Shards):
        return tuple(shards) if shards is not None else None
    page = get(ask(source, shards.url, RequestOptions()))
    tally.count_page(page)
    if page.problem:
        yield tally.spoil(page.problem)
        return ()
    try:
        values = compile_path(shards.items)[0](decode_json(page.read(), page.charset))
    except ValueError as error:
        yield tally.spoil(not_json(page, error))
        return ()
    names = tuple(as_text(value) for value in values) if isinstance(values, list) else ()
    if not names:
        detail = f"paging.shards.items = {shards.items!r} gives no values; expected a list of them"
        yield tally.spoil(Problem(step=Step.READ, reason=Reason.SHAPE_CHANGED, about=shards.url, detail=detail))
    return names
