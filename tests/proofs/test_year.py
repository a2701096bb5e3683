"""Days pass over a small Finland: counts and curated table agree on each, and a full curation changes nothing."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from normalize.vocabulary import Status
from pocket.score import score
from store.counts import UNPAID, counts
from store.judgements import ListingMunicipality, ListingRegion, ListingRow
from store.tables import PostingRow, Touch, table
from tests.proofs.finland import NEW_YEAR, Finland, curated_rows, finland, groups

SUMS = ("listings", "openings", "openings_unknown", "work_trials")


def summed(there: Finland, scope: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """The counts as spells add them up, by kind and region or municipality."""
    by = ("kind", scope) if scope else ("kind",)
    rows = counts(there.store.engine, by=by)
    return {
        tuple(row[name] for name in by): {name: row[name] or 0 for name in SUMS}
        for row in rows
        if not row.get("bucket")
    }


def stands(there: Finland, scope: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """The same, counted in the curated table itself."""
    listing = table(ListingRow)
    statement = select(listing.c.kind, listing.c.work_form, listing.c.openings).where(listing.c.status == Status.OPEN)
    if scope:
        member = table(ListingRegion if scope == "region" else ListingMunicipality)
        column = member.c.region if scope == "region" else member.c.code
        statement = statement.add_columns(column).join(member, member.c.listing == listing.c.id)
    found: dict[tuple[str, ...], Counter[str]] = {}
    with there.store.engine.connect() as connection:
        for kind, form, openings, *of in connection.execute(statement):
            sums = found.setdefault((kind, *of), Counter())
            paid = form != UNPAID
            sums["work_trials"] += not paid
            sums["listings"] += paid
            sums["openings"] += (openings or 0) if paid else 0
            sums["openings_unknown"] += paid and kind == "vacancy" and openings is None
    return {key: {name: sums[name] for name in SUMS} for key, sums in found.items()}


def touch_everything(there: Finland) -> int:
    with there.store.engine.begin() as connection:
        ids = [row.id for row in connection.execute(select(table(PostingRow).c.id))]
        connection.execute(insert(table(Touch)), [{"posting": id_, "because": "a proof"} for id_ in ids])
    return len(ids)


def live(there: Finland, days: int, full_every: int) -> dict[str, Any]:
    """So many days, each harvested and curated, counted two ways; now and then everything is judged anew."""
    verdicts: Counter[str] = Counter()
    full = 0
    for day in range(days):
        if day:
            there.next_day()
        verdicts.update(result.verdict for result in there.harvest())
        there.curate()
        for scope in ("", "region", "municipality"):
            assert summed(there, scope) == stands(there, scope), f"day {day}, by {scope or 'kind'}"
        if day % full_every == full_every - 1 or day == days - 1:
            before = groups(there.store), curated_rows(there.store)
            touch_everything(there)
            written = there.curate()
            assert (groups(there.store), curated_rows(there.store)) == before, f"day {day}"
            assert not any(written.changes.values()), f"day {day}: {written.changes}"
            full += 1
    got = score(there.pocket.world.truth(), there.memberships())
    with there.store.engine.connect() as connection:
        listings = connection.execute(select(func.count()).select_from(table(ListingRow))).scalar()
    assert not set(verdicts) & {"failed", "partial"}, verdicts
    assert got["missing"] == []
    return {
        "runs": sum(verdicts.values()), "full": full, "listings": listings, "postings": got["postings"],
        "precision": got["sameness"]["precision"], "exact": got["sameness"]["exact_recall"],
        "stale": len(got["ended_but_shown"]),
    }  # fmt: skip


def test_over_five_days_counts_are_what_the_curated_table_holds_and_a_full_curation_changes_nothing(
    tmp_path: Path,
) -> None:
    with finland(tmp_path, 150) as there:
        live(there, 5, full_every=2)


@pytest.mark.soak
def test_over_a_year_counts_are_what_the_curated_table_holds_and_a_full_curation_changes_nothing(
    tmp_path: Path,
) -> None:
    started = time.monotonic()
    with finland(tmp_path, 150, now=NEW_YEAR) as there:
        told = live(there, 365, full_every=30)
    print(
        f"\n| simulated year | 365 days, {told['runs']} runs, {told['postings']} postings, {told['listings']} listings | "
        f"spells add up to the curated table each day by kind, region and municipality; {told['full']} full curations "
        f"changed nothing; nothing missing, {told['stale']} ended and still shown; exact copies joined "
        f"{told['exact']:.3f}, precision {told['precision']:.3f} | {time.monotonic() - started:.0f} s |"
    )
