"""A copy of the database to try something in: a SQLite file, whichever engine the original is on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, delete, select

from store import db
from store.judgements import Change
from store.tables import Lease, ProblemRow, metadata, table
from store.upsert import insert_rows

AT_ONCE = 1000
_NOT_NEEDED = {one.__tablename__ for one in (Change, ProblemRow, Lease)}
"""What has happened and who works on it: nothing is judged by these."""


def copy_of(engine: Engine, path: Path) -> Engine:
    """An engine on a copy in ``path`` as of now, on which nobody holds a lease. It leaves the original alone: what is
    written meanwhile does not wait."""
    made = db.engine_for(f"sqlite:///{path}")
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(readonly=True) as connection, closing(sqlite3.connect(path)) as file:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.backup(file)
        with made.begin() as connection:
            connection.execute(delete(table(Lease)))
        return made
    db.upgrade(made)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", stream_results=True) as connection:
        for of in metadata.sorted_tables:
            if of.name not in _NOT_NEEDED:
                rows = connection.execute(select(of))
                with made.begin() as into:
                    while some := rows.fetchmany(AT_ONCE):
                        insert_rows(into, of, of.c.keys(), [tuple(row) for row in some])
    return made


@contextmanager
def copied(engine: Engine | None) -> Iterator[Engine]:
    """A copy of the database that is gone afterwards; an empty one where there is no original."""
    with TemporaryDirectory(prefix="aluetori-copy-") as folder:
        path = Path(folder) / "copy.db"
        made = copy_of(engine, path) if engine else db.engine_for(f"sqlite:///{path}")
        try:
            if engine is None:
                db.upgrade(made)
            yield made
        finally:
            made.dispose()
