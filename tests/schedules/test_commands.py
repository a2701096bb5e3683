"""What the verbs do with cards that are broken, with databases that are full, and with terminals that know few letters."""

import ast
import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvest.records import COUNT_AS_COMPLETE, Verdict, Whole, is_complete
from schedules.cli import app
from schedules.settings import settings
from schedules.workbench import Workbench
from tests.hostile import HostileServer, answer
from tests.test_cli import Shell, fill, filled, shell
from tests.test_one_file import JSON_BODY

__all__ = ["filled", "shell"]

COMMANDS = Path(__file__).parents[2] / "schedules" / "commands"
VERBS = sorted(command.callback.__name__ for command in app.registered_commands if command.callback)


def broken(shell: Shell, slug: str = "partner") -> Path:
    """A card with a slip of the pen."""
    shell.card(slug, "/good")
    card = shell.folder / "config" / "sources" / f"{slug}.toml"
    card.write_text(card.read_text("utf-8").replace("publisher", "publsher"), "utf-8")
    return card


# -- broken cards


def test_a_partners_broken_card_stops_no_other_and_is_named(shell: Shell) -> None:
    broken(shell)
    said = shell("harvest", "good", "partner")
    assert said.returncode == 1
    assert "good: complete, read to the end" in said.stderr
    assert "partner: not harvested, since its card cannot be used" in said.stderr
    assert "partner.toml: publsher: unknown key; did you mean 'publisher'?" in said.stderr
    assert shell("harvest", "good").returncode == 0


def test_all_sound_cards_are_chosen_beside_a_broken_one(shell: Shell) -> None:
    broken(shell)
    own = Workbench(settings("", shell.folder / "config", {}))
    some, wrong = own.chosen([], True)
    assert {"good", "bad"} <= {source.slug for source in some}
    assert list(wrong) == ["partner"]


def test_when_nothing_can_be_harvested_it_is_wrong_configuration(shell: Shell) -> None:
    broken(shell)
    said = shell("harvest", "partner")
    assert (said.returncode, shell.server.log) == (2, [])
    assert "publsher: unknown key" in said.stderr


def test_curate_goes_on_and_names_the_broken_card(shell: Shell) -> None:
    assert shell("harvest", "good").returncode == 0
    broken(shell)
    said = shell("curate")
    assert (said.returncode, "1 listings judged" in said.stdout) == (0, True)
    assert "partner: its card cannot be used" in said.stderr


def test_a_card_that_breaks_between_two_curations_leaves_its_source_as_it_was(shell: Shell) -> None:
    assert shell("harvest", "good").returncode == 0
    assert shell("curate").returncode == 0
    card = shell.folder / "config" / "sources" / "good.toml"
    sound = card.read_text("utf-8")
    for text in (sound.replace("publisher", "publsher"), "name = {", sound):
        card.write_text(text, "utf-8")
        assert shell("curate").returncode == 0
        with sqlite3.connect(shell.folder / "own.db") as rows:
            assert rows.execute("SELECT enabled, disabled_because FROM source WHERE slug = 'good'").fetchone() == (
                1,
                "",
            )
    card.unlink()
    assert shell("curate").returncode == 0
    with sqlite3.connect(shell.folder / "own.db") as rows:
        assert rows.execute("SELECT enabled FROM source WHERE slug = 'good'").fetchone() == (0,)


def test_check_names_every_mistake_of_cards_and_rules_at_once(shell: Shell) -> None:
    broken(shell, "one")
    broken(shell, "two")
    (shell.folder / "config" / "regions" / "three.toml").write_text("nmae = 'x'", "utf-8")
    said = shell("check")
    assert said.returncode == 2
    assert all(f"{name}.toml: " in said.stderr for name in ("one", "two", "three"))
    assert "two.toml" not in shell("check", "one").stderr


def test_sources_shows_a_broken_card_and_all_others(shell: Shell) -> None:
    broken(shell)
    states = {row["source"]: row["state"] for row in shell.json("sources")}
    assert states["partner"] == "disabled: its card is broken: aluetori check partner"
    assert states["good"] == "enabled"


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ('[lookups.contract]\n"Keikka" = "oncall"', "lookups.contract.Keikka: 'oncall' is none of permanent, "),
        ('[lookups.contract]\n"Keikka" = "oncall"', "did you mean 'on_call'?"),
        ('[defaults]\nhours = "osa-aika"', "defaults.hours: 'osa-aika' is none of full_time, part_time"),
        ('[defaults]\nwork_form = "job"', "defaults.work_form: 'job' is none of employment"),
        (
            '[defaults]\nmunicipality = "999"',
            "defaults.municipality: '999' is not known; expected the code of a munici",
        ),
        ('[lookups.municipality]\n"1" = "999"', "lookups.municipality.1: '999' is not known"),
        ('[defaults]\nregion = "Narnia"', "defaults.region: 'Narnia' is not known; expected the name of a region"),
    ],
)
def test_check_refuses_words_that_are_not_ours(shell: Shell, tables: str, told: str) -> None:
    card = shell.folder / "config" / "sources" / "good.toml"
    card.write_text(f'{card.read_text("utf-8")}contract = "c"\n{tables}\n', "utf-8")
    said = shell("check", "good")
    assert said.returncode == 2
    assert "config/sources/good.toml: " in said.stderr
    assert told in said.stderr


def test_check_takes_our_words_and_words_that_say_nothing(shell: Shell) -> None:
    card = shell.folder / "config" / "sources" / "good.toml"
    tables = '[lookups.contract]\n"a" = "on_call"\n"b" = ""\n[defaults]\nhours = "part_time"\nregion = "Etelä-Savo"\n'
    card.write_text(f'{card.read_text("utf-8")}contract = "c"\n{tables}', "utf-8")
    assert shell("check", "good").returncode == 0


# -- what counts as complete


@pytest.mark.parametrize("whole", Whole)
@pytest.mark.parametrize("cause", ["true zero", "read to the end", "dns"])
def test_complete_means_the_same_to_a_verdict_to_the_store_and_to_an_operator(whole: Whole, cause: str) -> None:
    expected = whole in (Whole.COMPLETE, Whole.UNCHANGED) or (whole is Whole.EMPTY and cause == "true zero")
    assert Verdict(whole=whole, cause=cause).counts_as_complete is expected
    assert is_complete(str(whole), cause) is expected
    assert len(COUNT_AS_COMPLETE) == 3


def test_no_verdict_is_spelt_out_a_second_time() -> None:
    root = COMMANDS.parents[1]
    spelt = [
        path.name
        for folder in ("store", "schedules")
        for path in (root / folder).rglob("*.py")
        if "true zero" in path.read_text("utf-8")
    ]
    assert spelt == []


# -- one module a verb


def test_every_verb_has_a_module_of_its_own() -> None:
    assert sorted(path.stem for path in COMMANDS.glob("*.py") if path.stem != "__init__") == VERBS


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"explain", "export", "replay"}))
def test_a_verb_that_reads_no_foreign_rows_speaks_of_no_any(verb: str) -> None:
    tree = ast.parse((COMMANDS / f"{verb}.py").read_text("utf-8"))
    assert "Any" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


# -- the demo


def test_the_demo_touches_nothing_of_ours(shell: Shell) -> None:
    kept = shell.folder / "demo.db"
    kept.write_bytes(b"mine")
    before = sorted(path.name for path in shell.folder.iterdir())
    said = shell("demo", "--oneshot", "--postings", "50")
    assert said.returncode == 0, said.stderr
    assert "sameness, exact" in said.stdout
    assert (kept.read_bytes(), sorted(path.name for path in shell.folder.iterdir())) == (b"mine", before)


def test_the_demo_does_not_mix_with_what_a_database_holds(filled: Shell) -> None:
    before = filled.json("runs")
    said = filled("demo", "--oneshot", "--database", "sqlite:///own.db")
    assert (said.returncode, said.stdout) == (2, "")
    assert "the database sqlite:///own.db is not empty, and the demo fills an empty one" in said.stderr
    assert filled.json("runs") == before


# -- what is shown


def test_sources_shows_three_clocks_to_people_and_to_programs(filled: Shell) -> None:
    shown = filled("sources").stdout.replace("\n", " ")
    assert all(name in shown for name in ("last attempt", "last complete", "last change"))
    rows = {row["source"]: row for row in filled.json("sources")}
    assert all(rows["good"][name].startswith("20") for name in ("last_attempt", "last_complete", "last_change"))
    assert [rows["bad"][name] for name in ("last_attempt", "last_complete", "last_change")] == [None] * 3


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_problems_of_a_run_that_never_was_are_wrong_usage(filled: Shell, more: tuple[str, ...]) -> None:
    for number in ("0", "77"):
        said = filled("runs", "--problems", number, *more)
        told = f"there is no run {number}; aluetori runs lists them"
        assert (said.returncode, json.loads(said.stdout or "null")) == (2, {"error": told} if more else None)
        assert told in said.stderr
    assert filled("runs", "--problems", "1").returncode == 0


@pytest.fixture(scope="module")
def finnish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A listing whose every word has letters that ASCII lacks."""
    with HostileServer() as server:
        own = Shell(tmp_path_factory.mktemp("finnish"), server)
        for path in (own.folder / "config" / "sources").iterdir():
            path.write_text(path.read_text("utf-8").replace("Source: Example", "Lähde: Äänekoski €"), "utf-8")
        server.routes["/good"] = answer(200, JSON_BODY.replace(b"Kokki", "Lähihoitaja – yötyö €".encode()))
        yield fill(own)


def in_ascii(shell: Shell, *words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        shell.command(*words),
        capture_output=True,
        cwd=shell.folder,
        env=shell.environment | {"PYTHONIOENCODING": "ascii"},
    )


@pytest.mark.parametrize("words", [
    ["sources"], ["runs"], ["runs", "--problems", "1"], ["counts", "--by", "region"], ["rights"], ["check"], ["curate"],
    ["explain", "1"], ["explain", "ei-löydy"], ["export", "--format", "csv"], ["harvest", "good"], ["export", "--help"],
    ["harvest", "höpö"], ["runs", "höpö"], ["init"],
], ids=" ".join)  # fmt: skip
def test_a_terminal_of_few_letters_gets_an_answer_and_no_traceback(finnish: Shell, words: list[str]) -> None:
    said = in_ascii(finnish, *words)
    assert b"Traceback" not in said.stdout + said.stderr
    assert said.returncode in (0, 1, 2)
    assert said.stdout + said.stderr


@pytest.mark.parametrize("words", [
    ["sources"], ["runs"], ["counts", "--by", "region"], ["rights"], ["explain", "1"], ["harvest", "good"],
], ids=" ".join)  # fmt: skip
def test_a_program_reads_the_same_in_ascii(finnish: Shell, words: list[str]) -> None:
    said = in_ascii(finnish, *words, "--json")
    assert said.stdout.isascii()
    told = json.loads(said.stdout)
    assert told
    if words[0] == "explain":
        assert told["titles"]["fi"] == "Lähihoitaja – yötyö €"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_utf8_whatever_the_terminal_knows(finnish: Shell, form: str, tmp_path: Path) -> None:
    said = in_ascii(finnish, "export", "--format", form)
    finnish("export", "--format", form, "-o", str(tmp_path / "file"))
    assert said.stdout == (tmp_path / "file").read_bytes()
