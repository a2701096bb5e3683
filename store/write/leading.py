"""Which of several services on one database leads: one does, and another as soon as its process is no more."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_KEY = 0x616C7565746F7269
"""Of the advisory lock; PostgreSQL keeps those of each database apart."""


class Leading:
    """The claim of one service: close it, or use it in a ``with``. The lock is one that the system itself takes back when a
    process dies: of PostgreSQL's session, or of a file beside the SQLite database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._session: Connection | None = None
        self._leads = False
        self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def leads(self) -> bool:
        """Whether this service leads, now. Ask again each time: a connection that broke has lost the lead."""
        if self._engine.dialect.name == "sqlite":
            return self._holds_file()
        try:
            return self._holds_session()
        except DBAPIError:
            self.close()
            return False

    def close(self) -> None:
        """Let another lead."""
        session, self._session = self._session, None
        leads, self._leads = self._leads, False
        if session is not None:
            if leads:  # the server notices only later that a connection has gone
                with suppress(SQLAlchemyError):
                    session.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})
            session.invalidate()
            session.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _holds_file(self) -> bool:
        path = self._engine.url.database
        if self._file >= 0 or not path or path == ":memory:":
            return True
        file = os.open(Path(path).with_name(f"{Path(path).name}-leader"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def _holds_session(self) -> bool:
        if self._session is None:
            self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            # a machine that has gone without a word is given up after four seconds; a local socket heeds none of it
            for name, value in (("idle", 2), ("interval", 1), ("count", 2)):
                self._session.execute(text(f"SET tcp_keepalives_{name} = {value}"))
        if self._leads:
            self._session.execute(text("SELECT 1"))
        else:
            self._leads = bool(self._session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar())
        return self._leads
