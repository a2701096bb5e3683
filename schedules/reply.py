"""What a partner is answered: a text beside the file, saying what was taken and what to mend, row by row."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, get_args

from sqlalchemy.exc import DatabaseError

from harvest.adapters.adapter import Ending
from harvest.fields import FieldName, Mapper, as_text, by_language
from harvest.inbox import REPLIES, Inbox
from harvest.moment import HELSINKI
from harvest.records import Get, Page, Problem, Reason, Request, Whole
from harvest.source import Source
from harvest.trouble import GetError
from normalize.contacts import masked
from schedules.show import warn
from store import health
from store.door import Store
from store.write.runs import RunResult

_WORDS = tomllib.loads(Path(__file__).with_name("replies.toml").read_text("utf-8"))
_REASONS: Mapping[str, Mapping[str, str]] = _WORDS["reasons"]
_PHRASES: Mapping[str, Mapping[str, str]] = _WORDS["phrases"]
_MOST_LISTED = 500
_MOST_TOLD = 1000


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the file as it was read: its number, its reference and title, and what stands in its columns."""

    number: int
    ref: str
    title: str
    item: Any


@dataclass(frozen=True, slots=True)
class _Trouble:
    """One thing to mend: in which row (none: the file's) and of which field (none: the whole row's)."""

    reason: Reason
    row: _Row | None
    number: int
    field: str
    drops: bool


class Post:
    """The ``get`` of a source that may have inbox folders, and the answers to the files that it took from them."""

    def __init__(self, inbox: Inbox, source: Source, get: Get) -> None:
        self._inbox, self._source = inbox, source
        self._get = inbox.before(get, source.folders) if source.folders else get
        self._taken: list[Page] = []

    def get(self, request: Request) -> Page:
        page = self._get(request)
        if request.url in self._source.folders:
            self._taken.append(page)
        return page

    def answer(self, store: Store, result: RunResult) -> None:
        """Tell the partner. A folder that cannot be written to, or a database that cannot say what went wrong, is told to the
        person on duty; the run stands."""
        for page in self._taken if result.id else ():
            try:
                answer(self._source, self._inbox, page, result, health.problems(store.engine, result.id) or [])
            except (OSError, GetError, DatabaseError) as error:
                warn(f"{result.source}: no answer could be written beside {page.url} ({error})")


def answer(source: Source, inbox: Inbox, page: Page, result: RunResult, problems: Iterable[Mapping[str, Any]]) -> str:
    """Write the reply to the file that ``page`` was, in the card's first language; its name, or nothing where there is
    nothing to say: the file was known or answered already, or another one lies there by now, which the next run answers.

    Raises ``OSError`` where the folder cannot be written to.
    """
    folder, name = page.url.rpartition("/")[0] + "/", page.url.rpartition("/")[2]
    if page.not_modified or not name:
        return ""
    rows: list[_Row] = []
    if page.problem is None:
        again = inbox.get(Request(url=folder))
        if (again.url, again.etag) != (page.url, page.etag):
            return ""
        rows = list(_rows(source, again))
        again.file.close()
    text = reply(source, name, page, result, rows, list(problems))
    replied = name + REPLIES[source.languages[0]]
    if _answered(inbox.folder(folder) / replied, text.splitlines()[-1]):
        return ""
    _write(inbox, folder, replied, text)
    return replied


def reply(
    source: Source, name: str, page: Page, result: RunResult, rows: list[_Row], problems: list[Mapping[str, Any]]
) -> str:
    """The reply as a text. Of what no partner can mend it says only that somebody looks into it."""
    language = source.languages[0]

    def say(phrase: str, **more: object) -> str:
        return _PHRASES[phrase][language].format(**more)

    failed = result.verdict == Whole.FAILED
    local = page.fetched.astimezone(HELSINKI)
    lines = [say("heading", name=name), say("read", when=f"{local.day}.{local.month}.{local:%Y %H.%M}"), ""]
    counts = {name: getattr(result, name) for name in ("new", "changed", "unchanged", "dropped")}
    lines.append(say("not_read") if failed else say("taken", found=sum(counts.values()) - result.dropped, **counts))
    troubles = _placed(source, problems, page.url, rows)
    theirs = [one for one in troubles if one.reason in _REASONS]
    if len(theirs) < len(troubles):
        lines.append(say("other"))
    if theirs:
        lines += ["", say("to_mend")]
    for one in theirs[:_MOST_TOLD]:
        column = _column(source, one)
        where = [say("row", number=one.number)] if one.number else []
        where += [say("column", column=f'"{column}"')] if column else []
        said = _value(one, column) if column else _unread(source, rows) if one.reason is Reason.UNREAD_FIELD else ""
        head = ": ".join(filter(None, (", ".join(where), said)))
        lines += ["", *filter(None, [head]), "  " + _sentence(source, one, language)]
        if one.number:
            lines.append("  " + say("refused" if one.drops else "without"))
    if len(theirs) > _MOST_TOLD:
        lines += ["", say("more", more=len(theirs) - _MOST_TOLD)]
    refused = {one.number for one in troubles if one.drops}
    kept = [row for row in rows if row.number not in refused and row.ref and not failed]
    if kept:
        lines += ["", say("kept")]
        lines += [f"  {say('row', number=row.number)}: {row.ref}, {row.title}" for row in kept[:_MOST_LISTED]]
    if len(kept) > _MOST_LISTED:
        lines.append("  " + say("more", more=len(kept) - _MOST_LISTED))
    about = f"{page.etag} {source.version} {result.verdict} {'' if page.etag else page.fetched}"
    mark = blake2b(about.encode(), digest_size=6).hexdigest()
    return "\n".join([*lines, "", say("mark", mark=mark), ""])


def _answered(path: Path, mark: str) -> bool:
    """Whether the answer to the same content, read by the same card to the same end, lies there already."""
    if path.is_symlink() or not path.is_file():
        return False
    return mark in path.read_bytes()[-200:].decode("utf-8", "replace").splitlines()


def _rows(source: Source, page: Page) -> Iterator[_Row]:
    adapter = source.adapter
    mapper = Mapper(adapter.all_fields, adapter.compile, source.lookups, source.languages)
    for place, item in enumerate(adapter.read(page), 1):
        if isinstance(item, Problem | Ending):
            continue
        fields, _slips = mapper.map(item)
        title = by_language(fields.get("title", ""))
        shown = title if isinstance(title, str) else as_text(next(iter(title.values()), ""))
        yield _Row(getattr(item, "number", place), as_text(fields.get("ref", "")), shown, item)


def _placed(source: Source, problems: Iterable[Mapping[str, Any]], url: str, rows: list[_Row]) -> list[_Trouble]:
    """The problems of the run, with the row and field that each one's ``about`` names; those of another folder's file are
    left out. Names and references are compared as they were written down, their contacts masked."""
    url = masked(url)
    by_number = {row.number: row for row in rows}
    by_ref: dict[str, list[_Row]] = {}
    for row in rows:
        by_ref.setdefault(masked(row.ref), []).append(row)
    placed = []
    for problem in problems:
        about, reason, drops = str(problem["about"]), Reason(problem["reason"]), bool(problem["drops"])
        if item := re.fullmatch(re.escape(url) + r" item (\d+)", about):
            number, missing = int(item[1]), "ref" if reason is Reason.FIELD_MISSING else ""
            placed.append(_Trouble(reason, by_number.get(number), number, missing, drops))
            continue
        ref, _, field = about.rpartition(" ")
        if field not in get_args(FieldName):
            ref, field = about, "title" if reason is Reason.FIELD_MISSING else ""
        named = by_ref.get(ref, [])
        if not named and not about.startswith(url) and not url.startswith(about) and about != source.slug:
            continue
        of = named[-1] if named and reason is Reason.DUPLICATE_REF else named[0] if named else None
        placed.append(_Trouble(reason, of, of.number if of else 0, field if of or ref == url else "", drops))
    return placed


def _column(source: Source, one: _Trouble) -> str:
    """The heading of a trouble's column: of several that may hold the field the one that the row has."""
    paths = [path for name, path in source.adapter.expressions() if name == one.field]
    there = [path for path in paths if one.row is not None and isinstance(one.row.item, dict) and path in one.row.item]
    return next(iter([*there, *paths]), "")


def _value(one: _Trouble, column: str) -> str:
    said = one.row.item.get(column) if one.row is not None and isinstance(one.row.item, dict) else ""
    shown = " ".join(as_text(said).split())[:80]
    return f'"{shown}"' if shown else ""


def _unread(source: Source, rows: list[_Row]) -> str:
    """The columns that nobody reads, which the run has told the person on duty."""
    read = {path for _name, path in source.adapter.expressions()} | set(source.adapter.ignore)
    found = dict.fromkeys(name for row in rows for name in source.adapter.names(row.item) if name not in read)
    return ", ".join(f'"{name}"' for name in found)[:300]


def _sentence(source: Source, one: _Trouble, language: str) -> str:
    if one.field and not one.number and one.reason is Reason.FIELD_MISSING:
        return _PHRASES["column_missing"][language]
    known = ", ".join(source.lookups.get(one.field, {}))
    return _REASONS[one.reason][language].replace("{known}", known)


def _write(inbox: Inbox, folder: str, name: str, text: str) -> None:
    """At once and whole, through a file of its own: a link that lies there under this name is replaced, not followed."""
    path = inbox.folder(folder) / name
    data = text.replace("\n", "\r\n").encode("utf-8-sig")
    beginning = path.with_name(f".{name}.{os.getpid()}.part")
    beginning.unlink(missing_ok=True)
    with os.fdopen(os.open(beginning, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as file:
        file.write(data)
    beginning.replace(path)
