"""``aluetori pocket``: a small Finland on localhost that stays up, with cards that harvest it."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from schedules.show import say, warn

OURSELVES = {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONTACT": "demo@localhost"}
"""The small Finland is this machine, and who asks it is we."""


def pocket(
    postings: Annotated[int, typer.Option(min=50, help="About how many adverts.")] = 400,
    seed: Annotated[int, typer.Option(help="Another seed, another Finland.")] = 2021,
    cards: Annotated[Path, typer.Option(metavar="DIR", help="Where the cards of its sites are written.")] = Path(
        "pocket-config"
    ),
    faults: Annotated[
        str, typer.Option(metavar="NAME[,NAME]", help="What its sites do wrong; 'list' tells what there is.")
    ] = "",
) -> None:
    """Serve a small Finland on localhost until Ctrl-C, with cards that harvest it and the truth to score against.

    Example: aluetori pocket --postings 2000 --cards ./pocket-config --faults challenge,reshaped
    """
    from pocket import truth
    from pocket.faults import FAULTS, checked
    from pocket.server import Pocket
    from pocket.world import World
    from schedules.settings import settings
    from schedules.workbench import Workbench

    if faults == "list":
        for name, fault in FAULTS.items():
            say(f"  {name:<13} {fault.site:<12} {fault.tells}")
        return
    try:
        wrong = checked([name.strip() for name in faults.split(",") if name.strip()])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--faults") from None
    world = World(seed, postings, today=Workbench(settings("", None)).today)
    with Pocket(world, faults=wrong) as server:
        slugs = write_cards(cards, server.addresses)
        truth.write(world.truth(), cards / "truth.json")
        said = " ".join(f"{name}={value}" for name, value in OURSELVES.items())
        say(f"cards and truth are in {cards}; harvest with")
        say(f"  {said} aluetori harvest {' '.join(slugs)} --config {cards}")
        stay(server.addresses)


def write_cards(folder: Path, addresses: Mapping[str, str]) -> list[str]:
    """Write the cards of the small Finland's sites under ``folder``; their slugs."""
    from pocket.cards import cards

    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for slug, text in cards(addresses).items():
        (folder / "sources" / f"{slug}.toml").write_text(text, "utf-8")
    return sorted(path.stem for path in (folder / "sources").glob("*.toml"))


def stay(addresses: Mapping[str, str]) -> None:
    """Say where the sites are, and wait for Ctrl-C."""
    say("\nThe sites stay up until Ctrl-C:")
    for site, address in addresses.items():
        say(f"  {site:<12} {address}")
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        warn("stopped")
