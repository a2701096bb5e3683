"""``aluetori init`` and ``check``: is everything in order before the first request."""

from typing import Annotated

import typer

from schedules.show import AsJson, Config, Database, as_json, say, warn


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


def check(
    source: Annotated[str, typer.Argument(metavar="[SOURCE]", help="Only this card.")] = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Validate cards, regions and themes, and say what is wrong with file, key and what was expected.

    The expressions of a card that has a recorded page (recorded = "page.html" beside it) are tried on it; exit code 1 when
    one of them finds nothing.

    Example: aluetori check --config ./config
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know

    bench = Workbench(settings("", config))
    cards, rules = bench.sources(), bench.rules()
    if source:
        must_know("source", source, cards)
    some = [cards[source]] if source else list(cards.values())
    wrong = [f"{card.slug}: {sentence}" for card in some for sentence in bench.unproved(card)]
    if json:
        as_json({"sources": [card.slug for card in some], "regions": list(rules.regions), "themes": list(rules.themes),
                 "unproved": wrong})  # fmt: skip
    else:
        for sentence in wrong:
            warn(sentence)
    if wrong:
        raise typer.Exit(1)
    if json:
        return
    off = sum(not card.enabled for card in some)
    say(
        f"{len(some)} cards ({off} of them disabled), {len(rules.regions)} regions, {len(rules.themes)} themes: all in order"
    )
