"""``aluetori demo`` and ``pocket``: a small Finland on localhost, harvested, curated, counted and scored."""

from pathlib import Path
from typing import Annotated, Any

import typer

from schedules.show import Database, say, table, warn

LOOPBACK = ("127.0.0.0/8",)


def demo(
    oneshot: Annotated[
        bool, typer.Option("--oneshot", help="End when all is shown; else it stays up on a terminal.")
    ] = False,
    postings: Annotated[int, typer.Option(min=50, help="About how many adverts the small Finland has.")] = 400,
    database: Database = "",
) -> None:
    """Start a small Finland on localhost, harvest it on two days, curate, count per region and municipality, and score the
    result against the truth.

    Example: aluetori demo --oneshot --database sqlite:///demo.db
    """
    import tempfile
    from datetime import timedelta

    from pocket.server import Pocket
    from pocket.world import World
    from schedules.settings import settings
    from schedules.workbench import Workbench, utc_now
    from store import db

    url = database or _fresh("demo.db")
    with tempfile.TemporaryDirectory(prefix="aluetori-demo-") as folder:
        yesterday = Workbench(
            settings(url, Path(folder), {"ALUETORI_ALLOW": LOOPBACK[0]}), lambda: utc_now() - timedelta(days=1)
        )
        today = Workbench(yesterday.settings)
        world = World(postings=postings, today=yesterday.today)
        with Pocket(world) as server:
            _write_cards(Path(folder), server.addresses)
            say(f"A small Finland of {postings} adverts on {len(server.addresses)} sites of localhost.\n")
            first = _day(yesterday, "First day")
            moved = world.advance()
            say(f"\nA day passes: {moved.new} adverts are new, {moved.changed} change, {moved.gone} go.\n")
            second = _day(today, "Second day")
            _tell(today, world.truth(), first, second)
            say(f"\nIt is all in {db.shown(url)}: try  aluetori counts --region mikkeli --database {db.shown(url)}")
            _stay(oneshot, server.addresses)


def pocket(
    postings: Annotated[int, typer.Option(min=50, help="About how many adverts.")] = 400,
    seed: Annotated[int, typer.Option(help="Another seed, another Finland.")] = 2021,
    cards: Annotated[Path, typer.Option(metavar="DIR", help="Where the cards of its sites are written.")] = Path(
        "pocket-config"
    ),
) -> None:
    """Serve a small Finland on localhost until Ctrl-C, with cards that harvest it and the truth to score against.

    Example: aluetori pocket --postings 2000 --cards ./pocket-config
    """
    from pocket import truth
    from pocket.server import Pocket
    from pocket.world import World
    from schedules.settings import settings
    from schedules.workbench import Workbench

    world = World(seed, postings, today=Workbench(settings("", None)).today)
    with Pocket(world) as server:
        _write_cards(cards, server.addresses)
        truth.write(world.truth(), cards / "truth.json")
        say(f"cards and truth are in {cards}; harvest with")
        say(f"  ALUETORI_ALLOW={LOOPBACK[0]} aluetori harvest {' '.join(_slugs(cards))} --config {cards}")
        _stay(False, server.addresses, always=True)


def _fresh(name: str) -> str:
    for path in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
        path.unlink(missing_ok=True)
    return f"sqlite:///{name}"


def _write_cards(folder: Path, addresses: Any) -> None:
    from pocket.cards import cards

    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for slug, text in cards(addresses).items():
        (folder / "sources" / f"{slug}.toml").write_text(text, "utf-8")


def _slugs(folder: Path) -> list[str]:
    return sorted(path.stem for path in (folder / "sources").glob("*.toml"))


def _day(bench: Any, title: str) -> list[Any]:
    from dataclasses import asdict

    store = bench.store(create=True)
    results: list[Any] = bench.harvest(store, list(bench.sources(shipped=False).values()), lambda _result: None)
    names = ("source", "verdict", "cause", "requests", "not_modified", "bytes", "found", "new", "changed", "unchanged",
             "dropped", "problems", "seconds")  # fmt: skip
    table([asdict(result) for result in results], names, title)
    written = bench.curate(store)
    say("curated: " + ", ".join(f"{count} {what}" for what, count in sorted(written.changes.items())))
    return results


def _tell(bench: Any, truth: dict[str, Any], first: list[Any], second: list[Any]) -> None:
    from pocket.score import score
    from store.counts import counts
    from store.curated import memberships

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
    table(_scored(score(truth, memberships(engine))), ("what", "value", "meaning"), "Against the truth")
    spared = sum(result.not_modified for result in second)
    before, after = sum(result.bytes for result in first), sum(result.bytes for result in second)
    asked = sum(result.requests for result in second)
    say(
        f"\nThe second day asked {asked} times, {spared} answers were 304, {after / before:.0%} of the first day's bytes."
    )


def _scored(result: dict[str, Any]) -> list[dict[str, str]]:
    same, places, topic = result["sameness"], result["places_right"], result["on_topic"]["news"]

    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    return [
        {
            "what": "sameness, exact",
            "value": share(same["exact_recall"]),
            "meaning": "of the copies that exact signs can join",
        },
        {
            "what": "sameness, partial",
            "value": share(same["partial_recall"]),
            "meaning": "of the copies that only likeness of texts can join; it is not judged yet",
        },
        {
            "what": "sameness, semantic",
            "value": share(same["semantic_recall"]),
            "meaning": "of the copies in another language",
        },
        {
            "what": "sameness, all",
            "value": share(same["recall"]),
            "meaning": "of all copies",
        },
        {
            "what": "sameness, precision",
            "value": share(same["precision"]),
            "meaning": "of joined pairs that are one vacancy",
        },
        {"what": "listings mixed", "value": str(_count(result["mixed"])), "meaning": "with another vacancy"},
        {"what": "largest cluster", "value": str(result["largest_cluster"]), "meaning": "postings in one listing"},
        {
            "what": "places right",
            "value": share(places["share"]),
            "meaning": "of postings have exactly their municipalities or bucket",
        },
        {
            "what": "news on topic",
            "value": f"{share(topic['precision'])} / {share(topic['recall'])}",
            "meaning": "precision / recall",
        },
        {
            "what": "missing",
            "value": str(len(result["missing"])),
            "meaning": "adverts that are there and were not kept",
        },
        {
            "what": "ended but shown",
            "value": str(len(result["ended_but_shown"])),
            "meaning": "gone for one day only: a second complete run without them closes them",
        },
    ]


def _count(value: Any) -> Any:
    return (
        value
        if not isinstance(value, list | dict)
        else value.get("share", value)
        if isinstance(value, dict)
        else len(value)
    )


def _stay(oneshot: bool, addresses: Any, always: bool = False) -> None:
    import sys
    import time

    if oneshot or not (always or sys.stdout.isatty()):
        return
    say("\nThe sites stay up until Ctrl-C:")
    for site, address in addresses.items():
        say(f"  {site:<12} {address}")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        warn("stopped")
