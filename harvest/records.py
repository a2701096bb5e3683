"""What travels out of harvest: pages as they came, postings in the source's own words, and what went wrong."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import IO, NamedTuple, TypeAlias

import msgspec

from harvest.known import PageMemo, Shape
from harvest.secret import masked


class Kind(StrEnum):
    """What a posting is about."""

    VACANCY = "vacancy"
    SERVICE = "service"
    NEWS = "news"
    EVENT = "event"


class Step(StrEnum):
    """Where on the path something went wrong."""

    GET = "get"
    READ = "read"
    MAP = "map"
    KEEP = "keep"
    CLEAN = "clean"
    PLACE = "place"
    SAVE = "save"


class Reason(StrEnum):
    """Why: the closed list. A page that could not be had, a page that could not be read, a record that stayed behind."""

    # a page could not be had
    DNS = "dns"
    UNREACHABLE = "unreachable"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    ROBOTS = "robots"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BAD_CODING = "bad_coding"
    RATE_LIMITED = "rate_limited"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    HTTP_STATUS = "http_status"
    SERVER_ERROR = "server_error"
    REDIRECTS = "redirects"
    PROTOCOL = "protocol"
    NOT_KEPT = "not_kept"
    # a page could not be read
    CHALLENGE = "challenge"
    NOT_THIS_FORMAT = "not_this_format"
    TRUNCATED = "truncated"
    SHAPE_CHANGED = "shape_changed"
    PAGING_LOOP = "paging_loop"
    TOTAL_DISAGREES = "total_disagrees"
    FEWER_THAN_EXPECTED = "fewer_than_expected"
    MORE_THAN_EXPECTED = "more_than_expected"
    FIELD_RARELY_FILLED = "field_rarely_filled"
    RARELY_PLACED = "rarely_placed"
    ID_CHURN = "id_churn"
    BUDGET_SPENT = "budget_spent"
    UNREAD_FIELD = "unread_field"
    # a record, or a value of it, stayed behind
    FIELD_MISSING = "field_missing"
    DUPLICATE_REF = "duplicate_ref"
    NOT_IN_LOOKUP = "not_in_lookup"
    NOT_IN_VOCABULARY = "not_in_vocabulary"
    UNKNOWN_CODE = "unknown_code"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    BAD_LINK = "bad_link"
    OFF_TOPIC = "off_topic"
    BROKEN_RECORD = "broken_record"


class Whole(StrEnum):
    """How whole a harvest was."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    EMPTY = "empty"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class HarvestError(Exception):
    """A card cannot be used, or an assumption of ours is false: the message says which file and key, and what to do."""


class Code(NamedTuple):
    """A code with the list it belongs to; one without its list is refused when the card is loaded, since lists differ."""

    list: str
    code: str


Value: TypeAlias = "str | Code | list[Value] | dict[str, Value]"
"""What a mapped field may hold: a text, a code, several of them, texts by language, or an object of a detail page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something expected went wrong: it travels with the good records and is counted at the end.

    ``about`` names the record, address or field; ``detail`` is a sentence for the person on duty. ``drops`` says that
    the record stayed behind because of it; otherwise only a value of it did, or the run as a whole is meant. Secrets of
    addresses are masked in both as it is made, so that none reaches a verdict, a row or a person.
    """

    step: Step
    reason: Reason
    about: str
    detail: str
    drops: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "about", masked(self.about))
        object.__setattr__(self, "detail", masked(self.detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to one site. ``etag`` and ``last_modified`` are sent as validators when known; ``delay`` is the pause
    in seconds between two requests to its host, whoever asks. ``detail`` says that it is one item's own page, which is asked
    for only while the item is new or has changed."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    etag: str = ""
    last_modified: str = ""
    delay: float = 1.0
    detail: bool = False

    @property
    def key(self) -> str:
        """The address under which what we know of the answer is kept: the same question has the same key. Of an address
        with a secret a digest stands for it, since keys are rows."""
        url = masked(self.url)
        if url != self.url:
            url = f"{url} {blake2b(self.url.encode(), digest_size=12).hexdigest()}"
        if self.method == "GET" and self.body is None:
            return url
        return f"{self.method} {url} {blake2b(self.body or b'', digest_size=12).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of one site, as it came. With ``problem`` set there is no body to read.

    ``file`` is positioned at its start and may be read once from beginning to end without holding it all in memory;
    ``read`` gives the bytes, and refuses to hold more than ``limit``. ``fetched`` is UTC; ``requests`` counts every try,
    ``retries`` those after the first.
    """

    url: str
    fetched: datetime
    file: IO[bytes] = field(default_factory=io.BytesIO)
    status: int = 200
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False
    wire_bytes: int = 0
    requests: int = 1
    retries: int = 0
    problem: Problem | None = None

    def read(self, limit: int = 64 * 1024 * 1024) -> bytes:
        """The whole body. Raises ``ValueError`` when it is larger than ``limit`` bytes: that is for streaming."""
        self.file.seek(0)
        body = self.file.read(limit + 1)
        if len(body) > limit:
            raise ValueError(f"the answer is larger than {limit} bytes")
        return body


Get: TypeAlias = Callable[[Request], Page]
"""The live net, the archive, an inbox folder and a folder of recorded pages are interchangeable. Never raises for what
a network does on an ordinary day: that is ``Page.problem``."""


class RawPosting(msgspec.Struct, frozen=True, kw_only=True, gc=False):  # quick to make, and to carry to other processes
    """One vacancy, service, news item or event in the source's own words, its card's quirks already settled.

    ``digest`` covers the mapped fields: equal digest under the same card means unchanged. It is empty when a detail
    page is still owed, so that the next run asks again. ``fetched`` (UTC) is when its page was had.
    """

    source: str
    kind: Kind
    ref: str
    fields: Mapping[str, Value]
    digest: bytes
    page: str
    fetched: datetime
    languages: tuple[str, ...] = ("fi",)
    language_trusted: bool = True
    publish: str = "auto"


class Seen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A posting that is there and has not changed."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A posting that the source itself says has gone."""

    ref: str
    because: str


TRUE_ZERO = "true zero"
"""The cause of an empty harvest in which nothing was lost."""
COUNT_AS_COMPLETE = ((Whole.COMPLETE, ""), (Whole.UNCHANGED, ""), (Whole.EMPTY, TRUE_ZERO))
"""The verdicts from which absence may mean something, each with the cause that it must have (empty: any). A true zero counts
and meets the guard; an unchanged run is the complete reading that it repeats."""


def is_complete(whole: str, cause: str) -> bool:
    """Whether a verdict is one of :data:`COUNT_AS_COMPLETE`."""
    return any(whole == one and needed in ("", cause) for one, needed in COUNT_AS_COMPLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A posting that was looked up: whether its own page is missing (404 or 410), or ``None`` where nobody could tell, and
    when (UTC)."""

    ref: str
    missing: bool | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How whole a harvest was, and why: data, never a log line. The last thing that ``walk`` yields."""

    whole: Whole
    cause: str
    detail: str = ""
    found: int = 0
    requests: int = 0
    retries: int = 0
    not_modified: int = 0
    bytes: int = 0
    pages: tuple[PageMemo, ...] = ()
    watermark: str = ""
    shards: tuple[PageMemo, ...] = ()
    filled: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    shape: Shape | None = None

    @property
    def counts_as_complete(self) -> bool:
        """Whether absence from this run may mean anything."""
        return is_complete(self.whole, self.cause)


Found: TypeAlias = RawPosting | Seen | Gone | Probed | Problem | Verdict
