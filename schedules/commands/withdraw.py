"""``aluetori withdraw``: hide everything of a source at once."""

from pathlib import Path
from typing import Annotated

import typer

from schedules.show import By, Config, Database, Why, given, say


def withdraw(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """Hide all postings of a source from every reader at once, and judge what follows: copies at other sources speak for
    their listings from then on. Harvests go on; aluetori restore shows it again.

    Example: aluetori withdraw kuntarekry --reason "they asked us to" --by Aino
    """
    count = set_withdrawn(source, True, reason, by, database, config)
    say(f"{source} is withdrawn: its {count} open postings are hidden; aluetori restore {source} shows them again")


def set_withdrawn(source: str, hide: bool, reason: str, by: str, database: str, config: Path | None) -> int:
    """Hide a source or show it again, and judge what follows; how many open postings it has."""
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    store = bench.store()
    count = store.withdraw(source, hide, given(reason), bench.settings.author(by))
    bench.curate(store)
    return count
