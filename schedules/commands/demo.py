"""``aluetori demo``: a small Finland on localhost, harvested, curated, counted and scored."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schedules.commands.pocket import OURSELVES, stay, write_cards
from schedules.show import Database, say, table

if TYPE_CHECKING:
    from pocket.world import World
    from schedules.workbench import Workbench
    from store.write.runs import RunResult


def demo(
    oneshot: Annotated[
        bool, typer.Option("--oneshot", help="End when all is shown; else it stays up on a terminal.")
    ] = False,
    postings: Annotated[int, typer.Option(min=50, help="About how many adverts the small Finland has.")] = 400,
    database: Database = "",
) -> None:
    """Start a small Finland on localhost, harvest it on two days, curate, count per region and municipality, and score the
    result against the truth.

    The database is a fresh one that goes with the demo; to keep it, name one that is empty.

    Example: aluetori demo --oneshot --database sqlite:///demo.db
    """
    import tempfile
    from datetime import timedelta

    from pocket.server import Pocket
    from pocket.world import World
    from schedules.settings import settings
    from schedules.workbench import Workbench, utc_now
    from store import db

    with tempfile.TemporaryDirectory(prefix="aluetori-demo-") as scratch:
        folder = Path(scratch)
        url = database or f"sqlite:///{folder / 'demo.db'}"
        yesterday = Workbench(settings(url, folder, OURSELVES), lambda: utc_now() - timedelta(days=1))
        today = Workbench(yesterday.settings)
        _must_be_empty(url)
        world = World(postings=postings, today=yesterday.today)
        with Pocket(world) as server:
            write_cards(folder, server.addresses)
            say(f"A small Finland of {postings} adverts on {len(server.addresses)} sites of localhost.\n")
            first = _day(yesterday, "First day")
            moved = world.advance()
            say(f"\nA day passes: {moved.new} adverts are new, {moved.changed} change, {moved.gone} go.\n")
            second = _day(today, "Second day")
            _tell(today, world, first, second)
            stays = sys.stdout.isatty() and not oneshot
            if database or stays:
                where = db.shown(url)
                say(f"\nIt is all in {where}: try  aluetori counts --region mikkeli --database {where}")
            else:
                say("\nIts database goes with it; to keep one: aluetori demo --database sqlite:///demo.db")
            if stays:
                stay(server.addresses)


def _must_be_empty(url: str) -> None:
    """Invented adverts must not mix with what a database holds."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import DatabaseError

    from store import db

    engine = db.engine_for(url)
    with suppress(DatabaseError):  # what cannot be opened is told where it is opened for good
        if inspect(engine).get_table_names():
            raise db.StoreError(
                f"the database {db.shown(url)} is not empty, and the demo fills an empty one; name another"
            )
    engine.dispose()


def _day(bench: "Workbench", title: str) -> list["RunResult"]:
    from dataclasses import asdict

    store = bench.store(create=True)
    results = bench.harvest(store, list(bench.cards(shipped=False)[0].values()), lambda _result: None)
    names = ("source", "verdict", "cause", "requests", "not_modified", "bytes", "found", "new", "changed", "unchanged",
             "dropped", "problems", "seconds")  # fmt: skip
    table([asdict(result) for result in results], names, title)
    written = bench.curate(store)
    say("curated: " + ", ".join(f"{count} {what}" for what, count in sorted(written.changes.items())))
    return results


def _tell(bench: "Workbench", world: "World", first: list["RunResult"], second: list["RunResult"]) -> None:
    from store.counts import counts

    engine = bench.store().engine
    say("")
    sums = ("listings", "postings", "openings", "openings_unknown", "work_trials")
    table(counts(engine, by=("region", "kind")), ("region", "region_name", "kind", *sums), "Open now, by region")
    say("")
    rows = counts(engine, by=("municipality", "kind"))
    table(
        [row for row in rows if row["kind"] == "vacancy"],
        ("municipality", "municipality_name", "bucket", *sums),
        "Open vacancies, by municipality",
    )
    say("")
    table(_scored(bench, world), ("what", "value", "meaning"), "Against the truth")
    spared = sum(result.not_modified for result in second)
    before, after = sum(result.bytes for result in first), sum(result.bytes for result in second)
    asked = sum(result.requests for result in second)
    say(
        f"\nThe second day asked {asked} times, {spared} answers were 304, {after / before:.0%} of the first day's bytes."
    )


def _scored(bench: "Workbench", world: "World") -> list[dict[str, str]]:
    from pocket.score import score
    from store.curated import memberships

    result = score(world.truth(), memberships(bench.store().engine))
    same, places, topic = result["sameness"], result["places_right"], result["on_topic"]["news"]
    rows = (
        ("sameness, exact", _share(same["exact_recall"]), "of the copies that exact signs can join"),
        ("sameness, partial", _share(same["partial_recall"]), "of those that only likeness of texts can join"),
        ("sameness, semantic", _share(same["semantic_recall"]), "of those in another language"),
        ("sameness, all", _share(same["recall"]), "of all copies"),
        ("sameness, precision", _share(same["precision"]), "of joined pairs that are one vacancy"),
        ("listings mixed", _share(result["mixed"]), "with another vacancy"),
        ("largest cluster", str(result["largest_cluster"]), "postings in one listing"),
        ("places right", _share(places["share"]), "of postings have exactly their municipalities or bucket"),
        ("news on topic", f"{_share(topic['precision'])} / {_share(topic['recall'])}", "precision / recall"),
        ("missing", str(len(result["missing"])), "adverts that are there and were not kept"),
        ("ended but shown", str(len(result["ended_but_shown"])),
         "gone for one day only: a second complete run without them closes them"),
    )  # fmt: skip
    return [dict(zip(("what", "value", "meaning"), row, strict=True)) for row in rows]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
