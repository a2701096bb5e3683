"""Cards in a line each, and the fake net: a dict of pages behind the real interface."""

import io
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from harvest.known import Known
from harvest.records import Found, Get, Page, Problem, RawPosting, Reason, Request, Seen, Step, Verdict
from harvest.source import Source
from harvest.walk import walk

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITE = "https://example.fi"

HEAD = """
name = "Example"
publisher = "Example Oy"
kind = "vacancy"
home = "https://example.fi"
attribution = "Source: Example"
languages = ["fi", "sv"]
checked = 2026-11-24
start = ["{start}"]
[rights]
basis = "own data"
[schedule]
every = "3h"
[manners]
delay = "0s"
"""
JSON = """
[adapter]
kind = "json_api"
items = "jobs"
[adapter.fields]
ref = "id"
title = "name"
url = "url"
"""


def card(text: str = JSON, start: str = f"{SITE}/jobs", slug: str = "example", **more: Any) -> Source:
    """The card whose adapter and further tables are ``text``; ``more`` keys win."""
    table = tomllib.loads(HEAD.replace("{start}", start) + text)
    return Source.model_validate({**table, "slug": slug, **more})


def page(url: str, body: bytes | str = b"", **more: Any) -> Page:
    """An answer as the net would give it."""
    data = body.encode() if isinstance(body, str) else body
    return Page(url=url, fetched=NOON, file=io.BytesIO(data), wire_bytes=len(data), **more)


class Net:
    """A ``Get`` over a dict of pages by address (without the site). What is not there answers 404; ``asked`` remembers.

    A page with an etag answers 304 to a question that knows it.
    """

    def __init__(self, pages: Mapping[str, bytes | str | Page | Problem]) -> None:
        self.pages = dict(pages)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Page:
        self.asked.append(request)
        found = self.pages.get(request.url.removeprefix(SITE))
        if found is None:
            found = lost(Reason.NOT_FOUND)
        if isinstance(found, Problem):
            return Page(url=request.url, fetched=NOON, problem=found)
        if not isinstance(found, Page):
            return page(request.url, found)
        if found.etag and found.etag == request.etag:
            return page(request.url, etag=found.etag, not_modified=True, status=304)
        found.file.seek(0)
        return page(request.url, found.file.read(), etag=found.etag, charset=found.charset)

    @property
    def paths(self) -> list[str]:
        return [request.url.removeprefix(SITE) for request in self.asked]


def tagged(body: bytes | str, etag: str = '"1"') -> Page:
    """A page that can be asked for conditionally."""
    return page("", body, etag=etag)


def lost(reason: Reason) -> Problem:
    """A page that could not be had."""
    return Problem(step=Step.GET, reason=reason, about="page", detail="it could not be had")


class Walked:
    """What a walk yielded, by what it is."""

    def __init__(self, found: Iterable[Found]) -> None:
        self.all = list(found)
        self.raw = [one for one in self.all if isinstance(one, RawPosting)]
        self.seen = [one.ref for one in self.all if isinstance(one, Seen)]
        self.problems = [one for one in self.all if isinstance(one, Problem)]
        verdict = self.all[-1]
        assert isinstance(verdict, Verdict)
        self.verdict = verdict

    @property
    def refs(self) -> list[str]:
        return [one.ref for one in self.raw]

    @property
    def reasons(self) -> list[Reason]:
        return [one.reason for one in self.problems]

    @property
    def fields(self) -> dict[str, Any]:
        assert len(self.raw) == 1, self.all
        return dict(self.raw[0].fields)

    def known(self, **digests: bytes) -> Known:
        """What a store would know after this walk."""
        own = {one.ref: one.digest for one in self.raw}
        pages = {memo.key: memo for memo in self.verdict.pages}
        return Known(digests={**own, **digests}, pages=pages, watermark=self.verdict.watermark)


def walked(source: Source, net: Get | Mapping[str, Any], known: Known | None = None) -> Walked:
    """A walk to its end."""
    get = net if callable(net) else Net(net)
    return Walked(walk(source, get, known or Known()))
