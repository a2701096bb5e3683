"""``aluetori schedule``: the service that harvests by the clock, and what it means to do."""

import signal
import threading
from enum import StrEnum
from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, say, table, warn

NEWEST = 20
"""Firings that are listed unless more are asked for."""


class Verb(StrEnum):
    """What can be done with the clock."""

    RUN = "run"
    LIST = "list"
    PAST = "past"


def schedule(
    verb: Annotated[
        Verb, typer.Argument(help="Run the service, list what is due next, or tell what became of past firings.")
    ] = Verb.RUN,
    source: Annotated[str, typer.Argument(metavar="[SOURCE]", help="Only this source's.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=2**31 - 1, help="How many past firings.")] = NEWEST,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Harvest every enabled source when its card says so, curate what has changed, and end at midnight what ends by date;
    until SIGTERM or Ctrl-C. Of several services on one database one leads, and another takes over when it dies.

    Example: aluetori schedule; aluetori schedule list; aluetori schedule past vantaa_tyopaikat
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know

    bench = Workbench(settings(database, config))
    if verb is Verb.RUN:
        _serve(bench)
        return
    from schedules.ledger import told
    from store.firings import firings

    engine = bench.store().engine
    cards, broken = bench.cards()
    if source:
        must_know("source", source, [*cards, *broken])
    if verb is Verb.PAST:
        rows = firings(engine, source, limit)
        names: tuple[str, ...] = (
            "source",
            "due_at",
            "because",
            "outcome",
            "started",
            "ended",
            "run",
            "verdict",
            "detail",
        )
    else:
        rows = [row for row in told(cards, engine, bench.clock()) if source in ("", row["source"])]
        names = (
            "source",
            "schedule",
            "next",
            "overdue",
            "last_due",
            "outcome",
            "paused_until",
            "pace",
            "reason",
            "author",
        )
    if json:
        as_json([{name: row[name] for name in names} for row in rows])
        return
    for row in rows:
        row.update(
            {name: _short(row[name]) for name in ("due_at", "started", "ended", "next", "last_due") if name in row}
        )
    table(rows, names)


def _short(moment: str | None) -> str:
    """A moment in UTC as short as a person needs it."""
    return moment[:16].replace("T", " ") if moment else ""


def _serve(bench: object) -> None:
    from datetime import UTC, datetime

    from schedules.service import service
    from schedules.workbench import Workbench

    assert isinstance(bench, Workbench)
    stop = threading.Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a second Ctrl-C waits for nothing

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)

    def tell(text: str) -> None:
        warn(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}")

    with service(bench, bench.store(create=True), tell) as served:
        served.run(stop)
        tell("ending: what is under way ends at its next request")
    say("stopped; the next service makes up for what was not ended")
