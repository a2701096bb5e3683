"""The database: SQLite in one file by default, PostgreSQL by URL; opened, and brought up to date."""

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Engine,
    any_,
    create_engine,
    event,
    func,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from store import sqlite_file

HEAD = "0001"
"""The schema that this code needs: the newest revision of ``migrations``."""

LONG_LOG = 256 * 1024 * 1024
"""Bytes of SQLite's log from which on it is copied into the file."""

T = TypeVar("T")


class StoreError(Exception):
    """The database cannot be used as it is; the message says which, what is wrong with it, and what to type."""


class NoDatabaseError(StoreError):
    """There is none yet, or nothing of ours in it."""


class AbsentError(NoDatabaseError):
    """There is no file of that name yet."""


def engine_for(url: str) -> Engine:
    """An engine with the settings that were measured to be safe and quick. Opens nothing yet.

    Its errors name the statement and never a value: values are people's words, and tokens.

    SQLite: WAL, and ``BEGIN IMMEDIATE`` for writers, since a transaction that reads first and writes later loses updates
    or fails at once under the driver's defaults; an execution option ``readonly`` begins plainly. A file that may not be
    written is opened for reading.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"{url!r} is no database URL; expected sqlite:///FILE or postgresql://HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        path = sqlite_file.path_of(parsed)
        only_read = path is not None and sqlite_file.is_read_only(path)
        at = sqlite_file.for_reading(path) if path is not None and only_read else parsed
        engine = create_engine(at, hide_parameters=True, connect_args={"timeout": 30})
        event.listen(engine, "connect", _tune)
        event.listen(engine, "begin", _begin)
        if path is not None and not only_read:
            event.listen(engine, "checkin", _Checkpoints(path))
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(
            f"{parsed.get_backend_name()} is not supported; expected sqlite:///FILE or postgresql://HOST/NAME"
        )
    try:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            pool_recycle=1800,
            connect_args={"application_name": "aluetori", "options": "-c idle_in_transaction_session_timeout=60000"},
        )
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs the extra postgres: pip install 'aluetori[postgres]'") from None
    event.listen(engine, "handle_error", _without_values)
    return engine


_VALUES = re.compile(r'(?s): ".*|\n.*')


def _without_values(context: ExceptionContext) -> DBAPIError | None:
    """The same error without what PostgreSQL quotes: a value that it could not read, and in lines of detail the key or
    the whole row that failed."""
    error, said = context.sqlalchemy_exception, context.original_exception
    if not isinstance(error, DBAPIError) or not getattr(said, "sqlstate", None):
        return None
    short = type(said)(_VALUES.sub("", str(said)))
    return type(error)(
        error.statement, None, short, hide_parameters=True, connection_invalidated=error.connection_invalidated
    )


def _tune(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    if sqlite_file.is_ours(connection):  # another program's file stays as it is
        with sqlite_file.reading_too():
            connection.execute("PRAGMA journal_mode=WAL")
    for pragma in (
        "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-65536",
        "mmap_size=67108864", "temp_store=MEMORY",
        "wal_autocheckpoint=262144",  # a last resort of 1 GiB; see _Checkpoints
        f"journal_size_limit={LONG_LOG // 2}",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


class _Checkpoints:
    """Copies the log of a SQLite file into the file, beside the work: within a commit it would hold up everybody, and does
    so for 9 of the 50 seconds in which 100,000 adverts are harvested and curated for the first time.

    Called when a connection is given back, which is after each commit; what cannot be copied now is copied later.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._log = path, path.with_name(path.name + "-wal")
        self._copying: Thread | None = None

    def __call__(self, connection: sqlite3.Connection | None, _record: Any) -> None:
        if self._copying is None:
            with suppress(OSError):
                if self._log.stat().st_size > LONG_LOG:
                    self._copying = Thread(target=self._copy, name="checkpoint")
                    self._copying.start()
        elif connection is not None and not self._copying.is_alive():  # one that broke is given back as none
            self._copying = None
            _checkpoint(connection)  # the little that came meanwhile: the log begins anew

    def _copy(self) -> None:
        with suppress(sqlite3.Error), closing(sqlite3.connect(self._path, timeout=1)) as connection:
            _checkpoint(connection)


def _checkpoint(connection: sqlite3.Connection) -> None:
    """Copies what can be copied without waiting for anybody; what cannot is copied another time."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _begin(connection: Any) -> None:
    readonly = connection.get_execution_options().get("readonly")
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection for reading, whose statements all see the database as it was at the first of them. SQLite's always do."""
    with engine.connect().execution_options(readonly=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def told(error: DBAPIError) -> str:
    """What went wrong with the database and what to do, for what happens to sound programs: a full disk, a file that may not
    be written, another writer. Empty for all else."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None:
        lost = isinstance(error, OperationalError) and bool(error.orig)
        return f"the database could not be reached, or ended the connection: {str(error.orig).strip()}" if lost else ""
    return sqlite_file.TOLD.get(code & 0xFF, "")


def may_pass(error: OperationalError) -> bool:
    """Whether waiting may help: another writer, a server that is away; no full disk, nor one that may not be written."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is None or code & 0xFF in sqlite_file.BUSY


def shown(url: str) -> str:
    """The URL without its password."""
    return re.sub(r"//([^:/@]+):[^@/]+@", r"//\1:***@", url)


def opened(url: str, create: bool = False) -> Engine:
    """An engine on a database whose schema is as this code needs it. With ``create`` it is made or brought up to date;
    without, one that is not there or is of another version raises :class:`StoreError` saying what to type."""
    named = shown(url)
    if url.startswith("sqlite:"):
        path = sqlite_file.path_of(make_url(url))
        if path is None:
            raise StoreError(
                f"{named} is a database in memory: all of it would be lost when the command ends; expected sqlite:///FILE"
            )
        if not create and not path.exists():
            raise AbsentError(f"there is no database {named}; type: aluetori init, or aluetori harvest")
        if path.is_dir():
            raise StoreError(f"the database {named} is a folder; name a file in it with --database")
        if not path.parent.is_dir():
            raise StoreError(f"the database {named} cannot be made: there is no folder {path.parent}")
    engine = engine_for(url)
    try:
        found = revision(engine)
    except DatabaseError as error:
        raise StoreError(f"{named} is no database of ours: {error.orig}; name another with --database") from None
    if found > HEAD:
        raise StoreError(f"the database {named} is of version {found}, newer than this program's {HEAD}")
    if found != HEAD:
        if not create:
            wrong = StoreError if found else NoDatabaseError
            raise wrong(f"the database {named} is of version {found or 'none'}; type: aluetori init")
        upgrade(engine)
    return engine


def upgrade(engine: Engine) -> str:
    """Bring the schema to ``HEAD``, from nothing if need be; gives the revision it had before ('' for none)."""
    before = revision(engine)
    if before != HEAD:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before


def revision(engine: Engine) -> str:
    """The schema's revision, empty for an empty database. Raises :class:`StoreError` when it cannot be reached, or holds
    another program's tables: nothing is written to these."""
    where = shown(engine.url.render_as_string(hide_password=False))
    try:
        with engine.connect().execution_options(readonly=True) as connection:
            tables = set(inspect(connection).get_table_names())
            versions = {"alembic_version"} & tables
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if versions else ""
    except OperationalError as error:
        raise StoreError(f"the database {where} cannot be opened: {error.orig}") from None
    ours = re.fullmatch(r"\d{4}", found or "") and "posting_key" in tables
    if (tables - versions or found) and not ours:
        names = ", ".join(sorted(tables)[:5])
        raise StoreError(f"the database {where} belongs to another program (its tables are {names}); name one of ours, or a "
                         "file that is not there yet, with --database. Nothing was written")  # fmt: skip
    return found or ""


def among(connection: Connection, column: Column[Any], values: Collection[T]) -> ColumnElement[bool]:
    """Whether ``column`` has one of ``values``, however many these are: one parameter holds them all, where ``in_`` writes
    out a placeholder for each and costs more than the search. For texts and whole numbers."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(literal(list(values), ARRAY(column.type)))


def chunks(rows: Sequence[T], size: int = 1000) -> Iterator[Sequence[T]]:
    """``rows`` in slices of ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
