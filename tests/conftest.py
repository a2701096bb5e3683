"""Both engines for every test that asks for ``store``, a clock that only tests move, and no skip that passes unseen in CI."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from store import db, tables
from store.door import Store
from store.write.leases import Leases
from tests.built import Clock, Scene

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
ENGINES = ("sqlite", "postgresql")


BESIDE = Path(__file__).parents[2]
"""Where facts lie that were collected for the project and are no part of it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what compares with a collected file (``beside``) where there is none: that is no test of the project."""
    marks = {item: item.get_closest_marker("beside") for item in items}
    absent = [item for item, mark in marks.items() if mark is not None and not (BESIDE / mark.args[0]).exists()]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in absent]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skip is a failure: a part that is missing there would leave its tests untried for ever."""
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    return _no_skip((yield))


def _no_skip(report: Report) -> Report:
    if os.environ.get("CI") and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database at the head of the migrations, on each engine."""
    made: str = request.getfixturevalue(f"{request.param}_database")
    return made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = db.engine_for(url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine, clock: Clock) -> Store:
    return Store(engine, clock, Leases(engine, clock=clock.seconds, wait=clock.wait))


@pytest.fixture
def scene(store: Store, clock: Clock) -> Scene:
    return Scene(store, clock)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes an empty PostgreSQL database and gives its URL; all are gone after the tests."""
    made: list[str] = []
    with tempfile.TemporaryDirectory(prefix="aluetori-pg-", ignore_cleanup_errors=True) as folder:
        server = os.environ.get("ALUETORI_TEST_POSTGRES") or _start(Path(folder))
        home = make_url(server).set(drivername="postgresql+psycopg")
        admin = create_engine(home, isolation_level="AUTOCOMMIT")

        def create() -> str:
            made.append(f"aluetori_{uuid4().hex[:12]}")
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {made[-1]}"))
            return _said(home.set(drivername="postgresql", database=made[-1]))

        try:
            yield create
        finally:
            if os.environ.get("ALUETORI_TEST_POSTGRES"):
                with admin.connect() as connection:
                    for name in made:
                        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                admin.dispose()
            else:
                admin.dispose()
                _pg_ctl(Path(folder), "stop", "-m", "immediate")


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Empties the one migrated database of this process, with its counters at one, and gives its URL: a tenth of the time
    that a new one takes."""
    url = postgresql()
    _migrate(url)
    engine = db.engine_for(url)
    made = tables.metadata.tables.values()
    emptied = ";".join(f'DELETE FROM "{one.name}"' for one in made)
    counters = [(one.name, one.autoincrement_column.name) for one in made if one.autoincrement_column is not None]
    restarted = ", ".join(f"setval(pg_get_serial_sequence('{of}', '{column}'), 1, false)" for of, column in counters)

    def empty() -> str:
        with engine.begin() as connection:
            connection.execute(text(emptied))
            connection.execute(text(f"SELECT {restarted}"))
        return url

    yield empty
    engine.dispose()


@pytest.fixture
def postgresql_database(migrated_postgresql: Callable[[], str]) -> str:
    return migrated_postgresql()


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    create: Callable[[], str] = request.getfixturevalue("postgresql")
    return create()


def _migrate(url: str) -> None:
    engine = db.engine_for(url)
    db.upgrade(engine)
    engine.dispose()


def _said(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _start(folder: Path) -> str:
    """A server of Debian's own, on a socket in ``folder`` and no port; skips when there is none."""
    if not _binaries():
        pytest.skip("no pg_ctl under /usr/lib/postgresql (apt-get install postgresql) and no ALUETORI_TEST_POSTGRES")
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres to run it")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    _pg_ctl(folder, "initdb", "-o", "--auth=trust --username=aluetori --encoding=UTF8 --no-sync --locale=C.UTF-8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    _pg_ctl(folder, "start", "-w", "-l", str(folder / "log"), "-o", options)
    return f"postgresql://aluetori@/postgres?host={folder}"


def _binaries() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3].split(".")[0]))


def _pg_ctl(folder: Path, *what: str) -> None:
    runuser = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "runuser"
    as_owner = [runuser, "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_owner, str(_binaries()[-1]), "-D", str(folder / "data"), "-s", *what]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
