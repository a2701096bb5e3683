"""``aluetori export``: the curated table as a file."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from errno import ENOSPC
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import typer

from schedules.show import Config, Database, warn


def export(
    form: Annotated[Literal["csv", "jsonl"], typer.Option("--format", help="csv or jsonl.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; else standard output.")
    ] = None,
    region: Annotated[str, typer.Option(metavar="SLUG", help="Only this region.")] = "",
    kind: Annotated[Literal["", "vacancy", "service", "news", "event"], typer.Option(help="Only this kind.")] = "",
    database: Database = "",
    config: Config = None,
) -> None:
    """Write open listings as CSV or JSON lines, with what each source's rights allow in an export.

    Every row names source, attribution, classification of its codes and version of the rules. Codes keep their leading
    zeros; cells that a spreadsheet would run as a formula are made harmless. What rights leave out is said.

    Example: aluetori export --format csv --region mikkeli -o mikkeli.csv
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know
    from store import curated

    bench = Workbench(settings(database, config))
    engine = bench.store().engine
    if region:
        must_know("region", region, bench.rules().regions)
    rows = curated.listings(engine, "export", region=region, kind=kind)
    edition = curated.edition(engine)
    write = _csv if form == "csv" else _jsonl
    if output is None or str(output) == "-":
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # as a file has it, whatever the terminal knows
        count = write(sys.stdout, rows, edition)
    else:
        try:
            with written(output) as file:
                count = write(file, rows, edition)
        except OSError as error:
            if error.errno == ENOSPC:
                raise
            raise typer.BadParameter(f"{output} cannot be written: {error.strerror}", param_hint="--output") from None
    missing = curated.left_out(engine, "export")
    left = "; ".join(f"{number} of {source}" for source, number in missing.items())
    warn(f"{count} listings written" + (f"; left out, since their cards do not allow export: {left}" if left else ""))


@contextmanager
def written(path: Path) -> Iterator[IO[str]]:
    """A file to write ``path`` by: it takes its place once it is whole, and what was there before stays until then. What is no
    file (a pipe, a device) is written to itself; a link is followed."""
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    path = path.resolve()
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _jsonl(file: IO[str], rows: Iterable[Mapping[str, Any]], edition: Mapping[str, str]) -> int:
    import json

    count = 0
    for row in rows:
        count += 1
        file.write(json.dumps({**row, **edition}, ensure_ascii=False) + "\n")
    return count


def _csv(file: IO[str], rows: Iterable[Mapping[str, Any]], edition: Mapping[str, str]) -> int:
    import csv

    from store.curated import FACTS, TEXTS

    languages = ("fi", "sv", "en")
    plain = [name for name in FACTS if name not in TEXTS]
    writer = csv.writer(file)
    writer.writerow([*plain, *(f"{name}_{code}" for name in TEXTS for code in languages), *edition])
    count = 0
    for row in rows:
        count += 1
        cells: Iterator[object] = (";".join(v) if isinstance(v := row[name], list) else v for name in plain)
        spoken = ((row[name] or {}).get(code, "") for name in TEXTS for code in languages)
        writer.writerow([harmless(cell) for cell in (*cells, *spoken, *edition.values())])
    return count


_BEGINS = r"\A|[;\t\n\x0b\x0c\r\x85\u2028\u2029]"
"""Where a cell may begin: Finnish Excel parts them at semicolons, and takes no quotation mark after a comma for one."""
_UNSEEN = (
    r" \"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202a-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
"""What a spreadsheet may drop before it looks at a cell: spaces of all widths, marks of order and direction, controls."""
_FORMULA = re.compile(f"({_BEGINS})([{_UNSEEN}]*[=+@＝＋＠－-])")


def harmless(cell: object) -> object:
    """A cell of which no spreadsheet takes any part for a formula, wherever it parts cells; an apostrophe says: a text."""
    if isinstance(cell, str):
        return _FORMULA.sub(r"\1'\2", cell)
    return "" if cell is None else cell
