"""``aluetori init``: a database that is ready."""

from schedules.show import Config, Database, say


def init(database: Database = "", config: Config = None) -> None:
    """Make the database, or bring its schema up to date.

    Example: aluetori init --database sqlite:///aluetori.db
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store import db

    bench = Workbench(settings(database, config))
    store = bench.store(create=True)
    store.declare(bench.rules(), bench.today)
    say(f"{db.shown(bench.settings.database)} is ready, at version {db.HEAD}")
