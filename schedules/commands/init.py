"""``aluetori init``: a database that is ready, and the borders of municipalities where there are any."""

from pathlib import Path
from typing import Annotated

import typer

from schedules.show import Config, Database, say

Borders = Annotated[
    Path | None,
    typer.Option(
        "--borders",
        metavar="FILE",
        help="A GeoJSON file of municipal borders (WGS84, the code in each feature), to place coordinates by.",
    ),
]


def init(database: Database = "", config: Config = None, borders: Borders = None) -> None:
    """Make the database, or bring its schema up to date; with --borders also place postings by their coordinates.

    The file is copied into the config folder, or beside the database. Without one a coordinate only names the nearest
    municipal centre, which any other sign of place outweighs. Postings are read anew by the next harvest.

    Example: aluetori init --borders kunnat.geojson
    """
    import shutil

    from harvest.records import HarvestError
    from normalize.gazetteer.borders import Borders, BordersError
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store import db

    said = settings(database, config)
    if borders is not None:
        try:
            count = Borders(borders).count
        except BordersError as error:
            raise HarvestError(str(error)) from None
        if not said.borders.exists() or not said.borders.samefile(borders):
            shutil.copyfile(borders, said.borders)
        say(f"{said.borders} has the borders of {count} municipalities")
    bench = Workbench(said)
    store = bench.store(create=True)
    store.declare(bench.rules(), bench.today)
    say(f"{db.shown(bench.settings.database)} is ready, at version {db.HEAD}")
