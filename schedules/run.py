"""The main path, whole. If you read one file, read this one."""

from concurrent.futures import Executor
from datetime import date

from harvest.records import Get
from harvest.source import Source
from harvest.walk import walk
from normalize.curate import Rules, curate
from normalize.steps import normalize
from schedules.guard import held
from store.door import Store
from store.write.drafts import draft
from store.write.listings import Written
from store.write.runs import RunResult
from store.write.spool import record


def run_source(source: Source, get: Get, store: Store, workers: Executor | None = None) -> RunResult:
    """Facts: one source, from its site to our tables, once.

    Expected trouble is in the result's verdict. What is not expected ends this run as failed and is raised.
    """
    with store.harvesting(source.slug):
        known = store.known(source)  # digests by reference, page validators, watermark
        found = walk(source, get, known)  # RawPosting | Seen | Gone | Problem ..., then the Verdict
        listed = normalize(found, workers, record)  # Posting, packed | Seen | Gone | Problem ..., then the Verdict
        return store.save_run(source, listed, held)  # spooled first, then one short transaction


def run_curation(rules: Rules, store: Store, today: date, workers: Executor | None = None) -> Written:
    """Judgements: for what was touched, from our tables to the curated table."""
    with store.curating():
        store.declare(rules, today)  # touches everything when the rules have changed
        store.sweep(today)  # the calendar's touches: what ended, what begins
        curated = curate(store.touched(today), store.decisions(), rules, today, draft, workers)
        return store.save_listings(curated, rules)
