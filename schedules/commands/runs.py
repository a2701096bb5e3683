"""``aluetori runs``: what was read when, how whole it was, and what went wrong."""

from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, table

MOST = 2**31 - 1
"""No number of a run, nor of runs, is larger; a database takes this one."""


def runs(
    source: Annotated[str, typer.Argument(metavar="[SOURCE]", help="Only this source's.")] = "",
    problems: Annotated[
        int | None, typer.Option(metavar="RUN", min=0, max=MOST, help="Show the problems of this run instead.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many.")] = 20,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """List the newest runs with their verdicts and counts, or the problems of one.

    Example: aluetori runs vantaa_tyopaikat; aluetori runs --problems 12
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store import health
    from store.db import StoreError

    bench = Workbench(settings(database, config))
    engine = bench.store().engine
    if problems is not None:
        told = health.problems(engine, problems)
        if told is None:
            raise StoreError(f"there is no run {problems}; aluetori runs lists them")
        as_json(told) if json else table(told, ("step", "reason", "about", "detail", "drops"))
        return
    rows = health.runs(engine, source, limit, bench.clock())
    if source and not rows:
        bench.must_know(source)
    if json:
        as_json(rows)
        return
    table(rows, ("id", "source", "started", "verdict", "cause", "requests", "retries", "share_304", "bytes", "found",
                 "new", "changed", "unchanged", "closed", "held", "dropped", "problems"))  # fmt: skip
