"""The page of one item, asked for when the item is new: it adds what the list does not tell."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from harvest.adapters.adapter import Details, Ending, Node
from harvest.address import absolute
from harvest.fields import Mapper, Slip, as_text
from harvest.paging import ask, with_params
from harvest.records import Get, Page, Problem, Reason, Step, Value
from harvest.source import Source
from harvest.verdict import Tally


class DetailReader:
    """Asks for the page of one item and adds what it says. Stops asking when the source refuses or the budget is spent."""

    def __init__(self, source: Source, get: Get, tally: Tally) -> None:
        assert source.adapter.details is not None
        self._source, self._get, self._tally = source, get, tally
        self._details: Details = source.adapter.details
        adapter = self._details.adapter
        self._mapper = Mapper(adapter.all_fields, adapter.compile, source.lookups, source.languages)
        each = (
            source.adapter.compile(self._details.each) if self._details.each else (lambda _item: None, frozenset[str]())
        )
        self._each, self.reads = each[0], each[1] | self._mapper.reads
        self.gives = frozenset({self._details.into} if self._details.into else adapter.all_fields)
        self._left = self._details.budget
        self._latched = ""

    def complete(self, fields: dict[str, Value], slips: list[Slip], item: Node, ref: str, page: Page) -> list[Problem]:
        """Adds the fields of the detail page or pages to ``fields`` and what slipped there to ``slips``; the problems if
        any of them is still owed."""
        problems: list[Problem] = []
        collected: list[Value] = []
        for url in self._addresses(fields, item, page):
            got = self._had(url, ref, item)
            if isinstance(got, Problem):
                problems.append(got)
                continue
            found, slipped = got
            slips += slipped
            if self._details.into:
                collected.append(found)
            else:
                fields.update({name: value for name, value in found.items() if name != "ref"})
        if collected:
            fields[self._details.into] = collected
        return problems

    def _addresses(self, fields: Mapping[str, Value], item: Node, page: Page) -> Iterator[str]:
        """Where the detail pages are; empty for one whose address the item does not give."""
        where = self._details.url
        if "{" not in where:
            said = as_text(fields.get(where, ""))
            yield absolute(page.url, said) if said else ""
            return
        values = {name: as_text(value) for name, value in fields.items()}
        asked = re.findall(r"\{(\w+)\}", where)
        found = self._each(item)
        for each in (found if isinstance(found, list) else [found]) if self._details.each else [""]:
            values["each"] = as_text(each)
            if all(values.get(name) for name in asked):
                filled = re.sub(r"\{(\w+)\}", lambda hit: quote(values[hit[1]], safe=":/?&=%"), where)
                yield absolute(page.url, filled)
            elif not self._details.each:
                yield ""

    def _had(self, url: str, ref: str, item: Node) -> tuple[dict[str, Value], list[Slip]] | Problem:
        if not url:
            detail = f"adapter.details.url = {self._details.url!r} gives no address for it; its own page is not read"
            return Problem(step=Step.MAP, reason=Reason.FIELD_MISSING, about=ref, detail=detail)
        if self._latched or self._left <= 0:
            detail = (
                self._latched or f"the budget of {self._details.budget} detail pages is spent; the next run goes on"
            )
            return Problem(step=Step.GET, reason=Reason.BUDGET_SPENT, about=ref, detail=detail)
        options = self._details.adapter.request
        page = self._get(replace(ask(self._source, with_params(url, options.params), options), detail=True))
        self._tally.count_page(page)
        self._left -= page.requests > 0  # what the archive gives costs nobody anything
        if page.problem:
            if page.problem.reason in (Reason.FORBIDDEN, Reason.RATE_LIMITED):
                self._latched = f"details are left for the next run, since one was refused: {page.problem.detail}"
            return Problem(step=Step.GET, reason=page.problem.reason, about=f"{ref} {url}", detail=page.problem.detail)
        for node in self._details.adapter.read(page):
            if isinstance(node, Problem):
                return node
            if not isinstance(node, Ending):
                merged = {**item, **node} if isinstance(item, dict) and isinstance(node, dict) else node
                return self._mapper.map(merged)
        detail = f"{url} holds nothing that {self._details.adapter.__class__.__name__} can read"
        return Problem(step=Step.READ, reason=Reason.SHAPE_CHANGED, about=ref, detail=detail)
