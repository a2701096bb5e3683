"""The database: SQLite in one file by default, PostgreSQL by URL; opened, and brought up to date."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

HEAD = "0002"
"""The schema that this code needs: the newest revision of ``migrations``."""

T = TypeVar("T")


class StoreError(Exception):
    """The database cannot be used as it is; the message says which, what is wrong with it, and what to type."""


def engine_for(url: str) -> Engine:
    """An engine with the settings that were measured to be safe and quick. Opens nothing yet.

    SQLite: WAL, and ``BEGIN IMMEDIATE`` for writers, since a transaction that reads first and writes later loses updates
    or fails at once under the driver's defaults; an execution option ``readonly`` begins plainly.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"{url!r} is no database URL; expected sqlite:///FILE or postgresql://HOST/NAME") from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 30})
        event.listen(engine, "connect", _tune)
        event.listen(engine, "begin", _begin)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(
            f"{parsed.get_backend_name()} is not supported; expected sqlite:///FILE or postgresql://HOST/NAME"
        )
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            pool_recycle=1800,
            connect_args={"application_name": "aluetori", "options": "-c idle_in_transaction_session_timeout=60000"},
        )
    except ModuleNotFoundError:
        raise StoreError("PostgreSQL needs the extra postgres: pip install 'aluetori[postgres]'") from None


def _tune(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-65536",
        "mmap_size=67108864", "temp_store=MEMORY",
        "wal_autocheckpoint=16384",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    readonly = connection.get_execution_options().get("readonly")
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def shown(url: str) -> str:
    """The URL without its password."""
    return re.sub(r"//([^:/@]+):[^@/]+@", r"//\1:***@", url)


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
    """The schema's revision, empty for an empty database. Raises :class:`StoreError` when it cannot be reached."""
    try:
        with engine.connect().execution_options(readonly=True) as connection:
            if not inspect(connection).has_table("alembic_version"):
                return ""
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    except OperationalError as error:
        where = shown(engine.url.render_as_string(hide_password=False))
        raise StoreError(f"the database {where} cannot be opened: {error.orig}") from None


def chunks(rows: Sequence[T], size: int = 1000) -> Iterator[Sequence[T]]:
    """``rows`` in slices of ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
