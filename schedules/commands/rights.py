"""``aluetori rights``: what may be shown where."""

from schedules.show import AsJson, Config, Database, as_json, table


def rights(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """List what each source lets out where: page, markup, feed, api, embed, export; and on what basis.

    Example: aluetori rights
    """
    from harvest.source import EXITS
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.health import rights as told

    rows = told(Workbench(settings(database, config)).store().engine)
    if json:
        as_json(rows)
        return
    table(rows, ("source", "basis", *EXITS, "open", "attribution"))
