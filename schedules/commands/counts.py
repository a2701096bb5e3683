"""``aluetori counts``: what an analyst checks."""

from datetime import datetime
from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, table, warn


def counts(
    by: Annotated[
        str, typer.Option(metavar="NAMES", help="Of region, municipality, kind, source, theme, status.")
    ] = "region,municipality,kind",
    region: Annotated[str, typer.Option(metavar="SLUG", help="Only this region.")] = "",
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="As of the end of that day; else now.")
    ] = None,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Count listings, postings and openings per region and municipality. They are three different counts.

    Buckets (unplaced, national, remote, abroad) are rows of their own. Work trials stand apart, since they are unpaid.

    Example: aluetori counts --region mikkeli --by municipality,kind --on 2026-11-24
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.counts import counts as count

    names = [name.strip() for name in by.split(",") if name.strip()]
    if not names:
        raise typer.BadParameter("it is empty; expected names like region,municipality,kind", param_hint="--by")
    if on and not 2000 <= on.year < 2100:
        raise typer.BadParameter(f"{on:%Y-%m-%d} is no day of this table; expected 2000 to 2099", param_hint="--on")
    bench = Workbench(settings(database, config))
    rows = count(bench.store().engine, by=names, region=region, on=on.date() if on else None)
    if json:
        as_json(rows)
        return
    sums = ["listings", "postings", "openings", "openings_unknown", "work_trials"]
    extra = [name for name in ("bucket", "municipality_name", "region_name") if rows and name in rows[0]]
    order = ["region", "municipality", "municipality_name", "bucket", "kind", "source", "theme", "status"]
    table(rows, [name for name in order if name in names or name in extra] + sums)
    if not rows:
        warn("nothing is open in this scope")
