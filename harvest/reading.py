"""One item of a page at a time: mapped by the card, told from what is known, its own page asked for when it is new."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urljoin

import msgspec

from harvest.adapters.adapter import Details, Ending, Node
from harvest.fields import Mapper, as_text
from harvest.paging import ask
from harvest.records import Code, Get, Gone, Known, Page, PageMemo, Problem, RawPosting, Reason, Seen, Step, Value
from harvest.source import Keep, Source
from harvest.verdict import Tally

_FALSE = frozenset({"", "false", "0", "no"})


class Reader:
    """Turns items into what ``walk`` yields. Keeps which references were met (``kept``: those that did
    not stay behind), how many items repeated one or still owe a detail page, and which top-level names nobody read."""

    def __init__(self, source: Source, get: Get, known: Known, tally: Tally) -> None:
        self.source, self._get, self._known, self._tally = source, get, known, tally
        adapter = source.adapter
        self._mapper = Mapper(adapter.all_fields, adapter.compile, source.lookups, source.languages)
        self._skip = adapter.compile(adapter.skip)[0] if adapter.skip else None
        self._detail = _DetailReader(source, get, tally) if adapter.details else None
        self._read_names = (
            self._mapper.reads | (self._detail.reads if self._detail else frozenset()) | set(adapter.ignore)
        )
        self._keep = _Keeper(source.keep) if _keeps(source.keep) else None
        self.digests: dict[str, bytes] = {}
        self.kept: list[str] = []
        self.pending = 0
        self.duplicates = 0
        self.unread: dict[str, None] = {}
        self.watermark = known.watermark

    def skips(self, item: Node) -> bool:
        """Whether the card says that this is no posting at all: promoted again, or a pseudo item."""
        return self._skip is not None and bool(self._skip(item))

    def read(self, item: Node, page: Page, place: int) -> Iterator[RawPosting | Seen | Gone | Problem]:
        """What one item gives: a posting, or a sign of one, or the problem for which it stays behind; and its slips."""
        fields, slips = self._mapper.map(item)
        for name in self.source.adapter.names(item):
            if name not in self._read_names:
                self.unread[name] = None
        ref = as_text(fields.get("ref", ""))
        if not ref:
            about = f"{page.url} item {place}"
            yield _dropped(
                Reason.FIELD_MISSING, about, "it has no ref, so it cannot be known again; see adapter.fields.ref"
            )
            return
        digest = self.digest(fields)
        if ref in self.digests:
            if self.digests[ref] != digest:
                yield _dropped(Reason.DUPLICATE_REF, ref, "a second item has this ref, and says something else")
            self.duplicates += 1
            return
        self.digests[ref] = digest
        if as_text(fields.get("gone", "")).lower() not in _FALSE:
            yield Gone(ref=ref, because="the source says that it has gone")
            return
        if self._keep and not self._keep.keeps(fields):
            yield _dropped(Reason.OFF_TOPIC, ref, f"{_title(fields)!r} has none of what [keep] asks for")
            return
        self._note(fields)
        self.kept.append(ref)
        if self._known.digests.get(ref) == digest:
            yield Seen(ref=ref)
            return
        if self._detail:
            problems = self._detail.complete(fields, item, ref, page)
            yield from problems
            if problems:
                self.pending += 1
                digest = b""
        self._tally.changed += 1
        for slip in slips:
            yield Problem(step=Step.MAP, reason=slip.reason, about=f"{ref} {slip.field}", detail=slip.detail)
        yield self._raw(ref, fields, digest, page.url, page.fetched)

    def repeat(self, memo: PageMemo) -> Iterator[Seen]:
        """What a page that answers 304 had: its postings are there and have not changed."""
        for ref in memo.refs:
            if ref not in self.digests:
                self.digests[ref] = self._known.digests.get(ref, b"")
                self.kept.append(ref)
                self._tally.found += 1
                yield Seen(ref=ref)

    def digest(self, fields: Mapping[str, Value]) -> bytes:
        """Sixteen bytes that are equal exactly when the mapped fields are."""
        return blake2b(msgspec.msgpack.encode(fields), digest_size=16).digest()

    def _note(self, fields: Mapping[str, Value]) -> None:
        tally = self._tally
        tally.found += 1
        tally.mapped += 1
        for name in self.source.expect.filled:
            tally.filled[name] += name in fields
        changed = fields.get("changed")
        if isinstance(changed, str) and changed > self.watermark:
            self.watermark = changed

    def _raw(self, ref: str, fields: dict[str, Value], digest: bytes, url: str, fetched: datetime) -> RawPosting:
        for name in ("url", "apply_url"):
            if isinstance(fields.get(name), str):
                fields[name] = urljoin(url, as_text(fields[name]))
        for name, value in self.source.defaults.items():
            if name in ("municipality", "employer"):
                fields[f"default_{name}"] = value
            else:
                fields.setdefault(name, value)
        return RawPosting(
            source=self.source.slug,
            kind=self.source.kind,
            ref=ref,
            fields=fields,
            digest=digest,
            page=url,
            fetched=fetched,
            languages=self.source.languages,
            language_trusted=self.source.language == "trusted",
            publish=self.source.keep.publish,
        )


class _DetailReader:
    """Asks for the page of one item and adds what it says. Stops asking when the source refuses or the budget is spent."""

    def __init__(self, source: Source, get: Get, tally: Tally) -> None:
        assert source.adapter.details is not None
        self._source, self._get, self._tally = source, get, tally
        self._details: Details = source.adapter.details
        adapter = self._details.adapter
        self._mapper = Mapper(adapter.all_fields, adapter.compile, source.lookups, source.languages)
        each = (
            source.adapter.compile(self._details.each) if self._details.each else (lambda _item: [""], frozenset[str]())
        )
        self._each, self.reads = each[0], each[1] | self._mapper.reads
        self._left = self._details.budget
        self._latched = ""

    def complete(self, fields: dict[str, Value], item: Node, ref: str, page: Page) -> list[Problem]:
        """Adds the fields of the detail page or pages to ``fields``; the problems if any of them is still owed."""
        problems: list[Problem] = []
        collected: list[Value] = []
        values = self._each(item)
        for each in values if isinstance(values, list) else [values]:
            got = self._had(self._address(fields, as_text(each), page), ref, item)
            if isinstance(got, Problem):
                problems.append(got)
            elif self._details.into:
                collected.append(got)
            else:
                fields.update({name: value for name, value in got.items() if name != "ref"})
        if collected:
            fields[self._details.into] = collected
        return problems

    def _address(self, fields: Mapping[str, Value], each: str, page: Page) -> str:
        where = self._details.url
        if "{" not in where:
            where = as_text(fields.get(where, ""))
        else:
            values = {**{name: as_text(value) for name, value in fields.items()}, "each": each}
            where = re.sub(r"\{(\w+)\}", lambda hit: quote(values.get(hit[1], ""), safe=":/?&=%"), where)
        return urljoin(page.url, where)

    def _had(self, url: str, ref: str, item: Node) -> dict[str, Value] | Problem:
        if self._latched or self._left <= 0:
            detail = (
                self._latched or f"the budget of {self._details.budget} detail pages is spent; the next run goes on"
            )
            return Problem(step=Step.GET, reason=Reason.BUDGET_SPENT, about=ref, detail=detail)
        self._left -= 1
        page = self._get(ask(self._source, url))
        self._tally.count_page(page)
        if page.problem:
            if page.problem.reason in (Reason.FORBIDDEN, Reason.RATE_LIMITED):
                self._latched = f"details are left for the next run, since one was refused: {page.problem.detail}"
            return Problem(step=Step.GET, reason=page.problem.reason, about=f"{ref} {url}", detail=page.problem.detail)
        for node in self._details.adapter.read(page):
            if isinstance(node, Problem):
                return node
            if not isinstance(node, Ending):
                merged = {**item, **node} if isinstance(item, dict) and isinstance(node, dict) else node
                return self._mapper.map(merged)[0]
        detail = f"{url} holds nothing that {self._details.adapter.__class__.__name__} can read"
        return Problem(step=Step.READ, reason=Reason.SHAPE_CHANGED, about=ref, detail=detail)


class _Keeper:
    def __init__(self, keep: Keep) -> None:
        stems = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else r"\b") for word in keep.words]
        self._words = re.compile(r"\b(?:" + "|".join(stems) + ")", re.IGNORECASE) if stems else None
        self._marks = {mark.casefold() for mark in [*keep.categories, *keep.classes]}

    def keeps(self, fields: Mapping[str, Value]) -> bool:
        if self._marks and any(mark in self._marks for mark in _marks(fields)):
            return True
        return self._words is not None and any(
            self._words.search(text) for name in ("title", "summary", "text") for text in _texts(fields.get(name, ""))
        )


def _keeps(keep: Keep) -> bool:
    return bool(keep.words or keep.categories or keep.classes)


def _marks(fields: Mapping[str, Value]) -> Iterator[str]:
    for name in ("audience", "occupation"):
        values = fields.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            yield (value.code if isinstance(value, Code) else as_text(value)).casefold()


def _texts(value: Any) -> list[str]:
    return list(value.values()) if isinstance(value, dict) else [as_text(value)]


def _title(fields: Mapping[str, Value]) -> str:
    return next(iter(_texts(fields.get("title", ""))), "")


def _dropped(reason: Reason, about: str, detail: str) -> Problem:
    step = Step.KEEP if reason is Reason.OFF_TOPIC else Step.MAP
    return Problem(step=step, reason=reason, about=about, detail=detail, drops=True)
