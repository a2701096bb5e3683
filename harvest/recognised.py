"""What was recognised of an unknown page, and how a page is tried on an adapter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harvest.adapters.adapter import Adapter, AnyAdapter, Ending
from harvest.adapters.job_posting import JobPosting
from harvest.columns import MOST_ITEMS, Column
from harvest.fields import Mapper
from harvest.records import HarvestError, Page, Problem
from harvest.xml_items import lasting

MOST_BYTES = 64 * 1024 * 1024
_ADAPTER: TypeAdapter[Adapter] = TypeAdapter(AnyAdapter)

Ask = Callable[[str], Page]
"""Another page of the same source, by its address."""


class NotRecognisedError(HarvestError):
    """A page from which no card can be drafted; the message says what it is, what was expected, what to do."""


@dataclass(slots=True)
class Recognised:
    """A format with its options (``adapter``, as a card writes it). Where a system's marks were found, ``system`` names it
    and ``card`` holds its tables; otherwise ``columns`` are to be guessed from. ``unsure`` are sentences by the key of the
    adapter that they are about. ``page`` is the page that is meant, where another led to it."""

    page: Page
    adapter: dict[str, Any]
    because: str
    columns: list[Column] = field(default_factory=list)
    system: str = ""
    card: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    unsure: dict[str, str] = field(default_factory=dict)


def adapter_from(table: dict[str, Any]) -> Adapter:
    """The object that reads pages as a card's table says."""
    return _ADAPTER.validate_python(table)


def tried(adapter: Adapter, page: Page) -> Iterator[Any]:
    """The items of a page that the adapter does not skip, each as it outlives the reading, and what is wrong with it."""
    page.file.seek(0)
    skips = adapter.skipper()
    for node in adapter.read(page):
        if isinstance(node, Problem):
            yield node
        elif not isinstance(node, Ending) and not (skips and skips(node)):
            yield lasting(node)


def read_by(adapter: dict[str, Any], page: Page, most: int = MOST_ITEMS) -> list[Any]:
    """The first items that a page gives when it is read by such an adapter; none where it cannot be."""
    try:
        nodes = (node for node in tried(adapter_from(adapter), page) if not isinstance(node, Problem))
        return list(islice(nodes, most))
    except (ValidationError, ValueError, HarvestError):
        return []


def titled(adapter: dict[str, Any], page: Page) -> int:
    """How many of the first items have a reference, and a title or a page of their own that will tell it."""
    reader = adapter_from(adapter)
    names = ("ref",) if reader.details and "title" not in reader.all_fields else ("ref", "title")
    if reader.details and isinstance(reader, JobPosting):
        names = ("ref",)
    specs = {name: spec for name, spec in reader.all_fields.items() if name in names}
    mapper, found = Mapper(specs, reader.compile, {}, ("fi", "sv", "en")), 0
    for node in islice((one for one in tried(reader, page) if not isinstance(one, Problem)), MOST_ITEMS):
        found += mapper.map(node)[0].keys() >= set(names)
    return found
