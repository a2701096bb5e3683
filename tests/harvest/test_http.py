"""What ``Http.get`` promises: every hostile answer ends as a value, soon and at little memory."""

import contextlib
import gc
import logging
import random
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from gzip import compress

import pytest

from harvest.http import Http
from harvest.limits import Limits
from harvest.records import HarvestError, Page, Reason, Request
from harvest.visits import Stay
from tests.hostile import (
    HostileServer,
    answer,
    drip_body,
    drip_headers,
    gzip_bomb,
    head,
    in_turn,
    raw,
    redirect,
    silent,
)

MIB = 1024 * 1024
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = Limits(total_seconds=2.0, connect_seconds=1.0, read_seconds=1.0)


class Clock:
    """Stands at noon; waiting moves it."""

    def __init__(self) -> None:
        self.now = NOON
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


class Visits:
    """Admits everyone at once and remembers whom."""

    def __init__(self) -> None:
        self.admitted: list[tuple[str, float]] = []
        self.left: list[float] = []

    @contextlib.contextmanager
    def __call__(self, host: str, delay: float) -> Iterator[Stay]:
        self.admitted.append((host, delay))
        stay = Stay(delay)
        yield stay
        self.left.append(stay.pause)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visits() -> Visits:
    return Visits()


@pytest.fixture
def http(clock: Clock, visits: Visits) -> Iterator[Http]:
    with net(clock, visits) as http:
        yield http


def net(clock: Clock, visits: Visits, limits: Limits = LIMITS, **more: object) -> Http:
    allow = more.pop("allow", ["127.0.0.0/8"])
    return Http(contact="us@example.fi", allow=allow, limits=limits, visits=visits, now=clock, wait=clock.wait, **more)  # type: ignore[arg-type]


def reason(page: Page) -> Reason:
    assert page.problem is not None
    return page.problem.reason


# -- an ordinary answer


def test_an_answer_comes_with_what_its_headers_say(http: Http, server: HostileServer) -> None:
    server.routes["/feed"] = answer(
        200, b"hello", ("Content-Type", 'Text/XML; Charset="ISO-8859-1"'), ("ETag", 'W/"1"'), ("Last-Modified", "then")
    )
    page = http.get(Request(url=server.url("/feed")))
    assert page.problem is None
    assert (page.read(), page.status, page.wire_bytes, page.requests) == (b"hello", 200, 5, 1)
    assert (page.media_type, page.charset) == ("text/xml", "ISO-8859-1")
    assert (page.etag, page.last_modified, page.fetched) == ('W/"1"', "then", NOON)


def test_the_user_agent_is_honest_and_a_card_cannot_change_it(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200)
    http.get(Request(url=server.url(), headers=(("User-Agent", "Mozilla"), ("Accept-Encoding", "br"), ("X-Key", "k"))))
    seen = server.asked("/")[0].headers
    assert seen["user-agent"] == "aluetori/0.1 (+us@example.fi)"
    assert seen["accept-encoding"] == "gzip, deflate"
    assert seen["x-key"] == "k"
    assert "cookie" not in seen


@pytest.mark.parametrize("contact", ["", "a\nb", "yhteys@työ.fi"])
def test_without_a_contact_that_fits_a_header_nothing_is_asked(contact: str) -> None:
    with pytest.raises(HarvestError, match="contact"):
        Http(contact=contact)


def test_a_post_sends_its_body(http: Http, server: HostileServer) -> None:
    server.routes["/search"] = answer(200, b"found")
    page = http.get(Request(url=server.url("/search"), method="POST", body=b'{"q": 1}'))
    assert page.read() == b"found"
    assert (server.asked("/search")[0].method, server.asked("/search")[0].body) == ("POST", b'{"q": 1}')


def test_cookies_are_never_sent_back(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"", ("Set-Cookie", "id=1; Path=/"))
    http.get(Request(url=server.url()))
    http.get(Request(url=server.url()))
    assert [seen.headers.get("cookie") for seen in server.asked("/")] == [None, None]


def test_one_connection_serves_several_threads_and_every_status(http: Http, server: HostileServer) -> None:
    server.routes |= {"/": redirect("/x"), "/x": in_turn(answer(304), answer(500, b"oh"), answer(200, b"x"))}
    for _ in range(3):
        thread = threading.Thread(target=lambda: http.get(Request(url=server.url(), etag='"1"')))
        thread.start()
        thread.join()
    assert len(server.log) == 9  # robots.txt, and a redirect before each of four tries
    assert {seen.connection for seen in server.log} == {1}


def test_no_address_is_logged(http: Http, server: HostileServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.routes["/"] = in_turn(answer(500), answer(200))
    http.get(Request(url=server.url("/?key=secret")))
    assert caplog.text == ""


# -- addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_the_guard_is_really_asked(host: str, clock: Clock, visits: Visits, server: HostileServer) -> None:
    with net(clock, visits, allow=()) as http:
        page = http.get(Request(url=f"http://{host}:{server.port}/"))
    assert reason(page) is Reason.ADDRESS_NOT_ALLOWED
    assert (page.requests, server.log, clock.waits) == (0, [], [])


def test_a_kept_alive_connection_belongs_to_one_client_only(http: Http, clock: Clock, server: HostileServer) -> None:
    server.routes["/"] = answer(200)
    assert http.get(Request(url=server.url())).problem is None
    with net(clock, Visits(), allow=["10.0.0.0/8"]) as other:
        assert reason(other.get(Request(url=server.url()))) is Reason.ADDRESS_NOT_ALLOWED


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.fi/", Reason.ADDRESS_NOT_ALLOWED),
        ("file:///etc/passwd", Reason.ADDRESS_NOT_ALLOWED),
        ("http://me:secret@example.fi/", Reason.ADDRESS_NOT_ALLOWED),
        ("/only/a/path", Reason.ADDRESS_NOT_ALLOWED),
        ("", Reason.ADDRESS_NOT_ALLOWED),
        ("http://127.0.0.1:65536/", Reason.PROTOCOL),
        ("http://[::1/", Reason.PROTOCOL),
        ("http://exa\x00mple.fi/", Reason.PROTOCOL),
        ("http://no-such-name.invalid/", Reason.DNS),
        ("http://" + "a" * 80 + ".fi/", Reason.DNS),
        ("http://..fi/", Reason.DNS),
    ],
)
def test_an_address_that_cannot_be_visited_is_a_problem(http: Http, url: str, why: Reason) -> None:
    page = http.get(Request(url=url))
    assert page.requests == 0
    assert page.problem is not None
    assert page.problem.reason is why
    assert "secret" not in page.problem.about + page.problem.detail


def test_a_header_that_http_cannot_carry_is_a_problem_that_does_not_quote_it(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200)
    for value in ("secret\r\nX: 1", "secret ä", "secret €"):
        page = http.get(Request(url=server.url("/"), headers=(("X-Key", value),)))
        assert reason(page) is Reason.PROTOCOL
        assert page.problem is not None
        assert "secret" not in page.problem.detail


def test_a_problem_never_shows_the_values_of_a_query(http: Http, server: HostileServer) -> None:
    page = http.get(Request(url=server.url("/gone?key=secret&secret2")))
    assert page.problem is not None
    assert page.problem.about == server.url("/gone?key=…&…")
    assert "secret" not in page.problem.detail


def test_nobody_at_home_is_unreachable_and_robots_say_so(http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    page = http.get(Request(url=f"http://127.0.0.1:{port}/"))
    assert reason(page) is Reason.ROBOTS
    assert page.problem is not None
    assert "not reached" in page.problem.detail


# -- time


def test_a_dripped_header_ends_at_the_total_deadline(clock: Clock, visits: Visits, server: HostileServer) -> None:
    server.routes["/"] = drip_headers()
    assert_ends_in_half_a_second(clock, visits, server)


def test_a_dripped_body_ends_at_the_total_deadline(clock: Clock, visits: Visits, server: HostileServer) -> None:
    server.routes["/"] = drip_body()
    assert_ends_in_half_a_second(clock, visits, server)


def assert_ends_in_half_a_second(clock: Clock, visits: Visits, server: HostileServer) -> None:
    with net(clock, visits, Limits(total_seconds=0.5, read_seconds=5)) as http:
        begun = time.monotonic()
        page = http.get(Request(url=server.url()))
        took = time.monotonic() - begun
    assert reason(page) is Reason.TIMEOUT
    assert 0.4 < took < 1.5
    assert (page.requests, clock.waits) == (1, [])


def test_the_deadline_of_one_thread_does_not_end_the_visit_of_another(clock: Clock, server: HostileServer) -> None:
    server.routes["/slow"] = drip_body(count=14)
    server.routes["/never"] = drip_headers()
    server.routes["/robots.txt"] = answer(404)
    pages: dict[str, Page] = {}
    with net(clock, Visits(), Limits(total_seconds=1.2, read_seconds=5)) as http:
        http.get(Request(url=server.url("/")))

        def ask(path: str) -> None:
            pages[path] = http.get(Request(url=server.url(path)))

        threads = [threading.Thread(target=ask, args=(path,)) for path in ("/never", "/slow")]
        threads[0].start()
        time.sleep(0.3)
        threads[1].start()
        for thread in threads:
            thread.join()
    assert reason(pages["/never"]) is Reason.TIMEOUT
    assert pages["/slow"].read() == b"x" * 14


def test_silence_is_a_timeout_and_is_tried_again(clock: Clock, visits: Visits, server: HostileServer) -> None:
    server.routes["/"] = in_turn(silent(), answer(200, b"at last"))
    with net(clock, visits, Limits(total_seconds=5, read_seconds=0.2)) as http:
        page = http.get(Request(url=server.url()))
    assert (page.read(), page.requests) == (b"at last", 2)


def test_after_the_end_of_the_run_nothing_is_asked(clock: Clock, visits: Visits, server: HostileServer) -> None:
    with net(clock, visits) as http:
        page = http.until(NOON - timedelta(seconds=1))(Request(url=server.url()))
    assert reason(page) is Reason.BUDGET_SPENT
    assert (page.requests, server.log) == (0, [])


def test_no_wait_outlives_the_end_of_the_run(clock: Clock, visits: Visits, server: HostileServer) -> None:
    server.routes["/"] = answer(503, b"", ("Retry-After", 60))
    with net(clock, visits) as http:
        page = http.until(NOON + timedelta(seconds=30))(Request(url=server.url()))
    assert (reason(page), page.requests, clock.waits) == (Reason.SERVER_ERROR, 1, [])


# -- size and coding


def test_a_gzip_bomb_ends_early_at_little_memory(clock: Clock, visits: Visits, server: HostileServer) -> None:
    server.routes["/"] = answer(200, gzip_bomb(512), ("Content-Encoding", "gzip"))
    with net(clock, visits) as http:
        tracemalloc.start()
        try:
            page = http.get(Request(url=server.url()))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert reason(page) is Reason.TOO_LARGE
    assert page.requests == 1
    assert peak < 20 * MIB


def test_a_body_larger_than_allowed_ends_where_the_bound_is(
    clock: Clock, visits: Visits, server: HostileServer
) -> None:
    body = bytes(range(256)) * 4 * 1024 * 3
    server.routes["/announced"] = answer(200, body)
    server.routes["/endless"] = raw(head(200) + body)
    server.routes["/packed"] = answer(200, compress(body), ("Content-Encoding", "gzip"))
    limits = Limits(wire_bytes=MIB, decoded_bytes=2 * MIB, ratio=10_000, total_seconds=5)
    with net(clock, visits, limits) as http:
        for path in ("/announced", "/endless", "/packed"):
            page = http.get(Request(url=server.url(path)))
            assert (reason(page), page.requests) == (Reason.TOO_LARGE, 1)


def test_a_large_body_lies_on_disk_and_not_in_memory(http: Http, server: HostileServer) -> None:
    body = b"<job>" + bytes(range(256)) * 4096 * 24
    packed = compress(body, 1)
    server.routes["/"] = answer(200, packed, ("Content-Encoding", "gzip"))
    tracemalloc.start()
    try:
        page = http.get(Request(url=server.url()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MIB
    assert (page.file.tell(), page.wire_bytes) == (0, len(packed))
    assert page.read() == body


def test_a_dropped_page_closes_its_file_without_a_warning(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"x" * 3 * MIB)
    page: Page | None = http.get(Request(url=server.url()))
    assert page is not None
    assert page.file.read(1) == b"x"
    page = None
    gc.collect()  # pytest makes an error of the warning


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", compress(b"hello")),
        ("x-gzip", compress(b"hello")),
        ("GZIP", compress(b"hel") + compress(b"lo")),
        ("gzip", compress(b"hello") + b"\0" * 100),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
        ("identity", b"hello"),
    ],
    # by name: gzip writes the time into its bytes, and two workers must collect the same tests
    ids=["gzip", "x-gzip", "two members", "zeros behind", "deflate", "bare deflate", "identity"],
)
def test_each_packing_in_use_is_unpacked(http: Http, server: HostileServer, coding: str, body: bytes) -> None:
    server.routes["/"] = answer(200, body, ("Content-Encoding", coding))
    page = http.get(Request(url=server.url()))
    assert page.problem is None
    assert (page.read(), page.wire_bytes) == (b"hello", len(body))


def test_an_empty_body_may_be_called_packed(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"", ("Content-Encoding", "gzip"))
    assert http.get(Request(url=server.url())).read() == b""


@pytest.mark.parametrize("headers", [["br"], ["zstd"], ["gzip, gzip"], ["gzip", "gzip"], ["nonsense"]])
def test_any_other_or_second_coding_is_refused(http: Http, server: HostileServer, headers: list[str]) -> None:
    server.routes["/"] = answer(200, gzip_bomb(64, layers=2), *[("Content-Encoding", name) for name in headers])
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.requests) == (Reason.BAD_CODING, 1)


def test_a_body_that_is_not_packed_as_announced_is_refused(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"plain text", ("Content-Encoding", "gzip"))
    assert reason(http.get(Request(url=server.url()))) is Reason.BAD_CODING


@pytest.mark.parametrize(
    "data",
    [
        head(200, ("Content-Length", 100)) + b"only this",
        head(200, ("Transfer-Encoding", "chunked")) + b"5\r\nhello\r\n",
        head(200, ("Content-Encoding", "gzip")) + compress(b"hello" * 1000)[:-9],
        head(200, ("Content-Encoding", "gzip")) + b"\x1f",
    ],
    ids=["content-length", "chunked", "gzip", "one byte of gzip"],
)
def test_a_cut_body_is_truncated_after_every_try(http: Http, server: HostileServer, data: bytes) -> None:
    server.routes["/"] = raw(data)
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.requests) == (Reason.TRUNCATED, LIMITS.attempts)
    assert page.read() == b""


# -- statuses and tries


def test_a_500_is_tried_again_and_each_try_counts(
    http: Http, server: HostileServer, clock: Clock, visits: Visits
) -> None:
    server.routes["/"] = in_turn(answer(500), answer(502), answer(200, b"ok"))
    page = http.get(Request(url=server.url(), delay=3))
    assert (page.read(), page.requests, page.retries) == (b"ok", 3, 2)
    assert len(clock.waits) == 2
    assert clock.waits[0] < clock.waits[1]
    assert visits.admitted == [(server.host, 3)] * 4  # robots.txt and three tries


@pytest.mark.parametrize(
    ("status", "why", "tries"),
    [
        (400, Reason.HTTP_STATUS, 1), (401, Reason.FORBIDDEN, 1), (403, Reason.FORBIDDEN, 1),
        (404, Reason.NOT_FOUND, 1), (410, Reason.NOT_FOUND, 1), (408, Reason.HTTP_STATUS, 4),
        (429, Reason.RATE_LIMITED, 4), (500, Reason.SERVER_ERROR, 4), (501, Reason.SERVER_ERROR, 1),
        (503, Reason.SERVER_ERROR, 4), (206, Reason.HTTP_STATUS, 1), (304, Reason.HTTP_STATUS, 1),
        (302, Reason.HTTP_STATUS, 1),
    ],
)  # fmt: skip
def test_a_status_has_its_reason_and_its_tries(
    http: Http, server: HostileServer, status: int, why: Reason, tries: int
) -> None:
    server.routes["/"] = answer(status)
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.status, page.requests, page.retries) == (why, status, tries, tries - 1)


def test_retry_after_in_seconds_is_obeyed(http: Http, server: HostileServer, clock: Clock) -> None:
    server.routes["/"] = in_turn(answer(429, b"", ("Retry-After", 17)), answer(200, b"ok"))
    assert http.get(Request(url=server.url())).read() == b"ok"
    assert clock.waits == [17]


def test_retry_after_as_a_date_is_obeyed(http: Http, server: HostileServer, clock: Clock) -> None:
    server.routes["/"] = in_turn(
        answer(503, b"", ("Retry-After", "Tue, 24 Nov 2026 12:01:30 GMT")), answer(200, b"ok")
    )  # fmt: skip
    assert http.get(Request(url=server.url())).read() == b"ok"
    assert clock.waits == [90]


@pytest.mark.parametrize("later", ["3600", "Tue, 24 Nov 2026 13:00:00 GMT"])
def test_a_long_retry_after_ends_the_tries_and_names_its_end(
    http: Http, server: HostileServer, clock: Clock, later: str
) -> None:
    server.routes["/"] = answer(429, b"", ("Retry-After", later))
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.requests, clock.waits) == (Reason.RATE_LIMITED, 1, [])
    assert page.problem is not None
    assert "2026-11-24 13:00 UTC" in page.problem.detail


@pytest.mark.parametrize("nonsense", ["soon", "-1", "99 Foo 2026", "²"])
def test_a_retry_after_that_says_nothing_leaves_our_own_pause(
    http: Http, server: HostileServer, clock: Clock, nonsense: str
) -> None:
    server.routes["/"] = in_turn(answer(503, b"", ("Retry-After", nonsense)), answer(200, b"ok"))
    assert http.get(Request(url=server.url())).read() == b"ok"
    assert 1 <= clock.waits[0] <= 2


@pytest.mark.parametrize(
    "data",
    [b"", b"SSH-2.0-OpenSSH_9\r\n", head(200, ("X-Big", "x" * 300_000)), head(200, ("Content-Length", "many"))],
    ids=["nothing", "not http", "300 kB of headers", "a length that is none"],
)
def test_what_is_no_http_is_a_protocol_problem(http: Http, server: HostileServer, data: bytes) -> None:
    server.routes["/"] = raw(data)
    assert reason(http.get(Request(url=server.url()))) is Reason.PROTOCOL


def test_no_garbled_answer_ever_raises(clock: Clock, visits: Visits, server: HostileServer) -> None:
    whole = head(200, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Location", "/x"))
    whole += b"1e\r\n" + compress(b"hello" * 99)[:30] + b"\r\n0\r\n\r\n"
    dice = random.Random(7)
    with net(clock, visits, replace(LIMITS, attempts=1)) as http:
        for number in range(200):
            garbled = bytearray(whole)
            for _ in range(dice.randint(1, 6)):
                garbled[dice.randrange(len(garbled))] = dice.randrange(256)
            server.routes[f"/{number}"] = raw(bytes(garbled[: dice.randint(0, 2 * len(garbled))]))
            page = http.get(Request(url=server.url(f"/{number}")))
            assert page.problem is None or page.problem.detail


def test_headers_beyond_the_bound_are_refused(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"ok", *[(f"X-{number}", "x" * 1000) for number in range(70)])
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.requests) == (Reason.PROTOCOL, 1)


# -- conditional requests


def test_validators_are_sent_verbatim_and_a_304_repeats_them(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(304)
    page = http.get(Request(url=server.url(), etag='W/"x"', last_modified="Mon, 23 Nov 2026 10:00:00 GMT"))
    assert page.problem is None
    assert (page.not_modified, page.status, page.etag) == (True, 304, 'W/"x"')
    assert page.last_modified == "Mon, 23 Nov 2026 10:00:00 GMT"
    seen = server.asked("/")[0].headers
    assert (seen["if-none-match"], seen["if-modified-since"]) == ('W/"x"', "Mon, 23 Nov 2026 10:00:00 GMT")


def test_a_304_with_a_new_validator_gives_the_new_one(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(304, b"", ("ETag", '"new"'))
    assert http.get(Request(url=server.url(), etag='"old"')).etag == '"new"'


# -- redirects


def test_redirects_are_followed_and_the_page_says_where_they_led(
    http: Http, server: HostileServer, visits: Visits
) -> None:
    server.routes |= {"/a": redirect("/b", 301), "/b": redirect("c?x=1#part", 307), "/c": answer(200, b"here")}
    page = http.get(Request(url=server.url("/a")))
    assert (page.read(), page.url, page.requests, page.retries) == (b"here", server.url("/c?x=1"), 3, 0)
    assert len(visits.admitted) == 4


def test_a_sixth_redirect_is_one_too_many(http: Http, server: HostileServer) -> None:
    server.routes |= {f"/{number}": redirect(f"/{number + 1}") for number in range(9)} | {"/5": answer(200, b"fifth")}
    assert http.get(Request(url=server.url("/0"))).read() == b"fifth"
    del server.routes["/5"]
    server.routes["/5"] = redirect("/6")
    page = http.get(Request(url=server.url("/0")))
    assert (reason(page), page.requests) == (Reason.REDIRECTS, 6)


@pytest.mark.parametrize("to", ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest", "file:///etc"])
def test_a_redirect_to_a_private_address_is_refused(http: Http, server: HostileServer, to: str) -> None:
    server.routes["/"] = redirect(to)
    page = http.get(Request(url=server.url()))
    assert (reason(page), page.requests) == (Reason.ADDRESS_NOT_ALLOWED, 1)


@pytest.mark.parametrize("to", ["mailto:rekry@example.fi", "tel:0501234567", "javascript:alert(1)"])
def test_a_redirect_to_what_is_no_page_costs_that_page_only(http: Http, server: HostileServer, to: str) -> None:
    server.routes["/"] = redirect(to)
    assert reason(http.get(Request(url=server.url()))) in (Reason.REDIRECTS, Reason.ADDRESS_NOT_ALLOWED)


def test_a_validator_that_cannot_be_sent_back_is_left_out(http: Http, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"there")
    assert http.get(Request(url=server.url(), etag='"kesä"', last_modified="eilen ä")).read() == b"there"


def test_another_host_gets_its_own_turn_and_robots_and_no_key_of_ours(
    http: Http, server: HostileServer, visits: Visits
) -> None:
    with HostileServer({"/": answer(200, b"there"), "/shut": answer(200)}) as other:
        other.routes["/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /shut\nCrawl-delay: 7")
        server.routes |= {"/": redirect(other.url()), "/shut": redirect(other.url("/shut"))}
        key = (("X-Key", "secret"), ("Accept", "text/xml"))
        assert http.get(Request(url=server.url(), headers=key)).read() == b"there"
        assert server.asked("/")[0].headers["x-key"] == "secret"
        assert "x-key" not in other.asked("/")[0].headers
        assert other.asked("/")[0].headers["accept"] == "text/xml"
        assert visits.admitted[-1] == (other.host, 7)
        assert reason(http.get(Request(url=server.url("/shut")))) is Reason.ROBOTS
        assert other.asked("/shut") == []


def test_a_post_is_redirected_only_where_it_stays_a_post(http: Http, server: HostileServer) -> None:
    server.routes |= {"/a": redirect("/c", 302), "/b": redirect("/c", 308), "/c": answer(200, b"found")}
    assert reason(http.get(Request(url=server.url("/a"), method="POST", body=b"q"))) is Reason.REDIRECTS
    assert http.get(Request(url=server.url("/b"), method="POST", body=b"q")).read() == b"found"
    assert [(seen.method, seen.body) for seen in server.asked("/c")] == [("POST", b"q")]


# -- robots.txt


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (b"", True),
        (b"<!doctype html><title>Not here</title>", True),
        (b"User-agent: *\nDisallow: /jobs", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: Aluetori\nAllow: /", True),
        (b"User-agent: aluetori\nDisallow: /", False),
        (b"User-agent: *\nDisallow: /*page=\nAllow: /jobs", False),
        (b"User-agent: *\nDisallow: /j\nAllow: /jobs", True),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /jobs", False),
        (b"User-agent: *\nDisallow: /jobs\n" + b"# long\n" * 100_000, False),
    ],
)
def test_robots_are_obeyed_under_our_own_name(http: Http, server: HostileServer, rules: bytes, allowed: bool) -> None:
    server.routes |= {"/robots.txt": answer(200, rules), "/jobs": answer(200, b"ok")}
    page = http.get(Request(url=server.url("/jobs?page=2")))
    assert (page.problem is None) is allowed
    assert len(server.asked("/jobs")) == int(allowed)
    if not allowed:
        assert (reason(page), page.requests) == (Reason.ROBOTS, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_is_open(http: Http, server: HostileServer, status: int) -> None:
    server.routes |= {"/robots.txt": answer(status), "/": answer(200, b"ok")}
    assert http.get(Request(url=server.url())).read() == b"ok"


def test_robots_are_asked_once_a_day(http: Http, server: HostileServer, clock: Clock) -> None:
    server.routes |= {"/robots.txt": answer(200, b"User-agent: *\nAllow: /"), "/": answer(200)}
    http.get(Request(url=server.url()))
    clock.wait(23 * 3600)
    http.get(Request(url=server.url()))
    assert len(server.asked("/robots.txt")) == 1
    clock.wait(2 * 3600)
    http.get(Request(url=server.url()))
    assert len(server.asked("/robots.txt")) == 2


def test_robots_that_fail_close_the_site_for_ten_minutes(http: Http, server: HostileServer, clock: Clock) -> None:
    server.routes |= {"/robots.txt": answer(503), "/": answer(200, b"ok")}
    for _ in range(2):
        page = http.get(Request(url=server.url()))
        assert (reason(page), page.requests) == (Reason.ROBOTS, 0)
    assert len(server.asked("/robots.txt")) == LIMITS.attempts
    server.routes["/robots.txt"] = answer(404)
    clock.wait(601)
    assert http.get(Request(url=server.url())).read() == b"ok"


def test_robots_that_ask_for_less_close_the_site_as_rate_limited(http: Http, server: HostileServer) -> None:
    server.routes |= {"/robots.txt": answer(429, b"", ("Retry-After", 3600)), "/": answer(200)}
    assert reason(http.get(Request(url=server.url()))) is Reason.RATE_LIMITED
    assert server.asked("/") == []


@pytest.mark.parametrize(("asked", "kept"), [(b"0.5", 1.0), (b"7", 7.0), (b"86400", 60.0), (b"soon", 1.0)])
def test_a_crawl_delay_raises_the_pause_within_reason(
    http: Http, server: HostileServer, visits: Visits, asked: bytes, kept: float
) -> None:
    server.routes |= {"/robots.txt": answer(200, b"User-agent: *\nCrawl-delay: " + asked), "/": answer(200)}
    http.get(Request(url=server.url(), delay=1.0))
    assert visits.admitted == [(server.host, 1.0), (server.host, kept)]
    assert visits.left == [kept, kept], "from the reading of robots.txt on, for who has not read it as well"


def test_redirected_robots_hold_and_one_that_leads_inside_closes_the_site(http: Http, server: HostileServer) -> None:
    server.routes |= {"/robots.txt": redirect("/r"), "/r": answer(200, b"User-agent: *\nDisallow: /"), "/": answer(200)}
    assert reason(http.get(Request(url=server.url()))) is Reason.ROBOTS
    with HostileServer({"/robots.txt": redirect("http://10.0.0.1/"), "/": answer(200)}) as other:
        assert reason(http.get(Request(url=other.url()))) is Reason.ADDRESS_NOT_ALLOWED
        assert other.asked("/") == []
