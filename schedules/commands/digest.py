"""``aluetori digest``: what waits for a person, as it is sent once a day."""

from dataclasses import asdict
from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, say, warn


def digest(
    send: Annotated[bool, typer.Option("--send", help="Send the letters now, also if they were sent today.")] = False,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Show the letters of today's digest: to the operator (ALUETORI_NOTIFY) what waits anywhere, to each region's notify what
    concerns its page. Who has nothing to hear gets none. The service sends them at seven in the morning.

    Exit code 1 when one could not be sent.

    Example: aluetori digest
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    letters = bench.digests(bench.store())
    if json:
        as_json([asdict(letter) for letter in letters])
    else:
        for letter in letters:
            say(f"To: {', '.join(letter.to)}\nSubject: {letter.subject}\n\n{letter.text}")
        if not letters:
            say("nothing to tell: nobody is written to")
    wrong = bench.send(letters) if send else []
    for sentence in wrong:
        warn(sentence)
    if wrong:
        raise typer.Exit(1)
