"""``aluetori explain``: why it shows as it does, or why it does not show."""

from typing import Annotated, Any

import typer

from schedules.show import AsJson, Config, Database, as_json, say


def explain(
    what: Annotated[
        str, typer.Argument(metavar="LISTING|POSTING|REF|URL", help="An id, a source's reference, or an address.")
    ],
    other: Annotated[
        str, typer.Argument(metavar="[OTHER]", help="A second one: why the two are one listing, or are not.")
    ] = "",
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Tell the whole trace of a listing: source, run, page, evidence and rules, members, places, regions, themes; or the
    reason why it is not shown. Where several sources use one reference or address, one is told and the others are named.

    With two, tell why they are one listing or are not: every sign, what was found, and the bits that it weighs.

    Example: aluetori explain https://www.kuntarekry.fi/fi/tyopaikat/lahihoitaja-12345/
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.explain import explain as trace
    from store.explain_pair import explain_pair

    if other:
        bench = Workbench(settings(database, config))
        _both(explain_pair(bench.store().engine, what, other, bench.today), what, other, json)
        return
    told = trace(Workbench(settings(database, config)).store().engine, what)
    if told is None:
        if json:
            as_json(None)
        else:
            say(f"nothing here is called {what!r}: no listing, posting, reference, address or problem of a run")
        raise typer.Exit(1)
    if json:
        as_json(told)
        return
    _say(told)


def _both(told: dict[str, Any] | None, what: str, other: str, json: bool) -> None:
    if json:
        as_json(told)
    elif told is None:
        say(f"{what!r} and {other!r} are not two postings here: name each by its posting id, reference or address")
    else:
        verdict = "one by all signs" if told["same"] else "not one by their signs"
        card = f"under the card {told['card']!r}, class {told['rule']}"
        say(f"{told['a']} and {told['b']} are {verdict}: {told['bits']:+.1f} bits {card}")
        say(f"they stand in {'one listing' if told['together'] else 'two listings'} now")
        for one in told["signs"]:
            say(f"  {one['bits']:+5.1f}  {one['sign']}: {one['found']}")
        for said in told["forbids"]:
            say(f"  forbids it: {said}")
        for said in told["excused"]:
            say(f"  outweighed: {said}")
        for said in told["decided"]:
            say(f"  {said}")
    if told is None:
        raise typer.Exit(1)


def _say(told: dict[str, Any]) -> None:
    if told["also"]:
        say(f"{len(told['also'])} more of that name, to be asked for by posting or listing:")
    for one in told["also"]:
        named = f"posting {one['posting']}" if one["posting"] else "no posting"
        listing = f", listing {one['listing']}" if one["listing"] else ""
        say(f"  {named}{listing}: ref {one['ref']} of {one['source']}, {one['state']}")
    titles = told.get("titles", {})
    if told["listing"]:
        title, employer = next(iter(titles.values()), ""), told["employer"] or "employer unknown"
        say(f"listing {told['listing']} ({told['kind']}): {title}; {employer}")
    say(f"{'shown' if told['shown'] else 'not shown'}: {told['because']}")
    for name, key in (("places", "code"), ("buckets", "bucket"), ("regions", "region"), ("themes", "theme")):
        for one in told.get(name, []):
            role = f" ({one['role']})" if one.get("role") else ""
            say(f"  {name[:-1]} {one[key]}{role}: {one['because']}")
    for one in told.get("not_used", []):
        say(f"  not used: {one}")
    for member in told["members"]:
        mark = " (speaks for the listing)" if member.get("canonical") else ""
        say(f"posting {member['posting']}{mark}: {member.get('because', 'not yet judged')}")
        run = member["run"]
        say(
            f"  from {member['source']['name']}, ref {member['ref']}, {member['state']}, run {run['id']} ({run['verdict']})"
        )
        say(f"  page {member['page']}")
        for one in member["evidence"]:
            codes = ", ".join(one["codes"]) or one["area"] or one["bucket"]
            refused = f", refused: {one['rejected']}" if one["rejected"] else ""
            how = f"{codes} by {one['rule']}, weight {one['weight']}{refused}"
            say(f"  evidence {one['level']} {one['field']} {one['value'][:80]!r}: {how}")
        for one in member["problems"]:
            say(f"  problem {one['step']} {one['reason']} {one['about']}: {one['detail']}")
    for one in told.get("problems", []):
        say(f"  run {one['run']} of {one['source']}: {one['reason']}: {one['detail']}")
