"""A small Finland that answers on localhost, a database, and a clock that only the proof moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pocket.cards import cards
from pocket.server import Pocket
from pocket.world import World
from schedules.settings import settings
from schedules.workbench import Workbench
from store import curated
from store.door import Store
from store.write.listings import Written
from store.write.runs import RunResult

ENVIRONMENT = {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONTACT": "proofs@aluetori.example"}
NEW_YEAR = datetime(2026, 1, 5, 9, tzinfo=UTC)
OWN = ("id", "first_seen")
"""What a listing has of the database that it stands in, and not of what was harvested."""


class Finland:
    """A world of sites, and the workbench that harvests it. ``now`` is the time for both."""

    def __init__(self, pocket: Pocket, folder: Path, url: str, now: datetime) -> None:
        self.pocket, self.folder, self.url, self.now = pocket, folder, url, now
        self.bench = Workbench(
            settings(url, folder, ENVIRONMENT),
            lambda: self.now,
        )
        self.store: Store = self.bench.store(create=True)

    @property
    def slugs(self) -> list[str]:
        return sorted(self.bench.cards(shipped=False)[0])

    def next_day(self) -> None:
        self.pocket.world.advance()
        self.now += timedelta(days=1)

    def harvest(self) -> list[RunResult]:
        return self.bench.harvest(self.store, list(self.bench.cards(shipped=False)[0].values()), lambda _result: None)

    def curate(self) -> Written:
        return self.bench.curate(self.store)

    def memberships(self) -> list[dict[str, Any]]:
        return list(curated.memberships(self.store.engine))


@contextmanager
def finland(folder: Path, postings: int, url: str = "", now: datetime = NEW_YEAR) -> Iterator[Finland]:
    """A world of about so many postings, up, with its cards in ``folder`` and an empty database."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    with Pocket(World(postings=postings, today=now.date())) as pocket:
        for slug, text in cards(pocket.addresses).items():
            (folder / "sources" / f"{slug}.toml").write_text(text, "utf-8")
        there = Finland(pocket, folder, url or f"sqlite:///{folder / 'finland.db'}", now)
        try:
            yield there
        finally:
            there.store.engine.dispose()


def curated_rows(store: Store) -> list[dict[str, Any]]:
    """The curated table, text and all, without what a database gives of its own; and who belongs together."""
    rows = [
        {name: value for name, value in row.items() if name not in OWN}
        for row in curated.listings(store.engine, "page")
    ]
    return sorted(rows, key=repr)


def groups(store: Store) -> list[list[tuple[str, str]]]:
    """Which postings are one listing."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in curated.memberships(store.engine):
        found.setdefault(row["listing"], []).append((row["source"], row["ref"]))
    return sorted(sorted(group) for group in found.values())
