"""The pages that came, kept for a while: each body once, packed, under the hash of its content, and what each run was
answered. From there a run can be walked again without the net. Knows no database: a run is a number that it is told."""

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import uuid4

from harvest.answers import Answer, Earlier, read_answers
from harvest.body import Spooled
from harvest.limits import MIB
from harvest.records import Get, HarvestError, Page, Problem, Reason, Request, Step
from harvest.secret import masked

LARGEST = 64 * MIB
"""A body that is longer is not kept: its run can be replayed up to there."""
GRACE = timedelta(days=1)
"""How long what no run names is left alone: it may be of a run that is under way."""
_CHUNK = 64 * 1024


class Archive:
    """A folder of archived pages: ``SOURCE/RUN.jsonl`` says what a run was answered, ``SOURCE/bodies`` holds what it was.

    A file is written under another name and then renamed, so that a crash leaves nothing half. ``now`` gives UTC.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder, self._now = folder, now

    def recording(self, source: str, get: Get) -> "Recording":
        """``get``, and a record of all that it is answered; see :class:`Recording`."""
        return Recording(self, source, get)

    def runs(self, source: str) -> list[int]:
        """The runs of a source whose pages are kept, newest first."""
        return sorted(
            (int(path.stem) for path in self.folder(source).glob("*.jsonl") if path.stem.isdigit()), reverse=True
        )

    def replaying(self, source: str, run: int) -> Get:
        """A ``Get`` that gives the pages as they came in ``run``; the page of one item, which is asked for only when the
        item is new, as it came in the last run before that asked for it. What is not kept is a :class:`Problem`.

        Raises :class:`HarvestError` when nothing of that run is kept.
        """
        if run not in (kept := self.runs(source)):
            known = f"kept are those of {', '.join(map(str, kept[:10]))}" if kept else "none are kept"
            raise HarvestError(
                f"{source}: the pages of {f'run {run}' if run else 'its runs'} are not in {self._folder} ({known}); "
                f"[archive] days in its card says for how long they are"
            )
        own = {answer.key: answer for answer in self.answers(source, run)}
        before = Earlier(self.index(source, one) for one in kept if one < run)

        def get(request: Request) -> Page:
            answer = own.get(request.key) or (before.find(request.key) if request.detail else None)
            return self._page(source, request, answer)

        return get

    def answers(self, source: str, run: int) -> Iterator[Answer]:
        """What a run was answered, in order."""
        return read_answers(self.index(source, run))

    def sweep(self, source: str, days: int) -> int:
        """Forget runs of a source that began more than ``days`` ago, and each body that no other run names; how many
        files went. With 0 nothing of it stays, but for what a run under way may still need."""
        folder, now = self.folder(source), self._now()
        going = [path for path in folder.glob("*.jsonl") if _began(path) <= now - timedelta(days=days)]
        going += [path for path in folder.glob("*.part") if _age(path, now) > GRACE]
        for path in going:
            path.unlink(missing_ok=True)
        if not going:
            return 0
        left = [*folder.glob("*.jsonl"), *folder.glob("*.part")]
        named = {answer.body for path in left for answer in read_answers(path)}
        bodies = [path for path in folder.glob("bodies/*/*") if path.stem not in named and _age(path, now) > GRACE]
        for path in bodies:
            path.unlink(missing_ok=True)
        return len(going) + len(bodies)

    def index(self, source: str, run: int) -> Path:
        """Where it is said what a run was answered."""
        return self.folder(source) / f"{run}.jsonl"

    def sources(self) -> list[str]:
        """The sources of which anything is kept."""
        return sorted(path.name for path in self._folder.glob("*") if path.is_dir())

    def keep(self, source: str, body: IO[bytes]) -> str:
        """Keep a body that stands at its beginning, and stands there again afterwards; its hash, or nothing for one that
        is larger than :data:`LARGEST`. What is kept already is not written again."""
        hashed, size = blake2b(digest_size=20), 0
        while chunk := body.read(_CHUNK):
            hashed.update(chunk)
            size += len(chunk)
        body.seek(0)
        if size > LARGEST:
            return ""
        path = self._body(source, hashed.hexdigest())
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{uuid4().hex}.part")
            packer = zlib.compressobj(6)
            with part.open("wb") as file:
                while chunk := body.read(_CHUNK):
                    file.write(packer.compress(chunk))
                file.write(packer.flush())
            part.replace(path)
            body.seek(0)
        self.stamp(path)  # young again: a sweep leaves it to the run that is under way
        return hashed.hexdigest()

    def stamp(self, path: Path) -> None:
        """Make a file as young as our own clock says."""
        now = self._now().timestamp()
        os.utime(path, (now, now))

    def _page(self, source: str, request: Request, answer: Answer | None) -> Page:
        if answer is None:
            return _lost(request, self._now(), "it was not asked for in that run, or its time is over")
        fetched = datetime.fromisoformat(answer.fetched)
        url = request.url if answer.url == masked(request.url) else answer.url  # a secret of it is not kept
        if answer.problem:
            step, reason, about, detail = answer.problem
            problem = Problem(step=Step(step), reason=Reason(reason), about=about, detail=detail)
            return Page(url=url, fetched=fetched, status=answer.status, requests=0, problem=problem)
        try:
            file = _unpacked(self._body(source, answer.body), answer.body)
        except (OSError, ValueError, zlib.error) as error:
            why = str(error) if answer.body else "it was too large, or repeated one that was not"
            return _lost(request, fetched, why)
        return Page(
            url=url,
            fetched=fetched,
            file=file,
            status=200,
            media_type=answer.media_type,
            charset=answer.charset,
            etag=answer.etag,
            last_modified=answer.last_modified,
            requests=0,
        )

    def folder(self, source: str) -> Path:
        """Where all that is kept of a source lies."""
        return self._folder / source

    def _body(self, source: str, name: str) -> Path:
        return self.folder(source) / "bodies" / name[:2] / f"{name}.zz"


class Recording:
    """A run's pages as they come: ``get`` asks and writes down what is answered, ``kept_as`` gives it the run's number.
    What was not given one when the ``with`` ends is forgotten. ``trouble`` says why nothing more could be written: a full
    disk keeps nobody from harvesting."""

    def __init__(self, archive: Archive, source: str, get: Get) -> None:
        self._archive, self._source, self._get = archive, source, get
        self._folder = archive.folder(source)
        self._before: Earlier | None = None
        self._part = self._folder / f"{uuid4().hex}.part"
        self._file: IO[str] | None = None
        self.trouble = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            self._close()
            self._part.unlink(missing_ok=True)

    def get(self, request: Request) -> Page:
        """The page, as the ``get`` behind it has it."""
        page = self._get(request)
        if not self.trouble:
            try:
                self._write(self._answer(request, page))
            except OSError as error:
                self.trouble = _untold(error)
                page.file.seek(0)
        return page

    def kept_as(self, run: int) -> None:
        """Keep what was recorded as the pages of ``run``; nothing where nothing was asked, or something is missing."""
        if self._file is not None and not self.trouble:
            try:
                self._close()
                self._part.replace(self._archive.index(self._source, run))
            except OSError as error:
                self.trouble = _untold(error)

    def _answer(self, request: Request, page: Page) -> Answer:
        answer = Answer(
            key=request.key,
            url=masked(page.url),
            fetched=page.fetched.isoformat(),
            status=page.status,
            media_type=page.media_type,
            charset=page.charset,
            etag=page.etag,
            last_modified=page.last_modified,
            detail=request.detail,
        )
        if page.problem:
            told = page.problem
            return replace(answer, problem=(str(told.step), str(told.reason), told.about, told.detail))
        if not page.not_modified:
            return replace(answer, body=self._archive.keep(self._source, page.file))
        if self._before is None:
            runs = self._archive.runs(self._source)
            self._before = Earlier(self._archive.index(self._source, run) for run in runs)
        repeated = self._before.find(request.key, (request.etag, request.last_modified))
        if repeated is None:
            return answer
        return replace(
            answer,
            body=repeated.body,
            media_type=answer.media_type or repeated.media_type,
            charset=answer.charset or repeated.charset,
        )

    def _write(self, answer: Answer) -> None:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("w", encoding="utf-8")
        self._file.write(answer.line())
        self._file.flush()
        self._archive.stamp(self._part)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


def _untold(error: OSError) -> str:
    return f"the pages of this run are not archived: {error}"


def _began(path: Path) -> datetime:
    return next((datetime.fromisoformat(one.fetched) for one in read_answers(path)), datetime.min.replace(tzinfo=UTC))


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _unpacked(path: Path, name: str) -> IO[bytes]:
    """A body as it came, or ``ValueError`` when the file does not hold what its name says."""
    hashed, inflater = blake2b(digest_size=20), zlib.decompressobj()
    file = Spooled(max_size=MIB)
    with path.open("rb") as packed:
        while chunk := packed.read(_CHUNK):
            piece = inflater.decompress(chunk)
            hashed.update(piece)
            file.write(piece)
    if hashed.hexdigest() != name:
        file.close()
        raise ValueError(f"{path} does not hold what was kept there")
    file.seek(0)
    return file


def _lost(request: Request, fetched: datetime, why: str) -> Page:
    detail = f"the archive does not have this page: {why}"
    problem = Problem(step=Step.GET, reason=Reason.NOT_KEPT, about=request.url, detail=detail)
    return Page(url=request.url, fetched=fetched, requests=0, problem=problem)
