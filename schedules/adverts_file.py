"""A file of adverts whose true groups are known, read as columns: JSON lines, or Parquet where polars is installed."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from harvest.records import HarvestError, Kind
from normalize.columns import SLOTS, Columns, often, towns_of
from normalize.fingerprint import reference_key, title_key, url_key
from normalize.sketch import hashes, sketches
from schedules import advert_words as words

_KINDS = {str(kind): at + 1 for at, kind in enumerate(Kind)}
SHARED = 0.02
"""Where fewer of the references stand twice, they are the boards' own numbers, and say nothing."""


class Advert(msgspec.Struct, gc=False):
    """A row of the file; what is not known may be left out or null."""

    id: str | int
    source: str | None = None
    ref: str | int | None = None
    url: str | None = None
    title: str | None = None
    employer: str | None = None
    municipality: str | int | list[str] | None = None
    language: str | None = None
    contract: str | None = None
    hours: str | None = None
    unit: str | None = None
    openings: int | None = None
    text: str | None = None
    posted: str | None = None
    ends: str | None = None
    cluster: str | int | None = None
    kind: str | None = None
    family: str | None = None


@dataclass(slots=True)
class Adverts:
    """A file: its columns for judging, and beside them what only the evaluation looks at."""

    columns: Columns
    ids: list[str]
    clusters: list[str]
    kinds: list[str] = field(default_factory=list)
    families: list[str] = field(default_factory=list)


def adverts(path: Path, workers: int = 2) -> Adverts:
    """The adverts of the file, in its order; read by several processes where it is large. Raises :class:`HarvestError` for a
    file that cannot be read, saying what is wrong where."""
    if not path.is_file():
        raise HarvestError(f"there is no file {path}")
    parts = _parts(path)
    if len(parts) > 1 and workers > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            read = list(pool.map(_read, parts))
    else:
        read = [_read(part) for part in parts]
    columns = Columns.joined([part.columns for part in read])
    _own_numbers(columns.slots)
    return Adverts(
        columns,
        [one for part in read for one in part.ids],
        [one for part in read for one in part.clusters],
        [one for part in read for one in part.kinds],
        [one for part in read for one in part.families],
    )


def _own_numbers(slots: NDArray[np.void]) -> None:
    refs = slots["reference"][slots["reference"] != 0]
    _values, counts = np.unique(refs, return_counts=True)
    if len(refs) and counts[counts > 1].sum() < SHARED * len(refs):
        slots["reference"] = 0


PART = 20_000_000
"""Bytes of a file that are read by one process at once."""


def _parts(path: Path) -> list[tuple[Path, int, int]]:
    if path.suffix == ".parquet":
        rows = _polars().scan_parquet(path).select(_polars().len()).collect().item()
        return [(path, at, min(15_000, rows - at)) for at in range(0, rows, 15_000)] or [(path, 0, 0)]
    size = path.stat().st_size
    return [(path, at, min(PART, size - at)) for at in range(0, size, PART)] or [(path, 0, 0)]


def _polars() -> Any:
    try:
        import polars
    except ImportError:
        raise HarvestError("a Parquet file needs polars: pip install 'aluetori[export]', or give JSON lines") from None
    return polars


def _read(part: tuple[Path, int, int]) -> Adverts:
    path, start, size = part
    if path.suffix == ".parquet":
        frame = _polars().scan_parquet(path).slice(start, size).collect()
        names = [name for name in frame.columns if name in Advert.__struct_fields__]
        return made([_row(row) for row in frame.select(names).iter_rows(named=True)])
    return made(list(_lines(path, start, size)))


def _row(row: dict[str, Any]) -> Advert:
    return msgspec.convert({key: str(one) if isinstance(one, date) else one for key, one in row.items()}, Advert)


def _lines(path: Path, start: int, size: int) -> Iterator[Advert]:
    """The lines that begin in that part of the file."""
    decode = msgspec.json.Decoder(Advert).decode
    with path.open("rb") as file:
        if start:
            file.seek(start - 1)
            file.readline()
        while file.tell() < start + size:
            at = file.tell()
            line = file.readline()
            if not line.strip():
                continue
            try:
                yield decode(line)
            except msgspec.MsgspecError as error:
                raise HarvestError(f"{path}: the line at byte {at} is no advert: {error}") from None


def made(some: Sequence[Advert]) -> Adverts:
    """Columns of adverts."""
    slots: list[tuple[int, ...]] = []
    addresses = hashes([url_key(one.url) if one.url else "" for one in some])
    references = hashes([reference_key(str(one.ref)) if one.ref else "" for one in some])
    titles: list[str] = []
    employers: list[str] = []
    codes: list[tuple[str, ...]] = []
    units = [title_key(one.unit) if one.unit else "" for one in some]
    elsewhere: list[int] = []
    for one in some:
        towns, place = words.place(one.municipality)
        name = one.employer or ""
        key = words.employer_key(name)
        title = words.bare_title(one.title or "", name, one.municipality)
        titles.append(title)
        employers.append(key)
        codes.append(towns)
        elsewhere.append(place)
        slots.append(
            (
                often(one.source or ""), often(key), 0, 0, 0, 0, 0, words.day(one.posted), words.day(one.ends),
                min(one.openings or 0, 65535),
                _KINDS.get(one.kind or "", 1),
                words.language(one.language or ""), words.contract(one.contract or ""), words.hours(one.hours or ""), 0, 0,
            )
        )  # fmt: skip
    columns = Columns(
        slots=np.array(slots, SLOTS) if slots else np.zeros(0, SLOTS),
        sketches=sketches([words.plain(one.text or "") for one in some]),
        towns=towns_of(codes, len(some)),
        elsewhere=np.array(elsewhere, np.uint64),
        titles=titles,
        employers=employers,
        units=units,
    )
    for name, value in (
        ("url", addresses),
        ("reference", references),
        ("title", hashes(titles)),
        ("unit", hashes(units)),
    ):
        columns.slots[name] = value
    return Adverts(
        columns,
        [str(one.id) for one in some],
        ["" if one.cluster is None else str(one.cluster) for one in some],
        [one.kind or "" for one in some],
        [one.family or "" for one in some],
    )
