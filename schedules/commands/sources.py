"""``aluetori sources``: how things stand."""

from contextlib import suppress

from schedules.show import AsJson, Config, Database, as_json, table

CLOCKS = ("last_attempt", "last_complete", "last_change")
"""The three clocks of a source: a green last attempt may hide that nothing whole, or nothing new, has come for days."""


def sources(database: Database = "", config: Config = None, json: AsJson = False) -> None:
    """List sources: enabled or why not, last verdict, three clocks, what is open.

    Example: aluetori sources
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.db import NoDatabaseError
    from store.firings import overrides
    from store.health import sources as health
    from store.write.declare import NO_CARD

    bench = Workbench(settings(database, config))
    cards, broken = bench.cards()
    known, words = {}, {}
    with suppress(NoDatabaseError):
        engine = bench.store().engine
        known = {row["source"]: row for row in health(engine, bench.clock())}
        words = {slug: word for slug, word in overrides(engine).items() if word.paused(bench.clock())}
    rows = []
    for slug in sorted({*cards, *broken, *known}):
        row = known.get(slug, {"source": slug, "open": 0, "verdict": "never run", "cause": "", "fresh": False, "filled": {},
                               **dict.fromkeys(CLOCKS)})  # fmt: skip
        card = cards.get(slug)
        because = "" if card is not None and card.enabled else card.disabled_because if card is not None else NO_CARD
        if slug in broken:
            because = f"its card is broken: aluetori check {slug}"
        shown = {"source": slug, "kind": str(card.kind) if card else row.get("kind", ""), "enabled": not because,
                 "disabled_because": because, "state": f"disabled: {because}" if because else "enabled"}  # fmt: skip
        if slug in words and not because:
            shown["state"] = f"paused {words[slug].until} by {words[slug].author}: {words[slug].reason}"
        rows.append({**row, **shown, "name": card.name if card else row.get("name", "")})
    if json:
        as_json(rows)
        return
    for row in rows:
        row.update({name: _minute(row[name]) for name in CLOCKS})
    table(rows, ("source", "kind", "state", "verdict", "cause", "open", *CLOCKS, "fresh"))


def _minute(moment: str | None) -> str:
    """A moment in UTC as short as a person needs it."""
    return moment[:16].replace("T", " ") if moment else ""
