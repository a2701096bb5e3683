"""Pocket serves a world over real HTTP: each site on a port of its own at 127.0.0.1, every request logged."""

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pocket.bulletin import NEWS_TOWNS
from pocket.faults import checked, faulty
from pocket.sites import employer_xml, feeds, kuntarekry, newcomers, ptv, tpt, vantaa
from pocket.sites.site import Addresses, Site
from pocket.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request: which site, what was asked, the status it got, its beginning and end on the monotonic clock, and the
    bytes of the answer, its headers included. It ends when its last byte is given away, which is before the asker has it."""

    site: str
    path: str
    status: int
    started: float
    ended: float
    bytes: int
    agent: str


def sites(world: World, addresses: Addresses) -> list[Site]:
    """Every site of the world. ``addresses`` may still be empty: it is read when a page is asked for."""
    return [
        tpt.site(world, addresses),
        kuntarekry.site(world, addresses),
        vantaa.site(world, addresses),
        employer_xml.site(world, addresses),
        feeds.career_site(world, addresses),
        ptv.site(world, addresses),
        *(feeds.news_site(world, addresses, name) for name in NEWS_TOWNS),
        newcomers.site(world, addresses),
    ]


class Pocket:
    """A small Finland, up from ``start`` to ``stop`` (or inside ``with``). ``addresses`` says where each site listens and
    ``log`` holds every visit in the order they ended. ``ports`` is the first of a row of ports, or 0 for free ones; ``build``
    makes the sites, those of the whole world unless told otherwise. ``faults`` are the names of those in force
    (:mod:`pocket.faults`), and may change."""

    def __init__(
        self,
        world: World,
        *,
        ports: int = 0,
        build: Callable[[World, Addresses], Sequence[Site]] = sites,
        faults: Collection[str] = (),
    ) -> None:
        self.world = world
        self._build = build
        self.faults = checked(faults)
        self.addresses: dict[str, str] = {}
        self.log: list[Visit] = []
        self._ports = ports
        self._apps: dict[int, tuple[str, ASGIApp]] = {}
        config = uvicorn.Config(
            self._answer,
            interface="asgi3",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread: Thread | None = None

    def start(self) -> Self:
        """Bind every port and answer; returns when the first request may come."""
        sockets = []
        for place, site in enumerate(self._build(self.world, self.addresses)):
            # asyncio turns Nagle's algorithm off only on sockets that say they are TCP: without it each answer waits 40 ms.
            bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", self._ports + place if self._ports else 0))
            port = bound.getsockname()[1]
            self._apps[port] = (site.name, faulty(site.name, site.app(), self.faults))
            self.addresses[site.name] = f"http://127.0.0.1:{port}"
            sockets.append(bound)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": sockets}, name="pocket", daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the pocket world did not come up")
            sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop answering and close every socket, within about a second."""
        if self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the site of its port, and log it when it is done."""
        name, app = self._apps[scope["server"][1]]
        started = ended = monotonic()
        status = sent = 0

        async def noting(message: Message) -> None:
            nonlocal status, sent, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                sent, ended = sum(len(name) + len(value) + 4 for name, value in message["headers"]), monotonic()
            elif message.get("body"):  # a 304 has none: whoever asked has gone on when its empty end comes
                sent, ended = sent + len(message["body"]), monotonic()
            await send(message)

        try:
            await app(scope, receive, noting)
        finally:
            query = scope["query_string"].decode()
            path = f"{scope['path']}?{query}" if query else scope["path"]
            agent = dict(scope["headers"]).get(b"user-agent", b"").decode()
            self.log.append(
                Visit(site=name, path=path, status=status, started=started, ended=ended, bytes=sent, agent=agent)
            )


def serve(world: World, *, ports: int = 0) -> Pocket:
    """A pocket that answers already; the caller stops it."""
    return Pocket(world, ports=ports).start()
