"""A body read within bounds: a bomb, an endless stream and a cut one end here, at little memory."""

import zlib
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from harvest.limits import MIB, Limits
from harvest.records import Reason
from harvest.trouble import GetError

_STEP = 64 * 1024
_PLAIN = frozenset({"", "identity"})
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB, _BARE = 47, -15


def gather(
    chunks: Iterable[bytes], *, coding: str, limits: Limits, announced: str = "", cut_at: int | None = None
) -> tuple[IO[bytes], int]:
    """The decoded body in a file at its start, and the bytes that came over the wire.

    Above one MiB the file lies on disk. With ``cut_at`` the rest of a longer body is left unread, which is for files of
    which the beginning suffices. ``announced`` is the Content-Length: one beyond the bound is not even begun. Raises
    ``GetError`` when a bound is passed or the coding is not what was announced.
    """
    if cut_at is None and announced.isascii() and announced.isdigit() and int(announced[:20]) > limits.wire_bytes:
        raise GetError(
            Reason.TOO_LARGE,
            f"the site has {announced[:20]} bytes for us, and {limits.wire_bytes} are allowed; ask for less at a time",
        )
    wire = _Wire(chunks, limits)
    file = Spooled(max_size=MIB)
    size = 0
    try:
        for piece in _decoded(wire, coding.strip().lower()):
            size += len(piece)
            if size > limits.decoded_bytes:
                raise GetError(
                    Reason.TOO_LARGE,
                    f"the body is larger than the {limits.decoded_bytes} bytes allowed; ask for less at a time",
                )
            if size > MIB and size > limits.ratio * wire.count:
                raise GetError(
                    Reason.TOO_LARGE,
                    f"the body grows more than {limits.ratio} times when unpacked, as a bomb does; look at it by hand",
                )
            file.write(piece)
            if cut_at is not None and size >= cut_at:
                file.truncate(cut_at)
                break
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, wire.count


class Spooled(SpooledTemporaryFile[bytes]):
    """A page carries it on and drops it: Python 3.11 warns of a file that is dropped open, and here that is meant."""

    def __del__(self) -> None:
        self.close()


class _Wire:
    """The chunks as they arrive, counted and bounded."""

    def __init__(self, chunks: Iterable[bytes], limits: Limits) -> None:
        self._chunks = chunks
        self._most = limits.wire_bytes
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.count += len(chunk)
            if self.count > self._most:
                raise GetError(
                    Reason.TOO_LARGE, f"the site sent more than the {self._most} bytes allowed; ask for less at a time"
                )
            yield chunk


def _decoded(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    if coding in _PLAIN:
        yield from chunks
    elif coding in _PACKED:
        try:
            yield from _unpacked(chunks, coding)
        except zlib.error as error:
            raise GetError(
                Reason.BAD_CODING, f"the body was announced as {coding} and is not ({error}); tell the publisher"
            ) from error
    else:
        # Doubly packed 1.8 kB became 1 GB in one chunk: more than one coding is never asked for and never read.
        raise GetError(
            Reason.BAD_CODING,
            f"the body is packed as {coding[:40]!r} where gzip, deflate or nothing was asked for; tell the publisher",
        )


def _unpacked(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    inflater: zlib._Decompress | None = None
    held = b""
    for chunk in chunks:
        data = held + chunk
        held = b""
        if inflater is None and len(data) < 2:
            held = data
            continue
        while data:
            if inflater is None:
                inflater = zlib.decompressobj(_window(data, coding))
            elif inflater.eof:
                # gzip may be several members in a row; anything else after the end is padding, as browsers see it
                if not data.startswith(b"\x1f\x8b"):
                    data = b""
                    continue
                inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            yield inflater.decompress(data, _STEP)
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if inflater is not None:
        yield inflater.flush()
    if held or (inflater is not None and not inflater.eof):
        raise GetError(
            Reason.TRUNCATED, "the packed body ended before its own end mark; the next run asks again", again=True
        )


def _window(head: bytes, coding: str) -> int:
    """Servers send ``deflate`` both with and without the zlib header that RFC 9110 asks for."""
    zlib_header = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return _BARE if coding == "deflate" and not zlib_header and not head.startswith(b"\x1f\x8b") else _GZIP_OR_ZLIB
