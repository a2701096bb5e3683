"""``aluetori new``: a card drafted from an address or a file."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schedules.show import AsJson, Config, as_json, say, warn

if TYPE_CHECKING:
    from harvest.records import Page, Request
    from schedules.joining import Drafted


def new(
    where: Annotated[str, typer.Argument(metavar="URL|FILE", help="A page of the source, or a saved one.")],
    slug: Annotated[str, typer.Option(help="The card's name, for ever; else made of the address.")] = "",
    region: Annotated[str, typer.Option(help="For what says nothing of its place.")] = "",
    kind: Annotated[Literal["", "vacancy", "service", "news", "event"], typer.Option(help="What it lists.")] = "",
    publisher: Annotated[str, typer.Option(help="Who is responsible for it, as people call them.")] = "",
    config: Config = None,
    json: AsJson = False,
) -> None:
    """Recognise a source's format, draft its card, record its page without persons, and show its first postings placed.

    The card is written into sources/ of --config (else of ./config) and is disabled until a person has read it; its guesses
    are marked. Nothing that is there is overwritten.

    Example: aluetori new https://www.example.fi/jobs.json --region mikkeli --publisher "Esimerkkikunta"
    """
    from schedules.asking import asking
    from schedules.joining import Asked, Drafted, join
    from schedules.settings import settings
    from schedules.workbench import Workbench, must_know

    folder = config or settings("", None).config or Path("config")
    bench = Workbench(settings("", folder if folder.is_dir() else None))
    regions = bench.rules().regions
    if region:
        must_know("region", region, list(regions))
    asked = Asked(where=where, slug=slug, kind=kind, publisher=publisher, region=regions.get(region))

    live = where.lower().startswith(("http://", "https://"))
    shared = bench.shared() if live else None
    with asking(bench.settings, shared.leases.host if shared else None) if live else nullcontext(_nothing) as get:
        drafted = join(asked, get, folder, bench.card_files(), regions, bench.clock())
    if json:
        as_json({name: getattr(drafted, name) for name in Drafted.__dataclass_fields__})
        return
    tell(drafted, folder)


def _nothing(request: "Request") -> "Page":
    raise AssertionError(f"a file asks for nothing, not even {request.url}")


def tell(drafted: "Drafted", folder: Path) -> None:
    """Say what was drafted, what is doubtful, and what to do next."""
    say(f"{drafted.card}: read by {drafted.adapter}, since {drafted.because}.")
    say("\nThe first postings, as they would appear:")
    for one in drafted.postings:
        where = ", ".join(one["places"] or one["buckets"])
        regions = f", region {', '.join(one['regions'])}" if one["regions"] else ""
        ends = f", until {one['ends_on']}" if one["ends_on"] else ""
        say(f"  {one['title']} ({one['employer'] or 'no employer'}{ends})")
        say(f"    {where}{regions}, because {one['because']}\n    {one['url']}")
    if not drafted.postings:
        say("  none: see what is wrong below")
    if drafted.unsure:
        say("\nGuesses to look at:")
        for line in drafted.unsure:
            say(f"  {line}")
    for problem in drafted.problems:
        warn(f"  {problem}")
    if drafted.recorded:
        say(
            f"\nThe page is recorded in {drafted.recorded}, its contacts blotted out; look it through before you give it away."
        )
    if drafted.inbox:
        say(f"The card reads the folder {drafted.inbox}: put the file there.")
    say("\nRead the card, fill in [rights], set enabled = true, then type:")
    say(f"  aluetori check {drafted.slug} --live --config {folder}")
