"""``aluetori pace``: harvest a source at another pace than its card's."""

from typing import Annotated

import typer

from schedules.show import By, Config, Database, Why, given, say


def pace(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    every: Annotated[
        str, typer.Option(metavar="TIME", help="As in a card: 30m, 3h, 1d; without it the card counts again.")
    ] = "",
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """Harvest a source at another pace than its card says, until told otherwise. A running service heeds it within a second.

    Example: aluetori pace vantaa_tyopaikat --every 1h --reason "the fair is on" --by Aino
    """
    from harvest.timing import Schedule
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    bench.must_know(source)
    if every:
        try:
            Schedule.model_validate({"every": every})
        except ValueError:
            raise typer.BadParameter(
                f"{every!r}: expected a time from 1m to 366d, like 30m, 3h or 1d", param_hint="--every"
            ) from None
    bench.store().pace(source, every, given(reason), bench.settings.author(by))
    say(f"{source} is harvested every {every}" if every else f"{source} is harvested as its card says")
