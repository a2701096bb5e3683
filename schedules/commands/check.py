"""``aluetori check``: is everything in order before the first request."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from schedules.show import AsJson, Config, as_json, say, warn

if TYPE_CHECKING:
    from harvest.source import Source
    from schedules.workbench import Workbench


def check(
    source: Annotated[str, typer.Argument(metavar="[SOURCE]", help="Only this card.")] = "",
    live: Annotated[bool, typer.Option("--live", help="Ask the source, and say what a harvest would change.")] = False,
    database: Annotated[
        str | None,
        typer.Option(
            "--database", metavar="[URL]", help="Verify the invariants of this database, by default the usual."
        ),
    ] = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Validate cards, regions and themes, and say what is wrong with file, key and what was expected.

    The expressions of a card that has a recorded page (recorded = "page.html" beside it) are tried on it; exit code 1 when
    one of them finds nothing.

    With --live the source is asked as a harvest would, politely, and what would be new, changed, closed and held is told;
    nothing of it is written. A disabled card is asked too, since it was named. Exit code 1 when it is not read as it should.

    With --database (and not --live) the database is verified instead: each invariant is named, with what breaks it. Nothing
    is written, and a service may go on meanwhile. Exit code 1 when one is broken.

    Example: aluetori check --config ./config
    """
    from harvest.declaration import DeclarationError
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know

    bench = Workbench(settings(database or "", config))
    if database is not None and not live:
        if source:
            raise typer.BadParameter("it verifies the whole database; name no source", param_hint="--database")
        verified(bench, json)
        return
    if live and not source:
        raise typer.BadParameter(
            "it asks one source at a time; name it, as in aluetori check SOURCE --live", param_hint="--live"
        )
    cards, broken = bench.cards()
    if source:
        must_know("source", source, [*cards, *broken])
        broken = {slug: wrong for slug, wrong in broken.items() if slug == source}
    some = [card for slug, card in cards.items() if source in ("", slug)]
    wrong = list(broken.values())
    paths = bench.card_files()
    wrong += [f"{paths[card.slug]}: {mistake}" for card in some for mistake in not_our_words(card)]
    try:
        rules = bench.rules()
    except DeclarationError as error:
        wrong.append(str(error))
    if wrong:
        raise DeclarationError("\n".join(wrong))
    unproved = [f"{card.slug}: {sentence}" for card in some for sentence in bench.unproved(card)]
    if json and not live:
        as_json({"sources": [card.slug for card in some], "regions": list(rules.regions), "themes": list(rules.themes),
                 "unproved": unproved})  # fmt: skip
    else:
        for sentence in unproved:
            warn(sentence)
    if unproved and not live:
        raise typer.Exit(1)
    if live:
        rehearsed(bench, some[0], json)
        return
    if json:
        return
    off = sum(not card.enabled for card in some)
    say(
        f"{len(some)} cards ({off} of them disabled), {len(rules.regions)} regions, {len(rules.themes)} themes: all in order"
    )


def verified(bench: "Workbench", json: bool) -> None:
    """Say of each invariant of the database whether it holds."""
    from dataclasses import asdict

    from store.invariants import findings

    found = list(findings(bench.store().engine, bench.clock()))
    if json:
        as_json([asdict(one) for one in found])
    else:
        for one in found:
            say(f"{'BROKEN' if one.broken else 'holds '}  {one.promise}")
            for about in one.shown:
                say(f"          {one.name}: {about}")
            if one.broken > len(one.shown):
                say(f"          {one.name}: and {one.broken - len(one.shown)} more")
    if broken := [one.name for one in found if one.broken]:
        warn(f"{len(broken)} of {len(found)} invariants are broken: {', '.join(broken)}")
        raise typer.Exit(1)
    if not json:
        say(f"all {len(found)} invariants hold")


SAID = {"new": "new", "changed": "changed", "closed": "closed", "held": "held by the guard",
        "absent": "absent once more, not yet closed", "ended": "ended already"}  # fmt: skip
SHOWN = 20


def rehearsed(bench: "Workbench", card: "Source", json: bool) -> None:
    """Say what a harvest would do."""
    from harvest.records import is_complete
    from schedules.rehearsal import rehearse

    if not card.enabled:
        warn(f"{card.slug} is disabled: {card.disabled_because}")
    found = rehearse(bench, card)
    result = found.result
    if json:
        as_json({"source": card.slug, "verdict": result.verdict, "cause": result.cause, "detail": result.detail,
                 "requests": result.requests, "found": result.found, "unchanged": result.unchanged,
                 **{group: len(postings) for group, postings in found.groups.items()},
                 "postings": found.groups, "units": found.units, "problems": found.problems})  # fmt: skip
    else:
        detail = f" ({result.detail})" if result.detail else ""
        say(f"{card.slug}: {result.verdict}, {result.cause}{detail}; {result.requests} requests, {result.found} found")
        counts = ", ".join(f"{len(some)} {SAID[group]}" for group, some in found.groups.items() if some)
        say(f"A harvest now: {counts or 'nothing would change'}; {result.unchanged} unchanged. Nothing was written.")
        for group, some in found.groups.items():
            for one in some[:SHOWN]:
                say(f"  {group:<8} {one['ref']}  {one['title']}")
            if len(some) > SHOWN:
                say(f"  {group:<8} and {len(some) - SHOWN} more: --json lists all")
        for unit, number in found.units.items():
            say(f"  held, since {number} of {unit} would go")
        for problem in found.problems[:SHOWN]:
            warn(f"  {problem}")
    if not is_complete(result.verdict, result.cause):
        raise typer.Exit(1)


def not_our_words(card: "Source") -> Iterator[str]:
    """The values of ``[lookups]`` and ``[defaults]`` that normalizing would not understand: each would be a problem of
    every record that it touches."""
    from harvest.declaration import did_you_mean
    from normalize import vocabulary
    from normalize.address import read_place
    from normalize.clean import word
    from normalize.evidence import NOT_A_MUNICIPALITY
    from normalize.gazetteer.tables import gazetteer

    closed = {"contract": vocabulary.Contract, "hours": vocabulary.Hours, "work_form": vocabulary.WorkForm,
              "remote": vocabulary.Remote}  # fmt: skip
    known = gazetteer()
    others: dict[str, tuple[Callable[[str], object], str]] = {
        "municipality": (
            lambda code: known.municipality(code.zfill(3)) or code in NOT_A_MUNICIPALITY,
            "the code of a municipality, like 491",
        ),
        "language": (lambda said: said.lower()[:2] in ("fi", "sv", "en"), "fi, sv or en"),
    }
    given = [
        (f"lookups.{name}.{key}", name, value) for name, table in card.lookups.items() for key, value in table.items()
    ]
    given += [(f"defaults.{name}", name, value) for name, value in card.defaults.items()]
    for key, name, value in given:
        if name in closed and value and not word(value, closed[name]):
            yield f"{key}: {value!r} is none of {', '.join(closed[name])}{did_you_mean(value, map(str, closed[name]))}"
        elif name in others and value and not others[name][0](value):
            yield f"{key}: {value!r} is not known; expected {others[name][1]}"
        elif key == "defaults.region" and not read_place(value):
            yield f"{key}: {value!r} is not known; expected the name of a region, like Etelä-Savo"
