"""``aluetori replay``: read archived pages again, and see what would change."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from schedules.show import AsJson, Config, Database, as_json, say, table, warn

SHOWN = 50
"""Postings that a person is shown; a program gets all."""
JUDGED = ("place", "regions", "themes", "cluster", "status")


def replay(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The slug of the source.")],
    run: Annotated[int, typer.Option("--run", metavar="N", min=0, help="Whose pages; else its latest kept run's.")] = 0,
    write: Annotated[bool, typer.Option("--write", help="Apply it, after showing what changes.")] = False,
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Read a run's archived pages under today's card and rules, without the net, and show which postings would change.

    Nothing is written without --write. Only the pages of a source's newest run may close what is absent from them.

    Example: aluetori replay vantaa_tyopaikat --run 12
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench

    bench = Workbench(settings(database, config))
    store = bench.store()
    again = bench.replay(source, run)
    with bench.processes() as workers:
        found = again.compare(store, workers)
        failed = found.result.verdict == "failed"
        written = again.apply(store, workers) if write and found.postings and not failed else None
    result = found.result
    if json:
        as_json({"source": source, "run": again.run, "verdict": result.verdict, "cause": result.cause, "detail": result.detail,
                 "found": result.found, "problems": result.problems, "waiting": found.waiting,
                 "written_as_run": written.id if written else None, "postings": found.postings})  # fmt: skip
    else:
        detail = f" ({result.detail})" if result.detail else ""
        say(f"run {again.run} of {source}, read again: {result.verdict}, {result.cause}{detail}")
        _say(found.postings, result.found)
        if found.waiting:
            warn(f"{found.waiting} postings were waiting for a curation: what that changes of these is shown as well")
        if written:
            say(f"written as run {written.id}")
        elif found.postings and not failed:
            warn("nothing was written; add --write to apply it")
    if failed:
        raise typer.Exit(1)


def _say(postings: list[dict[str, Any]], of: int) -> None:
    if not postings:
        say(f"none of {of} postings would change")
        return
    kinds = Counter(kind for one in postings for kind in _kinds(one))
    say(
        f"{len(postings)} postings change, of {of} read: " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
    )
    rows = [
        {"posting": f"{one['source']}/{one['ref']}", "title": one["title"][:60], "change": _told(one)}
        for one in postings
    ]
    table(rows[:SHOWN], ("posting", "title", "change"))
    if len(rows) > SHOWN:
        warn(f"and {len(rows) - SHOWN} more: --json lists all")


def _kinds(one: Mapping[str, Any]) -> Iterable[str]:
    if one["new"]:
        return ["new"]
    return [*(f"field {name}" for name in one.get("fields", {})), *(name for name in JUDGED if name in one)]


def _told(one: Mapping[str, Any]) -> str:
    pairs = {**one.get("fields", {}), **{name: one[name] for name in JUDGED if name in one}}
    told = "; ".join(f"{name}: {_value(was)} → {_value(now)}" for name, (was, now) in pairs.items())
    return f"new; {told}" if one["new"] else told


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        value = " / ".join(str(one) for one in value.values())
    elif isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return (text if len(text) <= 60 else f"{text[:59]}…") or "nothing"
