"""The command line: every verb, and how its errors are said."""

import multiprocessing
import os
import sys
from io import TextIOWrapper
from itertools import zip_longest
from typing import Any

import typer
from typer.core import TyperCommand

from schedules.commands.check import check
from schedules.commands.counts import counts
from schedules.commands.curate import curate
from schedules.commands.decide import decide
from schedules.commands.demo import demo
from schedules.commands.digest import digest
from schedules.commands.evaluate import evaluate
from schedules.commands.explain import explain
from schedules.commands.export import export
from schedules.commands.harvest import harvest
from schedules.commands.holds import holds
from schedules.commands.init import init
from schedules.commands.new import new
from schedules.commands.pace import pace
from schedules.commands.pause import pause
from schedules.commands.place import place
from schedules.commands.pocket import pocket
from schedules.commands.replay import replay
from schedules.commands.restore import restore
from schedules.commands.resume import resume
from schedules.commands.rights import rights
from schedules.commands.runs import runs
from schedules.commands.schedule import schedule
from schedules.commands.sources import sources
from schedules.commands.status import status
from schedules.commands.template import template
from schedules.commands.withdraw import withdraw

STOPPED = 130
"""The exit code of what Ctrl-C has ended, as shells have it."""

app = typer.Typer(
    name="aluetori",
    help="The job-listing pipeline behind Finland's regional employment pages.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class _Check(TyperCommand):
    """There ``--database`` may stand alone, for the database that is the usual one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        said: list[str] = []
        for word, following in zip_longest(args, args[1:], fillvalue="-"):
            said += [word, ""] if word == "--database" and following.startswith("-") else [word]
        return super().parse_args(ctx, said)


for verb in (
    init,
    new,
    check,
    harvest,
    curate,
    schedule,
    pause,
    resume,
    pace,
    status,
    digest,
    replay,
    sources,
    runs,
    counts,
    evaluate,
    explain,
    rights,
    export,
    template,
    place,
    demo,
    pocket,
    decide,
    holds,
    withdraw,
    restore,
):
    app.command(cls=_Check if verb is check else None)(verb)


def main() -> None:
    """Run the command that was typed. Exit code 0 done, 1 done with failures, 2 wrong usage or configuration, 130 stopped
    by Ctrl-C."""
    from harvest.records import HarvestError
    from store.counts import CountsError
    from store.db import StoreError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of few letters gets them spelt out
    try:
        app()
    except (HarvestError, StoreError, CountsError) as error:
        print(f"aluetori: {error}", file=sys.stderr)
        sys.exit(2)
    except SystemExit as end:
        if end.code == STOPPED:
            _stop()
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _stop() -> None:
    """Ends at once: a second Ctrl-C has cut the waiting for answers under way, and nothing may bring it back."""
    print("aluetori: stopped; what was committed stays, and the next run goes on from there", file=sys.stderr)
    for child in multiprocessing.active_children():
        child.terminate()
    sys.stdout.flush()
    os._exit(STOPPED)


if __name__ == "__main__":
    main()
