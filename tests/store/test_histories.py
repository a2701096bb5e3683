"""Whatever happens to one source or two, counts, change log and table tell one story."""

import itertools
import json
import tempfile
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from store import changes, db
from store.door import Store
from store.invariants import findings
from store.judgements import Change, ListingMunicipality, ListingRegion, ListingRow, Spell
from store.write.leases import Leases
from tests.built import KOUVOLA, MIKKELI, VAASA, Clock, Scene, card, posting

SOURCES = {slug: card(slug, trust=trust, removal={"misses": 1}) for slug, trust in (("town", 0.4), ("other", 0.8))}

JOB = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Kokki", "Siivooja"]),
        "codes": st.sampled_from([(), (MIKKELI,), (KOUVOLA,), (MIKKELI, VAASA)]),
        "ends_in": st.sampled_from([None, -1, 0, 2]),
        "begins_in": st.sampled_from([None, -3, 1]),
        "openings": st.sampled_from([None, 2]),
    }
)
STEP = st.tuples(
    st.sampled_from(sorted(SOURCES)),
    st.dictionaries(st.sampled_from("abc"), JOB, max_size=3),
    st.sampled_from([0.0, 0.3, 1.0, 2.5, 160]),
    st.booleans(),
)

COOK = {"title": "Kokki", "codes": (MIKKELI,), "ends_in": None, "begins_in": None, "openings": None}
BEGINS_BESIDE_ANOTHER = [
    ("town", {"a": COOK}, 0.0, False),
    ("other", {"a": COOK | {"begins_in": 1}}, 0.0, True),
    ("town", {"a": COOK}, 2.5, False),
]
"""The day comes on which a posting begins to speak for a listing that another holds open, and nothing else happens."""
LONG_CLOSED = [
    ("town", {"a": COOK}, 0.0, True),
    ("town", {}, 0.0, True),
    ("other", {"a": COOK}, 160, False),
]
"""One as another that closed so long ago that it is another round of the same work."""


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_any_history_is_told_consistently(request: pytest.FixtureRequest, dialect: str) -> None:
    @settings(
        deadline=None, max_examples=40 if dialect == "sqlite" else 12, suppress_health_check=[HealthCheck.too_slow]
    )
    @example(BEGINS_BESIDE_ANOTHER)
    @example(LONG_CLOSED)
    @given(st.lists(STEP, min_size=1, max_size=8))
    def told_consistently(history: list[tuple[str, dict[str, dict[str, Any]], float, bool]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            engine = db.engine_for(_database(request, dialect, Path(folder)))
            try:
                clock = Clock()
                scene = Scene(Store(engine, clock, Leases(engine, clock=clock.seconds, wait=clock.wait)), clock)
                for slug, jobs, days, judged in history:
                    clock.move(days=days, seconds=1)
                    scene.harvest(SOURCES[slug], [_posting(slug, ref, job, clock.today) for ref, job in jobs.items()])
                    if judged:
                        scene.curate()
                        _check(scene)
                scene.curate()
                _check(scene)
                _judged_anew_it_is_the_same(scene)
            finally:
                engine.dispose()

    told_consistently()


def _database(request: pytest.FixtureRequest, dialect: str, folder: Path) -> str:
    if dialect == "postgresql":
        url: str = request.getfixturevalue("migrated_postgresql")()
        return url
    path = folder / "store.db"
    path.write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
    return f"sqlite:///{path}"


def _posting(slug: str, ref: str, job: dict[str, Any], today: date) -> Any:
    def day(offset: int | None) -> date | None:
        return None if offset is None else today + timedelta(days=offset)

    return posting(ref, title=job["title"], source=slug, codes=job["codes"], openings=job["openings"],
                   ends_on=day(job["ends_in"]), published_on=day(job["begins_in"]))  # fmt: skip


def _check(scene: Scene) -> None:
    assert [one for one in findings(scene.store.engine, scene.clock.now) if one.broken] == []
    _spells_are_the_open_listings(scene)
    _spells_never_overlap(scene)
    _every_change_goes_on_from_the_last(scene)


def _judged_anew_it_is_the_same(scene: Scene) -> None:
    before = scene.groups(), scene.rows(ListingRow), scene.rows(Spell)
    scene.touch_everything()
    assert scene.curate().changes == {}
    assert (scene.groups(), scene.rows(ListingRow), scene.rows(Spell)) == before


def _spells_are_the_open_listings(scene: Scene) -> None:
    open_ = {row["id"] for row in scene.rows(ListingRow) if row["status"] == "open"}
    wanted = {("all", id_) for id_ in open_}
    wanted |= {
        (f"municipality:{r['code']}", r["listing"]) for r in scene.rows(ListingMunicipality) if r["listing"] in open_
    }
    wanted |= {(f"region:{r['region']}", r["listing"]) for r in scene.rows(ListingRegion) if r["listing"] in open_}
    running = [(r["scope"], r["listing"]) for r in scene.rows(Spell, ended=None)]
    assert len(running) == len(set(running))
    assert {one for one in running if not one[0].startswith(("bucket", "theme"))} == wanted
    assert scene.total() == scene.total(on=scene.clock.today) == len(open_) == len(scene.exported())


def _spells_never_overlap(scene: Scene) -> None:
    by_scope: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in scene.rows(Spell):
        by_scope.setdefault((row["listing"], row["scope"]), []).append(row)
    for spells in by_scope.values():
        spells.sort(key=lambda row: (row["began"], row["ended"] or row["began"].max.replace(tzinfo=UTC)))
        for one, following in itertools.pairwise(spells):
            assert one["ended"] is not None
            assert one["began"] <= one["ended"] <= following["began"], (one, following)


def _every_change_goes_on_from_the_last(scene: Scene) -> None:
    assert changes.last_seq(scene.store.engine) == len(scene.rows(Change))
    stands: dict[str, list[str]] = {}
    for change in scene.rows(Change):
        assert json.loads(change["before"]) == stands.get(change["listing"], []), change
        stands[change["listing"]] = json.loads(change["after"])
    for row in scene.rows(ListingRow):
        here = sorted(m["code"] for m in scene.rows(ListingMunicipality, listing=row["id"]))
        assert stands.get(row["id"], []) == (here if row["status"] == "open" else []), row["id"]
