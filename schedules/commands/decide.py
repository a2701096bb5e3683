"""``aluetori decide``: a person's word about a posting, kept apart from facts."""

from enum import StrEnum
from typing import Annotated

import typer

from schedules.show import AsJson, By, Config, Database, Why, as_json, given, say, table


class Verb(StrEnum):
    """What can be said, listed and taken back."""

    SAME = "same"
    DIFFERENT = "different"
    PLACE = "place"
    HIDE = "hide"
    APPROVE = "approve"
    PIN = "pin"
    LIST = "list"
    UNDO = "undo"


def decide(
    verb: Annotated[Verb, typer.Argument(help="What is said; or list, or undo.")],
    what: Annotated[
        str, typer.Argument(metavar="[POSTING]", help="An id, reference or address; a number to undo.")
    ] = "",
    other: Annotated[str, typer.Argument(metavar="[OTHER]", help="The second posting of same and different.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="CODES|REGION", help="Where it is placed, or pinned.")] = "",
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Say that two postings are one or are not, where one belongs, that it is hidden, approved or pinned; list what counts,
    or undo one. It outlives every harvest, and is judged at once.

    Example: aluetori decide place vantaa/123 --to 092 --reason "the school is in Vantaa" --by Aino
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.decided import decisions, meant

    bench = Workbench(settings(database, config))
    store = bench.store()
    if verb is Verb.LIST:
        rows = decisions(store.engine, what)
        as_json(rows) if json else table(rows, ("id", "act", "posting", "other", "value", "reason", "author", "at"))
        return
    author, because = bench.settings.author(by), given(reason)
    if verb is Verb.UNDO:
        number = _number(what)
        store.undo(number, because, author)
    else:
        number = store.decide(meant(store.engine, str(verb), what, other, to, because, author))
    written = bench.curate(store)
    if json:
        as_json({"decision": number, "changes": written.changes})
        return
    changes = (
        ", ".join(f"{count} {name}" for name, count in sorted(written.changes.items())) or "nothing to see has changed"
    )
    say(f"decision {number} {'no longer counts' if verb is Verb.UNDO else 'counts'}: {changes}")


def _number(what: str) -> int:
    if not what.isdecimal():
        raise typer.BadParameter(f"undo takes the number of a decision, not {what!r}; aluetori decide list shows them")
    return int(what)
