"""Adverts written to a file, one JSON object a line, as ``aluetori evaluate dedupe`` reads them."""

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Rows = Iterable[dict[str, Any]]


def write(rows: Callable[[int, int, str], Rows], habits: Iterable[str] = ()) -> None:
    """Write ``rows(seed, size, habit)`` as the command line says: size, file, ``--seed`` and, where there are any, ``--habit``,
    by default the first. What is unknown is left out."""
    asked, known = argparse.ArgumentParser(), tuple(habits)
    asked.add_argument("size", type=int)
    asked.add_argument("path", type=Path)
    asked.add_argument("--seed", type=int, default=1)
    if known:
        asked.add_argument("--habit", choices=known, default=known[0])
    said = asked.parse_args()
    with said.path.open("w", encoding="utf-8") as file:
        for row in rows(said.seed, said.size, said.habit if known else ""):
            told = {key: value for key, value in row.items() if value is not None}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
