"""Job Market Finland's stream over real HTTP: what is new, what is archived, what was cut, and what we ask next."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from store.tables import SourceRow
from tests.acceptance.replay import Bench, Site

PATH = "/kipa/p67/v2/jobpostings"
RECORDED = Path(__file__).parents[1] / "recorded" / "tyomarkkinatori_p67" / "jobpostings.ndjson"
LINES = [json.loads(line) for line in RECORDED.read_text("utf-8").splitlines()]


def lines(*jobs: object) -> bytes:
    return "".join(json.dumps(job, ensure_ascii=False) + "\n" for job in jobs).encode()


def later(job: dict[str, dict[str, object]], moment: str, **more: object) -> dict[str, dict[str, object]]:
    return {**job, "metadata": {**job["metadata"], "lastModified": moment, **more}}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Site({PATH: lines(*LINES)}) as site:
        bench = Bench("tyomarkkinatori_p67", site, tmp_path)
        yield bench
        bench.close()


def watermark(bench: Bench) -> str:
    return str(bench.rows(SourceRow)[0].watermark)


def test_what_is_archived_closes_and_loses_its_text_and_absence_means_nothing(bench: Bench) -> None:
    first = bench.harvest(date(2026, 11, 26))
    bench.curate()
    assert (first.verdict, first.new, first.dropped) == ("complete", 4, 0)
    gone = later(LINES[0], "2026-11-26T09:00:00.000000", archived="2026-11-26T09:00:00.000000")
    bench.site.pages[PATH] = lines(gone)
    second = bench.harvest(date(2026, 11, 27))
    bench.curate()
    assert (second.verdict, second.closed, second.held) == ("complete", 1, 0)
    ref = LINES[0]["metadata"]["externalId"]
    assert bench.postings()[ref].plain == {}
    assert sum(1 for one in bench.postings().values() if one.plain) == 3
    assert watermark(bench) == "2026-11-26T09:00:00.000000"


def test_a_household_is_told_by_its_municipality_alone(bench: Bench) -> None:
    bench.harvest(date(2026, 11, 26))
    household = bench.postings()[LINES[2]["metadata"]["externalId"]]
    assert (household.household, household.employer, household.address, household.unit) == (True, "", "", "")
    assert "Piilokuja" not in repr(household)


def test_a_cut_answer_keeps_what_was_read_and_the_watermark_where_it_was(bench: Bench) -> None:
    bench.harvest(date(2026, 11, 26))
    before = watermark(bench)
    newer = [later(job, f"2026-11-27T09:00:0{n}.000000") for n, job in enumerate(LINES)]
    bench.site.pages[PATH] = lines(*newer)[:-40]
    cut = bench.harvest(date(2026, 11, 27))
    assert (cut.verdict, cut.cause, watermark(bench)) == ("failed", "truncated", before)
    bench.site.pages[PATH] = lines(*newer)
    assert bench.harvest(date(2026, 11, 28)).verdict in ("complete", "unchanged")
    assert watermark(bench) == "2026-11-27T09:00:04.000000"


def test_nothing_new_is_a_quiet_run(bench: Bench) -> None:
    bench.harvest(date(2026, 11, 26))
    before = watermark(bench)
    bench.site.pages[PATH] = b"\n"
    quiet = bench.harvest(date(2026, 11, 27))
    assert (quiet.verdict, quiet.cause, quiet.closed, watermark(bench)) == ("empty", "true zero", 0, before)
