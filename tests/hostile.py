"""A web server of plain sockets that behaves as badly as it is told to.

    with HostileServer({"/feed": answer(200, b"hello"), "/slow": drip_body()}) as server:
        ask(server.url("/feed"))
        assert [seen.path for seen in server.log] == ["/robots.txt", "/feed"]

A route is a handler: it gets the socket and the request, writes what it likes, and returns whether the connection stays
open. Paths are matched without their query; a path without a route, robots.txt too, answers 404. ``routes`` may be
changed while the server runs. Only loopback is listened on.
"""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived; header names in lower case. ``at`` is monotonic, ``connection`` counts from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.monotonic)
    connection: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Handler: TypeAlias = Callable[[socket.socket, Seen], bool]


class HostileServer:
    """Listens on a free port of 127.0.0.1 while its ``with`` lasts; ``log`` holds every request in order of arrival."""

    def __init__(self, routes: Mapping[str, Handler] | None = None) -> None:
        self.routes: dict[str, Handler] = dict(routes or {})
        self.log: list[Seen] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ending = False

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path."""
        return [seen for seen in self.log if seen.path == path]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending = True
        # closing alone does not wake a thread that waits in accept
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._ending:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            connection.settimeout(5)
            with self._lock:
                self._open.add(connection)
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                stays = True
                while stays and (seen := _request(lines, number)) is not None:
                    self.log.append(seen)
                    stays = self.routes.get(seen.path, _NOT_FOUND)(connection, seen)
        except (OSError, ValueError):
            pass  # the client went away, which is what most tests want of it
        finally:
            with self._lock:
                self._open.discard(connection)


def _request(lines: "socket.SocketIO | object", number: int) -> Seen | None:
    read_line, read = lines.readline, lines.read  # type: ignore[union-attr]
    first = read_line(65536).decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := read_line(65536).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = read(int(headers.get("content-length", 0)))
    return Seen(method=first[0], target=first[1], headers=headers, body=body, connection=number)


def head(status: int, *headers: tuple[str, object]) -> bytes:
    """A response head with its closing blank line."""
    lines = [f"HTTP/1.1 {status} Because", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(status: int = 200, body: bytes = b"", *headers: tuple[str, object]) -> Handler:
    """An honest answer that keeps the connection open."""

    length = () if status == 304 else (("Content-Length", len(body)),)
    data = head(status, *length, *headers) + (b"" if status == 304 else body)

    def handle(connection: socket.socket, _: Seen) -> bool:
        connection.sendall(data)
        return True

    return handle


def raw(data: bytes) -> Handler:
    """Exactly these bytes, then the end of the connection: cut bodies, huge headers, nonsense."""

    def handle(connection: socket.socket, _: Seen) -> bool:
        connection.sendall(data)
        return False

    return handle


def in_turn(*handlers: Handler) -> Handler:
    """One handler after another, the last one for ever: 500, then 200."""
    left = list(handlers)

    def handle(connection: socket.socket, seen: Seen) -> bool:
        return (left.pop(0) if len(left) > 1 else left[0])(connection, seen)

    return handle


def redirect(to: str, status: int = 302) -> Handler:
    return answer(status, b"", ("Location", to))


def drip(data: Iterable[bytes], pause: float = 0.05) -> Handler:
    """Piece after piece with a pause, until the client has had enough."""

    def handle(connection: socket.socket, _: Seen) -> bool:
        for piece in data:
            connection.sendall(piece)
            time.sleep(pause)
        return False

    return handle


def drip_headers(pause: float = 0.05, count: int = 200) -> Handler:
    return drip([b"HTTP/1.1 200 OK\r\n", *(b"X-%d: drop\r\n" % number for number in range(count))], pause)


def drip_body(pause: float = 0.05, count: int = 200) -> Handler:
    return drip([head(200, ("Content-Length", count)), *([b"x"] * count)], pause)


def silent(seconds: float = 3.0) -> Handler:
    """Takes the question and says nothing."""

    def handle(connection: socket.socket, _: Seen) -> bool:
        connection.settimeout(seconds)
        connection.recv(1)
        return False

    return handle


def gzip_bomb(mebibytes: int, layers: int = 1) -> bytes:
    """So many MiB of zeros, packed so many times."""
    body = gzip.compress(bytes(mebibytes * 1024 * 1024), 9)
    for _ in range(layers - 1):
        body = gzip.compress(body, 9)
    return body


_NOT_FOUND = answer(404)
