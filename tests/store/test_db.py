"""The database: what the settings of its file promise, and errors that never carry the values they went wrong with."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from store import db
from store.tables import Meta, PostingKey, Touch, table

SECRET = "puh. 040 123 4567, maija@post.example"


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


def test_a_connection_that_broke_may_be_given_back_after_a_copy(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(db, "LONG_LOG", 100_000)
    engine = db.engine_for(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
        connection.execute(text("INSERT INTO t VALUES (:x)"), [{"x": "x" * 1000} for _ in range(1000)])
    for thread in threading.enumerate():
        if thread.name == "checkpoint":
            thread.join(timeout=30)
    with engine.connect() as connection:
        connection.invalidate()
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


@pytest.mark.parametrize(
    "row", [{"posting": SECRET, "because": None}, {"id": SECRET, "posting": "a", "because": SECRET}]
)
def test_an_error_never_carries_the_values_of_its_statement(engine: Engine, row: dict[str, object]) -> None:
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(insert(table(Touch)), row)
    assert "touch" in str(caught.value)
    assert "040" not in str(caught.value)
    assert "maija" not in str(caught.value)


def test_a_key_that_is_there_already_is_not_quoted(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(insert(table(Meta)), [{"key": SECRET, "value": ""}, {"key": SECRET, "value": ""}])
    assert "meta" in str(caught.value)
    assert "040" not in str(caught.value)


def test_what_is_among_many_values_is_found_whatever_they_are(engine: Engine) -> None:
    key = table(PostingKey)
    there = {-(2**63): "a'b", 2**63 - 1: 'työ "ä", {c}', 0: "\\"}
    with engine.begin() as connection:
        connection.execute(insert(key), [{"key": one, "posting": posting, "day": 0} for one, posting in there.items()])
        for column, values in ((key.c.key, list(there)), (key.c.posting, list(there.values()))):
            for wanted in ([], values[:1], values):
                found = connection.execute(select(column).where(db.among(connection, column, wanted))).scalars()
                assert sorted(found) == sorted(wanted)
            more = [*range(1, 50_000)] if column is key.c.key else list(map(str, range(50_000)))
            assert list(connection.execute(select(column).where(db.among(connection, column, more)))) == []
