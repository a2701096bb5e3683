"""What is asked often is found by an index: cost follows the answer, not the table."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import event

from store.counts import counts
from store.explain import explain
from tests.built import Scene, card, many, posting

TOWN = card(removal={"misses": 1})
ASKED: dict[str, Callable[[Scene], object]] = {
    "known": lambda scene: scene.store.known(TOWN),
    "a run in which something changes and something goes": lambda scene: scene.harvest(TOWN, many(78, employer="Uusi")),
    "a curation": lambda scene: scene.curate(),
    "counts": lambda scene: counts(scene.store.engine, by=("region", "municipality", "kind", "theme")),
    "counts of a region": lambda scene: counts(scene.store.engine, by=("municipality",), region="mikkeli"),
    "counts on a day": lambda scene: counts(scene.store.engine, region="mikkeli", on=date(2026, 11, 24)),
    "an explanation": lambda scene: explain(scene.store.engine, "001"),
    "an explanation of an address": lambda scene: explain(scene.store.engine, "https://town.example/jobs/001"),
}
LARGE = ("posting", "posting_key", "edge", "listing", "listing_posting", "spell", "change", "run", "page")
QUADRATIC = "SEARCH regional USING INDEX ix_spell_scope"
"""Each listing against each of a region: a minute at 15,000 listings."""


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", ASKED)
def test_no_large_table_is_read_whole(scene: Scene, what: str) -> None:
    scene.harvest(TOWN, many(80))
    scene.harvest(card("other"), [posting("a", title="Työ 001", source="other")])
    scene.curate()
    scene.harvest(TOWN, [*many(7), posting("007", employer="Toinen"), *many(80)[8:79]])
    plans: dict[str, list[str]] = {}

    def plan(connection: object, _cursor: object, statement: str, given: object, _context: object, many_: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            raw = connection.connection.dbapi_connection  # type: ignore[attr-defined]
            values = given[0] if many_ else given  # type: ignore[index]
            plans[statement] = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]

    event.listen(scene.store.engine, "before_cursor_execute", plan)
    ASKED[what](scene)
    assert plans
    whole = {f"SCAN {name}" for name in LARGE}
    for statement, steps in plans.items():
        for step in steps:
            assert step not in whole, statement
            assert not step.startswith(QUADRATIC), statement
