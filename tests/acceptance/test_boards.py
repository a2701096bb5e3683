"""Boards asked employer by employer, and events as a stream, over real HTTP from day to day."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from store.tables import SourceRow
from tests.acceptance.replay import Bench, Body, Site, as_bytes

RECORDED = Path(__file__).parents[1] / "recorded"


def recorded(slug: str) -> dict[str, Body]:
    """The pages of a recorded folder, as a site has them."""
    folder = RECORDED / slug
    pages = json.loads((folder / "expected.json").read_text("utf-8"))["pages"]
    return {path: (folder / name).read_bytes() for path, name in pages.items()}


Opened = Callable[[str, Mapping[str, Body]], Bench]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    benches: list[Bench] = []

    def open_(slug: str, pages: Mapping[str, Body]) -> Bench:
        site = Site(pages)
        site.__enter__()
        benches.append(Bench(slug, site, tmp_path))
        return benches[-1]

    yield open_
    for bench in benches:
        bench.close()
        bench.site.__exit__(None, None, None)


def test_an_employer_whose_list_is_down_keeps_its_jobs_and_is_the_only_one_asked_again(opened: Opened) -> None:
    bench = opened("kirkkorekry", recorded("kirkkorekry"))
    asked: list[str] = []

    def employer(path: str) -> Body:
        body = bench.site.pages[path]
        assert isinstance(body, bytes)

        def answer(_query: Mapping[str, str]) -> bytes:
            asked.append(path[-2:])
            return body

        return answer

    lists = [path for path in bench.site.pages if "organisation=" in path]
    bench.site.pages |= {path: employer(path) for path in lists}
    assert bench.harvest(date(2026, 9, 15)).verdict == "complete"
    down = bench.site.pages.pop(lists[1])
    for _ in range(3):
        short = bench.harvest(date(2026, 9, 16))
        assert (short.verdict, short.closed, short.held) == ("partial", 0, 0)
    asked.clear()
    bench.site.pages[lists[1]] = down
    whole = bench.harvest(date(2026, 9, 16))
    assert (whole.verdict, whole.found, whole.closed) == ("unchanged", 3, 0)
    assert asked == ["12"], "the others were read to their end earlier that day"
    assert bench.harvest(date(2026, 9, 17)).verdict == "unchanged"
    assert sorted(asked) == ["11", "12", "12", "13"]


def test_an_advert_of_two_employers_is_one_posting(opened: Opened) -> None:
    bench = opened("kirkkorekry", recorded("kirkkorekry"))
    run = bench.harvest(date(2026, 9, 15))
    assert (run.found, run.new, run.dropped) == (3, 3, 0)


def events(bench: Bench, *some: Any) -> None:
    path = next(path for path in bench.site.pages if path.startswith("/linkedevents"))
    answer = as_bytes({"meta": {"count": len(some), "next": None, "previous": None}, "data": list(some)})
    bench.site.pages = {path.partition("?")[0]: answer}


def test_an_event_that_was_taken_back_closes_and_the_next_question_begins_where_the_last_whole_answer_ended(
    opened: Opened,
) -> None:
    pages = recorded("tapahtumat_helsinki")
    bench = opened("tapahtumat_helsinki", pages)
    first = bench.harvest(date(2026, 9, 15))
    assert (first.verdict, first.found, first.dropped) == ("complete", 3, 1)
    assert bench.rows(SourceRow)[0].watermark == "2026-09-10T08:06:00.123456Z", "a removed event moves it too"
    fair = json.loads(bytes(next(iter(pages.values()))))["data"][0]  # type: ignore[arg-type]
    questions: list[Mapping[str, str]] = []
    gone = {**fair, "deleted": True, "last_modified_time": "2026-09-15T10:00:00.000000Z"}
    events(bench, gone)
    path, body = next(iter(bench.site.pages.items()))
    bench.site.pages[path] = lambda query: (questions.append(query), body)[1]  # type: ignore[func-returns-value, return-value]
    second = bench.harvest(date(2026, 9, 16))
    assert (second.verdict, second.closed, second.held) == ("complete", 1, 0)
    assert questions[0]["last_modified_since"] == "2026-09-10T08:06:00.123456Z"
    assert questions[0]["show_deleted"] == "true"
