"""Closed postings lose their text when their source's time is over: what remains are keys, dates, codes and reasons."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, text, update

from normalize.packing import pack, unpack
from normalize.records import Posting
from store.db import chunks
from store.tables import PostingRow, ProblemRow, RunRow, SourceRow, Touch, table

_posting, _source, _touch = table(PostingRow), table(SourceRow), table(Touch)
_problem, _run = table(ProblemRow), table(RunRow)


def forget(engine: Engine, today: date) -> int:
    """Take the text from postings that have been closed for as long as their card says (``retention.closed_text``), and
    touch them, so that their listings lose it in the same curation. Gives how many.

    A thousand at a time, each in a transaction of its own: after a long pause there may be many.
    """
    with engine.connect().execution_options(readonly=True) as connection:
        days = connection.execute(select(_source.c.slug, _source.c.closed_text)).all()
        due = [id_ for row in days for id_ in _due(connection, row.slug, today - timedelta(days=row.closed_text))]
    for part in chunks(due):
        with engine.begin() as connection:
            _strip(connection, part)
    return len(due)


PROBLEMS_STAY = timedelta(days=90)
"""How long what a run met is kept; of the newest run of each source for ever, since it says why something is not shown."""


def forget_problems(engine: Engine, today: date) -> int:
    """Delete the problems of runs that began more than :data:`PROBLEMS_STAY` ago; the runs and their counts stay. Gives how
    many."""
    last = datetime.combine(today - PROBLEMS_STAY, time(), UTC)
    with engine.connect().execution_options(readonly=True) as connection:
        newest = select(func.max(_run.c.id)).group_by(_run.c.source)
        over = connection.execute(select(func.max(_run.c.id)).where(_run.c.started < last)).scalar() or 0
        due = (_problem.c.run <= over) & _problem.c.run.not_in(newest)
        if connection.execute(select(_problem.c.id).where(due).limit(1)).scalar() is None:
            return 0
    with engine.begin() as connection:
        return connection.execute(delete(_problem).where(due)).rowcount


def without_text(posting: Posting) -> Posting:
    """The posting as it may be kept for ever: what it was called and said is gone, in what its places were read from too;
    what it was compared by is not."""
    return replace(
        posting,
        titles={},
        summaries={},
        html={},
        plain={},
        address="",
        salary="",
        audience=(),
        channels=(),
        title_key="",
        evidence=tuple(replace(one, value="") for one in posting.evidence),
    )


def _due(connection: Connection, source: str, last: date) -> list[str]:
    with_text = text("closed <> '' AND NOT forgotten")  # as the index says it, word for word
    wanted = select(_posting.c.id).where(with_text & (_posting.c.source == source) & (_posting.c.closed_on <= last))
    return list(connection.execute(wanted).scalars())


def _strip(connection: Connection, ids: Sequence[str]) -> None:
    wanted = select(_posting.c.id, _posting.c.packed).where(_posting.c.id.in_(ids) & (_posting.c.closed != ""))
    rows = [{"of": row.id, "bare": pack(without_text(unpack(row.packed)))} for row in connection.execute(wanted).all()]
    if rows:
        bare = update(_posting).where(_posting.c.id == bindparam("of")).values(packed=bindparam("bare"), forgotten=True)
        connection.execute(bare, rows)
        because = "its text is no longer kept"
        connection.execute(insert(_touch), [{"posting": row["of"], "because": because} for row in rows])
