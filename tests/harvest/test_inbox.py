"""A partner's folder as a ``Get``: the newest whole file, in the bounds of the net, and nothing beside it."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from harvest.inbox import Inbox
from harvest.limits import Limits
from harvest.records import Reason, Request, Whole
from tests.harvest.cards import Net, card, walked
from tests.harvest.test_table import BOOK, TABLE, TEXT

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FOLDER = "inbox/partner-x/"


class Desk:
    """An inbox, its folder, and a clock that stands."""

    def __init__(self, root: Path) -> None:
        self.now = NOW
        self.root = root
        self.path = root / FOLDER
        self.path.mkdir(parents=True)
        self.inbox = Inbox(root, lambda: self.now)

    def put(self, name: str, body: bytes | str = TEXT, ago: float = 3600) -> Path:
        path = self.path / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        self.touch(path, ago)
        return path

    def touch(self, path: Path, ago: float) -> None:
        when = (self.now - timedelta(seconds=ago)).timestamp()
        os.utime(path, (when, when))

    def name(self) -> str:
        page = self.inbox.get(Request(url=FOLDER))
        assert page.problem is None, page.problem
        page.file.close()
        return page.url.removeprefix(FOLDER)

    def problem(self, url: str = FOLDER) -> tuple[Reason, str]:
        page = self.inbox.get(Request(url=url))
        assert page.problem is not None
        assert (page.requests, page.file.read()) == (0, b"")
        return page.problem.reason, page.problem.detail


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "config")


def test_the_newest_file_is_the_page_with_its_media_type_by_content(desk: Desk) -> None:
    desk.put("a.csv", ago=7200)
    desk.put("b.bin", BOOK)
    page = desk.inbox.get(Request(url=FOLDER))
    assert page.url == f"{FOLDER}b.bin"
    assert page.media_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert (page.read(), page.wire_bytes, page.fetched) == (BOOK, len(BOOK), NOW)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (TEXT, "text/csv"), ("\ufeff<?xml version='1.0'?><x/>", "application/xml"), ("<!DOCTYPE html><p>", "text/html"),
        ('{"jobs": []}', "application/json"), (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"), (b"", "text/csv"),
    ],
)  # fmt: skip
def test_the_media_type_is_what_the_content_says_not_the_name(desk: Desk, body: bytes | str, kind: str) -> None:
    desk.put("jobs.xlsx", body)
    assert desk.inbox.get(Request(url=FOLDER)).media_type == kind


def test_an_unchanged_file_is_not_modified_whatever_its_name_and_date(desk: Desk) -> None:
    desk.put("a.csv")
    first = desk.inbox.get(Request(url=FOLDER))
    desk.put("b.csv", ago=60)
    again = desk.inbox.get(Request(url=FOLDER, etag=first.etag))
    assert (again.not_modified, again.status, again.etag) == (True, 304, first.etag)
    desk.put("b.csv", TEXT + "A-3;Kuski;091;;\n", ago=60)
    assert not desk.inbox.get(Request(url=FOLDER, etag=first.etag)).not_modified


@pytest.mark.parametrize("ago", [0, 29, -10])
def test_a_file_that_has_just_changed_waits_and_the_older_one_is_read(desk: Desk, ago: float) -> None:
    desk.put("new.csv", ago=ago)
    assert desk.problem()[0] is Reason.NOT_FOUND
    assert "still being written; the next run reads it" in desk.problem()[1]
    desk.put("old.csv")
    assert desk.name() == "old.csv"
    desk.now += timedelta(seconds=60)
    assert desk.name() == "new.csv"


def test_a_date_far_ahead_is_a_wrong_clock_and_holds_nothing_up(desk: Desk) -> None:
    desk.put("ahead.csv", ago=-90_000)
    assert desk.name() == "ahead.csv"
    desk.put("now.csv", ago=31)
    assert desk.name() == "ahead.csv"


@pytest.mark.parametrize(
    "name",
    [".hidden.csv", "~$jobs.xlsx", "jobs.csv.part", "JOBS.CSV.PART", "jobs.tmp", "jobs.csv.vastaus.txt", "jobs.csv.svar.txt",
     "jobs.csv.reply.txt", "a\nb.csv"],
)  # fmt: skip
def test_what_is_not_a_finished_file_of_the_partners_is_left_alone(desk: Desk, name: str) -> None:
    desk.put(name, ago=60)
    assert desk.problem()[0] is Reason.NOT_FOUND
    desk.put("jobs.csv")
    assert desk.name() == "jobs.csv"


def test_links_folders_and_pipes_are_not_read(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(TEXT, "utf-8")
    (desk.path / "link.csv").symlink_to(secret)
    (desk.path / "sub.csv").mkdir()
    os.mkfifo(desk.path / "pipe.csv")
    reason, detail = desk.problem()
    assert reason is Reason.NOT_FOUND
    assert "and there is none (2 links or names" in detail


@pytest.mark.parametrize("url", ["../outside/", "inbox/../../outside/", "inbox/away/", "/etc/", "./"])
def test_a_folder_that_leads_out_is_refused(desk: Desk, tmp_path: Path, url: str) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "jobs.csv").write_text(TEXT, "utf-8")
    (desk.root / "inbox" / "away").symlink_to(tmp_path / "outside")
    reason, detail = desk.problem(url)
    assert reason is Reason.ADDRESS_NOT_ALLOWED
    assert "leads out of" in detail


def test_a_folder_that_is_not_there_is_told(desk: Desk) -> None:
    assert "there is no folder inbox/other/" in desk.problem("inbox/other/")[1]
    assert "no --config was given" in str(Inbox(None, lambda: NOW).get(Request(url=FOLDER)).problem)


def test_a_file_beyond_the_bound_is_refused_before_it_is_read(desk: Desk) -> None:
    desk.put("big.csv", "x" * 2000)
    desk.inbox = Inbox(desk.root, lambda: NOW, Limits(wire_bytes=1000))
    reason, detail = desk.problem()
    assert reason is Reason.TOO_LARGE
    assert "2000 bytes" in detail


def test_a_packed_file_is_read_within_the_same_bounds(desk: Desk) -> None:
    desk.put("jobs.csv.gz", gzip.compress(TEXT.encode()))
    assert desk.inbox.get(Request(url=FOLDER)).read() == TEXT.encode()
    desk.put("jobs.csv.gz", gzip.compress(bytes(20 * 1024 * 1024)))
    assert desk.problem()[0] is Reason.TOO_LARGE
    desk.put("jobs.csv.gz", gzip.compress(TEXT.encode())[:-10])
    assert desk.problem()[0] is Reason.TRUNCATED


def test_only_the_folders_of_a_card_are_looked_into_and_everything_else_is_asked_of_the_net(desk: Desk) -> None:
    desk.put("jobs.csv")
    net = Net({})
    get = desk.inbox.before(net, [FOLDER])
    assert get(Request(url=FOLDER)).problem is None
    for url in ("inbox/other/", "file:inbox/partner-x/", f"https://example.fi/{FOLDER}"):
        assert get(Request(url=url)).problem is not None
    assert len(net.asked) == 3


def test_a_walk_over_a_folder_is_a_walk_like_any_other(desk: Desk) -> None:
    source = card(TABLE, FOLDER)
    assert source.folders == (FOLDER,)
    get = desk.inbox.before(Net({}), source.folders)
    assert walked(source, get).verdict.whole is Whole.FAILED, "an empty folder is no empty list"
    desk.put("jobs.csv")
    first = walked(source, get)
    assert (first.refs, first.verdict.whole) == (["A-1", "A-2"], Whole.COMPLETE)
    again = walked(source, get, first.known())
    assert (again.seen, again.verdict.cause) == (["A-1", "A-2"], "not modified")
    desk.put("jobs2.csv", TEXT[:-9], ago=60)
    assert not walked(source, get, first.known()).verdict.counts_as_complete


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("inbox/partner-x", "or a folder like inbox/partner-x/ below the --config folder, not 'inbox/partner-x'"),
        ("/inbox/", "expected an address"),
        ("../inbox/", "expected an address"),
        ("inbox/../x/", "expected an address"),
        ("inbox/.hidden/", "expected an address"),
        ("file:///inbox/", "expected an address"),
        ("~/inbox/", "expected an address"),
    ],
)
def test_a_start_that_is_neither_address_nor_folder_is_told_when_the_card_is_loaded(start: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        card(TABLE, start)


@pytest.mark.parametrize(
    "more", ['[adapter.paging]\nkind = "page"\nparam = "p"\n', '[adapter.request]\nparams = { a = "1" }\n']
)
def test_a_folder_has_no_pages_and_no_parameters(more: str) -> None:
    with pytest.raises(ValidationError, match="an inbox folder is read file by file"):
        card(TABLE + more, FOLDER)
