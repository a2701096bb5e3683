"""``aluetori harvest``: ask sources, and keep what they say."""

from dataclasses import asdict
from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, table, warn

NAMES = ("source", "verdict", "cause", "requests", "not_modified", "bytes", "found", "new", "changed", "unchanged", "closed",
         "held", "problems", "seconds")  # fmt: skip


def harvest(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Slugs of sources.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every enabled source.")] = False,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Harvest sources now, politely, and keep their postings.

    Exit code 1 when a source was not read as it should be, or its card is broken; each is named with its cause.

    Example: aluetori harvest vantaa_tyopaikat ptv_mikkeli --json
    """
    from harvest.records import is_complete
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.write.runs import RunResult

    bench = Workbench(settings(database, config))
    chosen, broken = bench.chosen(sources or [], everything)
    store = bench.store(create=True)

    def done(result: RunResult) -> None:
        if not json:
            detail = f" ({result.detail})" if result.detail else ""
            warn(f"{result.source}: {result.verdict}, {result.cause}{detail}")

    results = bench.harvest(store, chosen, done)
    if everything:
        bench.sweep_archive()
    rows = [{name: value for name, value in asdict(result).items() if name in NAMES} for result in results]
    if json:
        as_json([{name: row[name] for name in NAMES} for row in rows])
    else:
        table(rows, NAMES)
        if any(result.new or result.changed or result.closed for result in results):
            warn("now type: aluetori curate")
    for slug, wrong in broken.items():
        warn(f"{slug}: not harvested, since its card cannot be used; type: aluetori check {slug}\n{wrong}")
    if broken or not all(is_complete(result.verdict, result.cause) for result in results):
        raise typer.Exit(1)
