"""A file of adverts whose true groups are known, read as columns: JSON lines, or Parquet where polars is installed."""

import html
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from harvest.records import HarvestError, Kind
from normalize import clean, employer
from normalize.columns import SLOTS, Columns, often, towns_of
from normalize.evidence import gather
from normalize.fingerprint import EPOCH, language_number, reference_key, title_key, url_key
from normalize.gazetteer.tables import gazetteer
from normalize.sketch import hashes, sketches
from normalize.vocabulary import Contract, Hours

_KINDS = {str(kind): at + 1 for at, kind in enumerate(Kind)}
_TAG = re.compile(r"<[^<>]{1,300}>")
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
        towns, place = _place(one.municipality)
        name = one.employer or ""
        key = _employer(name)
        title = _title(one.title or "", name, one.municipality)
        titles.append(title)
        employers.append(key)
        codes.append(towns)
        elsewhere.append(place)
        slots.append(
            (
                often(one.source or ""), often(key), 0, 0, 0, 0, 0, _day(one.posted), _day(one.ends),
                min(one.openings or 0, 65535),
                _KINDS.get(one.kind or "", 1),
                _language(one.language or ""), _word(one.contract or ""), _hours(one.hours or ""), 0, 0,
            )
        )  # fmt: skip
    columns = Columns(
        slots=np.array(slots, SLOTS) if slots else np.zeros(0, SLOTS),
        sketches=sketches([_plain(one.text or "") for one in some]),
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


def _plain(text: str) -> str:
    if "<" in text:
        text = _TAG.sub(" ", text)
    return html.unescape(text) if "&" in text else text


def _day(said: str | None) -> int:
    return _ordinal(said[:10]) if said else 0


@cache
def _ordinal(said: str) -> int:
    try:
        return max(0, date.fromisoformat(said).toordinal() - EPOCH)
    except ValueError:
        return 0


@cache
def _language(said: str) -> int:
    return language_number(said.strip().lower()[:2])


@cache
def _word(said: str) -> int:
    known = clean.word(said, Contract)
    if known:
        return list(Contract).index(Contract(known)) + 1
    bits = int(sketches([said])["says"][0]) & 3
    return bits if bits in (1, 2) else 16 + often(said.strip().casefold()) % 200 if said.strip() else 0


@cache
def _hours(said: str) -> int:
    known = clean.word(said, Hours)
    if known:
        return list(Hours).index(Hours(known)) + 1
    bits = int(sketches([said])["says"][0]) >> 2
    return bits if bits in (1, 2) else 0


@cache
def _employer(name: str) -> str:
    found, _doubts = gather({}, titles={}, employer=name, default="")
    return employer.key(name, found)


def _place(said: str | int | list[str] | None) -> tuple[tuple[str, ...], int]:
    if not said:
        return (), 0
    return _town(f"{said:03}" if isinstance(said, int) else "|".join(said) if isinstance(said, list) else said)


_NOWHERE = frozenset(
    (
        "suomi",
        "finland",
        "remote",
        "etätyö",
        "etä",
        "distans",
        "distansarbete",
        "koko suomi",
        "hela finland",
        "nationwide",
    )
)


@cache
def _town(said: str) -> tuple[tuple[str, ...], int]:
    """The municipalities that are named, or what stands for another place."""
    codes: list[str] = []
    for name in re.split(r"[|,;/]", said):
        bare = name.strip()
        if bare.isdigit() and gazetteer().municipality(bare.zfill(3)):
            codes.append(gazetteer().current(bare.zfill(3), date.max) or bare.zfill(3))
        else:
            codes += [gazetteer().current(code, date.max) or code for code in gazetteer().named(bare)]
    if codes:
        return tuple(sorted(set(codes))), 0
    words = title_key(said)
    return (), 0 if words in _NOWHERE else often(words)


def _title(title: str, name: str, place: str | int | list[str] | None) -> str:
    words = title_key(title).split()
    context = _context(name) | (_town_words(place) if isinstance(place, str) else frozenset())
    left = [word for word in words if word not in context]
    return " ".join(left or words)


@cache
def _context(name: str) -> frozenset[str]:
    return frozenset(title_key(name).split())


@cache
def _town_words(place: str) -> frozenset[str]:
    codes, _elsewhere = _town(place)
    names = [
        name for code in codes if (known := gazetteer().municipality(code)) for name in (known.fi, known.sv) if name
    ]
    return frozenset(word for name in (place, *names) for word in title_key(name).split())
