"""Pages are kept as they came, once each and for a while, and a run can be walked again from them without the net."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvest import archive as archived
from harvest.archive import Archive
from harvest.http import Http
from harvest.records import Get, HarvestError, Page, Reason, Request
from tests.built import Clock
from tests.harvest.cards import SITE, Net, card, lost, tagged, walked
from tests.hostile import HostileServer, answer

DETAILS = """
[adapter]
kind = "json_api"
items = "jobs"
[adapter.fields]
ref = "id"
title = "name"
url = "url"
[adapter.details]
url = "url"
adapter = { kind = "json_api", fields = { text = "text" } }
"""


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Archive:
    return Archive(tmp_path / "archive", clock)


def jobs(*names: str) -> str:
    return json.dumps({"jobs": [{"id": name, "name": f"Kokki {name}", "url": f"/{name}"} for name in names]})


def record(archive: Archive, run: int, get: Get, *requests: Request) -> None:
    with archive.recording("town", get) as recording:
        for request in requests:
            recording.get(request)
        recording.kept_as(run)


def ask(path: str = "/jobs", **more: Any) -> Request:
    return Request(url=SITE + path, **more)


def bodies(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "archive").glob("*/bodies/*/*"))


def test_a_run_is_walked_again_as_it_was(archive: Archive) -> None:
    net = Net({"/jobs": jobs("1", "2")})
    with archive.recording("town", net) as recording:
        first = walked(card(), recording.get)
        recording.kept_as(7)
    again = walked(card(), archive.replaying("town", 7))
    assert (again.raw, again.verdict.whole) == (first.raw, first.verdict.whole)
    assert (len(net.asked), again.verdict.requests) == (1, 0), "the net is asked nothing"


def test_what_a_page_said_of_itself_is_kept_with_it(archive: Archive) -> None:
    with HostileServer() as server, Http(contact="a@example.fi", allow=("127.0.0.0/8",)) as http:
        told = (("Content-Type", "text/html; charset=latin-1"), ("ETag", '"7"'), ("Set-Cookie", "id=1"))
        server.routes["/jobs"] = answer(200, "työ".encode("latin-1"), *told)
        request = Request(url=server.url("/jobs"), delay=0, headers=(("X-Key", "env:SECRET"),))
        record(archive, 1, http.get, request)
        page = archive.replaying("town", 1)(request)
    assert (page.media_type, page.charset, page.etag, page.read()) == ("text/html", "latin-1", '"7"', b"ty\xf6")
    index = archive.index("town", 1).read_text("utf-8")
    assert not any(word in index for word in ("X-Key", "SECRET", "id=1", "a@example.fi"))


def test_the_reader_gets_the_page_from_its_beginning(archive: Archive) -> None:
    with archive.recording("town", Net({"/jobs": "x" * 200_000})) as recording:
        assert [len(recording.get(ask()).read()) for _ in range(2)] == [200_000, 200_000]


def test_the_same_body_is_kept_once(archive: Archive, tmp_path: Path) -> None:
    for run in (1, 2, 3):
        record(archive, run, Net({"/jobs": jobs("1"), "/more": jobs("1"), "/other": jobs("2")}),
               ask(), ask("/more"), ask("/other"))  # fmt: skip
    assert len(bodies(tmp_path)) == 2
    assert archive.replaying("town", 2)(ask("/other")).read() == jobs("2").encode()


def test_a_304_repeats_the_body_that_its_validators_stand_for(archive: Archive) -> None:
    net = Net({"/jobs": tagged(jobs("1"), '"1"')})
    record(archive, 1, net, ask())
    record(archive, 2, Net({"/jobs": tagged(jobs("2"), '"2"')}), ask())
    record(archive, 3, net, ask(etag='"1"'))
    record(archive, 4, net, ask(etag='"1"'))
    page = archive.replaying("town", 4)(ask())
    assert (page.read(), page.not_modified, page.status) == (jobs("1").encode(), False, 200)


def test_a_304_for_what_is_not_kept_is_a_problem_when_it_is_replayed(archive: Archive) -> None:
    record(archive, 2, Net({"/jobs": tagged(jobs("1"))}), ask(etag='"1"'))
    assert reason(archive.replaying("town", 2)(ask())) is Reason.NOT_KEPT


def reason(page: Page) -> Reason | None:
    return page.problem.reason if page.problem else None


def test_a_page_that_was_lost_is_lost_again_for_the_same_reason(archive: Archive) -> None:
    net = Net({"/jobs": lost(Reason.TIMEOUT)})
    record(archive, 1, net, ask())
    assert archive.replaying("town", 1)(ask()).problem == net(ask()).problem


def test_a_list_that_was_not_asked_for_in_that_run_is_missing_whatever_other_runs_had(archive: Archive) -> None:
    record(archive, 1, Net({"/jobs": jobs("1"), "/more": jobs("2")}), ask(), ask("/more"))
    record(archive, 2, Net({"/jobs": jobs("1")}), ask())
    assert reason(archive.replaying("town", 2)(ask("/more"))) is Reason.NOT_KEPT


def test_an_items_own_page_is_had_from_the_last_run_that_asked_for_it(archive: Archive) -> None:
    source = card(DETAILS)
    net = Net({"/jobs": jobs("1"), "/1": '{"text": "ensin"}', "/2": '{"text": "toinen"}'})
    with archive.recording("town", net) as recording:
        first = walked(source, recording.get)
        recording.kept_as(1)
    net.pages |= {"/jobs": jobs("1", "2"), "/1": '{"text": "ei kysytty"}'}
    with archive.recording("town", net) as recording:
        walked(source, recording.get, first.known())
        recording.kept_as(2)
    again = walked(source, archive.replaying("town", 2))
    assert [one.fields["text"] for one in again.raw] == ["ensin", "toinen"]


def test_a_post_is_told_apart_by_what_it_asks(archive: Archive) -> None:
    def echo(request: Request) -> Page:
        return Page(url=request.url, fetched=Clock().now, file=io.BytesIO(request.body or b""))

    asked = [ask(method="POST", body=body) for body in (b"one", b"two")]
    record(archive, 1, echo, *asked)
    assert [archive.replaying("town", 1)(one).read() for one in asked] == [b"one", b"two"]


def test_a_run_that_is_not_kept_is_refused_with_those_that_are(archive: Archive) -> None:
    record(archive, 4, Net({"/jobs": jobs("1")}), ask())
    with pytest.raises(HarvestError, match=r"the pages of run 9 are not in .* \(kept are those of 4\)"):
        archive.replaying("town", 9)
    with pytest.raises(HarvestError, match=r"none are kept"):
        archive.replaying("village", 9)


def test_a_recording_without_a_number_is_forgotten(archive: Archive, tmp_path: Path) -> None:
    with archive.recording("town", Net({"/jobs": jobs("1")})) as recording:
        recording.get(ask())
    assert archive.runs("town") == []
    assert not list((tmp_path / "archive" / "town").glob("*.part"))


def test_a_body_beyond_the_bound_is_read_and_not_kept(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archived, "LARGEST", 1000)
    with archive.recording("town", Net({"/jobs": "x" * 1001})) as recording:
        assert len(recording.get(ask()).read()) == 1001
        recording.kept_as(1)
    assert bodies(tmp_path) == []
    assert reason(archive.replaying("town", 1)(ask())) is Reason.NOT_KEPT


def test_a_body_that_was_spoiled_on_disk_is_a_problem(archive: Archive, tmp_path: Path) -> None:
    record(archive, 1, Net({"/jobs": jobs("1")}), ask())
    for spoiled in (b"", b"nonsense", bodies(tmp_path)[0].read_bytes()[:-9]):
        bodies(tmp_path)[0].write_bytes(spoiled)
        assert reason(archive.replaying("town", 1)(ask())) is Reason.NOT_KEPT


def test_a_line_that_a_crash_has_cut_is_left_out(archive: Archive, tmp_path: Path) -> None:
    record(archive, 1, Net({"/jobs": jobs("1")}), ask(), ask("/missing"))
    index = tmp_path / "archive" / "town" / "1.jsonl"
    index.write_bytes(index.read_bytes()[:-20])
    assert [one.key for one in archive.answers("town", 1)] == [SITE + "/jobs"]


@pytest.mark.parametrize("line", [
    '{"key": "k", "url": "u", "fetched": "2026-11-24T08:00:00+00:00", "cookies": ["one"]}', "[1, 2]", "7", '"text"', "{}",
    '{"key": 7, "url": "u", "fetched": "2026-11-24T08:00:00+00:00"}', '{"key": "k", "url": "u", "fetched": "yesterday"}',
    '{"key": "k", "url": "u", "fetched": "2026-11-24T08:00:00+00:00", "problem": ["get"]}',
])  # fmt: skip
def test_a_line_of_another_version_ends_no_sweep(archive: Archive, line: str) -> None:
    record(archive, 1, Net({"/jobs": jobs("1")}), ask())
    with archive.index("town", 1).open("a", encoding="utf-8") as index:
        index.write(line + "\n")
    record(archive, 2, Net({"/jobs": jobs("2")}), ask())
    known = "cookies" in line
    assert [one.key for one in archive.answers("town", 1)] == [SITE + "/jobs", *(["k"] if known else [])]
    assert archive.sweep("town", 30) == 0
    archive.index("town", 3).write_text(line + "\n", "utf-8")
    assert archive.sweep("town", 30) == (0 if known else 1), "what says of no day is as old as can be"
    assert archive.replaying("town", 1)(ask()).problem is None


def test_a_disk_that_cannot_be_written_keeps_nobody_from_reading(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file where the folder should be", "utf-8")
    with archive.recording("town", Net({"/jobs": jobs("1")})) as recording:
        assert len(walked(card(), recording.get).raw) == 1
        assert "are not archived" in recording.trouble
        recording.kept_as(1)


class Days:
    """A run a day, each with a page of its own and one that never changes."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self.archive, self.clock = archive, clock

    def __call__(self, *runs: int) -> None:
        for run in runs:
            self.clock.move(days=1)
            record(self.archive, run, self._get, ask(f"/{run}"), ask("/same"))

    def _get(self, request: Request) -> Page:
        return Page(url=request.url, fetched=self.clock.now, file=io.BytesIO(request.url.encode()))


@pytest.fixture
def days(archive: Archive, clock: Clock) -> Days:
    return Days(archive, clock)


def test_a_run_goes_when_its_days_are_over_with_the_bodies_that_no_other_names(
    days: Days, archive: Archive, tmp_path: Path
) -> None:
    days(1, 2, 3, 4)
    assert len(bodies(tmp_path)) == 5
    assert archive.sweep("town", 2) == 4
    assert (archive.runs("town"), len(bodies(tmp_path))) == ([4, 3], 3)
    assert archive.replaying("town", 3)(ask("/same")).problem is None
    assert archive.sweep("town", 2) == 0, "nothing more has become old"


def test_with_no_days_nothing_stays(days: Days, archive: Archive, clock: Clock, tmp_path: Path) -> None:
    days(1, 2)
    clock.move(days=2)
    archive.sweep("town", 0)
    assert (archive.runs("town"), bodies(tmp_path)) == ([], [])


def test_a_sweep_leaves_what_a_run_under_way_may_need(
    days: Days, archive: Archive, clock: Clock, tmp_path: Path
) -> None:
    days(1)
    clock.move(days=40)
    page = Page(url=SITE, fetched=clock.now, file=io.BytesIO(f"{SITE}/same".encode()))
    with archive.recording("town", lambda _request: page) as recording:
        recording.get(ask())
        archive.sweep("town", 30)
        recording.kept_as(2)
    assert archive.replaying("town", 2)(ask()).read() == f"{SITE}/same".encode()
    assert len(bodies(tmp_path)) == 1


def test_what_a_killed_run_left_goes_after_a_day(days: Days, archive: Archive, clock: Clock, tmp_path: Path) -> None:
    days(1)
    left = [tmp_path / "archive/town/killed.part", bodies(tmp_path)[0].parent / "killed.part"]
    for part in left:
        part.write_bytes(b"half")
        archived.os.utime(part, (clock.seconds(), clock.seconds()))
    archive.sweep("town", 30)
    assert all(part.exists() for part in left)
    clock.now += archived.GRACE + timedelta(seconds=1)
    archive.sweep("town", 30)
    assert not any(part.exists() for part in left)
    assert len(bodies(tmp_path)) == 2


def test_a_key_in_an_address_is_not_written_down_and_a_replay_still_knows_it(archive: Archive) -> None:
    source = card(start=f"{SITE}/jobs?api_key=HUSH&q=1")
    with archive.recording("town", Net({"/jobs?api_key=HUSH&q=1": jobs("1")})) as recording:
        first = walked(source, recording.get)
        recording.kept_as(7)
    assert "HUSH" not in archive.index("town", 7).read_text("utf-8")
    assert archive.replaying("town", 7)(Request(url=source.start[0])).url == source.start[0]
    again = walked(source, archive.replaying("town", 7))
    assert (again.raw, again.raw[0].fields["url"]) == (first.raw, f"{SITE}/1")
