"""``aluetori curate``: judge anew what was touched."""

from schedules.show import AsJson, Config, Database, as_json, say, warn


def curate(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """Judge what harvests, decisions, rules and the calendar have touched, and bring the curated table up to date.

    Example: aluetori curate
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store import curated
    from store.counts import open_now

    bench = Workbench(settings(database, config))
    store = bench.store()
    for slug, wrong in bench.cards()[1].items():
        warn(f"{slug}: its card cannot be used, and counts as it was before; type: aluetori check {slug}\n{wrong}")
    written = bench.curate(store)
    shown = open_now(store.engine)
    if json:
        edition = {"rules": curated.edition(store.engine)["rules"]}
        as_json({"listings": written.listings, "changes": written.changes, "open": shown, **edition})
        return
    changes = (
        ", ".join(f"{count} {what}" for what, count in sorted(written.changes.items())) or "nothing to see has changed"
    )
    say(f"{written.listings} listings judged: {changes}")
    say("open now: " + (", ".join(f"{count} {kind}" for kind, count in shown.items()) or "nothing"))
