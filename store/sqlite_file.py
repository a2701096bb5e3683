"""A SQLite file seen from outside: where it is, whose it is, whether it may be written, and what its errors mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy.engine import URL

_KEPT = "nothing of this was kept, and what was committed before stays"
TOLD = {
    sqlite3.SQLITE_FULL: f"the disk is full; {_KEPT}. Make room, and type it again",
    sqlite3.SQLITE_READONLY: "the database may only be read: its file, its folder or its disk does not let this user write",
    sqlite3.SQLITE_BUSY: f"another program keeps the database busy (database is locked); {_KEPT}. Type it again later",
    sqlite3.SQLITE_LOCKED: f"another program keeps the database busy (table is locked); {_KEPT}. Type it again later",
    sqlite3.SQLITE_CANTOPEN: "the database file, or the log beside it, cannot be opened; look at the rights of its folder",
    sqlite3.SQLITE_PERM: "the database file may not be opened by this user; look at its rights",
    sqlite3.SQLITE_IOERR: f"the disk does not read or write as it should (disk I/O error); {_KEPT}",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged; take a copy from before, and keep this one to look into",
    sqlite3.SQLITE_NOTADB: "the file is no database; name another with --database",
}
"""By SQLite's own number of an error: what went wrong, and what to do."""
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def path_of(url: URL) -> Path | None:
    """The file that a URL of SQLite names, also one of the form ``file:…?mode=ro``; none for a database in memory."""
    named = url.database or ""
    if named.startswith("file:"):
        named = (
            "" if "mode=memory" in named or url.query.get("mode") == "memory" else unquote(named[5:].partition("?")[0])
        )
    return Path(named) if named not in ("", ":memory:") else None


def is_read_only(path: Path) -> bool:
    """Whether the file is there and may not be written, or no log may be begun beside it."""
    effective = os.access in os.supports_effective_ids
    return path.is_file() and not all(os.access(one, os.W_OK, effective_ids=effective) for one in (path, path.parent))


def for_reading(path: Path) -> URL:
    """The URL by which such a file is read. Where no log lies beside it nobody is writing, and none need be begun."""
    log = path.with_name(path.name + "-wal")
    alone = {} if log.exists() and log.stat().st_size else {"immutable": "1"}
    return URL.create(
        "sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": "ro", "uri": "true", **alone}
    )


def is_ours(connection: Any) -> bool:
    """Whether the file is empty yet, or holds our tables."""
    found = (
        "EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'posting_key') OR NOT EXISTS (SELECT 1 FROM sqlite_master)"
    )
    return bool(connection.execute(f"SELECT {found}").fetchone()[0])


@contextmanager
def reading_too() -> Iterator[None]:
    """Lets what only a writer may do go undone where the file was opened for reading."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
            raise
