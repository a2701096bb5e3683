"""What is known of a source from earlier runs: its postings, its pages, and what is to be looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMemo:
    """What a page said last time, kept so that a 304 can repeat it: its references, next link and stated total.

    ``items`` counts what stood on it, those that stayed behind among them; ``skipped`` what the card does not take for
    a posting. ``filled`` says of each field that ``expect.filled`` names in how many of how many it was filled."""

    key: str
    etag: str = ""
    last_modified: str = ""
    refs: tuple[str, ...] = ()
    items: int = 0
    skipped: int = 0
    filled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    next: tuple[str, ...] = ()
    total: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The top-level names of ``items`` items: in how many each stood, and what its values looked like; and of each mapped
    field in how many of how many it was filled. ``on`` is the Helsinki date; ``changed_on`` the day on which a run first
    found another shape, if one has."""

    items: int = 0
    names: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    filled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    on: date | None = None
    changed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDue:
    """A posting that a window may no longer show, to be looked up at its own address."""

    ref: str
    url: str


VOID = b"\0"
"""The digest of a posting that was read whole under another card or other rules: it equals no digest of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What earlier committed runs, under the same card and rules, know of a source.

    ``digests`` names every posting that it still lists: the digest is empty while a detail page is owed, and ``VOID``
    where it was read under another card. ``shards`` are those that a run of today read to their end that was not whole.
    ``probes`` are to be looked up, in this order.
    """

    digests: Mapping[str, bytes] = field(default_factory=dict)
    pages: Mapping[str, PageMemo] = field(default_factory=dict)
    watermark: str = ""
    shards: Mapping[str, PageMemo] = field(default_factory=dict)
    probes: tuple[ProbeDue, ...] = ()
    shape: Shape | None = None


def voided(digests: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same references, to be read anew; of which a detail page is owed, it still is."""
    return {ref: digest and VOID for ref, digest in digests.items()}
