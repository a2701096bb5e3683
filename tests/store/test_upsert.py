"""Rows by the thousand: what is there is brought up to date in what the rows name, and in nothing else."""

from sqlalchemy import Connection, Engine, Table

from store.tables import DecisionRow, Lease, PostingKey, table
from store.upsert import upsert
from tests.built import Scene


def put(connection: Connection, into: Table, *rows: dict[str, object], keep: tuple[str, ...] = ()) -> None:
    upsert(connection, into, tuple(rows[0]), [tuple(row.values()) for row in rows], keep=keep)


def test_columns_that_are_not_named_stay_as_they_are(scene: Scene, engine: Engine) -> None:
    whole = {"id": 1, "act": "hide", "posting": "a", "other": "b", "value": "c", "reason": "r", "author": "Aino",
             "at": scene.clock.now, "undone": True}  # fmt: skip
    named = {name: whole[name] for name in ("id", "act", "posting", "author", "at")} | {"reason": "new"}
    with engine.begin() as connection:
        put(connection, table(DecisionRow), whole)
        put(connection, table(DecisionRow), named)
        put(connection, table(DecisionRow), {**named, "id": 2})
    old, new = scene.rows(DecisionRow)
    assert old == {**whole, "reason": "new"}
    assert (new["other"], new["undone"]) == ("", False), "an inserted row gets the defaults"


def test_a_table_of_nothing_but_keys_can_be_brought_up_to_date(scene: Scene, engine: Engine) -> None:
    for _ in range(2):
        with engine.begin() as connection:
            put(
                connection,
                table(PostingKey),
                {"key": 1, "day": 1, "posting": "a"},
                {"key": 2, "day": 1, "posting": "a"},
            )
    assert len(scene.rows(PostingKey)) == 2


def test_what_is_to_be_kept_is_kept(scene: Scene, engine: Engine) -> None:
    row = {"name": "a", "holder": "me", "until": 1.0, "free_at": 2.0}
    with engine.begin() as connection:
        put(connection, table(Lease), row)
        put(connection, table(Lease), {**row, "holder": "you", "until": 3.0}, keep=("holder",))
    assert scene.rows(Lease) == [{**row, "until": 3.0}]
