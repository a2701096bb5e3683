"""The command line as it is typed: what it says, to whom, and how it ends."""

import errno
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy.exc import OperationalError

from schedules.cli import app, main
from schedules.commands.harvest import NAMES
from store import db
from store.write import leases
from tests.harvest.cards import HEAD
from tests.hostile import HostileServer, Seen, answer, silent
from tests.test_one_file import HTML_BODY, HTML_LIST, JSON_API, JSON_BODY

VERBS = sorted(command.callback.__name__ for command in app.registered_commands if command.callback)


class Said(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Types commands in a folder of its own, where a card ``good`` and a card ``bad`` wait to be harvested."""

    def __init__(self, folder: Path, server: HostileServer) -> None:
        self.folder, self.server = folder, server
        for kind in ("sources", "regions", "themes"):
            (folder / "config" / kind).mkdir(parents=True)
        self.card("good", "/good")
        self.card("bad", "/bad")
        server.routes |= {"/good": answer(200, JSON_BODY), "/bad": answer(200, b"<html>gone</html>")}

    def card(self, slug: str, path: str, adapter: str = JSON_API) -> None:
        text = HEAD.replace("{start}", self.server.url(path)) + adapter
        (self.folder / "config" / "sources" / f"{slug}.toml").write_text(text, "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        own = {"ALUETORI_ALLOW": "127.0.0.0/8", "ALUETORI_CONFIG": "config", "ALUETORI_DATABASE": "sqlite:///own.db",
               "ALUETORI_CONTACT": "tests@localhost"}  # fmt: skip
        return {name: value for name, value in os.environ.items() if not name.startswith("ALUETORI_")} | own

    def command(self, *words: str) -> list[str]:
        return [str(Path(sys.executable).parent / "aluetori"), *words]

    def __call__(self, *words: str, **more: str) -> Said:
        """The command run in this process, through the same ``main``: a process of its own costs seconds."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr("sys.argv", ["aluetori", *words])
            for name, value in (self.environment | more).items():
                patch.setenv(name, value)
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def json(self, *words: str) -> Any:
        said = self(*words, "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with HostileServer() as server:
        yield Shell(tmp_path, server)


def fill(shell: Shell) -> Shell:
    for words in (["init"], ["harvest", "good"], ["curate"]):
        said = shell(*words)
        assert said.returncode == 0, said.stderr
    return shell


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A database with one listing, for tests that only read it."""
    with HostileServer() as server:
        yield fill(Shell(tmp_path_factory.mktemp("filled"), server))


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_has_help_with_an_example(shell: Shell, verb: str) -> None:
    said = shell(verb, "--help")
    assert said.returncode == 0
    assert f"Example: aluetori {verb}" in said.stdout


def test_the_installed_command_is_this_one(shell: Shell) -> None:
    command = shell.command("check", "good")
    said = subprocess.run(command, capture_output=True, text=True, cwd=shell.folder, env=shell.environment)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("1 cards (0 of them disabled), ")


def test_without_a_command_all_are_listed(shell: Shell) -> None:
    said = shell()
    assert all(verb in said.stdout + said.stderr for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["harvest", "goood"], "there is no source 'goood'; did you mean 'good'?"),
        (["harvest"], "name a source, or say --all"),
        (["harvest", "good", "--all"], "name sources, or say --all, not both"),
        (["check", "goood"], "there is no source 'goood'; did you mean 'good'?"),
        (["counts", "--region", "mikeli"], "there is no region 'mikeli'; known are "),
        (["counts", "--region", "mikeli"], "did you mean 'mikkeli'?"),
        (["counts", "--by", "regoin"], "did you mean 'region'?"),
        (["counts", "--on", "24.11.2026"], "'24.11.2026' does not match the format"),
        (["export", "--region", "mikeli"], "did you mean 'mikkeli'?"),
        (["export", "--format", "xls"], "'xls' is not one of 'csv', 'jsonl'"),
        (["export", "-o", "no/such/folder.csv"], "no/such/folder.csv"),
        (["runs", "goood"], "there is no source 'goood'"),
        (["harvets"], "did you mean"),
        (["harvest", "good", "--dtabase", "x"], "no such option: --dtabase"),
        (["harvest", "good", "--config", "nowhere"], "--config nowhere: there is no such folder"),
        (["counts", "--database", "nonsense"], "expected sqlite:///FILE or postgresql://HOST/NAME"),
        (["counts", "--database", "mysql://x/y"], "mysql is not supported"),
        (["counts", "--database", "sqlite:///none.db"], "there is no database sqlite:///none.db; type: aluetori init"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint(filled: Shell, words: list[str], expected: str) -> None:
    said = filled(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert "Traceback" not in said.stderr
    assert expected.lower() in " ".join(said.stderr.split()).lower()


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("sources", "name = 'x'", "sources/broken.toml: "),
        ("regions", "nmae = 'x'", "regions/broken.toml: "),
        ("regions", "name = {", "regions/broken.toml: "),
        ("themes", "words = 5", "themes/broken.toml: "),
    ],
)
def test_a_broken_file_of_any_kind_ends_with_2_and_its_name(shell: Shell, kind: str, text: str, expected: str) -> None:
    (shell.folder / "config" / kind / "broken.toml").write_text(text, "utf-8")
    said = shell("check")
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert expected in said.stderr


def test_a_file_that_is_no_database_is_told(shell: Shell) -> None:
    (shell.folder / "own.db").write_text("this is a letter to my aunt, and a rather long one at that " * 50)
    for words in (["counts"], ["harvest", "good"]):
        said = shell(*words)
        assert said.returncode == 2
        assert "Traceback" not in said.stderr
        assert "own.db" in said.stderr


def test_without_a_contact_nothing_is_asked(shell: Shell) -> None:
    said = shell("harvest", "good", ALUETORI_CONTACT="")
    assert (said.returncode, shell.server.log) == (2, []), "leave to visit this machine is no contact"
    assert "set ALUETORI_CONTACT" in said.stderr


def test_harvest_prints_exactly_what_is_documented(shell: Shell) -> None:
    rows = shell.json("harvest", "good")
    assert [list(row) for row in rows] == [list(NAMES)]
    assert list(NAMES) == [
        "source", "verdict", "cause", "requests", "not_modified", "bytes", "found", "new", "changed", "unchanged", "closed",
        "held", "problems", "seconds",
    ]  # fmt: skip
    row = {name: value for name, value in rows[0].items() if name != "seconds"}
    assert row == {
        "source": "good", "verdict": "complete", "cause": "read to the end", "requests": 1, "not_modified": 0,
        "bytes": len(JSON_BODY), "found": 1, "new": 1, "changed": 0, "unchanged": 0, "closed": 0, "held": 0, "problems": 0,
    }  # fmt: skip


def test_harvest_ends_with_1_and_names_what_failed(shell: Shell) -> None:
    said = shell("harvest", "good", "bad")
    assert said.returncode == 1
    assert "good: complete, read to the end" in said.stderr
    assert "bad: failed, not_this_format (" in said.stderr
    assert [row["verdict"] for row in json.loads(shell("harvest", "bad", "--json").stdout)] == ["failed"]


def test_a_true_zero_is_no_failure(shell: Shell) -> None:
    shell.server.routes["/good"] = answer(200, b'{"jobs": []}')
    assert shell("harvest", "good").returncode == 0


def test_every_output_for_programs_can_be_read(filled: Shell) -> None:
    found = filled.json("check")
    assert set(found) == {"sources", "regions", "themes", "unproved"}
    assert {"good", "bad"} <= set(found["sources"])
    assert [(row["source"], row["retries"], row["share_304"]) for row in filled.json("runs")] == [("good", 0, 0.0)]
    assert filled.json("runs", "--problems", "1") == []
    assert {row["source"]: row["verdict"] for row in filled.json("sources")}["good"] == "complete"
    assert [row["source"] for row in filled.json("rights")] == ["good"]
    assert filled.json("counts", "--by", "region") == [
        {"region": "mikkeli", "listings": 1, "postings": 1, "openings": 0, "openings_unknown": 1, "work_trials": 0,
         "region_name": "Mikkeli ja Etelä-Savo"}
    ]  # fmt: skip
    assert set(filled.json("curate")) == {"listings", "changes", "open", "rules"}
    told = filled.json("explain", "https://example.fi/1")
    assert set(told) == {
        "asked", "also", "listing", "kind", "titles", "employer", "shown", "because", "rules", "places", "buckets", "regions",
        "themes", "not_used", "members",
    }  # fmt: skip


def test_what_is_unknown_to_explain_ends_with_1(filled: Shell) -> None:
    said = filled("explain", "nothing-of-that-name")
    assert said.returncode == 1
    assert "nothing here is called 'nothing-of-that-name'" in said.stdout
    assert json.loads(filled("explain", "nothing-of-that-name", "--json").stdout) is None


def test_a_reader_that_goes_away_is_no_error(filled: Shell) -> None:
    pipe = f"{' '.join(filled.command('sources', '--json'))} | head -c 1"
    said = subprocess.run(pipe, shell=True, capture_output=True, text=True, cwd=filled.folder, env=filled.environment)
    assert "Traceback" not in said.stderr


# -- Ctrl-C


def stopped(shell: Shell, path: str, *, signals: int = 1) -> tuple[int, str, float]:
    """Harvests everything, presses Ctrl-C once the path was asked for, and tells exit code, stderr and how long it took."""
    process = subprocess.Popen(
        shell.command("harvest", "good", "slow"), cwd=shell.folder, env=shell.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0,
    )  # fmt: skip
    until = time.monotonic() + 30
    while not shell.server.asked(path) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert process.poll() is None, process.communicate()
    time.sleep(0.3)
    began = time.monotonic()
    for _ in range(signals):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the children too
        time.sleep(0.3)
    _out, said = process.communicate(timeout=40)
    return process.returncode, said, time.monotonic() - began


def endless(shell: Shell) -> None:
    """A list without end, a page in a tenth of a second; its host differs from that of the card ``good``."""

    def handle(connection: Any, seen: Seen) -> bool:
        number = int(seen.target.partition("p=")[2] or 1)
        time.sleep(0.1)
        items = [{"id": f"s{number}-{one}", "name": "Kokki", "town": "491"} for one in range(400)]
        return answer(200, json.dumps({"jobs": items}).encode())(connection, seen)

    shell.card(
        "slow", "/slow", JSON_API.replace('items = "jobs"', 'items = "jobs"\npaging = { kind = "page", param = "p" }')
    )
    card = shell.folder / "config" / "sources" / "slow.toml"
    card.write_text(card.read_text("utf-8").replace("127.0.0.1", "localhost"), "utf-8")
    shell.server.routes["/slow"] = handle


def consistent(shell: Shell) -> tuple[list[str], dict[str, str]]:
    """The open postings and the last verdict of each source, of a database that must be in order."""
    with sqlite3.connect(shell.folder / "own.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        refs = [row[0] for row in database.execute("SELECT ref FROM posting WHERE closed = ''")]
        verdicts = dict(database.execute("SELECT source, verdict FROM run ORDER BY id").fetchall())
    database.close()
    return refs, verdicts


def test_ctrl_c_ends_a_harvest_with_one_line_and_keeps_what_was_committed(shell: Shell) -> None:
    endless(fill(shell))
    code, said, seconds = stopped(shell, "/slow")
    lines = [line for line in said.splitlines() if not line.startswith("good: ")]
    assert (code, lines) == (130, ["aluetori: stopped; what was committed stays, and the next run goes on from there"])
    assert seconds < 10
    refs, verdicts = consistent(shell)
    assert (refs, verdicts["slow"]) == (["1"], "failed"), "the other may have been met in its pause, or have ended"
    assert shell("harvest", "good").returncode == 0


def test_a_second_ctrl_c_does_not_wait_for_a_silent_site(shell: Shell) -> None:
    fill(shell).card("slow", "/slow")
    shell.server.routes["/slow"] = silent(30)
    code, said, seconds = stopped(shell, "/slow", signals=2)
    assert code == 130
    assert "Traceback" not in said
    assert "aluetori: stopped; " in said
    assert seconds < 10
    assert consistent(shell)[0] == ["1"]


def test_the_selectors_of_a_card_are_proved_on_the_page_recorded_beside_it(shell: Shell) -> None:
    shell.card("html", "/html", HTML_LIST)
    card = shell.folder / "config" / "sources" / "html.toml"
    text = card.read_text("utf-8")
    card.write_text(text.replace('start = ["', 'recorded = "html.html"\nstart = ["'), "utf-8")
    said = shell("check", "html")
    assert (said.returncode, said.stderr.split(": ")[0]) == (1, "html")
    assert "there is no such file or folder beside" in said.stderr
    card.with_suffix(".html").write_bytes(HTML_BODY)
    assert shell("check", "html").returncode == 0
    card.with_suffix(".html").write_bytes(HTML_BODY.replace(b"town", b"place").replace(b"data-id", b"data-ref"))
    said = shell("check")
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        "html: adapter.fields.ref = '@data-id' finds nothing on the recorded page; mend it, or take the field out",
        "html: adapter.fields.place = '.town' finds nothing on the recorded page; mend it, or take the field out",
    ]
    assert len(json.loads(shell("check", "html", "--json").stdout)["unproved"]) == 2
    card.with_suffix(".html").write_bytes(b"<html><body><p>Uusi sivu</p></body></html>")
    assert "html.html: nothing of it is read (expected HTML of the card's shape" in shell("check", "html").stderr


def test_a_template_is_written_once_and_never_over_another_file(shell: Shell) -> None:
    assert shell("template", "sv", "platser.xlsx").returncode == 0
    before = (shell.folder / "platser.xlsx").read_bytes()
    assert before.startswith(b"PK")
    said = shell("template", "sv", "platser.xlsx")
    assert (said.returncode, (shell.folder / "platser.xlsx").read_bytes()) == (2, before)
    assert "is there already" in said.stderr
    for words, told in (
        (["sv", "x.csv"], "ends in .xlsx"),
        (["en", "x.xlsx"], "'en' is not one of"),
        (["fi", "no/x.xlsx"], "cannot be written"),
    ):
        said = shell("template", *words)
        assert said.returncode == 2
        assert told in " ".join(said.stderr.split())


def test_init_copies_borders_into_the_config_folder_and_refuses_what_are_none(shell: Shell) -> None:
    pytest.importorskip("shapely", reason="borders need aluetori[geo]")
    (shell.folder / "none.geojson").write_text("{}", "utf-8")
    refused = shell("init", "--borders", "none.geojson")
    assert refused.returncode == 2
    assert "none.geojson is no GeoJSON FeatureCollection; expected one feature a municipality" in refused.stderr
    ring = [[26.5, 61.4], [27.5, 61.4], [27.5, 62.0], [26.5, 62.0], [26.5, 61.4]]
    one = {"type": "Feature", "properties": {"code": "491"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (shell.folder / "some.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [one]}), "utf-8")
    taken = shell("init", "--borders", "some.geojson")
    assert (taken.returncode, "has the borders of 1 municipalities" in taken.stdout) == (0, True)
    assert (shell.folder / "config" / "borders.geojson").is_file()
    (shell.folder / "config" / "borders.geojson").write_text("{", "utf-8")
    broken = shell("init")
    assert (broken.returncode, "borders.geojson is no GeoJSON" in broken.stderr) == (2, True)


def test_a_database_that_cannot_be_read_is_told_and_not_called_one_that_never_ran(shell: Shell) -> None:
    assert shell("sources").returncode == 0, "without one nothing has run"
    (shell.folder / "own.db").write_bytes(b"no database of ours " * 400)
    said = shell("sources")
    assert (said.returncode, said.stdout) == (2, "")
    assert "is no database of ours" in said.stderr


# -- databases that are not ours, not there for long, or not to be written


def other_program(path: Path, *, alembic: str = "") -> bytes:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE customer (name TEXT)")
        database.execute("INSERT INTO customer VALUES ('Maija')")
        if alembic:
            database.execute("CREATE TABLE alembic_version (version_num TEXT)")
            database.execute("INSERT INTO alembic_version VALUES (?)", (alembic,))
    database.close()
    return path.read_bytes()


@pytest.mark.parametrize("alembic", ["", "0001", "9f3a2b1c0d4e", "0099"])
@pytest.mark.parametrize("words", [["init"], ["harvest", "good"], ["curate"], ["counts"], ["sources"]])
def test_another_program_s_database_is_refused_and_stays_as_it_was(
    shell: Shell, alembic: str, words: list[str]
) -> None:
    before = other_program(shell.folder / "own.db", alembic=alembic)
    said = shell(*words)
    assert (said.returncode, said.stdout) == (2, "")
    assert "belongs to another program" in said.stderr
    assert "customer" in said.stderr
    assert (shell.folder / "own.db").read_bytes() == before
    assert not list(shell.folder.glob("own.db-*"))


def test_a_database_of_a_newer_program_is_refused(shell: Shell) -> None:
    assert shell("init").returncode == 0
    with sqlite3.connect(shell.folder / "own.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '0099'")
    database.close()
    said = shell("init")
    assert (said.returncode, "newer than this program's" in said.stderr) == (2, True)


def test_a_folder_is_no_database(shell: Shell) -> None:
    (shell.folder / "own.db").mkdir()
    for verb in ("init", "counts"):
        said = shell(verb)
        assert (said.returncode, "is a folder; name a file in it" in said.stderr) == (2, True)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true",
                                 "sqlite:///file:x?mode=memory&uri=true"])  # fmt: skip
@pytest.mark.parametrize("verb", ["init", "counts", "sources"])
def test_a_database_in_memory_is_refused_since_all_of_it_would_be_lost(shell: Shell, verb: str, url: str) -> None:
    said = shell(verb, "--database", url)
    assert (said.returncode, said.stdout) == (2, "")
    assert "is a database in memory: all of it would be lost" in said.stderr


READS = (["counts"], ["explain", "https://example.fi/1"], ["export"], ["sources"], ["runs"], ["rights"])


def readable_only(shell: Shell, words: list[str], **more: str) -> None:
    said = shell(*words, **more)
    assert (said.returncode, "Traceback" in said.stderr) == (0, False), said.stderr
    assert said.stdout


@pytest.mark.parametrize("words", READS, ids=lambda words: words[0])
def test_what_only_reads_reads_a_database_opened_for_reading(filled: Shell, words: list[str]) -> None:
    url = f"sqlite:///file:{filled.folder / 'own.db'}?mode=ro&uri=true"
    readable_only(filled, words, ALUETORI_DATABASE=url)
    for writer in (["curate"], ["harvest", "good"]):
        said = filled(*writer, ALUETORI_DATABASE=url)
        assert (said.returncode, "Traceback" in said.stderr) == (1, False)
        assert "may only be read" in said.stderr


def test_what_only_reads_reads_a_file_that_its_user_may_not_write() -> None:
    """By another user where this one is root, who may write everything."""
    nobody = 65534
    with tempfile.TemporaryDirectory(prefix="aluetori-", dir="/tmp") as name, HostileServer() as server:
        shell = fill(Shell(Path(name), server))
        with (
            closing(sqlite3.connect(shell.folder / "own.db")) as own,
            closing(sqlite3.connect(shell.folder / "a.db")) as a,
        ):
            own.backup(a)  # nobody has this one open
        (shell.folder / "a.db").chmod(0o444)
        shell.folder.chmod(0o555)
        try:
            if os.geteuid() == 0:
                os.seteuid(nobody)
            for words in READS:
                readable_only(shell, words, ALUETORI_DATABASE="sqlite:///a.db")
            said = shell("curate", ALUETORI_DATABASE="sqlite:///a.db")
            assert (said.returncode, "may only be read" in said.stderr) == (1, True)
            assert not list(shell.folder.glob("a.db-*"))
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
            shell.folder.chmod(0o755)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR])
@pytest.mark.parametrize("words", [["curate"], ["harvest", "good"]], ids=lambda words: words[0])
def test_a_full_disk_and_a_busy_database_end_in_a_sentence(
    filled: Shell, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    """No disk is filled: SQLite's own error is raised where it would be."""
    told = {sqlite3.SQLITE_FULL: "the disk is full", sqlite3.SQLITE_BUSY: "keeps the database busy",
            sqlite3.SQLITE_IOERR: "disk I/O error"}  # fmt: skip

    was = db._begin

    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("readonly"):
            return was(connection)
        error = sqlite3.OperationalError("it does not go on")
        error.sqlite_errorcode = code
        raise OperationalError("BEGIN", {}, error)

    monkeypatch.setattr(db, "_begin", begin)
    monkeypatch.setattr(leases, "PATIENCE", 0)
    said = filled(*words)
    assert said.returncode == 1
    assert told[code] in said.stderr
    assert "Traceback" not in said.stderr


def test_a_disk_that_is_full_while_an_export_is_written_ends_in_a_sentence(filled: Shell) -> None:
    said = filled("export", "-o", "/dev/full")
    assert said.returncode == 1
    assert "No space left on device" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_folder_that_may_not_be_read_ends_in_a_sentence(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path, _pattern: str) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied", "config/sources")

    monkeypatch.setattr(Path, "glob", refuse)  # root reads everything
    said = filled("check")
    assert (said.returncode, said.stdout) == (2, "")
    assert "config/sources: Permission denied" in said.stderr


# -- errors for programs


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["counts", "--on", "24.11.2026"], 2, "does not match"),
        (["counts", "--region", "mikeli"], 2, "did you mean 'mikkeli'?"),
        (["harvest", "goood"], 2, "there is no source 'goood'"),
        (["runs", "--problems", "99"], 2, "there is no run 99"),
        (["sources", "--database", "nonsense"], 2, "expected sqlite:///FILE"),
        (["counts", "--nonsense"], 2, "No such option"),
    ],
)
def test_with_json_an_error_is_one_object_on_stdout_and_a_sentence_on_stderr(
    filled: Shell, words: list[str], code: int, told: str
) -> None:
    said = filled(*words, "--json")
    assert said.returncode == code
    found = json.loads(said.stdout)
    assert list(found) == ["error"]
    assert told in found["error"]
    assert told in " ".join(said.stderr.split())


STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt\u2066"


def test_nothing_that_a_source_says_steers_a_terminal(shell: Shell) -> None:
    shell.card("evil", "/evil")
    item = {
        "id": f"a{STEERING}",
        "name": f"Kokki{STEERING}",
        "town": f"491{STEERING}",
        "link": f"https://x.fi/{STEERING}",
    }
    shell.server.routes["/evil"] = answer(200, json.dumps({"jobs": [item, {**item, "name": "Toinen"}]}).encode())
    assert shell("init").returncode == 0
    card = shell.folder / "config" / "sources" / "evil.toml"
    card.write_text(card.read_text("utf-8").replace('name = "Example"', 'name = "Ex\\u001b[2Jample\\u202e"'), "utf-8")
    ids = []
    for words in (["harvest", "evil"], ["curate"], ["runs"], ["runs", "--problems", "1"], ["sources"], ["rights"], ["counts"],
                  ["explain", item["id"]], ["explain", STEERING], ["check", "evil", "--live"], ["harvest", STEERING],
                  ["place", STEERING], ["holds", "list"], ["replay", "evil"]):  # fmt: skip
        for more in ([], ["--json"]):
            said = shell(*words, *more)
            ids.append(said.returncode)
            assert not re.search(
                r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said.stdout + said.stderr
            ), words
    assert 0 in ids


def test_an_export_takes_the_old_file_s_place_only_when_it_is_whole(
    filled: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schedules.commands import export

    file = filled.folder / "out.csv"
    file.write_text("old", "utf-8")
    file.chmod(0o640)
    with monkeypatch.context() as patch:

        def full(into: Any, _rows: Any, _edition: Any) -> int:
            into.write("half of it")
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(export, "_csv", full)
        said = filled("export", "-o", "out.csv")
    assert (said.returncode, file.read_text("utf-8")) == (1, "old")
    assert "No space left on device" in said.stderr
    assert [one.name for one in filled.folder.iterdir() if "out.csv" in one.name] == ["out.csv"]
    assert filled("export", "-o", "out.csv").returncode == 0
    assert file.read_text("utf-8").startswith("id,kind")
    assert file.stat().st_mode & 0o777 == 0o640
    assert filled("export", "-o", "-").stdout == filled("export").stdout == file.read_bytes().decode()


def test_an_export_into_a_pipe_or_a_device_stays_one(filled: Shell) -> None:
    pipe = filled.folder / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")))
    reader.start()
    assert filled("export", "-o", "pipe").returncode == 0
    reader.join(timeout=10)
    assert read[0].startswith("id,kind")
    assert pipe.is_fifo()
    command = filled.command("export", "-o", "/dev/stdout")
    said = subprocess.run(command, capture_output=True, text=True, cwd=filled.folder, env=filled.environment)
    assert said.stdout.startswith("id,kind")


def test_a_harvest_of_folders_alone_needs_no_contact(shell: Shell) -> None:
    text = HEAD.replace("{start}", "inbox/town/") + JSON_API
    (shell.folder / "config" / "sources" / "town.toml").write_text(text, "utf-8")
    folder = shell.folder / "config" / "inbox" / "town"
    folder.mkdir(parents=True)
    (folder / "jobs.json").write_bytes(JSON_BODY)
    os.utime(folder / "jobs.json", (1_700_000_000, 1_700_000_000))
    said = shell("harvest", "town", ALUETORI_CONTACT="")
    assert said.returncode == 0, said.stderr
    assert shell("harvest", "town", "good", ALUETORI_CONTACT="").returncode == 2
