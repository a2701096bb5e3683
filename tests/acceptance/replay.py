"""A site on localhost that answers with pages given to it, and a bench that harvests it by a card into SQLite."""

import hashlib
import json
import re
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Any, Self, TypeAlias

import uvicorn
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from harvest import declaration
from harvest.http import Http
from harvest.records import Reason
from harvest.source import SHIPPED, Source
from normalize import region, theme
from normalize.curate import load_rules
from normalize.packing import unpack
from normalize.records import Posting
from schedules.run import run_curation, run_source
from store import db
from store.counts import counts
from store.door import Store
from store.judgements import ListingMunicipality, ListingRow
from store.tables import PostingRow, ProblemRow, table
from store.write.listings import Written
from store.write.runs import RunResult

CARDS = Path(__file__).parent / "cards"
Body: TypeAlias = bytes | Callable[[Mapping[str, str]], bytes]
"""What stands at a path: bytes, or a function of the query."""


def card_file(slug: str) -> Path:
    """The card of that name: one that ships, else one of these tests."""
    shipped = SHIPPED / f"{slug}.toml"
    return shipped if shipped.exists() else CARDS / f"{slug}.toml"


def local_card(slug: str, base: str, folder: Path) -> Source:
    """The card with its hosts replaced by ``base``; of what it says, only pauses and the least number expected give way."""
    text = card_file(slug).read_text("utf-8").replace("{base}", base)
    text = re.sub(r'(?m)^((?:start|url) = |  )(.*)"https?://[^/"]+(?=/)', rf'\1\2"{base}', text)
    text = re.sub(r'(?m)^delay = ".*"$', 'delay = "0s"', text)
    text = re.sub(r"(?m)^at_least = [1-9]\d*$", "at_least = 1", text)
    if "delay =" not in text:
        text += '\n[manners]\ndelay = "0s"\n'
    if "[rights]" not in text:
        text += '\n[rights]\nbasis = "own data"\npage = "full"\n'
    path = folder / f"{slug}.toml"
    path.write_text(text, "utf-8")
    return declaration.read(path, Source, slug=slug)


class Site:
    """Answers on a free port of 127.0.0.1 while its ``with`` lasts. ``pages`` holds bodies by path, with or without a
    query, and may change; what is not there is a 404."""

    def __init__(self, pages: Mapping[str, Body] | None = None) -> None:
        self.pages: dict[str, Body] = dict(pages or {})
        # asyncio turns Nagle's algorithm off only on sockets that say they are TCP: without it each answer waits 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self._answer, interface="asgi3", lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the site did not come up"
            sleep(0.005)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        body = self.pages.get(target, self.pages.get(request.url.path))
        if body is None:
            await Response(status_code=404)(scope, receive, send)
            return
        content = body if isinstance(body, bytes) else body(request.query_params)
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            await Response(status_code=304, headers={"etag": etag})(scope, receive, send)
            return
        media = {b"{": "application/json", b"[": "application/json", b"<": "text/html"}.get(
            content.lstrip()[:1], "text/plain"
        )
        media = "application/xml" if content.lstrip().startswith(b"<?xml") else media
        await Response(content, media_type=media, headers={"etag": etag})(scope, receive, send)


class Bench:
    """One database, one site, one card: harvested and curated on the days that a test says."""

    def __init__(self, slug: str, site: Site, folder: Path) -> None:
        self.site = site
        self.source = local_card(slug, site.base, folder)
        self._now = datetime(2026, 9, 15, 9, tzinfo=UTC)
        engine = db.engine_for(f"sqlite:///{folder / f'{slug}.db'}")
        db.upgrade(engine)
        self.store = Store(engine, lambda: self._now)
        self._http = Http(contact="test@example.invalid", allow=("127.0.0.0/8",), now=lambda: self._now)

    def close(self) -> None:
        self._http.close()
        self.store.engine.dispose()

    def harvest(self, day: date) -> RunResult:
        """Main path, first half."""
        self._now = datetime.combine(day, time(9), tzinfo=UTC)
        return run_source(self.source, self._http.get, self.store)

    def curate(self) -> Written:
        """Main path, second half."""
        rules = load_rules([region.REGIONS], [theme.THEMES], self._now.date())
        return run_curation(rules, self.store, self._now.date())

    def postings(self) -> dict[str, Posting]:
        """What is kept, by reference."""
        return {row.ref: unpack(row.packed) for row in self.rows(PostingRow)}

    def rows(self, model: Any) -> list[Any]:
        """Every row of a table."""
        with self.store.engine.connect() as connection:
            return list(connection.execute(select(table(model))))

    def places(self) -> dict[str, set[str]]:
        """Municipalities of every listing, by the reference of its canonical posting."""
        refs = {row.id: row.ref for row in self.rows(PostingRow)}
        found: dict[str, set[str]] = {refs[row.canonical]: set() for row in self.rows(ListingRow)}
        listings = {row.id: refs[row.canonical] for row in self.rows(ListingRow)}
        for row in self.rows(ListingMunicipality):
            found[listings[row.listing]].add(row.code)
        return found

    def problems(self, run: RunResult) -> dict[str, int]:
        """How many problems of each reason a run had."""
        found: dict[str, int] = {}
        for row in self.rows(ProblemRow):
            if row.run == run.id:
                found[row.reason] = found.get(row.reason, 0) + 1
        return found

    def accounted(self, run: RunResult, items: int) -> None:
        """Every item of the source is kept, or dropped with a problem of its own."""
        assert run.found + run.dropped == items
        assert run.new + run.changed + run.unchanged == run.found
        dropped = [row for row in self.rows(ProblemRow) if row.run == run.id and row.drops]
        assert len(dropped) == run.dropped
        assert all(row.detail and row.reason in set(Reason) for row in dropped)

    def counted(self, by: tuple[str, ...] = (), **more: Any) -> list[dict[str, Any]]:
        """The counts as an analyst asks for them."""
        return counts(self.store.engine, by=by, **more)


def as_bytes(value: object) -> bytes:
    """JSON as a site sends it."""
    return json.dumps(value, ensure_ascii=False).encode()
