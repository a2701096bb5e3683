"""``aluetori evaluate``: how well a judgement does on a file whose truth is known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schedules.show import AsJson


class Judgement(StrEnum):
    """What can be measured."""

    PLACES = "places"
    DEDUPE = "dedupe"


def evaluate(
    what: Annotated[
        Judgement, typer.Argument(help="places: names of places in texts; dedupe: which listings are one vacancy.")
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Places: TSV, CSV or JSON lines. Listings: JSON lines or Parquet.")
    ],
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", metavar="OUT", help="Write what was found for each row (.jsonl, else a table)."),
    ] = None,
    wrong: Annotated[bool, typer.Option("--wrong", help="List places that came out wrong, with reasons.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes that read listings.")] = 2,
    json: AsJson = False,
) -> None:
    """Print precision, recall and F1 with intervals of 95 %, seconds and peak memory.

    Places: rows are whole texts (text, language, expected codes; several by comma) or single tokens (text, tok, form, gold,
    tier with N for what is no place). Columns may be in any order and in any of their usual names. An expected area
    (maakunta:10, Etelä-Savo) counts where a row has one. A text counts as right if exactly its names are found; where a
    posting of that text alone would be placed is told beside.

    Listings have the columns id, source, ref, url, title, employer, municipality (name or code), language, contract, text,
    posted, ends (dates ISO) and cluster; also hours, unit, openings, kind and family. What is not known is left out. They
    are grouped by the judgement that curation uses, and scored by pairs, by B-cubed, and by how many share a group with
    another vacancy. Parquet is read where polars is installed.

    Example: aluetori evaluate dedupe adverts.jsonl --predictions groups.jsonl
    """
    from schedules.evaluation import evaluate_dedupe
    from schedules.evaluation_places import evaluate_places

    match what:
        case Judgement.PLACES:
            evaluate_places(file, predictions, wrong, json)
        case Judgement.DEDUPE:
            evaluate_dedupe(file, predictions, workers, json)
