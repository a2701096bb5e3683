"""``aluetori explain``: why it shows as it does, or why it does not show."""

from typing import Annotated, Any

import typer

from schedules.show import AsJson, Config, Database, as_json, say


def explain(
    what: Annotated[
        str, typer.Argument(metavar="LISTING|POSTING|REF|URL", help="An id, a source's reference, or an address.")
    ],
    database: Database = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Tell the whole trace of a listing: source, run, page, evidence and rules, members, places, regions, themes; or the
    reason why it is not shown. Where several sources use one reference or address, one is told and the others are named.

    Example: aluetori explain https://www.kuntarekry.fi/fi/tyopaikat/lahihoitaja-12345/
    """
    from schedules.settings import settings
    from schedules.workbench import Workbench
    from store.explain import explain as trace

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
