"""One item of a page at a time: mapped by the card, told from what is known, its own page asked for when it is new."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

import msgspec

from harvest.adapters.adapter import Node, Shards
from harvest.address import absolute
from harvest.details import DetailReader
from harvest.fields import Mapper, Slip, as_text
from harvest.keep import Keeper, texts
from harvest.known import Known, PageMemo
from harvest.moment import Watermark
from harvest.records import Get, Gone, Page, Problem, RawPosting, Reason, Seen, Step, Value
from harvest.secret import masked, pairs, without
from harvest.shape import Sketch
from harvest.source import Source
from harvest.verdict import Tally

LONGEST_REF = 500
MOST_CLASHES = 0.05
"""Of all items the share that may have the ref of another and say something else: more, and the ref is none."""
MOST_TOLD = 1_000
"""Clashes of a harvest that are told one by one."""
_FALSE = frozenset({"", "false", "f", "0", "0.0", "no", "n", "ei", "nej", "null", "none", "off", "-"})


class Reader:
    """Turns items into what ``walk`` yields. Keeps which references were met (``kept``: those that did not stay behind),
    how many of them were met again, the digests of those among them that say something else and stay behind (``clashes``:
    a promoted item may stand on every page), which have no title anywhere (``untitled``), how many items are ``unsettled``
    (another reading of the same page may end otherwise), how many of these are ``owed`` a detail page, how many have no ref
    (``nameless``), how many bytes were mapped (``weight``), which top-level names nobody read, and what the source says has
    ``gone``: to be told once all is read, since a later line of a stream may bring it back."""

    def __init__(self, source: Source, get: Get, known: Known, tally: Tally) -> None:
        self.source, self._get, self._known, self._tally = source, get, known, tally
        adapter = source.adapter
        self._mapper = Mapper(adapter.all_fields, adapter.compile, source.lookups, source.languages)
        self._skip = adapter.skipper()
        self._detail = DetailReader(source, get, tally) if adapter.details else None
        self.reads = self._mapper.reads
        self._read_names = self.reads | (self._detail.reads if self._detail else frozenset()) | set(adapter.ignore)
        self._keep = Keeper(source.keep)
        self._log = source.removal.mode == "stream"  # where of two lines on one posting the later is true
        self._own = _secrets(source)
        self._filled_late = self._detail.gives if self._detail else frozenset[str]()
        self._filled_at_once = frozenset(adapter.all_fields) - self._filled_late
        self.sketch = Sketch(adapter.compile)
        self.fetched: datetime | None = None
        self.digests: dict[str, bytes] = {}
        self.gone: dict[str, Gone] = {}
        self._begun_as_gone: set[str] = set()  # and not counted among those found
        self.kept: list[str] = []
        self.untitled: list[str] = []
        self.unsettled = 0
        self.owed = 0
        self.duplicates = 0
        self.clashes: set[bytes] = set()
        self._clashing: dict[str, None] = {}  # the first few of their refs
        self.weight = 0
        self.nameless = 0
        self._met: set[str] | None = None
        self.unread: dict[str, None] = {}
        self.watermark = Watermark(known.watermark)

    def skips(self, item: Node) -> bool:
        """Whether the card says that this is no posting at all: promoted again, or a pseudo item."""
        try:
            said = self._skip(item) if self._skip is not None else None
            return _is_yes(said)
        except (TypeError, ValueError):
            return False

    def read(self, item: Node, page: Page, place: int) -> Iterator[RawPosting | Seen | Problem]:
        """What one item gives: a posting, or a sign of one, or the problem for which it stays behind; and its slips."""
        fields, slips = self._mapper.map(item)
        gone = _is_yes(as_text(fields.get("gone", "")))
        names = tuple(self.source.adapter.names(item))
        if not gone and self.sketch.see(item, names):  # a tombstone has another shape
            self.unread.update(dict.fromkeys(set(names) - self._read_names))
        self.fetched = page.fetched
        ref = _short(without(as_text(fields.get("ref", "")), self._own))  # a secret that is cut is not found any more
        if not ref:
            detail = (
                "it has no ref, so nobody can tell which posting it is, nor which are absent; see adapter.fields.ref"
            )
            self.unsettled += 1
            self.nameless += 1
            place = getattr(item, "number", place)  # a table's own number of the row
            yield self._tally.spoil(_dropped(Reason.FIELD_MISSING, f"{page.url} item {place}", detail))
            return
        digest = self.digest(fields)
        again = ref in self.digests
        if again:
            told_otherwise = self.digests[ref] != digest
            double = self._met_again(ref)
            self.duplicates += double
            self.unsettled += 1
            if not told_otherwise:
                return
            if not self._log:
                if double:
                    self.clashes.add(digest)
                if double and len(self._clashing) < 5:
                    self._clashing[ref] = None
                if len(self.clashes) <= MOST_TOLD:
                    yield _dropped(Reason.DUPLICATE_REF, ref, "a second item has this ref, and says something else")
                return
        else:
            self._met_again(ref)
        self.digests[ref] = digest
        if gone:
            self._advance(fields, page.fetched)
            self._tally.changed += ref in self._known.digests
            if not again:
                self._begun_as_gone.add(ref)
            self.gone[ref] = Gone(ref=ref, because="the source says that it has gone")
            return
        self.gone.pop(ref, None)
        if not self._keep.keeps(fields):
            yield _dropped(Reason.OFF_TOPIC, ref, f"{_title(fields)!r} has none of what [keep] asks for")
            return
        self._advance(fields, page.fetched)
        if not again or ref in self._begun_as_gone:
            self._begun_as_gone.discard(ref)
            self._tally.found += 1
            self._measure(self._filled_at_once, fields)
            self.kept.append(ref)
        if self._known.digests.get(ref) == digest and not again:
            yield Seen(ref=ref)
            return
        owed = self._detail.complete(fields, slips, item, ref, page) if self._detail else []
        self.owed += bool(owed)
        self._measure(self._filled_late, fields)
        self._tally.changed += 1
        if "title" not in fields:
            self.untitled += [] if owed else [ref]
            yield from (_slipped(ref, slip) for slip in slips if slip.field == "title")
            detail = "it has no title, so there is nothing to show; see adapter.fields.title"
            owed = [replace(one, drops=True) for one in owed] or [_dropped(Reason.FIELD_MISSING, ref, detail)]
        yield from owed
        if owed:
            self.unsettled += 1
            if self._known.digests.get(ref) or "title" not in fields:
                if ref in self._known.digests:
                    yield Seen(ref=ref)  # what an earlier run kept of it stays whole: its text is not blanked
                return
            digest = b""
        yield from (_slipped(ref, slip) for slip in slips)
        yield self._raw(ref, fields, digest, page.url, page.fetched)

    def clashing(self) -> Iterator[Problem]:
        """What is wrong with the ref itself, where more than a few items of one part say something else than one before."""
        clashes, items = len(self.clashes), self._tally.found + len(self.clashes)
        if clashes < 2 or clashes <= MOST_CLASHES * items:
            return
        ref = dict(self.source.adapter.expressions()).get("ref", "")
        refs = ", ".join(one[:80] for one in self._clashing)
        detail = (
            f"{clashes} of {items} different items have the ref of another and say something else, so they stay behind, "
            f"first those of {refs}; adapter.fields.ref = {ref!r} does not tell postings apart. Nothing is closed by this run"
        )
        yield self._tally.spoil_all(
            Problem(step=Step.READ, reason=Reason.DUPLICATE_REF, about=self.source.slug, detail=detail)
        )

    def begin_part(self) -> None:
        """Another part of the source begins: what stands in several of them is no double, only what one has twice."""
        self._met = set()

    def _met_again(self, ref: str) -> bool:
        """Whether a ref that was met before was so in this part."""
        if self._met is None:
            return True
        before = len(self._met)
        self._met.add(ref)
        return len(self._met) == before

    def repeat(self, memo: PageMemo) -> Iterator[Seen]:
        """What a page that answers 304 had: its postings are there and have not changed."""
        self._tally.items += memo.items
        for name, (filled, of) in memo.filled.items():
            self._tally.measure(name, filled, of)
        for ref in memo.refs:
            if ref not in self.digests:
                self.digests[ref] = self._known.digests.get(ref, b"")
                self.kept.append(ref)
                self._tally.found += 1
                yield Seen(ref=ref)

    def digest(self, fields: Mapping[str, Value]) -> bytes:
        """Sixteen bytes that are equal exactly when the mapped fields are."""
        said = msgspec.msgpack.encode(fields)
        self.weight += len(said)
        return blake2b(said, digest_size=16).digest()

    def _advance(self, fields: Mapping[str, Value], now: datetime) -> None:
        changed = fields.get("changed")
        if isinstance(changed, str):
            self.watermark.note(changed, now)

    def _measure(self, names: frozenset[str], fields: Mapping[str, Value]) -> None:
        met, kind = self._tally.met, (names, tuple(fields))
        met[kind] = met.get(kind, 0) + 1

    def _raw(self, ref: str, fields: dict[str, Value], digest: bytes, url: str, fetched: datetime) -> RawPosting:
        for name in ("url", "apply_url"):
            if isinstance(fields.get(name), str):
                fields[name] = absolute(url, as_text(fields[name]))
        if self._own:
            fields = {name: without(one, self._own) if isinstance(one, str) else one for name, one in fields.items()}
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
            page=masked(url),
            fetched=fetched,
            languages=self.source.languages,
            language_trusted=self.source.language == "trusted",
            publish=self.source.keep.publish,
        )


def _is_yes(said: object) -> bool:
    """Whether a source says yes, in whatever way; what it leaves empty is no."""
    return bool(said) and not (isinstance(said, str) and said.strip().lower() in _FALSE)


def _secrets(source: Source) -> tuple[str, ...]:
    """What the card puts into its own addresses that nobody else may see."""
    details, shards = source.adapter.details, source.adapter.paging.shards
    addresses = [*source.start, details.url if details else "", shards.url if isinstance(shards, Shards) else ""]
    asked = {**source.adapter.request.params, **(details.adapter.request.params if details else {})}
    return pairs(addresses, asked.items())


def _title(fields: Mapping[str, Value]) -> str:
    return next(iter(texts(fields.get("title", ""))), "")


def _short(ref: str) -> str:
    """``ref`` as a database can look it up: of a very long one the beginning, and a digest that stands for the rest."""
    if len(ref) <= LONGEST_REF:
        return ref
    return f"{ref[: LONGEST_REF - 33]}…{blake2b(ref.encode(), digest_size=16).hexdigest()}"


def _slipped(ref: str, slip: Slip) -> Problem:
    return Problem(step=Step.MAP, reason=slip.reason, about=f"{ref} {slip.field}", detail=slip.detail)


def _dropped(reason: Reason, about: str, detail: str) -> Problem:
    step = Step.KEEP if reason is Reason.OFF_TOPIC else Step.MAP
    return Problem(step=step, reason=reason, about=about, detail=detail, drops=True)
