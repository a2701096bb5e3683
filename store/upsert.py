"""One statement that inserts rows or replaces them by their primary key, on either engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite


def upsert(connection: Connection, into: Table, rows: Sequence[Mapping[str, Any]], keep: tuple[str, ...] = ()) -> None:
    """Insert ``rows``, or bring those that are there up to date, except for the columns to ``keep``. Keys must not
    repeat within ``rows``."""
    if not rows:
        return
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(into)
    key = [column.name for column in into.primary_key]
    changing = {name: statement.excluded[name] for name in rows[0] if name not in key and name not in keep}
    statement = statement.on_conflict_do_update(index_elements=key, set_=changing)
    connection.execute(statement, [dict(row) for row in rows])
