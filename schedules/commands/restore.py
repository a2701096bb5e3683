"""``aluetori restore``: show a withdrawn source again."""

from typing import Annotated

import typer

from schedules.commands.withdraw import set_withdrawn
from schedules.show import By, Config, Database, Why, say


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
    count = set_withdrawn(source, False, reason, by, database, config)
    say(f"{source} is restored: its {count} open postings are shown again")
