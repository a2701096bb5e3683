"""How whole a harvest was: what was counted on the way, and the verdict that follows from it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from harvest.known import PageMemo, Shape
from harvest.records import TRUE_ZERO, Page, Problem, Reason, Step, Verdict, Whole
from harvest.source import Source

SPOILS = frozenset(
    {
        Reason.CHALLENGE, Reason.NOT_THIS_FORMAT, Reason.TRUNCATED, Reason.SHAPE_CHANGED, Reason.PAGING_LOOP,
        Reason.TOTAL_DISAGREES, Reason.FEWER_THAN_EXPECTED, Reason.FIELD_RARELY_FILLED, Reason.RARELY_PLACED,
        Reason.TOO_LARGE,
    }
)  # fmt: skip
"""Reasons of a page or a run (not of one record) after which its total is not to be trusted."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a walk counts. ``met`` are postings by the names measured and those filled, to be added up.
    ``spoiled`` keeps every problem that makes the harvest less than whole, in order."""

    requests: int = 0
    retries: int = 0
    not_modified: int = 0
    bytes: int = 0
    pages_read: int = 0
    items: int = 0
    found: int = 0
    changed: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    measured: Counter[str] = field(default_factory=Counter)
    met: dict[tuple[frozenset[str], tuple[str, ...]], int] = field(default_factory=dict)
    spoiled: list[Problem] = field(default_factory=list)
    memos: list[PageMemo] = field(default_factory=list)
    shards: list[PageMemo] = field(default_factory=list)

    def count_page(self, page: Page) -> None:
        """Take a page into account: its tries, bytes, and whether it had anything new."""
        self.requests += page.requests
        self.retries += page.retries
        self.bytes += page.wire_bytes
        self.not_modified += page.not_modified

    def spoil(self, problem: Problem) -> Problem:
        """Note that the harvest is not whole because of ``problem``, and give it back."""
        self.spoiled.append(problem)
        return problem

    def spoil_all(self, problem: Problem) -> Problem:
        """Note, before all else, that the harvest as a whole is not what it should be, and give the problem back. Nothing
        that was read is repeated by the next: a page that answers 304, or a finished shard, would not show it again."""
        self.spoiled.insert(0, problem)
        self.memos.clear()
        self.shards.clear()
        return problem

    def measure(self, name: str, filled: int, of: int) -> None:
        """Take into account in how many of how many postings a field was filled."""
        self.filled[name] += filled
        self.measured[name] += of

    def fill_rates(self) -> dict[str, tuple[int, int]]:
        """Of each field in how many of how many postings it was filled."""
        for (names, fields), count in self.met.items():
            for name in names:
                self.measured[name] += count
            for name in names.intersection(fields):
                self.filled[name] += count
        self.met.clear()
        return {name: (self.filled[name], of) for name, of in self.measured.items()}

    def fill_since(self, before: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        """What was measured since the rates were so."""
        since = {}
        for name, (filled, of) in self.fill_rates().items():
            was, was_of = before.get(name, (0, 0))
            since[name] = (filled - was, of - was_of)
        return since

    def unmet_expectations(self, source: Source) -> list[Problem]:
        """What the card expects of a whole harvest and this one does not show. Only ``at_most`` leaves it whole."""
        expect, unmet = source.expect, []
        if self.found < expect.at_least:
            detail = f"{self.found} found, at_least = {expect.at_least} expected; nothing is closed by this run"
            unmet.append(self.spoil(_of_run(source, Reason.FEWER_THAN_EXPECTED, detail)))
        if expect.at_most is not None and self.found > expect.at_most:
            detail = f"{self.found} found, at_most = {expect.at_most} expected; look whether the source has changed"
            unmet.append(_of_run(source, Reason.MORE_THAN_EXPECTED, detail))
        rates = self.fill_rates()
        for name, share in expect.filled.items():
            filled, of = rates.get(name, (0, 0))
            if filled < share * of:
                detail = f"{name} is filled in {filled} of {of}, filled.{name} = {share} expected"
                unmet.append(self.spoil(_of_run(source, Reason.FIELD_RARELY_FILLED, detail)))
        return unmet

    def verdict(self, vanished: bool, watermark: str, shape: Shape | None = None) -> Verdict:
        """The verdict, once every page has been tried. ``vanished``: known postings were not among those found."""
        whole, cause, detail = self._judged(vanished)
        return Verdict(
            whole=whole,
            cause=cause,
            detail=detail,
            found=self.found,
            requests=self.requests,
            retries=self.retries,
            not_modified=self.not_modified,
            bytes=self.bytes,
            pages=tuple(self.memos),
            watermark=watermark if whole is Whole.COMPLETE else "",
            shards=tuple(self.shards) if self.spoiled else (),
            filled=self.fill_rates(),
            shape=shape,
        )

    def _judged(self, vanished: bool) -> tuple[Whole, str, str]:
        first = self.spoiled[0] if self.spoiled else None
        more = f" (and {len(self.spoiled) - 1} more)" if len(self.spoiled) > 1 else ""
        if first and not self.pages_read:
            return Whole.FAILED, first.reason, f"{first.about}: {first.detail}{more}"
        if first and self.found:
            return Whole.PARTIAL, first.reason, f"{first.about}: {first.detail}{more}"
        if first:
            return Whole.EMPTY, first.reason, f"nothing found; {first.about}: {first.detail}{more}"
        if not self.items:
            return Whole.EMPTY, TRUE_ZERO, "the source answered as it should, and has nothing"
        if self.found and not self.changed and not vanished:
            if self.not_modified and self.not_modified >= self.pages_read:
                return Whole.UNCHANGED, "not modified", "every page answered 304: it repeats the last reading"
            return Whole.UNCHANGED, "same digests", "everything found is as it was"
        return Whole.COMPLETE, "read to the end", ""


def _of_run(source: Source, reason: Reason, detail: str) -> Problem:
    return Problem(step=Step.READ, reason=reason, about=source.slug, detail=detail)
