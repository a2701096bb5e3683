"""Pages of a source as a folder that tests can read it from: scrubbed of persons, with what they come to beside them."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import asdict

from harvest.known import Known
from harvest.records import Page, Problem, Reason, Request, Step, Verdict
from harvest.source import Source
from harvest.walk import walk
from normalize.records import Posting
from normalize.steps import normalize

TOLD_APART = {
    "source",
    "ref",
    "kind",
    "digest",
    "page",
    "html",
    "evidence",
    "fingerprint",
    "blocking",
    "url_key",
    "title_key",
    "reference_key",
}
"""Fields of a posting that say nothing new beside the others, or are told in other words."""


class Folder:
    """The pages of a folder, as a ``Get``: what is not there is a 404. ``asked`` remembers which were."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.expected: dict[str, Any] = json.loads((path / "expected.json").read_text("utf-8"))
        self.fetched = datetime.combine(date.fromisoformat(self.expected["day"]), time(9), tzinfo=UTC)
        self.asked: set[str] = set()

    def get(self, request: Request) -> Page:
        """The page that was recorded for an address."""
        target = target_of(request.url)
        name = self.expected["pages"].get(target)
        if name is None:
            problem = Problem(step=Step.GET, reason=Reason.NOT_FOUND, about=request.url, detail="it was not recorded")
            return Page(url=request.url, fetched=self.fetched, status=404, problem=problem)
        self.asked.add(target)
        return Page(url=request.url, fetched=self.fetched, file=io.BytesIO((self.path / name).read_bytes()))


def target_of(url: str) -> str:
    """Path and query of an address, under which a folder keeps its page."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def replayed(source: Source, folder: Folder) -> dict[str, Any]:
    """What comes of a folder when it is read by the card, as ``expected.json`` tells it."""
    listed = list(normalize(walk(source, folder.get, Known())))
    verdict = listed[-1]
    assert isinstance(verdict, Verdict), "a walk ends in its verdict"
    return {
        "day": folder.expected["day"],
        "pages": folder.expected["pages"],
        "verdict": f"{verdict.whole}: {verdict.cause}",
        "problems": dict(sorted(Counter(str(one.reason) for one in listed if isinstance(one, Problem)).items())),
        "records": {one.ref: told(one) for one in listed if isinstance(one, Posting)},
    }


def told(posting: Posting) -> dict[str, Any]:
    """A posting as ``expected.json`` tells it: what is not empty, and where it is by its evidence."""
    record = {name: value for name, value in asdict(posting).items() if value and name not in TOLD_APART}
    used = [one for one in posting.evidence if not one.rejected]
    record["places"] = sorted({place for one in used for place in (*one.codes, one.area, one.bucket) if place})
    plain: dict[str, Any] = json.loads(json.dumps(record, default=_plain))
    return plain


def _plain(value: object) -> object:
    if isinstance(value, Struct):
        return asdict(value)
    return str(value.value) if isinstance(value, Enum) else value.isoformat()  # type: ignore[attr-defined]


def record(source: Source, pages: Mapping[str, tuple[str, bytes]], path: Path, day: date) -> None:
    """Write a folder: ``pages`` are the scrubbed bodies by address, each with the name of its file. What the card makes of
    them is written beside them once a test may hold it against them."""
    path.mkdir(parents=True, exist_ok=True)
    for name, body in pages.values():
        (path / name).write_bytes(body)
    named = {target_of(url): name for url, (name, _body) in pages.items()}
    _write(path, {"day": day.isoformat(), "pages": named})
    _write(path, replayed(source, Folder(path)))


def _write(path: Path, expected: Mapping[str, Any]) -> None:
    (path / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


def file_names(bodies: Iterable[bytes]) -> list[str]:
    """A name for each page after what it holds: the first is the list."""
    return [f"{f'page{at}' if at else 'list'}.{_ending(body)}" for at, body in enumerate(bodies)]


def _ending(body: bytes) -> str:
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if head.startswith(b"pk\x03\x04"):
        return "xlsx"
    if head.startswith((b"{", b"[")):
        return "json"
    if head.startswith(b"<"):
        return "html" if re.match(rb"<!doctype html|<html", head) else "xml"
    return "csv" if b";" in head or b"," in head else "txt"
