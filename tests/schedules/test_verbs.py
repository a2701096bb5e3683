"""The verbs of the clock as they are typed: what is asked for, what is told, and how they end."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.invariants import INVARIANTS
from tests.hostile import HostileServer, answer
from tests.test_cli import Shell, fill
from tests.test_operator import jobs

WHY = ("--reason", "they move house", "--by", "Aino")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with HostileServer() as server:
        yield fill(Shell(tmp_path, server))


def listed(shell: Shell, slug: str = "good") -> dict[str, Any]:
    (row,) = shell.json("schedule", "list", slug)
    assert isinstance(row, dict)
    return row


def test_a_pause_is_listed_with_who_and_why_and_a_resume_ends_it(shell: Shell) -> None:
    said = shell("pause", "good", *WHY)
    assert (said.returncode, said.stdout) == (
        0, "good rests until it is resumed; aluetori resume good ends that\n",
    )  # fmt: skip
    row = listed(shell)
    assert (row["paused_until"], row["next"], row["reason"], row["author"]) == (
        "resumed",
        None,
        "they move house",
        "Aino",
    )
    assert shell("resume", "good", *WHY).stdout == "good is harvested by the clock again\n"
    assert listed(shell)["paused_until"] is None
    said = shell("resume", "good", *WHY)
    assert (said.returncode, said.stderr) == (2, "aluetori: good is not paused; nothing was done\n")


@pytest.mark.parametrize("until", ["3h", "2d", "2999-12-24", "2999-12-24T08:00"])
def test_a_pause_ends_by_itself_where_a_time_is_given(shell: Shell, until: str) -> None:
    said = shell("pause", "good", "--until", until, *WHY)
    assert said.returncode == 0, said.stderr
    assert "Helsinki time" in said.stdout
    row = listed(shell)
    assert row["next"] >= row["paused_until"]


def test_another_pace_is_listed_and_taken_back(shell: Shell) -> None:
    assert listed(shell)["schedule"] == "3:00:00"
    assert shell("pace", "good", "--every", "30m", *WHY).stdout == "good is harvested every 30m\n"
    assert (listed(shell)["schedule"], listed(shell)["pace"]) == ("0:30:00", "30m")
    assert shell("pace", "good", *WHY).stdout == "good is harvested as its card says\n"
    assert listed(shell)["schedule"] == "3:00:00"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pause", "good", "--by", "Aino"), "say why: --reason TEXT"),
        (("pause", "good", "--reason", "x"), "say who decides: --by NAME"),
        (("pause", "goood", *WHY), "there is no source 'goood'; did you mean 'good'?"),
        (("pause", "good", "--until", "soon", *WHY), "'soon': expected 3h, 2d, 2026-12-24"),
        (("pause", "good", "--until", "2020-01-01", *WHY), "'2020-01-01': it is over"),
        (("pace", "good", "--every", "5", *WHY), "'5': expected a time from 1m to 366d"),
        (("pace", "good", "--every", "1s", *WHY), "'1s': expected a time from 1m to 366d"),
        (("schedule", "list", "goood"), "there is no source 'goood'"),
        (("schedule", "stop"), "stop"),
    ],
)
def test_what_is_missing_or_wrong_is_told_and_ends_with_2(shell: Shell, words: tuple[str, ...], told: str) -> None:
    said = shell(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert told in " ".join(said.stderr.replace("│", " ").split())


def test_sources_tells_of_a_rest(shell: Shell) -> None:
    shell("pause", "good", "--until", "2999-12-24", *WHY)
    states = {row["source"]: row["state"] for row in shell.json("sources")}
    assert states["good"] == "paused until 2999-12-23 22:00 by Aino: they move house"
    assert states["bad"] == "enabled"


def test_the_service_asks_nothing_without_a_contact(shell: Shell) -> None:
    said = shell("schedule", ALUETORI_CONTACT="")
    assert said.returncode == 2
    assert "set ALUETORI_CONTACT" in said.stderr


def test_status_is_ten_lines_and_ends_with_1_only_when_a_person_is_needed(shell: Shell) -> None:
    said = shell("status")
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "all is well")
    assert len(said.stdout.splitlines()) == 10
    assert "open: 1 vacancy\n" in said.stdout
    for count in (30, 4, 4):
        shell.server.routes["/good"] = answer(200, jobs(count))
        assert shell("harvest", "good").returncode == 0
    card = shell.folder / "config" / "sources" / "partner.toml"
    card.write_text("nmae = 'x'", "utf-8")
    said = shell("status")
    assert (said.returncode, said.stdout.splitlines()[0]) == (1, "a person is needed")
    assert len(said.stdout.splitlines()) == 10
    assert "of good: 26 of 30 in " in said.stdout
    assert "broken cards: partner: aluetori check partner\n" in said.stdout
    assert shell("status", "--json").returncode == 1


def test_check_database_names_every_invariant_and_what_breaks_it(shell: Shell) -> None:
    said = shell("check", "--database")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1] == f"all {len(INVARIANTS) + 1} invariants hold"
    url = f"sqlite:///{shell.folder / 'own.db'}"
    with sqlite3.connect(shell.folder / "own.db") as database:
        database.execute("UPDATE listing SET postings = 7")
    database.close()
    for words in (("check", "--database"), ("check", "--database", url), ("check", "--database", "--json")):
        said = shell(*words)
        assert said.returncode == 1
        assert said.stderr == f"1 of {len(INVARIANTS) + 1} invariants are broken: members counted\n"
    told = {row["name"]: row for row in json.loads(said.stdout)}
    assert told["members counted"]["broken"] == len(told["members counted"]["shown"]) == 1
    assert shell("check").returncode == 0, "cards are another matter"
    assert shell("check", "good", "--database").returncode == 2
    assert "there is no database" in shell("check", "--database", "sqlite:///nothing.db").stderr
