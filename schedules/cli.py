"""The command line: every verb, and how its errors are said."""

import multiprocessing
import os
import sys
from io import TextIOWrapper
from itertools import zip_longest
from typing import Any, NoReturn

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
from schedules.show import as_json, warn

STOPPED = 130
"""The exit code of what Ctrl-C has ended, as shells have it."""

WRONG_USAGE: Any = typer.BadParameter.__mro__[2]
"""What typer raises for wrong usage of every kind; it has no public name in all of its versions."""

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
    from sqlalchemy.exc import DBAPIError

    from harvest.records import HarvestError
    from store import db
    from store.counts import CountsError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of few letters gets them spelt out
    try:
        code = app(standalone_mode=False)
    except WRONG_USAGE as error:
        error.show()
        _fail(error.format_message(), error.exit_code, said=True)
    except (HarvestError, db.StoreError, CountsError) as error:
        _fail(str(error), 2)
    except typer.Abort:
        _fail("not done: nothing was said", 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        about = f"{error.filename}: " if error.filename else ""
        _fail(f"{about}{error.strerror or error}", 2 if isinstance(error, _OF_USAGE) else 1)
    except DBAPIError as error:
        if not (told := db.told(error)):
            raise
        _fail(told, 1)
    if code == STOPPED:
        _stop()
    sys.exit(code)


_OF_USAGE = (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""What another name, or other rights, would mend."""


def _fail(sentence: str, code: int, said: bool = False) -> NoReturn:
    """Ends with a sentence for people, and with an object for a program where it asked for JSON."""
    if "--json" in sys.argv[1:]:
        as_json({"error": sentence})
    if not said:
        warn(f"aluetori: {sentence}")
    sys.exit(code)


def _stop() -> None:
    """Ends at once: a second Ctrl-C has cut the waiting for answers under way, and nothing may bring it back."""
    print("aluetori: stopped; what was committed stays, and the next run goes on from there", file=sys.stderr)
    for child in multiprocessing.active_children():
        child.terminate()
    sys.stdout.flush()
    os._exit(STOPPED)


if __name__ == "__main__":
    main()
