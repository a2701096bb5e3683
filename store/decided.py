"""What people have said of postings: the decisions that count, and a new one made of the names that a person typed."""

from typing import Any

from sqlalchemy import Engine, select

from normalize.records import Decision
from normalize.vocabulary import Act
from store.called import posting_called
from store.tables import DecisionRow, PostingRow, table

_decision, _posting = table(DecisionRow), table(PostingRow)


def decisions(engine: Engine, what: str = "") -> list[dict[str, Any]]:
    """Every decision that counts, oldest first, or those about the posting that ``what`` names: ``id``, ``act``,
    ``posting`` and ``other`` as SOURCE/REF, ``value``, ``reason``, ``author``, ``at`` (UTC, ISO 8601)."""
    with engine.connect().execution_options(readonly=True) as connection:
        statement = select(_decision).where(_decision.c.undone.is_(False)).order_by(_decision.c.id)
        if what:
            of = posting_called(connection, what).id
            statement = statement.where((_decision.c.posting == of) | (_decision.c.other == of))
        rows = connection.execute(statement).all()
        ids = {id_ for row in rows for id_ in (row.posting, row.other) if id_}
        named = select(_posting.c.id, _posting.c.source, _posting.c.ref).where(_posting.c.id.in_(ids))
        names = {row.id: f"{row.source}/{row.ref}" for row in connection.execute(named)}
    return [
        {"id": row.id, "act": row.act, "posting": names.get(row.posting, row.posting),
         "other": names.get(row.other, row.other), "value": row.value, "reason": row.reason, "author": row.author,
         "at": row.at.isoformat()}
        for row in rows
    ]  # fmt: skip


def meant(engine: Engine, act: str, what: str, other: str, value: str, reason: str, author: str) -> Decision:
    """The decision about the postings that ``what`` and ``other`` name, see :func:`store.called.posting_called`."""
    with engine.connect().execution_options(readonly=True) as connection:
        posting = posting_called(connection, what).id
        second = posting_called(connection, other).id if other else ""
    return Decision(act=Act(act), posting=posting, other=second, value=value, reason=reason, author=author)
