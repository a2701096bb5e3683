"""One question to one site over the live net: polite, guarded, bounded. The only module of ours that imports httpx."""

import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx
import stamina

from harvest.address import networks
from harvest.allowance import Allowances
from harvest.body import gather
from harvest.limits import Limits
from harvest.records import Get, HarvestError, Page, Problem, Reason, Request, Step
from harvest.robots import AGENT, ROBOTS_BYTES, Robots, pause_after
from harvest.trouble import GetError, of_status, shown
from harvest.visits import HostVisits, Visit
from harvest.wire import AddressRefused, Deadline, GuardedBackend, NameUnknown, Overdue

# httpx logs every address at INFO, and an address may hold a key. A retry is no warning: what it comes to is a Problem.
for name, level in (("httpx", logging.WARNING), ("httpcore", logging.WARNING), ("stamina", logging.ERROR)):
    logging.getLogger(name).setLevel(level)

# A card may say what it asks for, never who asks nor how the answer is packed.
_OURS = frozenset({"user-agent", "accept-encoding", "host", "connection", "cookie", "content-length"})
_FOR_ANY_HOST = frozenset({"accept", "accept-language", "content-type"})
_NEVER = datetime.max.replace(tzinfo=UTC)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.I)


class Http:
    """The live net behind one ``Get``, shared by threads; close it, or use it in a ``with``.

    ``contact`` is the address in the user agent. ``allow`` lists networks that may be visited although they are not
    public, on any port. ``visits`` admits one visitor a host and keeps the pause. ``now`` gives UTC; ``wait`` sleeps
    between two tries.
    """

    def __init__(
        self,
        *,
        contact: str,
        allow: Sequence[str] = (),
        limits: Limits = Limits(),
        visits: Visit | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if not contact or not contact.isascii() or not contact.isprintable():
            raise HarvestError(f"contact is {contact!r}: give an e-mail or web address at which sites can reach us")
        self._limits, self._now, self._wait = limits, now, wait
        self._visits = visits or HostVisits()
        self._deadline, self._allowances = Deadline(), Allowances(now=now, wait=wait, limits=limits)
        self._robots = Robots(
            fetch=lambda url, delay: self._answer(Request(url=url, delay=delay), _Errand(for_robots=True)), now=now
        )
        transport = httpx.HTTPTransport(
            verify=ssl.create_default_context(),
            trust_env=False,
            http2=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=15),
        )
        # httpx 0.28 has no public argument for this; tests prove that the guard is really asked.
        transport._pool._network_backend = GuardedBackend(allow=networks(allow), deadline=self._deadline)
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds),
            headers={"User-Agent": f"{AGENT}/0.1 (+{contact})", "Accept-Encoding": "gzip, deflate"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(self, request: Request) -> Page:
        """The answer, after as many tries as the limits allow. A failure is ``Page.problem``, never an exception.

        ``Page.url`` is where redirects led. The pages of robots.txt are fetched first where needed, and not counted.
        """
        return self._answer(request, _Errand())

    def until(self, end: datetime) -> Get:
        """:meth:`get` for a run that ends at ``end`` (UTC): after it nothing is asked any more."""
        return lambda request: self._answer(request, _Errand(end=end))

    def _answer(self, request: Request, errand: "_Errand") -> Page:
        try:
            return self._persist(request, errand)
        except GetError as trouble:
            told = Problem(step=Step.GET, reason=trouble.reason, about=shown(request.url), detail=trouble.detail)
            page = Page(url=request.url, fetched=self._now(), status=trouble.status, problem=told)
            return replace(page, requests=errand.requests, retries=errand.retries)

    def _persist(self, request: Request, errand: "_Errand") -> Page:
        """stamina takes no sleep of ours: it is told to wait nothing, and the wait stands before the next try."""
        pause = 0.0
        worth_it = partial(self._no_wait_if_worth_it, errand)
        for attempt in stamina.retry_context(
            on=worth_it, attempts=self._limits.attempts, timeout=None, wait_initial=1, wait_max=60
        ):
            with attempt:
                errand.retries = attempt.num - 1
                if pause:
                    self._wait(pause)
                try:
                    return self._follow(request, errand)
                except GetError as trouble:
                    pause = attempt.next_wait + random.random() if trouble.after is None else trouble.after
                    trouble.pause = pause
                    raise
        raise AssertionError("stamina ends with an answer or an exception")

    def _no_wait_if_worth_it(self, errand: "_Errand", error: Exception) -> float | bool:
        if not isinstance(error, GetError) or not error.again:
            return False
        return 0.0 if errand.left(self._now()) > error.pause else False

    def _follow(self, request: Request, errand: "_Errand") -> Page:
        for _ in range(self._limits.redirects + 1):
            url, delay = _admitted(request.url), request.delay
            errand.seconds(self._now(), request)
            if not errand.for_robots:
                delay = self._robots.pause(str(url), origin=f"{url.scheme}://{_host(url)}", delay=delay)
                self._allowances.turn(_host(url), errand.left(self._now()))
            came = self._visit(request, url, delay, errand)
            if isinstance(came, Page):
                return came
            request = came
        detail = f"over {self._limits.redirects} redirects, the last to {shown(request.url)}; mend the card's address"
        raise GetError(Reason.REDIRECTS, detail)

    def _visit(self, request: Request, url: httpx.URL, delay: float, errand: "_Errand") -> Page | Request:
        """The page, or the question to ask where it points."""
        asked = self._asked(request, url)
        with self._visits(_host(url), delay) as stay:
            seconds = min(self._limits.total_seconds, errand.seconds(self._now(), request))
            errand.requests += 1
            try:
                with self._deadline.within(seconds), closing(self._client.send(asked, stream=True)) as answer:
                    came = self._read(request, answer, errand)
                    if errand.for_robots and isinstance(came, Page):
                        stay.pause = max(delay, pause_after(came))
                    return came
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if isinstance(error.__cause__, AddressRefused | NameUnknown):
                    errand.requests -= 1
                raise _lost(error, shown(request.url)) from error

    def _asked(self, request: Request, url: httpx.URL) -> httpx.Request:
        headers = [(name, value) for name, value in request.headers if name.lower() not in _OURS]
        validators = ("If-None-Match", request.etag), ("If-Modified-Since", request.last_modified)
        headers += [(name, value) for name, value in validators if value and value.isascii()]
        try:
            return self._client.build_request(request.method, url, headers=headers, content=request.body)
        except UnicodeError as error:
            detail = f"a header for {shown(request.url)} holds letters that HTTP cannot carry; mend the card"
            raise GetError(Reason.PROTOCOL, detail) from error

    def _read(self, request: Request, answer: httpx.Response, errand: "_Errand") -> Page | Request:
        status, headers, where = answer.status_code, answer.headers, shown(request.url)
        wait = self._allowances.note(_host(answer.url), status, headers)
        if sum(len(name) + len(value) for name, value in headers.raw) > self._limits.header_bytes:
            detail = f"{where} sent headers of more than {self._limits.header_bytes} bytes; look at it by hand"
            raise GetError(Reason.PROTOCOL, detail, status=status)
        wanted = 200 <= status < 300 and status != 206  # a part that nobody asked for
        if not wanted:
            _spare(answer)
        if answer.has_redirect_location:
            return _onward(request, answer)
        charset = _CHARSET.search(content_type := headers.get("content-type", ""))
        page = Page(
            url=str(answer.url),
            fetched=self._now(),
            status=status,
            media_type=content_type.partition(";")[0].strip().lower(),
            charset=charset[1] if charset else "",
            etag=headers.get("etag", ""),
            last_modified=headers.get("last-modified", ""),
            requests=errand.requests,
            retries=errand.retries,
        )
        if status == 304 and (request.etag or request.last_modified):
            etag, since = page.etag or request.etag, page.last_modified or request.last_modified
            return replace(page, not_modified=True, etag=etag, last_modified=since)
        if not wanted:
            raise of_status(status, url=request.url, retry_after=wait, now=page.fetched, limits=self._limits)
        try:
            file, wire = gather(
                answer.iter_raw(),
                coding=headers.get("content-encoding", ""),
                announced=headers.get("content-length", ""),
                limits=self._limits,
                cut_at=ROBOTS_BYTES if errand.for_robots else None,
            )
        except (httpx.RemoteProtocolError, httpx.ReadError) as error:
            detail = f"{where} broke off before its end ({error}); the next run asks again"
            raise GetError(Reason.TRUNCATED, detail, status=status, again=True) from error
        return replace(page, file=file, wire_bytes=wire)


@dataclass(slots=True, kw_only=True)
class _Errand:
    """What one question may take, and costs: the requests really sent for it, redirects and ``retries`` included."""

    for_robots: bool = False
    end: datetime = _NEVER
    requests: int = 0
    retries: int = 0

    def left(self, now: datetime) -> float:
        return (self.end - now).total_seconds()

    def seconds(self, now: datetime, request: Request) -> float:
        if (left := self.left(now)) > 0:
            return left
        raise GetError(Reason.BUDGET_SPENT, f"the run's time was over before {shown(request.url)} was asked")


def _host(url: httpx.URL) -> str:
    return url.netloc.decode("ascii").lower()


def _admitted(address: str) -> httpx.URL:
    """The address as the client will understand it, without its fragment; the guard judges where it leads."""
    where = shown(address)
    try:
        url = httpx.URL(address).copy_with(fragment=None)
        if not 0 < (url.port or 80) < 65536 or "%" in url.host:
            raise ValueError("no such host or port")
    except (httpx.InvalidURL, ValueError) as error:
        raise GetError(Reason.PROTOCOL, f"{where} is no address; mend it in the card") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise GetError(Reason.ADDRESS_NOT_ALLOWED, f"{where} was not visited: only http and https are; mend the card")
    if url.userinfo:
        detail = f"{where} comes with a user or password, which do not belong there; use a header from the environment"
        raise GetError(Reason.ADDRESS_NOT_ALLOWED, detail)
    return url


def _spare(answer: httpx.Response) -> None:
    """Reads the short rest of an answer that nobody needs, so that its connection may serve the next question."""
    length = answer.headers.get("content-length", "")
    if answer.status_code == 304 or (length.isdigit() and len(length) < 6):
        with suppress(httpx.HTTPError):
            for _ in answer.iter_raw():
                pass


def _onward(request: Request, answer: httpx.Response) -> Request:
    """The same question where the redirect points. A card's headers, which may hold a key, stay with their host."""
    status, where = answer.status_code, shown(request.url)
    if request.method not in ("GET", "HEAD") and status not in (307, 308):
        detail = f"{where} redirects a {request.method} with {status}, changing the question; mend the card's address"
        raise GetError(Reason.REDIRECTS, detail, status=status)
    try:
        target = answer.url.join(answer.headers["location"])
    except (httpx.InvalidURL, ValueError) as error:
        raise GetError(Reason.REDIRECTS, f"{where} redirects to what is no address", status=status) from error
    headers = request.headers
    if target.netloc != answer.url.netloc or target.scheme not in ("https", answer.url.scheme):
        headers = tuple((name, value) for name, value in headers if name.lower() in _FOR_ANY_HOST)
    return replace(request, url=str(target), headers=headers)


def _lost(error: Exception, where: str) -> GetError:
    """What a failure below HTTP means. Its own words are left out where they may quote a header of ours."""
    match error.__cause__:
        case AddressRefused():
            return GetError(Reason.ADDRESS_NOT_ALLOWED, f"{where} was not visited: {error}; check the card's address")
        case NameUnknown():
            return GetError(Reason.DNS, f"{where} was not found: {error}; check the card's address", again=True)
        case Overdue():
            return GetError(Reason.TIMEOUT, f"{where} was not done when its time was over; ask for less at a time")
    if isinstance(error, httpx.InvalidURL):  # which the client looks at before we do
        return GetError(Reason.REDIRECTS, f"{where} redirects to what is no address")
    if isinstance(error, httpx.TimeoutException):
        return GetError(Reason.TIMEOUT, f"{where} kept silent too long; the next run asks again", again=True)
    if isinstance(error, httpx.NetworkError):
        return GetError(Reason.UNREACHABLE, f"{where} was not reached ({error}); the next run asks again", again=True)
    if isinstance(error, httpx.RemoteProtocolError):
        return GetError(Reason.PROTOCOL, f"{where} does not speak HTTP as expected ({str(error)[:200]})", again=True)
    return GetError(Reason.PROTOCOL, f"{where} cannot be asked like this; check the card's headers for odd signs")
