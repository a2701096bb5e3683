"""What a run was answered lies in the archive, and is read again from the command line without the net."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import HostileServer
from tests.test_cli import Shell
from tests.test_one_file import JSON_API


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with HostileServer() as server:
        yield Shell(tmp_path, server)


def archived(shell: Shell, folder: str = "archive") -> list[str]:
    """The runs in the archive as ``source/run``."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in (shell.folder / folder).glob("*/*.jsonl"))


def test_the_pages_of_a_run_lie_beside_the_database(shell: Shell) -> None:
    assert shell("harvest", "good").returncode == 0
    assert shell("harvest", "good").returncode == 0
    assert shell("harvest", "bad").returncode == 1
    assert archived(shell) == ["bad/3", "good/1", "good/2"]


def test_or_where_the_environment_says_and_not_at_all_where_the_card_wants_none(shell: Shell) -> None:
    shell.card("silent", "/good", JSON_API + "[archive]\ndays = 0\n")
    assert shell("harvest", "good", "silent", ALUETORI_ARCHIVE="elsewhere").returncode == 0
    assert (archived(shell), archived(shell, "elsewhere")) == ([], ["good/1"])


def test_a_run_that_broke_on_something_unexpected_is_there_to_be_read_again(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.write.runs._save", lambda *_: 1 / 0)
    assert shell("harvest", "good").returncode == 1
    assert archived(shell) == ["good/1"]


def test_an_archive_that_cannot_be_written_is_told_and_costs_no_posting(shell: Shell) -> None:
    (shell.folder / "archive").write_text("no folder", "utf-8")
    said = shell("harvest", "good")
    assert said.returncode == 0
    assert "the pages of this run are not archived" in said.stderr
