"""What a run was answered lies in the archive, and is read again from the command line without the net."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.settings import settings
from schedules.workbench import Workbench
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


def test_an_archive_that_cannot_be_swept_is_told_and_leaves_the_run_what_it_was(
    shell: Shell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shell.folder)
    (shell.folder / "archive" / "good" / "99.jsonl").mkdir(parents=True)
    said = shell("harvest", "good")
    assert said.returncode == 0
    assert "good: complete, read to the end (its old pages are not forgotten: " in said.stderr
    bench = Workbench(settings("", shell.folder / "config", shell.environment))
    bench.sweep_archive()
    assert "good: its old pages are not forgotten: " in capsys.readouterr().err


def test_an_archive_that_cannot_be_written_is_told_and_costs_no_posting(shell: Shell) -> None:
    (shell.folder / "archive").write_text("no folder", "utf-8")
    said = shell("harvest", "good")
    assert said.returncode == 0
    assert "the pages of this run are not archived" in said.stderr


def test_a_replay_tells_what_would_change_and_writes_it_only_when_told_to(shell: Shell) -> None:
    for words in (["harvest", "good"], ["curate"]):
        assert shell(*words).returncode == 0
    shell.server.routes.clear()
    same = shell("replay", "good")
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout.splitlines()[-1] == "none of 1 postings would change"
    shell.card("good", "/good", JSON_API + '[defaults]\nemployer = "Ravintola Savo Oy"\n')
    for _ in range(2):
        told = shell.json("replay", "good", "--run", "1")
        (one,) = told["postings"]
        assert one["fields"] == {"employer": ["", "Ravintola Savo Oy"]}
        assert (told["run"], told["written_as_run"]) == (1, None)
    said = shell("replay", "good", "--write")
    assert "good/1" in said.stdout
    assert "written as run 2" in said.stdout
    assert shell.json("replay", "good")["postings"] == []
    assert [(row["id"], row["replay_of"], row["requests"]) for row in shell.json("runs")] == [(2, 1, 0), (1, 0, 1)]
    assert shell.json("explain", "1")["employer"] == "Ravintola Savo Oy"
    assert len(shell.server.log) == 2, "robots.txt and one page, and nothing more for any of the replays"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["replay", "goood"], "there is no source 'goood'; did you mean 'good'?"),
        (["replay", "bad"], "bad: the pages of its runs are not in archive (none are kept)"),
        (["replay", "good", "--run", "7"], "good: the pages of run 7 are not in archive (kept are those of 1)"),
    ],
)
def test_what_cannot_be_replayed_ends_with_2_and_says_why(shell: Shell, words: list[str], expected: str) -> None:
    shell("harvest", "good")
    said = shell(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert expected in said.stderr


def test_a_replay_of_pages_that_could_not_be_read_says_so_and_writes_nothing(shell: Shell) -> None:
    shell("harvest", "bad")
    said = shell("replay", "bad", "--write")
    assert said.returncode == 1
    assert "run 1 of bad, read again: failed, not_this_format" in said.stdout
    assert len(shell.json("runs")) == 1
