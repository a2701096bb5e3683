"""Every folder of ``recorded/`` is read by the card of its name, without a network, and gives the records beside it.

A folder holds pages in a source's format and in our own words, and ``expected.json``: the day, the pages by path and query,
the verdict, the problems and every record. A new source adds a folder here, not a test.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from schedules.recorded import Folder, replayed
from tests.acceptance.replay import card_file, local_card

RECORDED = Path(__file__).parent / "recorded"
FOLDERS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())
BASE = "https://recorded.example"


def read(slug: str, scratch: Path) -> tuple[Folder, dict[str, Any]]:
    """The folder read by its card, and what came of it in the words of ``expected.json``."""
    folder = Folder(RECORDED / slug)
    return folder, replayed(local_card(slug, BASE, scratch), folder)


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
