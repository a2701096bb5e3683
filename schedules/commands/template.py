"""``aluetori template``: the workbook that a partner fills in."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from schedules.show import warn


def template(
    language: Annotated[Literal["fi", "sv"], typer.Argument(help="The language of headings, lists and help.")],
    output: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The file to write; one that is there is kept.")],
) -> None:
    """Write the workbook that a partner fills in and sends to an inbox folder. The card taulukkopohja reads it.

    Example: aluetori template sv platser.xlsx
    """
    from harvest.moment import HELSINKI
    from schedules import template as pattern
    from schedules.workbench import utc_now

    if output.suffix.lower() != ".xlsx":
        raise typer.BadParameter(
            f"{output} is no name of a workbook; expected one that ends in .xlsx", param_hint="OUT.xlsx"
        )
    book = pattern.template(language, utc_now().astimezone(HELSINKI).date())
    try:
        with output.open("xb") as file:
            book.save(file)
    except FileExistsError:
        raise typer.BadParameter(f"{output} is there already; name another file", param_hint="OUT.xlsx") from None
    except OSError as error:
        raise typer.BadParameter(f"{output} cannot be written: {error.strerror}", param_hint="OUT.xlsx") from None
    warn(
        f"{output} written; its card is harvest/sources/taulukkopohja.toml: copy it, and name the partner's folder in start"
    )
