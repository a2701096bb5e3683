"""The store as the main path sees it when archived pages are read again."""

from collections.abc import Iterable

from sqlalchemy import select

from harvest.known import Known, voided
from harvest.source import Source
from normalize.records import Listed
from store.db import StoreError
from store.door import Store
from store.tables import PostingRow, RunRow, table
from store.write import runs
from store.write.closing import Guard
from store.write.runs import RunResult
from store.write.spool import Record


class Replayed(Store):
    """As :class:`Store`, for the pages of ``run``: all of them are read anew, asked for as that run asked, and what is saved
    is marked as a replay. Raises :class:`StoreError` when the source had no such run."""

    def __init__(self, store: Store, source: str, run: int) -> None:
        super().__init__(store.engine, store._clock, store.leases)
        self._run = run
        row = table(RunRow)
        with store.engine.connect().execution_options(readonly=True) as connection:
            found = connection.execute(select(row).where((row.c.id == run) & (row.c.source == source))).one_or_none()
        if found is None or found.replay_of:
            raise StoreError(f"{source} had no run {run} that asked the net; aluetori runs {source} lists those it had")
        self._watermark: str = found.watermark

    def known(self, source: Source) -> Known:
        """Which postings there are, and from where that run asked: no digest and no validator spares a reading."""
        posting = table(PostingRow)
        there = select(posting.c.ref, posting.c.digest).where(posting.c.source == source.slug)
        with self.engine.connect().execution_options(readonly=True) as connection:
            digests = {row.ref: row.digest for row in connection.execute(there)}
        return Known(digests=voided(digests), watermark=self._watermark)

    def save_run(self, source: Source, listed: Iterable[Listed | Record], guard: Guard) -> RunResult:
        """See :func:`store.write.runs.save_run`."""
        confirm = self._confirm(f"run {source.slug}")
        return runs.save_run(self.engine, source, listed, self._clock, guard, confirm, replay_of=self._run)
