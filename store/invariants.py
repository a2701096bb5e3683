"""What must hold of a database at any moment, also after a process was killed at its worst: each promise with the question
that finds what breaks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from store.db import snapshot
from store.health import LEASE_LASTS

SHOWN = 20
"""So many of what breaks an invariant are told by name; the others are counted."""

_WORDS = {
    "sqlite": {"held": "json_each(h.postings) AS one", "length": "json_array_length(h.postings)"},
    "postgresql": {
        "held": "json_array_elements_text(h.postings::json) AS one(value)",
        "length": "json_array_length(h.postings::json)",
    },
}
_ALSO = {
    "untouched": """NOT EXISTS (SELECT 1 FROM listing_posting AS m JOIN touch AS t ON t.posting = m.posting
        WHERE m.listing = l.id)""",
    "scopes": """SELECT id AS listing, 'all' AS scope FROM listing
        UNION ALL SELECT listing, 'region:' || region FROM listing_region
        UNION ALL SELECT listing, 'municipality:' || code FROM listing_municipality
        UNION ALL SELECT listing, 'theme:' || theme FROM listing_theme
        UNION ALL SELECT listing, 'bucket:' || bucket FROM listing_bucket""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """``promise`` is the sentence that must hold; ``question`` gives a row, saying what, for each thing that breaks it. What
    waits for a curation (``touch``) is excused where a run may be ahead of the judgements."""

    name: str
    promise: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An invariant as it was found: how often it is broken, and the first of what breaks it."""

    name: str
    promise: str
    broken: int
    shown: tuple[str, ...]


def _nothing_left(name: str, promise: str, of: str, column: str, parent: str, key: str, about: str = "") -> Invariant:
    """Each row of ``of`` belongs to one of ``parent`` that is there."""
    told = about or f"'{of} of ' || c.{column}"
    question = (
        f"SELECT DISTINCT {told} FROM {of} AS c WHERE NOT EXISTS "  # noqa: S608 - our own names
        f"(SELECT 1 FROM {parent} AS p WHERE p.{key} = c.{column})"
    )
    return Invariant(name=name, promise=promise, question=question)


INVARIANTS = (
    _nothing_left("member of a listing", "Every membership is of a listing that is there.",
                  "listing_posting", "listing", "listing", "id"),
    _nothing_left("member that is a posting", "Every member of a listing is a posting that is there.",
                  "listing_posting", "posting", "posting", "id"),
    _nothing_left("source of a posting", "Every posting is of a source that is there.", "posting", "source", "source", "slug"),
    *(_nothing_left(f"{of} of a listing", f"Every row of {of} is of a listing that is there.", of, "listing", "listing", "id")
      for of in ("listing_municipality", "listing_region", "listing_theme", "listing_bucket")),
    *(_nothing_left(f"{of} of a posting", f"Every row of {of} is of a posting that is there.", of, "posting", "posting", "id")
      for of in ("probe", "posting_key", "spared", "decision", "twin")),
    _nothing_left("problem of a run", "Every problem is of a run that is there.", "problem", "run", "run", "id",
                  "'problem of run ' || c.run"),
    Invariant(name="judged", promise="Every posting is in a listing, or waits for a curation.", question="""
        SELECT p.id FROM posting AS p WHERE NOT EXISTS (SELECT 1 FROM listing_posting AS m WHERE m.posting = p.id)
        AND NOT EXISTS (SELECT 1 FROM touch AS t WHERE t.posting = p.id)"""),
    Invariant(name="members counted", promise="A listing has as many postings as it says, one of them canonical.", question="""
        SELECT l.id FROM listing AS l LEFT JOIN listing_posting AS m ON m.listing = l.id GROUP BY l.id, l.postings, l.canonical
        HAVING count(m.posting) <> l.postings OR sum(CASE WHEN m.canonical THEN 1 ELSE 0 END) <> 1
        OR sum(CASE WHEN m.canonical AND m.posting = l.canonical THEN 1 ELSE 0 END) <> 1"""),
    Invariant(name="open by an open posting", promise="No listing is shown whose postings are all closed.", question="""
        SELECT l.id FROM listing AS l WHERE l.status = 'open' AND {untouched} AND NOT EXISTS (SELECT 1 FROM listing_posting
        AS m JOIN posting AS p ON p.id = m.posting WHERE m.listing = l.id AND p.closed = '')"""),
    Invariant(name="no false closure", promise="No listing is closed while a posting of it is open.", question="""
        SELECT l.id FROM listing AS l WHERE l.status = 'closed' AND {untouched} AND EXISTS (SELECT 1 FROM listing_posting
        AS m JOIN posting AS p ON p.id = m.posting WHERE m.listing = l.id AND p.closed = '')"""),
    Invariant(name="closed when", promise="A posting has a day of closing if it is closed, else none.", question="""
        SELECT id FROM posting WHERE (closed = '') <> (closed_on IS NULL) OR (closed = '') <> (closed_at IS NULL)"""),
    Invariant(name="spells in order", promise="A spell ends after it began, and is of a listing that is or was.", question="""
        SELECT 'spell ' || s.id || ' of ' || s.listing FROM spell AS s WHERE s.ended < s.began
        OR NOT EXISTS (SELECT 1 FROM listing AS l WHERE l.id = s.listing)
        AND NOT EXISTS (SELECT 1 FROM redirect AS r WHERE r.old = s.listing)"""),
    Invariant(name="spells apart", promise="Two spells of one listing in one scope never overlap.", question="""
        SELECT s.listing || ' in ' || s.scope FROM (SELECT listing, scope, began, lead(began) OVER (PARTITION BY listing, scope
        ORDER BY began, id) AS next, ended FROM spell WHERE ended IS NULL OR ended > began) AS s
        WHERE s.next IS NOT NULL AND (s.ended IS NULL OR s.ended > s.next)"""),
    Invariant(name="counted where shown", promise="An open listing counts in each of its scopes.", question="""
        SELECT w.listing || ' in ' || w.scope FROM ({scopes}) AS w JOIN listing AS l ON l.id = w.listing
        WHERE l.status = 'open' AND NOT EXISTS (SELECT 1 FROM spell AS s WHERE s.listing = w.listing AND s.scope = w.scope
        AND s.ended IS NULL)"""),
    Invariant(name="shown where counted", promise="What counts is open, and counts only in its own scopes.", question="""
        SELECT s.listing || ' in ' || s.scope FROM spell AS s LEFT JOIN listing AS l ON l.id = s.listing AND l.status = 'open'
        LEFT JOIN ({scopes}) AS w ON w.listing = s.listing AND w.scope = s.scope
        WHERE s.ended IS NULL AND (l.id IS NULL OR w.listing IS NULL)"""),
    Invariant(name="changes follow each other", promise="A change begins where the one before it ended.", question="""
        SELECT c.listing || ' at ' || c.seq FROM (SELECT seq, listing, before, lag(after, 1, '[]') OVER
        (PARTITION BY listing ORDER BY seq) AS last FROM change) AS c WHERE c.before <> c.last"""),
    Invariant(name="changes in the order of time", promise="No change is older than the one before it.", question="""
        SELECT 'change ' || c.seq FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS last FROM change) AS c
        WHERE c.at < c.last"""),
    Invariant(name="the last change is the state", promise="The last change of a listing says how it stands.", question="""
        SELECT l.id FROM listing AS l LEFT JOIN (SELECT listing, max(seq) AS seq FROM change GROUP BY listing) AS n
        ON n.listing = l.id LEFT JOIN change AS c ON c.seq = n.seq WHERE (l.status = 'open' OR l.shown_once)
        AND (c.what IS NULL OR (l.status = 'open') <> (c.what IN ('added', 'changed', 'moved', 'reopened', 'split')))"""),
    Invariant(name="redirects arrive", promise="Every redirect leads to a listing, and none in a circle.", question="""
        WITH RECURSIVE way(old, at) AS (SELECT old, new FROM redirect
        UNION SELECT way.old, r.new FROM way JOIN redirect AS r ON r.old = way.at)
        SELECT r.old FROM redirect AS r WHERE NOT EXISTS (SELECT 1 FROM way JOIN listing AS l ON l.id = way.at
        WHERE way.old = r.old) OR EXISTS (SELECT 1 FROM way WHERE way.old = r.old AND way.at = r.old)"""),
    Invariant(name="redirects replace", promise="A listing that is there leads to no other.", question="""
        SELECT r.old FROM redirect AS r JOIN listing AS l ON l.id = r.old"""),
    Invariant(name="holds of a run", promise="Every hold is of a run of its source.", question="""
        SELECT 'hold ' || h.id FROM hold AS h WHERE NOT EXISTS
        (SELECT 1 FROM run AS r WHERE r.id = h.run AND r.source = h.source)"""),
    Invariant(name="holds hold", promise="A hold keeps as many postings of its source as it says.", question="""
        SELECT 'hold ' || h.id FROM hold AS h WHERE {length} <> h.going OR EXISTS (SELECT 1 FROM {held} WHERE NOT EXISTS
        (SELECT 1 FROM posting AS p WHERE p.id = one.value AND p.source = h.source))"""),
    Invariant(name="runs end with a verdict", promise="A run has a verdict if it has ended, and none before.", question="""
        SELECT 'run ' || id FROM run WHERE (ended IS NULL) <> (verdict = '')"""),
    Invariant(name="firings of a run", promise="A firing began a run of its source, and no other did.", question="""
        SELECT f.source || ' at ' || f.due_at FROM firing AS f WHERE f.run <> 0 AND (NOT EXISTS
        (SELECT 1 FROM run AS r WHERE r.id = f.run AND r.source = f.source) OR EXISTS
        (SELECT 1 FROM firing AS o WHERE o.run = f.run AND o.due_at <> f.due_at))"""),
    Invariant(name="leases run out", promise="Nobody holds a name for longer than the dead may: a lease runs out by itself.",
              question="SELECT name FROM lease WHERE holder <> '' AND until > :latest"),
)  # fmt: skip
"""In the order in which they are told."""


def findings(engine: Engine, now: datetime) -> Iterator[Finding]:
    """Every invariant, whole or broken, all of one moment of the database. It reads only, and keeps nobody waiting."""
    with snapshot(engine) as connection:
        yield from found(connection, now)


def found(connection: Connection, now: datetime) -> Iterator[Finding]:
    """See :func:`findings`: as one transaction sees it, its own writing included."""
    if connection.dialect.name == "sqlite":
        yield _file(connection)
    for one in INVARIANTS:
        question = one.question
        for name, words in (_ALSO | _WORDS[connection.dialect.name]).items():
            question = question.replace("{" + name + "}", words)
        latest = {"latest": (now + timedelta(seconds=LEASE_LASTS)).timestamp() + 1} if ":latest" in question else {}
        rows = [str(about) for about in connection.execute(text(question), latest).scalars()]
        yield Finding(name=one.name, promise=one.promise, broken=len(rows), shown=tuple(sorted(rows)[:SHOWN]))


def _file(connection: Connection) -> Finding:
    said = [row for row in connection.execute(text("PRAGMA integrity_check")).scalars() if row != "ok"]
    promise = "The file of the database is as SQLite wrote it."
    return Finding(name="file", promise=promise, broken=len(said), shown=tuple(said[:SHOWN]))
