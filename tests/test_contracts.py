"""The rules of who imports whom cover what stands in the folders, and what will stand there."""

import ast
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = {
    one["name"]: one
    for one in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}
HTTPX = CONTRACTS["httpx is imported in one module, httpcore in the one below it"]
ADAPTERS = CONTRACTS["Adapters do not know each other"]
PACKAGES = ("harvest", "normalize", "store", "schedules", "pages", "pocket")


def modules(package: str) -> dict[str, Path]:
    found = {path.relative_to(ROOT).with_suffix(""): path for path in (ROOT / package).rglob("*.py")}
    return {".".join(name.parts).removesuffix(".__init__"): path for name, path in found.items()}


def imported(path: Path) -> set[str]:
    """The names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{one.name}" for one in node.names)})
    return names


def covered(module: str, contract: dict[str, Any], key: str) -> bool:
    """Whether a contract looks at a module: by its name, by a package above it, or by a pattern."""
    return any(module == one or module.startswith(f"{one}.") or fnmatch(module, one) for one in contract[key])


@pytest.mark.parametrize("package", PACKAGES)
def test_the_net_is_reached_through_two_modules_and_every_other_is_watched(package: str) -> None:
    found = modules(package)
    assert [name for name in found if not covered(name, HTTPX, "source_modules")] == []
    allowed = {"harvest.http": "httpx", "harvest.wire": "httpcore"}
    assert HTTPX["ignore_imports"] == [f"{module} -> {library}" for module, library in allowed.items()]
    reached = {
        (name, one)
        for name, path in found.items()
        for one in imported(path)
        if one.split(".")[0] in ("httpx", "httpcore")
    }
    assert reached <= set(allowed.items())


def test_every_adapter_of_the_folder_is_kept_apart_from_every_other() -> None:
    found = {name: path for name, path in modules("harvest").items() if name.startswith("harvest.adapters.")}
    assert len(found) > 4
    assert [name for name in found if not covered(name, ADAPTERS, "modules")] == []
    common = "harvest.adapters.adapter"
    assert {one.rpartition(" -> ")[2] for one in ADAPTERS["ignore_imports"]} == {common}
    for name, path in found.items():
        assert {one for one in imported(path) if one in found} <= {common}, f"{name} knows another adapter"


def test_what_is_heavy_is_loaded_where_it_is_met_and_not_at_the_start() -> None:
    heavy = ("openpyxl", "lingua", "alembic", "apscheduler", "uvicorn", "starlette")
    said = f"import sys, schedules.cli, schedules.workbench; print([one for one in {heavy} if one in sys.modules])"
    told = subprocess.run([sys.executable, "-c", said], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert told.strip() == "[]"
