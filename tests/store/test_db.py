"""The database's own errors: what went wrong, and never the values that it went wrong with."""

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError

from store.tables import Meta, Touch, table

SECRET = "puh. 040 123 4567, maija@post.example"


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
