"""``aluetori evaluate``: how well a judgement does on a file whose truth is known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schedules.show import AsJson


class Judgement(StrEnum):
    """What can be measured."""

    DEDUPE = "dedupe"


def evaluate(
    what: Annotated[Judgement, typer.Argument(help="dedupe: which listings are one vacancy.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, or Parquet where polars is installed.")],
    predictions: Annotated[
        Path | None,
        typer.Option(
            "--predictions", metavar="OUT", help="Write id and cluster of each listing (.csv, else JSON lines)."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that read the file.")] = 2,
    json: AsJson = False,
) -> None:
    """Print precision, recall and F1 with intervals of 95 %, seconds and peak memory.

    Listings have the columns id, source, ref, url, title, employer, municipality (name or code), language, contract, text,
    posted, ends (dates ISO) and cluster; also hours, unit, openings, kind and family. What is not known is left out. They
    are grouped by the judgement that curation uses, and scored by pairs, by B-cubed, and by how many share a group with
    another vacancy.

    Example: aluetori evaluate dedupe adverts.jsonl --predictions groups.jsonl
    """
    from schedules.evaluation import evaluate_dedupe

    match what:
        case Judgement.DEDUPE:
            evaluate_dedupe(file, predictions, workers, json)
