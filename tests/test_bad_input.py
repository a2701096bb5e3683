"""Bad input gives a clear error and loses nothing: against a real server, through the real net, into a real database.

Each test harvests a good answer first. Whatever the server says then, what was open stays open, and a person is told in
a sentence what happened, where, what was expected, and what to do.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from harvest.http import Http
from harvest.limits import Limits
from harvest.records import Reason
from harvest.source import Source, load_sources
from normalize.curate import load_rules
from normalize.packing import unpack
from normalize.region import REGIONS
from normalize.theme import THEMES
from schedules.run import run_curation, run_source
from store.door import Store
from store.tables import PostingRow, ProblemRow, RunRow, table
from store.write.leases import Leases
from store.write.runs import RunResult
from tests.harvest.cards import HEAD
from tests.hostile import (
    Handler,
    HostileServer,
    Seen,
    answer,
    drip_body,
    drip_headers,
    gzip_bomb,
    head,
    in_turn,
    raw,
    redirect,
)

SHORT = Limits(total_seconds=0.6, connect_seconds=0.5, read_seconds=0.5, attempts=2)
PATIENT = Limits(attempts=2)
"""For what is not about time: a busy machine may take its own."""

JSON = """
[adapter]
kind = "json_api"
items = "jobs"
[adapter.fields]
ref = "id"
title = "name"
municipality = { from = "town", list = "kunta" }
url = "link"
ends = "ends"
contract = "contract"
openings = "openings"
"""
TOTAL = JSON.replace('items = "jobs"', 'items = "jobs"\ntotal = "n"')
XML = """
[adapter]
kind = "xml_feed"
items = "job"
[adapter.fields]
ref = "id"
title = "name"
place = "town"
"""


def jobs(*refs: int, **more: Any) -> bytes:
    items = [{"id": ref, "name": f"Hoitaja {ref}", "town": "491"} for ref in refs]
    return json.dumps({"jobs": items, **more}).encode()


def one(**changes: Any) -> bytes:
    return json.dumps({"jobs": [{"id": 1, "name": "Hoitaja 1", "town": "491", **changes}]}).encode()


def xml(*refs: int) -> bytes:
    items = "".join(f"<job><id>{ref}</id><name>Hoitaja {ref}</name><town>Mikkeli</town></job>" for ref in refs)
    return f"<jobs>{items}</jobs>".encode()


@dataclass
class Bench:
    """A server, a database and a clock; ``run`` harvests the source as the program would."""

    server: HostileServer
    engine: Engine
    folder: Path
    now: datetime = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    adapter: str = JSON

    def source(self) -> Source:
        text = HEAD.replace("{start}", self.server.url("/jobs")) + self.adapter
        (self.folder / "example.toml").write_text(text, "utf-8")
        return load_sources([self.folder])["example"]

    @contextmanager
    def http(self, limits: Limits) -> Iterator[Http]:
        def wait(seconds: float) -> None:
            self.waits.append(seconds)

        self.waits: list[float] = []
        with Http(
            contact="us@example.fi", allow=["127.0.0.0/8"], limits=limits, now=lambda: self.now, wait=wait
        ) as http:
            yield http

    @property
    def store(self) -> Store:
        return Store(self.engine, lambda: self.now, Leases(self.engine, clock=lambda: self.now.timestamp()))

    def run(self, handler: Handler | bytes | None = None, limits: Limits = PATIENT) -> RunResult:
        if handler is not None:
            self.server.routes["/jobs"] = answer(200, handler) if isinstance(handler, bytes) else handler
        self.now += timedelta(hours=3)
        with self.http(limits) as http:
            return run_source(self.source(), http.get, self.store)

    def open(self) -> list[str]:
        row = table(PostingRow)
        with self.engine.connect() as connection:
            return sorted(connection.execute(select(row.c.ref).where(row.c.closed == "")).scalars(), key=int)

    def problems(self, run: RunResult) -> list[Any]:
        row = table(ProblemRow)
        with self.engine.connect() as connection:
            return list(connection.execute(select(row).where(row.c.run == run.id).order_by(row.c.id)))

    def reasons(self, run: RunResult) -> list[str]:
        return [problem.reason for problem in self.problems(run)]

    def facts(self, ref: str) -> Any:
        row = table(PostingRow)
        with self.engine.connect() as connection:
            found = connection.execute(select(row.c.packed).where(row.c.ref == ref)).one()
        return unpack(found.packed)

    def loses_nothing(self, handler: Handler | bytes, *, times: int = 3, limits: Limits = PATIENT) -> RunResult:
        """Three bad answers in a row, which would be one miss more than closes; then a good one."""
        for _ in range(times):
            bad = self.run(handler, limits)
            assert self.open() == GOOD
            assert bad.closed == 0
        return bad


GOOD = [str(ref) for ref in range(1, 9)]
ALL = range(1, 9)


@pytest.fixture
def bench(sqlite_database: str, tmp_path: Path) -> Iterator[Bench]:
    from store import db

    engine = db.engine_for(sqlite_database)
    (tmp_path / "sources").mkdir()
    with HostileServer() as server:
        yield Bench(server, engine, tmp_path / "sources")
    engine.dispose()


@pytest.fixture
def good(bench: Bench) -> Bench:
    """After a good run of eight postings."""
    assert bench.run(jobs(*ALL)).verdict == "complete"
    assert bench.open() == GOOD
    return bench


@pytest.fixture
def good_xml(bench: Bench) -> Bench:
    bench.adapter = XML
    assert bench.run(xml(*ALL)).verdict == "complete"
    return bench


def is_a_sentence(result: RunResult, *words: str) -> None:
    """It says what and where, and what to do or what follows."""
    assert len(result.detail) > 30, result
    for word in ("127.0.0.1" if result.cause != Reason.FIELD_RARELY_FILLED else "", *words):
        assert word in result.detail, result.detail


# -- cards


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ('url = "link"', 'ulr = "link"', ["example.toml", "adapter.fields.ulr", "'url'"]),
        ('[rights]', 'colour = "red"\n[rights]', ["example.toml", "colour: unknown key"]),
        ('{ from = "town", list = "kunta" }', '"town"', ["example.toml", "municipality holds codes", 'list = "..."', "kunta"]),
        ('list = "kunta"', 'list = "lkunta"', ["example.toml", "municipality.list is 'lkunta'", "expected one of kunta"]),
    ],
)  # fmt: skip
def test_a_bad_card_is_refused_before_the_first_request_and_the_database_is_left_alone(
    good: Bench,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    was: str,
    becomes: str,
    words: list[str],
) -> None:
    from schedules import cli

    text = HEAD.replace("{start}", good.server.url("/jobs")) + JSON
    assert was in text
    (good.folder / "example.toml").write_text(text.replace(was, becomes, 1), "utf-8")
    asked = len(good.server.log)
    command = [
        "aluetori",
        "harvest",
        "example",
        "--config",
        str(good.folder.parent),
        "--database",
        str(good.engine.url),
    ]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as end:
        cli.main()
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert "Traceback" not in said
    assert all(word in said for word in words), said
    assert (len(good.server.log), good.open()) == (asked, GOOD)


# -- answers that are not what was expected


@pytest.mark.parametrize(
    ("body", "cause", "words"),
    [
        (
            b"<!DOCTYPE html><html><body>We have moved</body></html>",
            Reason.NOT_THIS_FORMAT,
            ["expected JSON", "page of HTML"],
        ),
        (b"<html><head><title>Just a moment...</title></head></html>", Reason.CHALLENGE, ["prove to be human"]),
        (jobs(*ALL)[:-30], Reason.TRUNCATED, ["expected JSON", "truncated"]),
        (b"", Reason.TRUNCATED, ["the answer is empty"]),
        (b'{"results": []}', Reason.SHAPE_CHANGED, ["items = 'jobs' gives no list"]),
        (b"[" * 100_000, Reason.NOT_THIS_FORMAT, ["nested too deeply"]),
        (b'{"jobs": null}', Reason.SHAPE_CHANGED, ["gives no list"]),
    ],
)
def test_an_answer_that_cannot_be_read_fails_with_its_cause(
    good: Bench, body: bytes, cause: Reason, words: list[str]
) -> None:
    result = good.loses_nothing(body)
    assert (result.verdict, result.cause) == ("failed", cause)
    is_a_sentence(result, *words, "open the address, and correct the card if the source has changed")
    assert good.run(jobs(*ALL)).verdict == "unchanged"


@pytest.mark.parametrize("cut", [1, 7, 8, 13, 40])
def test_truncated_xml_that_a_lenient_parser_calls_whole_closes_nothing(good_xml: Bench, cut: int) -> None:
    result = good_xml.loses_nothing(xml(1, 2)[:-cut])
    assert (result.verdict, result.cause) == ("failed", Reason.TRUNCATED)
    is_a_sentence(result, "expected a whole XML document", "closing tag of 'jobs'")


def test_xml_whose_torn_tags_may_have_swallowed_items_closes_nothing(good_xml: Bench) -> None:
    result = good_xml.loses_nothing(xml(*ALL).replace(b"<name>Hoitaja 2</name>", b"<name>3 < 4</name>"))
    assert (result.verdict, result.cause) == ("partial", Reason.NOT_THIS_FORMAT)


def test_a_bare_ampersand_costs_no_item(good_xml: Bench) -> None:
    result = good_xml.loses_nothing(xml(*ALL).replace(b"Hoitaja 1", b"R & D"))
    assert (result.verdict, good_xml.reasons(result)) == ("unchanged", [Reason.BROKEN_RECORD])


def test_a_gzip_bomb_ends_soon_and_closes_nothing(good: Bench) -> None:
    packed = gzip_bomb(300)
    result = good.loses_nothing(answer(200, packed, ("Content-Encoding", "gzip")), times=1, limits=Limits(attempts=1))
    assert (result.verdict, result.cause) == ("failed", Reason.TOO_LARGE)
    is_a_sentence(result, "as a bomb does", "look at it by hand")


@pytest.mark.parametrize("drip", [drip_body, drip_headers])
def test_what_drips_ends_when_its_time_is_over(good: Bench, drip: Callable[[], Handler]) -> None:
    began = time.monotonic()
    result = good.loses_nothing(drip(), times=1, limits=SHORT)
    assert time.monotonic() - began < 5
    assert (result.verdict, result.cause) == ("failed", Reason.TIMEOUT)
    is_a_sentence(result, "when its time was over", "ask for less at a time")


def test_a_body_shorter_than_announced_is_truncated(good: Bench) -> None:
    body = jobs(*ALL)
    result = good.loses_nothing(raw(head(200, ("Content-Length", len(body))) + body[:-20]), times=1)
    assert (result.verdict, result.cause) == ("failed", Reason.TRUNCATED)
    is_a_sentence(result, "the next run asks again")


@pytest.mark.parametrize("to", ["http://10.0.0.1/jobs", "http://169.254.169.254/latest/meta-data", "http://[::1]/jobs"])
def test_a_redirect_to_a_private_address_is_not_followed(good: Bench, to: str) -> None:
    result = good.loses_nothing(redirect(to))
    assert (result.verdict, result.cause) == ("failed", Reason.ADDRESS_NOT_ALLOWED)
    assert "not an address of the open net" in result.detail
    assert "check the card's address" in result.detail


def test_robots_txt_is_obeyed_and_its_refusal_is_told(good: Bench) -> None:
    good.server.routes["/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /jobs\n")
    before = len(good.server.asked("/jobs"))
    result = good.loses_nothing(jobs(*ALL))
    assert (result.verdict, result.cause) == ("failed", Reason.ROBOTS)
    is_a_sentence(result, "does not let aluetori visit", "ask the publisher, or disable the card")
    assert len(good.server.asked("/jobs")) == before


def test_a_429_is_obeyed_and_the_next_try_reads_on(good: Bench) -> None:
    good.server.routes["/jobs"] = in_turn(answer(429, b"", ("Retry-After", 7)), answer(200, jobs(*ALL)))
    with good.http(SHORT) as http:
        result = run_source(good.source(), http.get, good.store)
    assert (result.verdict, result.requests, result.retries, good.waits) == ("unchanged", 2, 1, [7.0])


def test_a_429_that_asks_for_hours_ends_the_run_and_names_the_time(good: Bench) -> None:
    result = good.loses_nothing(answer(429, b"", ("Retry-After", 7200)))
    assert (result.verdict, result.cause, result.requests) == ("failed", Reason.RATE_LIMITED, 1)
    is_a_sentence(result, "answered 429", "it asks us to come back at 2026-11-24 22:00 UTC or later")


@pytest.mark.parametrize(
    ("status", "cause"),
    [(500, Reason.SERVER_ERROR), (503, Reason.SERVER_ERROR), (403, Reason.FORBIDDEN), (404, Reason.NOT_FOUND)],
)
def test_an_error_of_the_server_closes_nothing(good: Bench, status: int, cause: Reason) -> None:
    result = good.loses_nothing(answer(status, b"oops"))
    assert (result.verdict, result.cause) == ("failed", cause)
    is_a_sentence(result, f"answered {status} where a page was expected")


# -- answers that look right


def test_an_empty_answer_after_a_full_one_is_held_and_nothing_closes(good: Bench) -> None:
    result = good.loses_nothing(jobs())
    assert (result.verdict, result.cause, result.held) == ("empty", "true zero", len(GOOD))
    good.run(jobs(*ALL))
    assert good.open() == GOOD


def test_an_answer_in_another_charset_than_its_label_keeps_its_letters(good: Bench) -> None:
    body = json.dumps(
        {"jobs": [{"id": ref, "name": "Työtön Ääkkönen", "town": "491"} for ref in ALL]}, ensure_ascii=False
    )
    for sent, said in (("utf-8", "iso-8859-1"), ("iso-8859-1", "utf-8")):
        result = good.run(answer(200, body.encode(sent), ("Content-Type", f"application/json; charset={said}")))
        assert result.verdict in ("complete", "unchanged"), result
        assert (good.open(), good.facts("1").titles["fi"]) == (GOOD, "Työtön Ääkkönen")


class CrashError(Exception):
    """the machine went down"""


class Crashing(Store):
    """Goes down inside the transaction, when all is read and written and the guard is asked."""

    def save_run(self, source: Source, listed: Any, guard: Any) -> RunResult:
        def crash(*_: object) -> Any:
            raise CrashError

        return super().save_run(source, listed, crash)


def test_a_crash_between_reading_and_saving_followed_by_304s_loses_nothing(bench: Bench) -> None:
    """The validators of a run that did not commit are not known, so nobody can answer 304 for what was never saved."""

    def conditional(connection: Any, seen: Seen) -> bool:
        if seen.headers.get("if-none-match") == '"v1"':
            return answer(304)(connection, seen)
        return answer(200, jobs(*ALL), ("ETag", '"v1"'))(connection, seen)

    bench.adapter += "[removal]\nmisses = 1\n"
    bench.run(jobs(*ALL, 9))
    bench.server.routes["/jobs"] = conditional
    crashing = Crashing(bench.engine, lambda: bench.now, bench.store.leases)
    with bench.http(SHORT) as http, pytest.raises(CrashError):
        run_source(bench.source(), http.get, crashing)
    assert bench.open() == [*GOOD, "9"]
    after = bench.run(conditional)
    assert "if-none-match" not in bench.server.asked("/jobs")[-1].headers
    assert (after.verdict, after.not_modified, bench.open()) == ("complete", 0, GOOD)
    again = bench.run(conditional)
    assert (again.verdict, again.not_modified, bench.open()) == ("unchanged", 1, GOOD)


def test_a_first_run_that_crashes_is_read_whole_by_the_next(bench: Bench) -> None:
    def conditional(connection: Any, seen: Seen) -> bool:
        known = "if-none-match" in seen.headers
        return (answer(304) if known else answer(200, jobs(*ALL), ("ETag", '"v1"')))(connection, seen)

    def broken(request: Any) -> Any:
        http_page = http.get(request)
        http_page.file.close()
        return http_page

    bench.server.routes["/jobs"] = conditional
    with bench.http(SHORT) as http, pytest.raises(ValueError, match="closed file"):
        run_source(bench.source(), broken, bench.store)
    row = table(RunRow)
    with bench.engine.connect() as connection:
        told = connection.execute(select(row.c.verdict, row.c.cause, row.c.detail)).one()
    assert (told.verdict, told.cause) == ("failed", "unexpected")
    assert "closed file" in told.detail
    assert (bench.run().new, bench.open()) == (8, GOOD)


def test_a_total_that_disagrees_makes_it_partial_and_closes_nothing(bench: Bench) -> None:
    bench.adapter = TOTAL
    bench.run(jobs(*ALL, n=8))
    result = bench.loses_nothing(jobs(1, 2, n=8))
    assert (result.verdict, result.cause) == ("partial", Reason.TOTAL_DISAGREES)
    is_a_sentence(result, "states a total of 8, and 2 were read; nothing is closed by this run")


def paged(bench: Bench, size: int, pages: int, broken: dict[int, Handler], count: int) -> Handler:
    """A list of ``count`` in pages of ``size``, some of which answer otherwise."""

    def handle(connection: Any, seen: Seen) -> bool:
        number = int(seen.target.partition("p=")[2] or 1)
        refs = [ref for ref in range((number - 1) * size + 1, number * size + 1) if ref <= count]
        return broken.get(number, answer(200, jobs(*refs, n=count, last=pages)))(connection, seen)

    return handle


PAGED = TOTAL.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p" }')


def test_a_page_lost_in_the_middle_closes_nothing_and_its_neighbours_are_kept(bench: Bench) -> None:
    bench.adapter = PAGED
    assert bench.run(paged(bench, 2, 4, {}, 8)).verdict == "complete"
    result = bench.loses_nothing(paged(bench, 2, 4, {3: answer(503)}, 8))
    assert (result.verdict, result.cause, result.found) == ("partial", Reason.SERVER_ERROR, 6)
    is_a_sentence(result, "answered 503")


def test_an_empty_page_7_of_12_while_the_total_is_higher_closes_nothing(bench: Bench) -> None:
    bench.adapter = PAGED
    bench.run(paged(bench, 10, 12, {}, 120))
    everything = bench.open()
    assert len(everything) == 120
    for _ in range(3):
        result = bench.run(paged(bench, 10, 12, {7: answer(200, jobs(n=120, last=12))}, 120))
        assert (result.verdict, result.cause, result.found) == ("partial", Reason.TOTAL_DISAGREES, 60)
    assert bench.open() == everything


def test_the_first_500_of_1400_are_not_the_whole(bench: Bench) -> None:
    bench.adapter = TOTAL
    bench.run(jobs(*range(1400), n=1400))
    for _ in range(3):
        result = bench.run(jobs(*range(500), n=1400))
        assert (result.verdict, result.cause) == ("partial", Reason.TOTAL_DISAGREES)
        is_a_sentence(result, "states a total of 1400, and 500 were read")
    assert len(bench.open()) == 1400


def test_the_same_refs_on_two_pages_do_not_make_up_for_those_that_are_missing(bench: Bench) -> None:
    """The list shifted while it was read: page two begins with what page one ended with."""
    bench.adapter = PAGED
    bench.run(paged(bench, 4, 2, {}, 8))
    result = bench.loses_nothing(paged(bench, 4, 2, {2: answer(200, jobs(4, 5, 6, 7, n=8))}, 8))
    assert (result.verdict, result.cause, result.found) == ("partial", Reason.TOTAL_DISAGREES, 7)


def test_a_paging_loop_ends_and_closes_nothing(bench: Bench) -> None:
    bench.adapter = JSON.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "next", next = "next" }')
    bench.run(jobs(*ALL))
    result = bench.loses_nothing(jobs(1, 2, next="/jobs"))
    assert (result.verdict, result.cause, result.requests) == ("partial", Reason.PAGING_LOOP, 1)
    assert "which was read before; see adapter.paging" in result.detail


# -- records


def test_a_ref_that_was_renamed_closes_nothing(good: Bench) -> None:
    result = good.loses_nothing(jobs(*ALL).replace(b'"id"', b'"uid"'))
    assert (result.verdict, result.cause) == ("empty", Reason.SHAPE_CHANGED)
    is_a_sentence(result, "`id` became `uid`", "correct the card")


def test_one_item_without_a_ref_closes_nothing(good: Bench) -> None:
    result = good.loses_nothing(jobs(*ALL).replace(b'{"id": 3,', b"{"))
    assert (result.verdict, result.cause, result.found) == ("partial", Reason.FIELD_MISSING, 7)


def test_an_item_that_lost_its_title_stays_as_it_was(good: Bench) -> None:
    result = good.loses_nothing(jobs(*ALL).replace(b"Hoitaja 3", b""))
    assert good.reasons(result) == [Reason.FIELD_MISSING]
    assert [(one.about, one.drops) for one in good.problems(result)] == [("3", True)]
    assert good.facts("3").titles["fi"] == "Hoitaja 3"


def test_a_code_that_no_list_has_costs_only_itself(good: Bench) -> None:
    result = good.run(jobs(*ALL).replace(b'"name": "Hoitaja 1", "town": "491"', b'"name": "Hoitaja 1", "town": "999"'))
    assert good.open() == GOOD
    problem = good.problems(result)[0]
    assert (problem.reason, problem.drops) == (Reason.UNKNOWN_CODE, False)
    assert problem.about.startswith("1 municipality")
    assert "999" in problem.detail


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"contract": "outo"}, Reason.NOT_IN_VOCABULARY, ["'outo' is none of permanent, ", "see [lookups.contract]"]),
        ({"ends": "31.2.2026"}, Reason.BAD_DATE, ["'31.2.2026' is not a date that can be read"]),
        ({"ends": "9999-12-31"}, Reason.BAD_DATE, ["the year 9999, which cannot be meant"]),
        ({"ends": "0001-01-01T00:00:00Z"}, Reason.BAD_DATE, ["0001-01-01"]),
        ({"ends": "huomenna"}, Reason.BAD_DATE, ["expected ISO 8601"]),
        ({"link": "javascript:alert(1)"}, Reason.BAD_LINK, ["not an address that may be shown"]),
        ({"link": "data:text/html,x"}, Reason.BAD_LINK, ["not an address that may be shown"]),
        ({"link": "http://a@b/"}, Reason.BAD_LINK, ["not an address that may be shown"]),
        ({"openings": "-3"}, Reason.BAD_NUMBER, ["'-3' is not a number of openings"]),
        ({"openings": 10**6}, Reason.BAD_NUMBER, ["expected 1 to 1,000"]),
    ],
)
def test_a_value_that_cannot_be_meant_costs_only_itself(
    bench: Bench, changes: dict[str, Any], reason: Reason, words: list[str]
) -> None:
    result = bench.run(one(**changes))
    assert (result.verdict, bench.open(), bench.reasons(result)) == ("complete", ["1"], [reason])
    problem = bench.problems(result)[0]
    assert problem.about == f"1 {next(iter(changes))}".replace("link", "url")
    assert all(word in problem.detail for word in words), problem.detail
    assert not problem.drops
    facts = bench.facts("1")
    assert (facts.contract, facts.ends_on, facts.url, facts.openings) == ("", None, "", None)


def test_the_curated_table_stands_after_every_bad_answer(good: Bench) -> None:
    from store.counts import open_now

    rules = load_rules([REGIONS], [THEMES], date(2026, 11, 24))
    run_curation(rules, good.store, date(2026, 11, 24))
    for bad in (b"<html>", b"", jobs()):
        good.run(bad)
        run_curation(rules, good.store, date(2026, 11, 24))
        assert open_now(good.engine) == {"vacancy": 8}
