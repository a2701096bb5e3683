"""check SOURCE --live: what a harvest would change, by the same rules, and not a row of it written."""

import json
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine

from tests.hostile import answer
from tests.test_cli import Shell, shell

__all__ = ["shell"]


def listing(*names: str) -> bytes:
    return json.dumps({"jobs": [{"id": f"J{name}", "name": f"Kokki {name}", "town": "491"} for name in names]}).encode()


def rows(shell: Shell) -> dict[str, list[Any]]:
    """Everything in the database but the pauses of hosts."""
    engine = create_engine(f"sqlite:///{shell.folder / 'own.db'}")
    kept = MetaData()
    kept.reflect(engine)
    with engine.connect() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(table.select())]
            for name, table in kept.tables.items()
            if name != "lease"
        }
    engine.dispose()
    return found


def harvested(shell: Shell, *names: str) -> dict[str, Any]:
    shell.server.routes["/good"] = answer(200, listing(*names))
    told: dict[str, Any] = shell.json("harvest", "good")[0]
    assert shell("curate").returncode == 0
    return told


def test_without_a_database_everything_would_be_new_and_none_is_made(shell: Shell) -> None:
    told = shell.json("check", "good", "--live")
    assert (told["verdict"], told["new"], told["unchanged"]) == ("complete", 1, 0)
    assert told["postings"]["new"] == [{"ref": "1", "title": "Kokki"}]
    assert not (shell.folder / "own.db").exists()


def test_what_is_told_is_what_the_harvest_then_does_and_nothing_is_written(shell: Shell) -> None:
    harvested(shell, "1", "2", "3", "4")
    harvested(shell, "1", "2", "3")
    before = rows(shell)
    changed = listing("1", "2", "5").replace(b"Kokki 2", b"Leipuri 2")
    shell.server.routes["/good"] = answer(200, changed)
    told = shell.json("check", "good", "--live")
    assert rows(shell) == before
    assert {name: told[name] for name in ("new", "changed", "unchanged", "closed", "absent", "held")} == {
        "new": 1, "changed": 1, "unchanged": 1, "closed": 1, "absent": 1, "held": 0,
    }  # fmt: skip
    assert [one["ref"] for one in told["postings"]["closed"]] == ["J4"]
    done = shell.json("harvest", "good")[0]
    assert {name: done[name] for name in ("new", "changed", "unchanged", "closed", "held")} == {
        name: told[name] for name in ("new", "changed", "unchanged", "closed", "held")
    }


def test_what_the_guard_would_hold_is_told_with_its_unit(shell: Shell) -> None:
    names = [f"{at:02}" for at in range(20)]
    harvested(shell, *names)
    harvested(shell, *names[:8])
    told = shell.json("check", "good", "--live")
    assert (told["held"], told["closed"]) == (12, 0)
    assert told["units"]["source good"] == 12
    assert shell.json("harvest", "good")[0]["held"] == 12
    said = shell("check", "good", "--live")
    assert "12 held by the guard" in said.stdout
    assert "held, since 12 of municipality 491 would go" in said.stdout


def test_a_failed_reading_changes_nothing_and_ends_with_1(shell: Shell) -> None:
    said = shell("check", "bad", "--live")
    assert said.returncode == 1
    assert "bad: failed, " in said.stdout
    assert "A harvest now: nothing would change" in said.stdout


def test_people_read_what_would_change_and_that_nothing_was_written(shell: Shell) -> None:
    said = shell("check", "good", "--live")
    assert said.returncode == 0
    assert "A harvest now: 1 new; 0 unchanged. Nothing was written." in said.stdout
    assert "new      1  Kokki" in said.stdout


def test_manners_are_kept(shell: Shell) -> None:
    shell("check", "good", "--live")
    assert [seen.path for seen in shell.server.log] == ["/robots.txt", "/good"]
    assert "tests@localhost" in shell.server.log[0].headers["user-agent"]
    said = shell("check", "good", "--live", ALUETORI_CONTACT="")
    assert (said.returncode, "set ALUETORI_CONTACT" in said.stderr) == (2, True)


@pytest.mark.parametrize("words", [["--live"], ["goood", "--live"]])
def test_one_source_is_named(shell: Shell, words: list[str]) -> None:
    said = shell("check", *words)
    assert (said.returncode, shell.server.log) == (2, [])
    assert "name it" in said.stderr or "did you mean 'good'?" in said.stderr


def test_a_disabled_card_is_asked_and_said_to_be_disabled(shell: Shell) -> None:
    card = shell.folder / "config" / "sources" / "good.toml"
    text = 'enabled = false\ndisabled_because = "Not yet read."\n' + card.read_text("utf-8")
    card.write_text(text, "utf-8")
    said = shell("check", "good", "--live")
    assert said.returncode == 0
    assert "good is disabled: Not yet read." in said.stderr
