"""A run's archived pages under today's cards, adapters and rules: first on a copy, to see what would change."""

from collections.abc import Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any

from harvest.records import Get
from harvest.source import Source
from normalize.curate import Rules
from schedules.run import run_curation, run_source
from store.copying import copied
from store.differences import differences
from store.door import Store
from store.health import waiting
from store.replayed import Replayed
from store.write.runs import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A run of ``source`` whose pages ``get`` gives, to be read again under ``cards`` and ``rules`` as of ``today``; the cards
    of the sources ``broken`` cannot be read."""

    source: Source
    run: int
    get: Get
    cards: Iterable[Source]
    rules: Rules
    today: date
    broken: Collection[str] = ()

    def apply(self, store: Store, workers: Executor | None = None) -> RunResult:
        """Do it, as a run of its own under the guard and the leases of any run, and judge what it touched."""
        result = run_source(self.source, self.get, Replayed(store, self.source.slug, self.run), workers)
        store.declare_again(self.cards, self.broken)
        run_curation(self.rules, store, self.today, workers)
        return result

    def compare(self, store: Store, workers: Executor | None = None) -> "Comparison":
        """What it would change; nothing is written to ``store``. Postings that wait for a curation are judged too: what is
        theirs of the differences cannot be told apart, so that their number is given."""
        with copied(store.engine) as copy:
            result = self.apply(store.on(copy), workers)
            found = list(differences(store.engine, copy, self.source.slug))
        return Comparison(result=result, postings=found, waiting=waiting(store.engine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a replay went, the postings that it would change (see :func:`store.differences.differences`), and how many
    postings were waiting for a curation."""

    result: RunResult
    postings: list[dict[str, Any]]
    waiting: int
