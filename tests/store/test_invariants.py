"""What ``aluetori check --database`` promises: a database in use is whole, and each way to break one is told by its name."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert, text

from normalize.vocabulary import Act
from store.invariants import INVARIANTS, findings, found
from store.judgements import Redirect
from store.tables import FiringRow, Lease, RunRow, table
from tests.built import Clock, Scene, card, many, posting

SOURCE = card("town", removal={"mode": "snapshot", "misses": 1})
COPY = card("copy")
ONE_LISTING = "(SELECT min(id) FROM listing WHERE status = 'open')"
ONE_POSTING = "(SELECT min(id) FROM posting WHERE closed = '')"
CLOSED = "(SELECT min(listing) FROM listing_posting WHERE posting = (SELECT id FROM posting WHERE ref = 'goes'))"


@pytest.fixture
def used(scene: Scene, clock: Clock) -> Scene:
    """A week of use: listings that are joined, moved, closed and decided upon, a hold, a firing and leases."""
    first = [*many(30), posting("goes"), posting("moves")]
    scene.day(SOURCE, first)
    joined = posting("001", source="copy", title="Toinen nimi")
    scene.day(COPY, [joined])
    scene.decide(Act.SAME, posting("001"), joined)
    scene.curate()
    scene.day(SOURCE, [*many(30), posting("moves", codes=("286",))])
    scene.day(SOURCE, [*many(10), posting("moves", codes=("286",))])
    run = max(row["id"] for row in scene.rows(RunRow, source="town"))
    firing = {"source": "town", "due_at": clock.now, "outcome": "ran", "run": run, "because": "", "detail": ""}
    lease = {"name": "run town", "holder": "1-a", "until": clock.seconds() + 60, "free_at": 0.0}
    with scene.store.engine.begin() as connection:
        connection.execute(insert(table(FiringRow)), firing)
        connection.execute(insert(table(Lease)), lease)
    return scene


@contextmanager
def undone(scene: Scene) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with scene.store.engine.connect() as connection:
        yield connection
        connection.rollback()


def broken(scene: Scene, connection: Connection | None = None) -> dict[str, int]:
    told = found(connection, scene.clock.now) if connection else findings(scene.store.engine, scene.clock.now)
    return {one.name: one.broken for one in told if one.broken}


def test_a_database_in_use_breaks_no_invariant(used: Scene) -> None:
    assert broken(used) == {}
    for what in ("hold", "redirect", "decision", "change", "touch"):
        with used.store.engine.connect() as connection:
            counted = connection.execute(text(f"SELECT count(*) FROM {what}")).scalar()
        assert bool(counted) is (what != "touch"), what


BREAKS = {
    "member of a listing": "UPDATE listing_posting SET listing = 'nobody' WHERE posting = " + ONE_POSTING,
    "member that is a posting": "UPDATE listing_posting SET posting = 'nobody' WHERE posting = " + ONE_POSTING,
    "source of a posting": "UPDATE posting SET source = 'nobody' WHERE id = " + ONE_POSTING,
    "listing_municipality of a listing": "INSERT INTO listing_municipality VALUES ('nobody', '491', '491', 'code', 1, '')",
    "listing_region of a listing": "INSERT INTO listing_region VALUES ('nobody', 'mikkeli', 'core', '')",
    "listing_theme of a listing": "INSERT INTO listing_theme VALUES ('nobody', 'kiertotalous', '')",
    "listing_bucket of a listing": "INSERT INTO listing_bucket VALUES ('nobody', 'remote', '')",
    "probe of a posting": "INSERT INTO probe VALUES ('nobody', 'town', '2026-11-24 08:00:00', NULL)",
    "twin of a posting": "INSERT INTO twin VALUES ('nobody', 'other', 'town')",
    "posting_key of a posting": "INSERT INTO posting_key VALUES (1, 1, 'nobody')",
    "spared of a posting": "INSERT INTO spared VALUES ('nobody', 'town')",
    "decision of a posting": "UPDATE decision SET posting = 'nobody'",
    "problem of a run": "INSERT INTO problem (id, run, source, step, reason, about, detail, drops) "
    "VALUES (999, 999, 'town', 'get', 'dns', '', '', 1 = 0)",
    "judged": "DELETE FROM listing_posting WHERE posting = " + ONE_POSTING,
    "members counted": "UPDATE listing SET postings = 7 WHERE id = " + ONE_LISTING,
    "open by an open posting": "UPDATE listing SET status = 'open' WHERE id = " + CLOSED,
    "no false closure": "UPDATE listing SET status = 'closed' WHERE id = " + ONE_LISTING,
    "closed when": "UPDATE posting SET closed_on = '2026-11-24' WHERE id = " + ONE_POSTING,
    "spells in order": "UPDATE spell SET ended = '2001-01-01 00:00:00' WHERE listing = " + CLOSED,
    "spells apart": "INSERT INTO spell (id, listing, scope, kind, source, work_form, postings, began, began_because, ended, "
    "ended_because, recorded) SELECT 999999, listing, scope, kind, source, work_form, postings, began, '', "
    "'2099-01-01 00:00:00', '', recorded FROM spell WHERE scope = 'all' AND listing = " + ONE_LISTING,
    "counted where shown": "DELETE FROM spell WHERE scope = 'region:mikkeli' AND ended IS NULL",
    "shown where counted": "UPDATE spell SET ended = NULL WHERE listing = " + CLOSED,
    "changes follow each other": "DELETE FROM change WHERE what = 'added' AND listing = " + CLOSED,
    "changes in the order of time": "UPDATE change SET at = '2001-01-01 00:00:00' WHERE seq = (SELECT max(seq) FROM change)",
    "the last change is the state": "DELETE FROM change WHERE what = 'closed' AND listing = " + CLOSED,
    "redirects arrive": "UPDATE redirect SET new = old",
    "redirects replace": "INSERT INTO redirect SELECT min(id), max(id), '2026-11-24 08:00:00' FROM listing",
    "holds of a run": "UPDATE hold SET run = 999",
    "holds hold": """UPDATE hold SET postings = '["nobody"]'""",
    "runs end with a verdict": "UPDATE run SET verdict = '' WHERE source = 'copy'",
    "firings of a run": "UPDATE firing SET source = 'copy'",
    "leases run out": "UPDATE lease SET until = until + 3600 WHERE holder = '1-a'",
}


def test_what_breaks_an_invariant_is_told_by_its_name(used: Scene) -> None:
    told = {}
    for name, statement in BREAKS.items():
        with undone(used) as connection:
            assert connection.execute(text(statement)).rowcount, f"{name}: nothing was broken"
            told[name] = name in broken(used, connection)
    assert told == dict.fromkeys((one.name for one in INVARIANTS), True), "each invariant, and none twice"
    assert broken(used) == {}


def test_redirects_in_a_circle_or_to_nothing_are_told_and_the_search_ends(used: Scene) -> None:
    for ways in ([("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "b")], [("a", "nowhere")]):
        with undone(used) as connection:
            for old, new in ways:
                row = {"old": old, "new": new, "at": used.clock.now}
                connection.execute(insert(table(Redirect)), row)
            assert broken(used, connection) == {"redirects arrive": len(ways)}


def test_a_posting_that_waits_for_a_curation_excuses_its_listing(used: Scene) -> None:
    with undone(used) as connection:
        connection.execute(text("UPDATE listing SET status = 'closed' WHERE id = " + ONE_LISTING))
        assert "no false closure" in broken(used, connection)
        connection.execute(text("INSERT INTO touch (posting, because) SELECT id, '' FROM posting"))
        assert "no false closure" not in broken(used, connection)


def test_of_much_that_is_broken_some_is_shown_and_all_is_counted(used: Scene) -> None:
    with undone(used) as connection:
        connection.execute(text("UPDATE listing SET postings = 7"))
        (one,) = (one for one in found(connection, used.clock.now) if one.broken)
    assert (one.name, one.broken > len(one.shown), len(one.shown)) == ("members counted", True, 20)
    assert list(one.shown) == sorted(one.shown)
