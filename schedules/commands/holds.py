"""``aluetori holds``: removals that wait for an operator's word."""

from enum import StrEnum
from typing import Annotated

import typer

from schedules.show import AsJson, By, Config, Database, Why, as_json, given, say, table

SHOWN = 30
"""Listings of a preview that a person is shown; a program gets all."""


class Verb(StrEnum):
    """What can be done with holds."""

    LIST = "list"
    SHOW = "show"
    RELEASE = "release"
    REJECT = "reject"


def holds(
    verb: Annotated[
        Verb, typer.Argument(help="List them, show what one would remove, release or reject it.")
    ] = Verb.LIST,
    hold: Annotated[int, typer.Argument(metavar="[HOLD]", min=0, help="Its number.")] = 0,
    reason: Why = "",
    by: By = "",
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """List the removals that the guard has stopped, show what one would take from which page, release it so that the
    postings close, or reject it so that they stay until they are seen again or end by their date.

    Example: aluetori holds show 3; aluetori holds reject 3 --reason "the list was cut short" --by Aino
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store import holds as held

    bench = Workbench(settings(database, config))
    store = bench.store()
    if verb is Verb.LIST:
        rows = held.holds(store.engine, bench.clock())
        if json:
            as_json(rows)
        elif rows:
            table(rows, ("id", "source", "unit", "going", "open", "hours", "run"))
        else:
            say("no removals wait")
        return
    if verb is Verb.SHOW:
        told = held.preview(store.engine, hold)
        if json:
            as_json(told)
            return
        say(f"hold {hold} of {told['source']}, {told['unit']}: {told['postings']} postings would close"
            + (f", {told['held_elsewhere']} more are held by other units" if told["held_elsewhere"] else ""))  # fmt: skip
        say(f"{len(told['listings'])} listings would vanish, in:")
        for name in ("regions", "municipalities", "buckets"):
            say(f"  {name}: " + (", ".join(f"{key} {count}" for key, count in told[name].items()) or "none"))
        table(told["listings"][:SHOWN], ("listing", "title", "employer", "places"))
        return
    count = store.rule(hold, verb is Verb.RELEASE, given(reason), bench.settings.author(by))
    written = bench.curate(store)
    if json:
        as_json({"hold": hold, "postings": count, "changes": written.changes})
    elif verb is Verb.RELEASE:
        say(f"hold {hold} is released: {count} postings have closed")
    else:
        say(f"hold {hold} is rejected: {count} postings stay until they are seen again or end by their date")
