"""``aluetori pause``: let the clock leave a source alone."""

from datetime import datetime
from typing import Annotated

import typer

from harvest.moment import HELSINKI, instant
from harvest.timing import duration
from schedules.show import By, Config, Database, Why, given, say


def pause(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    until: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Until when: 3h, 2d, 2026-12-24 or 2026-12-24T08:00 in Helsinki; else until resumed."
        ),
    ] = "",
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """Let a source rest: the service does not harvest it, nobody is alarmed that it is old, and what is shown of it stays.
    Harvests by hand go on. A running service heeds it within a second.

    Example: aluetori pause vantaa_tyopaikat --until 2026-12-24 --reason "they move house" --by Aino
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.firings import FOR_EVER

    bench = Workbench(settings(database, config))
    bench.must_know(source)
    now = bench.clock()
    end = _moment(until, now) if until else FOR_EVER
    bench.store().pause(source, end, given(reason), bench.settings.author(by))
    shown = f"until {end.astimezone(HELSINKI):%Y-%m-%d %H:%M} Helsinki time" if until else "until it is resumed"
    say(f"{source} rests {shown}; aluetori resume {source} ends that")


def _moment(text: str, now: datetime) -> datetime:
    found = None
    try:
        found = now + duration(text)
    except ValueError:
        found = instant(text)
    if found is None or found <= now:
        told = "it is over" if found else "expected 3h, 2d, 2026-12-24 or 2026-12-24T08:00"
        raise typer.BadParameter(f"{text!r}: {told}", param_hint="--until")
    return found
