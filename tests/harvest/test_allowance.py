"""A site that counts our questions is believed: we wait, or leave it alone until it answers again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from harvest.http import Http
from harvest.records import Reason, Request
from tests.harvest.test_http import NOON, Clock, Visits, net
from tests.hostile import HostileServer, answer, in_turn

EPOCH = int((NOON + timedelta(seconds=40)).timestamp())


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http(clock: Clock) -> Iterator[Http]:
    with net(clock, Visits()) as http:
        yield http


def test_an_allowance_that_is_left_costs_no_wait(http: Http, clock: Clock, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"1", ("X-RateLimit-Remaining", 1), ("X-RateLimit-Reset", 40))
    for _ in range(2):
        assert http.get(Request(url=server.url())).problem is None
    assert clock.waits == []


@pytest.mark.parametrize(
    "headers",
    [
        (("RateLimit-Remaining", 0), ("RateLimit-Reset", 40)),
        (("X-RateLimit-Remaining", "0, 0;w=1"), ("X-RateLimit-Reset", EPOCH)),
        (("X-Rate-Limit-Remaining", 0), ("X-Rate-Limit-Reset", EPOCH * 1000)),
        (("RateLimit", "limit=100, remaining=0, reset=40"),),
        (("RateLimit-Policy", '"hour";q=100;w=3600'), ("RateLimit", '"hour";r=0;t=40')),
    ],
)
def test_an_allowance_that_is_spent_is_waited_for(
    http: Http, clock: Clock, server: HostileServer, headers: tuple[tuple[str, object], ...]
) -> None:
    server.routes["/"] = in_turn(answer(200, b"1", *headers), answer(200, b"2"))
    assert http.get(Request(url=server.url())).read() == b"1"
    assert http.get(Request(url=server.url())).read() == b"2"
    assert clock.waits == [40]
    http.get(Request(url=server.url()))
    assert clock.waits == [40]


def test_a_wait_beyond_the_limit_ends_the_questions_and_names_its_end(
    http: Http, clock: Clock, server: HostileServer
) -> None:
    server.routes["/"] = answer(200, b"1", ("RateLimit-Remaining", 0), ("RateLimit-Reset", 3600))
    assert http.get(Request(url=server.url())).problem is None
    page = http.get(Request(url=server.url()))
    assert page.problem is not None
    assert page.problem.reason is Reason.RATE_LIMITED
    assert "answers nothing before 2026-11-24 13:00 UTC" in page.problem.detail
    assert (page.requests, clock.waits, len(server.asked("/"))) == (0, [], 1)
    clock.now += timedelta(hours=1)
    assert http.get(Request(url=server.url())).problem is None


def test_no_wait_for_an_allowance_outlives_the_run(clock: Clock, server: HostileServer) -> None:
    server.routes["/"] = answer(200, b"1", ("RateLimit-Remaining", 0), ("RateLimit-Reset", 40))
    with net(clock, Visits()) as http:
        get = http.until(NOON + timedelta(seconds=30))
        get(Request(url=server.url()))
        page = get(Request(url=server.url()))
    assert page.problem is not None
    assert (page.problem.reason, clock.waits) == (Reason.RATE_LIMITED, [])


def test_a_refusal_that_says_only_when_the_allowance_is_filled_up_is_tried_again_then(
    http: Http, clock: Clock, server: HostileServer
) -> None:
    server.routes["/"] = in_turn(answer(429, b"", ("X-RateLimit-Reset", EPOCH)), answer(200, b"ok"))
    page = http.get(Request(url=server.url()))
    assert (page.read(), page.requests, clock.waits) == (b"ok", 2, [40])


def test_a_refusal_for_an_hour_is_not_followed_by_another_question(
    http: Http, clock: Clock, server: HostileServer
) -> None:
    server.routes |= {"/a": answer(429, b"", ("Retry-After", 3600)), "/b": answer(200, b"b")}
    pages = [http.get(Request(url=server.url(path))) for path in ("/a", "/b")]
    assert [page.problem and page.problem.reason for page in pages] == [Reason.RATE_LIMITED] * 2
    assert server.asked("/b") == []
    assert clock.waits == []


@pytest.mark.parametrize("nonsense", ["", "soon", "-1", "٣"])
def test_an_allowance_in_no_numbers_is_nothing(http: Http, clock: Clock, server: HostileServer, nonsense: str) -> None:
    server.routes["/"] = answer(
        200, b"1", ("RateLimit-Remaining", 0), ("RateLimit-Reset", nonsense.encode().decode("latin-1"))
    )
    for _ in range(2):
        assert http.get(Request(url=server.url())).problem is None
    assert clock.waits == []
