"""A folder that a partner puts files into, as a ``Get``: the newest whole file is the page, in the bounds of the net."""

import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import IO

from harvest.body import gather
from harvest.limits import Limits
from harvest.records import Get, Page, Problem, Reason, Request, Step
from harvest.trouble import GetError

SETTLED_AFTER = 30.0
"""Seconds for which a file must have stayed as it is before it is taken for whole."""
REPLIES = {"fi": ".vastaus.txt", "sv": ".svar.txt", "en": ".reply.txt"}
"""What the names of our own answers end in, by language; they are never read."""

_UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", *REPLIES.values())
_STEP = 256 * 1024
_KINDS = (
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"\xd0\xcf\x11\xe0", "application/vnd.ms-excel"),
    (b"%PDF", "application/pdf"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<", "application/xml"),
    (b"{", "application/json"),
    (b"[", "application/json"),
)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    modified: float


class Inbox:
    """Folders below ``root``, the --config folder. ``now`` gives UTC.

    What leads out of ``root``, links, and names that begin with ``.`` or ``~`` or end in ``.part`` are not read. A file
    that has changed within half a minute may still be on its way: an older one is then read again.
    """

    def __init__(self, root: Path | None, now: Callable[[], datetime], limits: Limits = Limits()) -> None:
        self._root, self._now, self._limits = root, now, limits

    def before(self, get: Get, folders: Collection[str]) -> Get:
        """``get``, with requests for exactly ``folders`` answered from here: no answer of a site can name one."""
        return lambda request: self.get(request) if request.url in folders else get(request)

    def get(self, request: Request) -> Page:
        """The newest whole file of the folder, its name in ``Page.url``, or a page without a body that is ``not_modified``
        when the request knows its content. A failure is ``Page.problem``, never an exception."""
        page = Page(url=request.url, fetched=self._now(), requests=0)
        try:
            folder = self.folder(request.url)
            newest = self._newest(folder, request.url)
            page = replace(page, url=request.url + newest.name)
            return self._read(folder / newest.name, request, page)
        except GetError as trouble:
            reason, detail = trouble.reason, trouble.detail
        except OSError as error:
            reason, detail = (
                Reason.UNREACHABLE,
                f"{page.url} cannot be read ({error.strerror}); look at its permissions",
            )
        return replace(page, problem=Problem(step=Step.GET, reason=reason, about=page.url, detail=detail))

    def folder(self, url: str) -> Path:
        """Where a folder of a card is. Raises :class:`GetError` for one that is not there or leads elsewhere."""
        if self._root is None:
            raise GetError(Reason.NOT_FOUND, f"{url} is a folder below --config, and no --config was given")
        root = self._root.resolve()
        path = (root / url).resolve()
        if not path.is_relative_to(root) or path == root:
            raise GetError(
                Reason.ADDRESS_NOT_ALLOWED, f"{url} leads out of {self._root}; a folder below it was expected"
            )
        if not path.is_dir():
            raise GetError(Reason.NOT_FOUND, f"there is no folder {url} in {self._root}; make it, and tell the partner")
        return path

    def _newest(self, folder: Path, url: str) -> _File:
        now = self._now().timestamp()
        files, other = [], 0
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
                    continue
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(info.st_mode) and entry.name.isprintable():
                    files.append(_File(entry.name, info.st_size, info.st_mtime))
                else:
                    other += not stat.S_ISDIR(info.st_mode)
        # A date that lies far in the future is a wrong clock's, not a file on its way; it is no newer than now either.
        whole = [file for file in files if abs(now - file.modified) >= SETTLED_AFTER]
        if whole:
            return max(whole, key=lambda file: (min(file.modified, now), file.name))
        found = "one that is still being written; the next run reads it" if files else "none"
        linked = f" ({other} links or names that cannot be printed are left alone)" if other else ""
        raise GetError(Reason.NOT_FOUND, f"{url} should hold a file, and there is {found}{linked}")

    def _read(self, path: Path, request: Request, page: Page) -> Page:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise GetError(Reason.ADDRESS_NOT_ALLOWED, f"{page.url} is no ordinary file; it is not read")
            digest = blake2b(digest_size=16)
            coding = "gzip" if path.suffix.lower() == ".gz" else ""
            announced = str(before.st_size)
            body, size = gather(_chunks(file, digest.update), coding=coding, announced=announced, limits=self._limits)
            after = os.fstat(handle)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise GetError(Reason.NOT_FOUND, f"{page.url} was written to while it was read; the next run reads it")
        page = replace(page, etag=f'"{digest.hexdigest()}"', requests=1)
        if page.etag == request.etag:
            body.close()
            return replace(page, not_modified=True, status=304)
        return replace(page, file=body, wire_bytes=size, media_type=_media_type(body))


def _chunks(file: IO[bytes], also: Callable[[bytes], None]) -> Iterator[bytes]:
    while chunk := file.read(_STEP):
        also(chunk)
        yield chunk


def _media_type(body: IO[bytes]) -> str:
    head = body.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    body.seek(0)
    return next((kind for mark, kind in _KINDS if head.startswith(mark.lower())), "text/csv")
