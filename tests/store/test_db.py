"""The SQLite file: what its settings promise."""

import threading
from pathlib import Path

from sqlalchemy import text

from store import db


def test_the_log_is_copied_into_the_file_beside_the_work(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(db, "LONG_LOG", 100_000)
    engine = db.engine_for(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        connection.execute(text("INSERT INTO t VALUES (:x)"), [{"x": "x" * 1000} for _ in range(1000)])
    for thread in threading.enumerate():
        if thread.name == "checkpoint":
            thread.join(timeout=30)
    assert (tmp_path / "a.db").stat().st_size > 1_000_000, "the file itself holds what was committed"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 1000
    engine.dispose()


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    engine = db.engine_for(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    assert not [thread for thread in threading.enumerate() if thread.name == "checkpoint"]
    assert (tmp_path / "a.db").stat().st_size < 100_000
    engine.dispose()
