"""Every folder of ``recorded/`` is read by the card of its name, without a network, and gives the records beside it.

A folder holds pages in a source's format and in our own words, and ``expected.json``: the day, the pages by path and query,
the verdict, the problems and every record. A new source adds a folder here, not a test.
"""

import io
import json
from collections import Counter
from datetime import UTC, date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec import Struct
from msgspec.structs import asdict

from harvest.known import Known
from harvest.records import Page, Problem, Reason, Request, Step, Verdict
from harvest.walk import walk
from normalize.records import Posting
from normalize.steps import normalize
from tests.acceptance.replay import card_file, local_card

RECORDED = Path(__file__).parent / "recorded"
FOLDERS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
BASE = "https://recorded.example"
TOLD_APART = {"source", "ref", "kind", "digest", "page", "html", "evidence", "url_key", "title_key", "reference_key"}
"""Fields of a posting that say nothing new beside the others, or are told in other words."""


class Folder:
    """The pages of a folder, as a ``Get``: what is not there is a 404."""

    def __init__(self, slug: str) -> None:
        self.path = RECORDED / slug
        self.expected: dict[str, Any] = json.loads((self.path / "expected.json").read_text("utf-8"))
        self.fetched = datetime.combine(date.fromisoformat(self.expected["day"]), time(9), tzinfo=UTC)
        self.asked: set[str] = set()

    def get(self, request: Request) -> Page:
        parts = urlsplit(request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        name = self.expected["pages"].get(target)
        if name is None:
            problem = Problem(step=Step.GET, reason=Reason.NOT_FOUND, about=request.url, detail="it was not recorded")
            return Page(url=request.url, fetched=self.fetched, status=404, problem=problem)
        self.asked.add(target)
        return Page(url=request.url, fetched=self.fetched, file=io.BytesIO((self.path / name).read_bytes()))


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


def read(slug: str, scratch: Path) -> tuple[Folder, dict[str, Any]]:
    """The folder read by its card, and what came of it in the words of ``expected.json``."""
    folder = Folder(slug)
    listed = list(normalize(walk(local_card(slug, BASE, scratch), folder.get, Known())))
    verdict = listed[-1]
    assert isinstance(verdict, Verdict)
    return folder, {
        "day": folder.expected["day"],
        "pages": folder.expected["pages"],
        "verdict": f"{verdict.whole}: {verdict.cause}",
        "problems": dict(sorted(Counter(str(one.reason) for one in listed if isinstance(one, Problem)).items())),
        "records": {one.ref: told(one) for one in listed if isinstance(one, Posting)},
    }


@pytest.mark.parametrize("slug", FOLDERS)
def test_a_recorded_folder_reads_to_the_records_beside_it(slug, tmp_path):
    folder, found = read(slug, tmp_path)
    assert found == folder.expected
    assert folder.asked == set(folder.expected["pages"]), "every page of the folder is asked for"


@pytest.mark.parametrize("slug", FOLDERS)
def test_a_recorded_folder_has_a_card_and_names_each_of_its_files(slug):
    assert card_file(slug).is_file()
    named = {*json.loads((RECORDED / slug / "expected.json").read_text("utf-8"))["pages"].values(), "expected.json"}
    days = {path.name for path in (RECORDED / slug).glob("20??-??-??.xml")}  # one feed on other days, read elsewhere
    assert {path.name for path in (RECORDED / slug).iterdir()} == named | days
