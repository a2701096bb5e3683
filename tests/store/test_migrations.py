"""One schema on both engines, made from nothing and taken away again."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from store import db
from store.tables import metadata

CONFIG = Config()
CONFIG.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))


def test_the_migrations_lead_from_nothing_to_the_head_and_back(empty_url: str) -> None:
    engine = db.engine_for(empty_url)
    assert db.revision(engine) == ""
    assert db.upgrade(engine) == ""
    assert db.revision(engine) == db.HEAD
    assert db.upgrade(engine) == db.HEAD, "a second time it does nothing"
    with engine.begin() as connection:
        CONFIG.attributes["connection"] = connection
        command.downgrade(CONFIG, "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert inspect(connection).get_view_names() == []
    engine.dispose()


def test_the_tables_are_what_the_migrations_make(url: str) -> None:
    engine = db.engine_for(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_head_that_the_code_needs_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(CONFIG).get_heads() == [db.HEAD]


def test_the_view_has_the_same_columns_on_both_engines(sqlite_database: str, postgresql_database: str) -> None:
    columns = []
    for url in (sqlite_database, postgresql_database):
        engine = db.engine_for(url)
        with engine.connect() as connection:
            columns.append([column["name"] for column in inspect(connection).get_columns("curated_listing")])
        engine.dispose()
    assert columns[0] == columns[1]
    assert columns[0][:5] == ["id", "kind", "title_fi", "title_sv", "title_en"]


@pytest.mark.parametrize("wrong", ["no url", "mysql://localhost/x"])
def test_a_url_that_is_none_of_ours_is_told_what_was_expected(wrong: str) -> None:
    with pytest.raises(db.StoreError, match="expected sqlite:///FILE or postgresql://HOST/NAME"):
        db.engine_for(wrong)


def test_a_password_is_never_shown() -> None:
    assert db.shown("postgresql://me:secret@host/name") == "postgresql://me:***@host/name"


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    engine = db.engine_for(f"sqlite:///{tmp_path}/nowhere/store.db")
    with pytest.raises(db.StoreError, match="nowhere"):
        db.revision(engine)
