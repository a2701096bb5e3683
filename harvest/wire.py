"""The guarded wire under the HTTP client: only checked addresses are connected to, and every read ends in time."""

import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore

from harvest.address import Network, is_allowed, is_public

_OPEN_PORTS = frozenset({80, 443})


class AddressRefused(httpcore.ConnectError):
    """A name leads to an address, or a port, that may not be visited. Nothing was sent."""


class NameUnknown(httpcore.ConnectError):
    """A name leads to no address. Nothing was sent."""


class Overdue(httpcore.ReadTimeout):
    """The whole time of a visit is over, however lively the site still is."""


class Deadline(threading.local):
    """The end of the visit that the calling thread is on.

    It belongs to the thread and not to the connection, because a connection kept alive serves many visits: the stream
    asks for it anew at each read.
    """

    _end = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        before = self._end
        self._end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._end = before

    @contextmanager
    def capped(self, timeout: float | None) -> Iterator[float | None]:
        """The time-out that one operation may have. Raises ``Overdue`` when the visit is over, before it or during."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Overdue("the total time is over")
        try:
            yield timeout if left == math.inf else min(left, math.inf if timeout is None else timeout)
        except httpcore.TimeoutException as error:
            if time.monotonic() >= self._end:
                raise Overdue("the total time is over") from error
            raise


class TimedStream(httpcore.NetworkStream):
    """A stream on which headers and bodies that drip end at the deadline of the thread that reads them."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._deadline.capped(timeout) as seconds:
            return self._stream.read(max_bytes, seconds)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._deadline.capped(timeout) as seconds:
            self._stream.write(buffer, seconds)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with self._deadline.capped(timeout) as seconds:
            return TimedStream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def resolved(host: str, port: int) -> list[str]:
    """Every address that the system gives for a name, once each, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves, judges every address found, and connects to one of those judged; TLS still checks the name.

    One bad address refuses the name, since the next look-up might give just that one. The name is never resolved a
    second time, so an answer that changes between check and use changes nothing.
    """

    def __init__(
        self,
        *,
        allow: Sequence[Network],
        deadline: Deadline,
        resolve: Callable[[str, int], list[str]] = resolved,
        inner: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._allow = allow
        self._deadline = deadline
        self._resolve = resolve
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._checked(host, port):
            try:
                with self._deadline.capped(timeout) as seconds:
                    stream = self._inner.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self._deadline)
        raise failure or NameUnknown(f"{host} leads to no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise AddressRefused("sockets of this machine are not visited")

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise NameUnknown(f"{host} leads to no address ({error})") from error
        for address in addresses:
            if is_allowed(address, self._allow):
                continue
            if not is_public(address):
                raise AddressRefused(f"{host} leads to {address}, which is not an address of the open net")
            if port not in _OPEN_PORTS:
                raise AddressRefused(f"{host} is to be visited on port {port}, and only 80 and 443 are open to us")
        return addresses
