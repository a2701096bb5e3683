"""``aluetori sources``, ``runs`` and ``rights``: how things stand."""

from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, table

MOST = 2**31 - 1
"""No number of a run, nor of runs, is larger; a database takes this one."""


def sources(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """List sources: enabled or why not, last verdict, three clocks, what is open.

    Example: aluetori sources
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.db import StoreError
    from store.health import sources as health

    bench = Workbench(settings(database, config))
    cards = bench.sources()
    try:
        known = {row["source"]: row for row in health(bench.store().engine, bench.clock())}
    except StoreError:
        known = {}
    rows = []
    for slug in sorted({*cards, *known}):
        row = known.get(slug, {"source": slug, "open": 0, "verdict": "never run", "cause": "", "last_attempt": None,
                               "last_complete": None, "last_change": None, "fresh": False, "filled": {}})  # fmt: skip
        card = cards.get(slug)
        state = "no card" if card is None else "enabled" if card.enabled else f"disabled: {card.disabled_because}"
        shown = {"source": slug, "kind": str(card.kind) if card else row.get("kind", ""), "state": state}
        rows.append({**row, **shown, "name": card.name if card else row.get("name", "")})
    if json:
        as_json(rows)
        return
    table(rows, ("source", "kind", "state", "verdict", "cause", "open", "last_complete", "last_change", "fresh"))


def runs(
    source: Annotated[str, typer.Argument(metavar="[SOURCE]", help="Only this source's.")] = "",
    problems: Annotated[
        int, typer.Option(metavar="RUN", min=0, max=MOST, help="Show the problems of this run instead.")
    ] = 0,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many.")] = 20,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """List the newest runs with their verdicts and counts, or the problems of one.

    Example: aluetori runs vantaa_tyopaikat; aluetori runs --problems 12
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know
    from store import health

    bench = Workbench(settings(database, config))
    engine = bench.store().engine
    if problems:
        rows = health.problems(engine, problems)
        as_json(rows) if json else table(rows, ("step", "reason", "about", "detail", "drops"))
        return
    rows = health.runs(engine, source, limit)
    if source and not rows:
        must_know("source", source, bench.sources())
    if json:
        as_json(rows)
        return
    table(rows, ("id", "source", "started", "verdict", "cause", "requests", "not_modified", "bytes", "found", "new",
                 "changed", "unchanged", "closed", "held", "dropped", "problems"))  # fmt: skip


def rights(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """List what each source lets out where: page, markup, feed, api, embed, export; and on what basis.

    Example: aluetori rights
    """
    from harvest.source import EXITS
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.health import rights as told

    rows = told(Workbench(settings(database, config)).store().engine)
    if json:
        as_json(rows)
        return
    table(rows, ("source", "basis", *EXITS, "open", "attribution"))
