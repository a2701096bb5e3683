"""What the environment says, read once: the only module that looks at it, but for the names of secrets in cards."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from harvest.records import Get, HarvestError, Page, Problem, Reason, Request, Step
from harvest.trouble import shown

DATABASE = "sqlite:///aluetori.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``database`` is a URL; ``config`` a folder with ``sources``, ``regions`` and ``themes`` that add to and override the
    shipped ones; ``contact`` stands in our user agent, and without one nothing is asked; ``allow`` are networks that may be
    reached though they are not public (tests and pocket); ``archive`` is the folder of raw pages; ``borders`` the file of
    municipal borders, which need not be there; ``workers`` is how
    many processes clean postings and judge neighbourhoods (from the environment: one a processor,
    eight at most); ``hosts`` how many hosts are visited at once; ``notify`` who gets the operator's digest, in ``language``."""

    database: str = DATABASE
    config: Path | None = None
    contact: str = ""
    allow: tuple[str, ...] = ()
    archive: Path = Path("archive")
    borders: Path = Path("borders.geojson")
    workers: int = 2
    hosts: int = 8
    notify: tuple[str, ...] = ()
    language: Literal["fi", "sv"] = "fi"
    environment: Mapping[str, str] = field(default_factory=dict)

    def author(self, name: str) -> str:
        """Who acts: ``name``, or else ``ALUETORI_OPERATOR``. Raises :class:`HarvestError` when neither is given."""
        said = name.strip() or self.environment.get("ALUETORI_OPERATOR", "").strip()
        if not said:
            raise HarvestError("say who decides: --by NAME, or set ALUETORI_OPERATOR; it is kept with the reason")
        return said


def settings(database: str = "", config: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings: what was typed, else the environment (``ALUETORI_DATABASE``, ``_CONFIG``, ``_CONTACT``, ``_ALLOW``,
    ``_ARCHIVE``, ``_BORDERS``, ``_NOTIFY``, ``_LANGUAGE``), else the defaults: the archive lies beside a SQLite file, else in
    the working folder; the borders in the config folder, else beside the archive."""
    said = os.environ if environment is None else environment
    folder = config or (Path(said["ALUETORI_CONFIG"]) if said.get("ALUETORI_CONFIG") else None)
    database = database or said.get("ALUETORI_DATABASE", DATABASE)
    named = database.removeprefix("sqlite:///").removeprefix("file:").partition("?")[0]
    file = Path(named) if database.startswith("sqlite:///") else Path()
    return Settings(
        database=database,
        archive=Path(said.get("ALUETORI_ARCHIVE") or file.parent / "archive"),
        borders=Path(said.get("ALUETORI_BORDERS") or (folder or file.parent) / "borders.geojson"),
        config=folder,
        contact=said.get("ALUETORI_CONTACT", ""),
        allow=tuple(filter(None, said.get("ALUETORI_ALLOW", "").replace(",", " ").split())),
        notify=tuple(filter(None, said.get("ALUETORI_NOTIFY", "").replace(",", " ").split())),
        language="sv" if said.get("ALUETORI_LANGUAGE", "").lower() == "sv" else "fi",
        workers=max(1, min(os.cpu_count() or 1, 8)),
        environment=said,
    )


def must_be_reachable(said: Settings) -> None:
    """Raises :class:`HarvestError` without an address of ours: nobody is asked by somebody who cannot be reached."""
    if not said.contact:
        raise HarvestError(
            "set ALUETORI_CONTACT to an address at which a source can reach you; it stands in our user agent"
        )


def with_secrets(get: Get, environment: Mapping[str, str]) -> Get:
    """``get`` with header values of the form ``env:NAME`` taken from the environment. A name that is not set is a
    problem of the page, and nothing is asked."""

    def asking(request: Request) -> Page:
        headers = []
        for name, value in request.headers:
            if value.startswith("env:"):
                key = value.removeprefix("env:")
                if not environment.get(key):
                    detail = f"header {name} needs the environment variable {key}, which is not set; nothing was asked"
                    problem = Problem(step=Step.GET, reason=Reason.FORBIDDEN, about=shown(request.url), detail=detail)
                    return Page(url=request.url, fetched=datetime.now(UTC), requests=0, problem=problem)
                value = environment[key]
            headers.append((name, value))
        return get(replace(request, headers=tuple(headers)))

    return asking
