"""How commands speak: a table or sentences for people, JSON for programs."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://…; else ALUETORI_DATABASE, else sqlite:///aluetori.db.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        help="A folder with sources/, regions/ or themes/ that add to and override the shipped ones.",
    ),
]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so; else ALUETORI_OPERATOR. It is kept.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]


_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it: control characters of both sets, turns of the reading direction."""


def plain(text: str) -> str:
    """``text`` as a terminal may have it: what would steer it is spelt out. Sources and cards say what they like."""
    return text if text.isprintable() else _STEERING.sub(_spelt, text)


def _spelt(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign[0]):04x}"  # as JSON has it too


def given(reason: str) -> str:
    """The reason, or wrong usage when none was given."""
    if not reason.strip():
        raise typer.BadParameter("say why: --reason TEXT; it is kept with your name")
    return reason.strip()


def as_json(value: object) -> None:
    """Print ``value`` as JSON, readable and with its letters as they are, or escaped where the output has no such letters."""
    told = plain(json.dumps(value, ensure_ascii=False, indent=2, default=str))
    try:
        told.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        told = json.dumps(value, indent=2, default=str)
    print(told)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Print rows under their column names; numbers to the right. Without a terminal nothing is cut; on one that is too
    narrow for whole words a row is a sentence."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    found = list(rows)
    shown = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for name in columns:
        number = all(isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for row in found)
        shown.add_column(name.replace("_", " "), justify="right" if found and number else "left", overflow="fold")
    for row in found:
        shown.add_row(*(_cell(row.get(name)) for name in columns))
    width = None if sys.stdout.isatty() else 200
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    wide = Console(width=10_000)
    if width is None and Measurement.get(wide, wide.options, shown).minimum > console.width:
        for row in found:
            console.print("; ".join(f"{name.replace('_', ' ')} {_cell(row.get(name)) or '-'}" for name in columns))
        return
    console.print(shown)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}"
    return plain(str(value))


def say(text: str) -> None:
    """Print a sentence."""
    print(plain(text))


def warn(text: str) -> None:
    """Say it where it does not mix with what a program reads."""
    print(plain(text), file=sys.stderr)
