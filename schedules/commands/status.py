"""``aluetori status``: is all well, or does something need a person?"""

from dataclasses import asdict

import typer

from schedules.show import AsJson, Config, Database, as_json, say

SHOWN = 3
"""Of what needs a person only so many of a kind are named, so that the whole stays on ten lines."""


def status(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """Tell in ten lines how things stand. Exit code 1 when a person is needed: removals that wait, sources that are stale,
    harvests that did not start or never end, broken cards.

    Example: aluetori status
    """
    from schedules.settings import settings
    from schedules.status import status as told
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    cards, broken = bench.cards()
    found = told(bench.store().engine, cards, broken, bench.clock())
    if json:
        as_json({**asdict(found), "well": found.well})
    else:
        say("all is well" if found.well else "a person is needed")
        say("open: " + (", ".join(f"{count} {kind}" for kind, count in found.open.items()) or "nothing"))
        counted = f"{found.fresh} fresh, {len(found.never)} never harvested, {len(found.paused)} paused"
        say(f"sources: {found.sources} enabled, {counted}")
        say(
            f"next: {found.next['source']} at {found.next['next'][:16].replace('T', ' ')} UTC"
            if found.next
            else "next: nothing"
        )
        say(f"waiting for a curation: {found.uncurated} postings")
        for kind, sentences in found.needs.items():
            more = f"; and {len(sentences) - SHOWN} more" if len(sentences) > SHOWN else ""
            say(f"{kind}: " + ("; ".join(sentences[:SHOWN]) + more if sentences else "none"))
    if not found.well:
        raise typer.Exit(1)
