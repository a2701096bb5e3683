"""``aluetori restore``: show a withdrawn source again."""

from typing import Annotated

import typer

from schedules.show import By, Config, Database, Why, given, say


def restore(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """Show the postings of a withdrawn source again, each as if it had never been hidden.

    Example: aluetori restore kuntarekry --reason "it was a misunderstanding" --by Aino
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    store = bench.store()
    count = store.withdraw(source, False, given(reason), bench.settings.author(by))
    bench.curate(store)
    say(f"{source} is restored: its {count} open postings are shown again")
