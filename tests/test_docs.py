"""What the documents promise of the code: quotes are true, what they name is there, and the manners they ask for are kept."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harvest.source import SHIPPED, load_sources
from normalize.region import load_regions
from normalize.theme import load_themes
from schedules.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CODE = ("harvest", "normalize", "store", "schedules", "pages")
MODULES = sorted(path for name in (*CODE, "pocket", "benchmarks") for path in (ROOT / name).rglob("*.py"))
VERBS = {command.callback.__name__ for command in app.registered_commands if command.callback}


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def functions(text: str) -> dict[str, tuple[list[str], list[str]]]:
    """The names of the arguments, and the lines of the body without its docstring, of each function."""
    lines, found = text.splitlines(), {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) else node.body[0]
            found[node.name] = ([one.arg for one in node.args.args], lines[first.lineno - 1 : node.end_lineno])
    return found


def test_the_readme_quotes_the_main_path_as_it_is() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    quoted = functions(next(block for block in blocks if "def run_source" in block))
    assert quoted == functions((ROOT / "schedules" / "run.py").read_text("utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_and_every_module_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if not urlsplit(link).scheme]
    modules = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|toml|md)|(?:[a-z_]+/)+)`", text)
    beside = {path for path in modules if path in ("sources/", "regions/", "themes/")}  # of a --config folder
    missing = [one for one in links if not (document.parent / one).exists()]
    assert missing + [one for one in modules if one not in beside and not (ROOT / one).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_of_the_documents_name_verbs_regions_sources_and_themes_that_are_there(document: Path) -> None:
    text = document.read_text("utf-8")
    typed = re.findall(r"^(?:- )?(aluetori .*)$|`(aluetori [^`]*)`", text, re.MULTILINE)
    words = [(line or quoted).split() for line, quoted in typed]
    assert [line for line in words if line[1] not in VERBS and not line[1].startswith("-")] == []
    regions = re.findall(r"--region (\w+)", text) + re.findall(r"%,(\w+),%", text)
    assert set(regions) <= set(load_regions())
    sources = [
        word for line in words if line[1] in ("harvest", "check") for word in line[2:] if re.fullmatch(r"\w+_\w+", word)
    ]
    assert set(sources) <= set(load_sources([SHIPPED]))
    assert set(re.findall(r"[Tt]heme \*(\w+)\*", text)) <= set(load_themes())


def test_every_verb_is_told_of_in_the_changelog() -> None:
    told = set(re.findall(r"\w+", (ROOT / "CHANGELOG.md").read_text("utf-8")))
    assert told >= VERBS


def spoken(path: Path) -> list[str]:
    """Names and texts of a module's code, without its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said]
    words += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    words += [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [word for word in words if isinstance(word, str)]


def test_no_code_names_a_site() -> None:
    cards = load_sources([SHIPPED])
    hosts = {urlsplit(address).hostname or "" for card in cards.values() for address in (card.home, *card.start)}
    companies = {"kuntarekry", "duunitori", "tyomarkkinatori", "palvelutietovaranto"}
    assert all(any(company in host for host in hosts) for company in companies - {"kuntarekry"})
    own = {"taulukkopohja"}  # the card of our own workbook is no site
    names = [name.casefold() for name in {*cards, *hosts, *companies} - own if name]
    code = [path for path in MODULES if path.relative_to(ROOT).parts[0] in CODE]
    found = [
        (named(path), word) for path in code for word in spoken(path) if any(name in word.casefold() for name in names)
    ]
    assert found == []


def test_modules_are_small_and_named_for_what_they_are() -> None:
    read = [path for path in MODULES if "versions" not in path.parts]  # a migration lists a schema, and is not split
    assert [named(path) for path in read if len(path.read_text("utf-8").splitlines()) > 300] == []
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager"}
    assert [named(path) for path in MODULES if path.stem in vague or path.parent.name in vague] == []


def test_a_package_file_holds_its_docstring_and_nothing_else() -> None:
    found = [path for path in MODULES if path.name == "__init__.py"]
    assert len(found) > 5
    assert [named(path) for path in found if len(ast.parse(path.read_text("utf-8")).body) > 1] == []


@pytest.mark.parametrize(("ci", "outcome"), [("", "2 skipped, 1 xfailed"), ("true", "1 xfailed, 2 errors")])
def test_in_ci_a_skip_of_any_kind_is_a_failure(tmp_path: Path, ci: str, outcome: str) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef part():\n    pytest.skip('not here')\n"
        "def test_one(part): pass\n"
        "@pytest.mark.skip(reason='no')\ndef test_two(): pass\n"
        "@pytest.mark.xfail\ndef test_three(): assert False\n"
    )
    words = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:xdist", "-p", "no:cacheprovider"]
    said = subprocess.run(
        [*words, "-c", os.devnull, f"--rootdir={tmp_path}", str(tmp_path / "test_it.py")],
        capture_output=True, text=True, cwd=ROOT,
        env=os.environ | {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
    )  # fmt: skip
    assert outcome in said.stdout, said.stdout + said.stderr
