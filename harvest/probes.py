"""Postings that a window no longer shows are looked up by their own address, a few a run."""

from collections.abc import Container, Iterator

from harvest.adapters.adapter import RequestOptions
from harvest.known import Known
from harvest.paging import ask
from harvest.records import Get, Probed, Problem, Reason
from harvest.source import Source
from harvest.verdict import Tally

_STOP = frozenset({Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS, Reason.BUDGET_SPENT})
"""After one of these nothing more is looked up in this run."""


def probes(source: Source, get: Get, known: Known, met: Container[str], tally: Tally) -> Iterator[Probed | Problem]:
    """Whether the page of each posting due is still there: of those that were not ``met`` in this run, as many as the
    budget allows, the longest unseen first.

    Only 404 and 410 say that it is missing, any page that it is there; what else happens says nothing, makes the harvest no
    less whole, and gives the others their turn first.
    """
    left = source.removal.probe.budget if source.removal.probe else 0
    for due in known.probes:
        if due.ref in met:
            continue
        if left <= 0:
            return
        left -= 1
        page = get(ask(source, due.url, RequestOptions()))
        tally.count_page(page)
        page.file.close()
        reason = page.problem.reason if page.problem else None
        missing = None if reason not in (None, Reason.NOT_FOUND) else reason is not None
        yield Probed(ref=due.ref, missing=missing, at=page.fetched)
        if page.problem is None or missing:
            continue
        yield page.problem
        if reason in _STOP:
            return
