"""A large source asked for part by part: parts that were read to their end today are not asked for again."""

from collections.abc import Iterable, Iterator

from harvest.known import Known, PageMemo
from harvest.paging import Series
from harvest.reading import Reader
from harvest.records import Found, Problem, Reason, Step
from harvest.verdict import Tally


def each_once(series: Series, read: Iterable[Found], known: Known, reader: Reader, tally: Tally) -> Iterator[Found]:
    """What ``read`` gives of one series, or what it gave earlier today in a run that was not whole.

    Of a sharded source a series that ends well is noted in ``tally.shards``, so that the next run of the day asks for the
    missing ones only. Not one that is asked for what has changed, since it may change again before the next run, which
    moves the watermark; nor one of whose items a detail page is owed. One that comes to its cap has more than it shows, and
    spoils the run.
    """
    paging = reader.source.adapter.paging
    if done := known.shards.get(series.name):
        yield from reader.repeat(done)
        tally.shards.append(done)
        tally.pages_read += 1
        return
    if paging.shards is not None or len(reader.source.start) > 1:
        reader.begin_part()
    kept, owed, spoiled, items = len(reader.kept), reader.owed, len(tally.spoiled), tally.items
    rates = tally.fill_rates()
    yield from read
    if paging.cap is not None and paging.cap in (series.items, series.total):
        detail = (
            f"it shows {series.items}, and {paging.cap} is the most it ever shows: there are more; ask for smaller parts "
            "of it (adapter.paging.shards). Nothing is closed by this run"
        )
        yield tally.spoil(Problem(step=Step.READ, reason=Reason.TRUNCATED, about=series.name, detail=detail))
    settled = len(tally.spoiled) == spoiled and reader.owed == owed
    if paging.shards is not None and settled and not reader.source.asks_for_changes:
        tally.shards.append(
            PageMemo(
                key=series.name,
                refs=tuple(reader.kept[kept:]),
                items=tally.items - items,
                filled=tally.fill_since(rates),
            )
        )
