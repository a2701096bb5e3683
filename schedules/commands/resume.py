"""``aluetori resume``: end a source's rest."""

from typing import Annotated

import typer

from schedules.show import By, Config, Database, Why, given, say


def resume(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """End the rest of a source. If it was due meanwhile, a running service harvests it at once.

    Example: aluetori resume vantaa_tyopaikat --reason "they are back" --by Aino
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    bench.must_know(source)
    bench.store().resume(source, given(reason), bench.settings.author(by))
    say(f"{source} is harvested by the clock again")
