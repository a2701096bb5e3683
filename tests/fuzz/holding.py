"""What must hold of one harvest, whatever its pages hold."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvest import walk as walking
from harvest.known import Known
from harvest.records import Get, Gone, Page, Probed, Problem, Reason, Request, Seen, Verdict, Whole
from harvest.walk import walk
from normalize.records import Posting
from normalize.steps import normalize
from schedules.run import run_source
from store import db
from store.door import Store
from store.write.spool import Record, record
from tests.fuzz import changes
from tests.fuzz.changes import KINDS, LABELS, Change
from tests.fuzz.subjects import Subject, subject

MOST_PAGES = 50
"""Pages of a series while we fuzz: that a walk ends there shows that it ends at its own bound."""
MOST_ASKED = 1_000
"""Requests of one harvest: pages of its series, and what a card may spend on details."""
MOST_GIVEN = 60
"""What a harvest may give, as a multiple of the bytes that it had: a posting carries a text of its page a few times over."""


class Outcome:
    """A harvest of changed pages to its end: its ``verdict``, its ``postings``, and the ``rest`` of what came out."""

    def __init__(self, get: Get, sound: Subject, known: Known = Known()) -> None:
        self._get, self._asked, self._had = get, 0, 0
        given: list[Any] = list(normalize(walk(sound.source, self._counted, known), None, _both))
        verdict = given.pop()
        assert isinstance(verdict, Verdict), "the verdict is the last thing"
        self.verdict = verdict
        self.postings = [one[0] for one in given if isinstance(one, tuple)]
        self.rest = [one for one in given if not isinstance(one, tuple)]
        self._holds([one[1] for one in given if isinstance(one, tuple)])

    @property
    def known(self) -> Known:
        """What the next run knows after this one."""
        digests = {one.ref: one.digest for one in self.postings}
        return Known(digests=digests, watermark=self.verdict.watermark, shape=self.verdict.shape)

    def _counted(self, request: Request) -> Page:
        self._asked += 1
        assert self._asked <= MOST_ASKED, f"it goes on asking: {request.url[:200]}"
        page = self._get(request)
        self._had += page.file.seek(0, 2)
        page.file.seek(0)
        return page

    def _holds(self, kept: list[Record]) -> None:
        assert all(isinstance(one, Seen | Gone | Probed | Problem) for one in self.rest)
        assert len({one.ref for one in self.postings}) == len(self.postings), "each reference comes once"
        assert all(posting.titles and posting.ref for posting in self.postings)
        problems = [one for one in self.rest if isinstance(one, Problem)]
        assert all(one.reason in Reason and one.detail for one in problems), "a problem has its reason and its sentence"
        weight = sum(len(one.data) for one in kept) + sum(len(one.detail) + len(one.about) for one in problems)
        assert weight <= MOST_GIVEN * (self._had + 10_000), f"{weight} bytes came out of {self._had}"


def _both(posting: Posting) -> tuple[Posting, Record]:
    """The posting, and what will be kept of it."""
    return posting, record(posting)


def changed(pages: Mapping[str, bytes], which: int, made: list[Change]) -> dict[str, bytes]:
    """The pages with one of them changed."""
    target = sorted(pages)[which % len(pages)]
    body = pages[target]
    for change in made:
        body = change.of(body)[: 8 * changes.GROWN]
    return {**pages, target: body}


def fuzz(name: str, scratch: Path, how: settings, before: Callable[[str], None] = lambda _told: None) -> None:
    """Harvests a subject with changed pages, again and again; some go the whole way into a database that remembers the ones
    before. ``before`` is told of each before it begins."""
    sound = subject(name, scratch)
    walking.MOST_PAGES, most = MOST_PAGES, walking.MOST_PAGES
    engine = db.engine_for(f"sqlite:///{scratch / 'fuzz.db'}")
    db.upgrade(engine)
    store = Store(engine, lambda: sound.fetched)
    known = Outcome(sound.get(sound.pages), sound).known
    numbers = st.integers(0, changes.PARTS)
    some = st.lists(st.builds(Change, st.sampled_from(sorted(KINDS)), numbers, numbers), min_size=1, max_size=3)

    @settings(how, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 20), some, st.sampled_from(LABELS), st.sampled_from(["", "echo", "known", "kept"]))
    def holds(which: int, made: list[Change], charset: str, way: str) -> None:
        before(f"{name} {which} {made} {charset!r} {way}")
        pages = changed(sound.pages, which, made)
        get = sound.get(pages, charset, echo=sorted(pages)[which % len(pages)] if way == "echo" else "")
        if way == "kept":
            assert run_source(sound.source, get, store).verdict in set(Whole)
        else:
            Outcome(get, sound, known if way == "known" else Known())

    try:
        holds()
    finally:
        walking.MOST_PAGES = most
        engine.dispose()
