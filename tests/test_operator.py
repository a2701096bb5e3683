"""The operator's verbs as they are typed: what is asked for, what is told, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import HostileServer, answer
from tests.test_cli import Shell, fill

WHY = ("--reason", "seen by eye", "--by", "Aino")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with HostileServer() as server:
        yield fill(Shell(tmp_path, server))


def jobs(count: int) -> bytes:
    items = [{"id": str(n), "name": f"Kokki {n}", "url": f"https://example.fi/{n}"} for n in range(count)]
    return json.dumps({"jobs": items}).encode()


def shown(shell: Shell) -> bool:
    """Whether the one listing of the source is."""
    return bool(shell.json("explain", "1")["shown"])


def test_a_listing_is_hidden_explained_and_shown_again_by_undoing_it(shell: Shell) -> None:
    listing = shell.json("explain", "1")["listing"]
    said = shell("decide", "hide", listing, *WHY)
    assert (said.returncode, said.stdout) == (0, "decision 1 counts: 1 hidden\n")
    assert "hidden by Aino: seen by eye" in shell("explain", listing).stdout
    assert [one["act"] for one in shell.json("decide", "list")] == ["hide"]
    said = shell("decide", "undo", "1", *WHY)
    assert said.stdout.startswith("decision 1 no longer counts: 1 ")
    assert shell.json("decide", "list") == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "hide", "nobody", *WHY), "nothing here is called 'nobody'"),
        (("decide", "hide", "1", "--by", "Aino"), "say why: --reason TEXT"),
        (("decide", "hide", "1", "--reason", "x"), "say who decides: --by NAME, or set ALUETORI_OPERATOR"),
        (("decide", "undo", "first", *WHY), "undo takes the number of a decision"),
        (("decide", "undo", "9", *WHY), "there is no decision 9"),
        (("decide", "forbid", "1", *WHY), "forbid"),
        (("holds", "release", "4", *WHY), "there is no hold 4"),
        (("holds", "show", "4"), "there is no hold 4"),
        (("withdraw", "good", "--by", "Aino"), "say why: --reason TEXT"),
        (("withdraw", "goood", *WHY), "goood was never harvested"),
        (("restore", "good", *WHY), "good is not withdrawn"),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_ends_with_2(shell: Shell, words: tuple[str, ...], told: str) -> None:
    said = shell(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert told in " ".join(said.stderr.replace("│", " ").split())


def test_a_truncated_run_is_held_looked_at_and_rejected(shell: Shell) -> None:
    for count in (30, 4, 4):
        shell.server.routes["/good"] = answer(200, jobs(count))
        assert shell("harvest", "good").returncode == 0
        assert shell("curate").returncode == 0
    waiting = shell.json("holds")
    assert {one["unit"] for one in waiting} >= {"source good"}
    assert all(one["going"] == 26 for one in waiting)
    told = shell("holds", "show", str(waiting[0]["id"]))
    assert told.returncode == 0
    assert told.stdout.startswith(f"hold {waiting[0]['id']} of good, {waiting[0]['unit']}: ")
    for one in waiting:
        said = shell("holds", "reject", str(one["id"]), *WHY)
        assert said.stdout.endswith("26 postings stay until they are seen again or end by their date\n")
    assert shell("holds").stdout == "no removals wait\n"
    assert sum(row["listings"] for row in shell.json("counts", "--by", "kind")) == 30


def test_a_source_is_withdrawn_and_restored_by_who_the_environment_names(shell: Shell) -> None:
    assert shown(shell)
    said = shell("withdraw", "good", "--reason", "they asked us to", ALUETORI_OPERATOR="Eero")
    assert (said.returncode, said.stdout.splitlines()[0][:17]) == (0, "good is withdrawn")
    assert not shown(shell)
    assert "withdrawn" in shell("explain", "1").stdout
    assert shell("restore", "good", *WHY).returncode == 0
    assert shown(shell)
