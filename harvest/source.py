"""A source card: one TOML file that says all there is to know of one place that postings come from."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import msgspec
import pydantic
from pydantic import field_validator, model_validator

from harvest.adapters import feed, html_list, job_posting, json_api, ndjson, table, xml_feed
from harvest.adapters.adapter import AnyAdapter, RequestOptions, Shards
from harvest.declaration import Declared, read_all, read_each
from harvest.fields import CHANNEL_FIELDS
from harvest.keep import Keep
from harvest.records import Kind
from harvest.timing import Duration, Freshness, Manners, Schedule

ADAPTERS = (
    json_api.JsonApi, ndjson.Ndjson, xml_feed.XmlFeed, feed.Feed, job_posting.JobPosting, html_list.HtmlList, table.Table,
)  # fmt: skip
"""The formats we can read. A new one is a module of ``adapters`` and a name here, nothing else."""

SHIPPED = Path(__file__).parent / "sources"

_FOLDER = re.compile(r"(?:\w[\w .-]*/)+")


def _fault(address: str) -> str:
    """Why a visitor could not follow an address, or nothing. A password that stands in it is not repeated."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.username is not None:
        return 'a user or password does not belong in it; use adapter.request.headers with "env:NAME"'
    return "" if parts.hostname and port != 0 else "it names no host, or port 0"


Right = Literal["full", "facts", "link", "no"]
Exit: TypeAlias = Literal["page", "markup", "feed", "api", "embed", "export"]
EXITS: tuple[Exit, ...] = get_args(Exit)
"""Where something of a source may be shown, in the order in which people are told."""
Share = Annotated[float, pydantic.Field(ge=0, le=1)]


class Rights(Declared):
    """What may be shown where. Unstated: the facts on our page, nothing elsewhere."""

    basis: Literal["open licence", "agreement", "own data", "link only"]
    since: date | None = None
    link: str = ""
    page: Right = "facts"
    markup: Right = "no"
    feed: Right = "no"
    api: Right = "no"
    embed: Right = "no"
    export: Right = "no"


class Probe(Declared):
    """How many of a window source's postings a run may look up one by one."""

    budget: int = pydantic.Field(default=20, ge=0)


class Removal(Declared):
    """What absence means: ``snapshot`` gone after ``misses`` complete runs, ``window`` nothing, ``stream`` nothing."""

    mode: Literal["snapshot", "window", "stream"] = "snapshot"
    misses: int = pydantic.Field(default=2, ge=1)
    probe: Probe | None = None
    max_age: Duration | None = None


class Expect(Declared):
    """What a whole harvest looks like: fewer than ``at_least``, or a field of ``filled`` below its share, makes it partial."""

    at_least: int = pydantic.Field(default=0, ge=0)
    at_most: int | None = pydantic.Field(default=None, ge=1)
    filled: dict[str, Share] = pydantic.Field(default_factory=dict)
    placed: Share = 0

    @model_validator(mode="after")
    def _can_hold(self) -> "Expect":
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at_most: expected no fewer than at_least = {self.at_least}, not {self.at_most}")
        return self


class Archive(Declared):
    """How long raw pages are kept."""

    days: int = pydantic.Field(default=30, ge=0)


class Retention(Declared):
    """How long a closed posting keeps its text."""

    closed_text: Duration = timedelta(days=90)


class Source(Declared):
    """One place that postings come from. ``slug`` is the name of its file, for ever."""

    slug: str
    name: str
    publisher: str
    kind: Kind
    home: str
    attribution: str
    languages: tuple[Literal["fi", "sv", "en"], ...] = pydantic.Field(min_length=1)
    language: Literal["trusted", "hint"] = "trusted"
    trust: Share = 0.5
    enabled: bool = True
    disabled_because: str = ""
    checked: date
    notes: str = ""
    start: list[str] = pydantic.Field(min_length=1)
    recorded: str = ""
    rights: Rights | None = None
    schedule: Schedule
    manners: Manners = Manners()
    freshness: Freshness = Freshness()
    adapter: AnyAdapter
    lookups: dict[str, dict[str, str]] = pydantic.Field(default_factory=dict)
    defaults: dict[str, str] = pydantic.Field(default_factory=dict)
    keep: Keep = Keep()
    removal: Removal = Removal()
    expect: Expect = Expect()
    archive: Archive = Archive()
    retention: Retention = Retention()

    @field_validator("slug")
    @classmethod
    def _plain_slug(cls, slug: str) -> str:
        if not re.fullmatch(r"[a-z0-9_-]{1,60}", slug):
            raise ValueError("the file's name is the slug: expected small letters, digits, - and _ only")
        return slug

    @field_validator("home", "start")
    @classmethod
    def _addresses(cls, value: str | list[str]) -> str | list[str]:
        for address in [value] if isinstance(value, str) else value:
            if isinstance(value, list) and _FOLDER.fullmatch(address):
                continue
            if not re.fullmatch(r"https?://[^/\s]+\S*", address):
                folder = (
                    ", or a folder like inbox/partner-x/ below the --config folder" if isinstance(value, list) else ""
                )
                raise ValueError(f"expected an address that starts with http:// or https://{folder}, not {address!r}")
            if fault := _fault(address):
                raise ValueError(f"expected an address with a host that can be visited: {fault}")
        return value

    @field_validator("name", "publisher", "attribution")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("expected words that people read, not nothing")
        return value

    @field_validator("start")
    @classmethod
    def _each_once(cls, start: list[str]) -> list[str]:
        if len(set(start)) < len(start):
            raise ValueError("expected each address once; the same twice is read twice")
        return start

    @field_validator("recorded")
    @classmethod
    def _beside_the_card(cls, path: str) -> str:
        if path.startswith(("/", "~")) or ".." in Path(path).parts:
            raise ValueError('expected a file or folder beside the card, like recorded = "example.html"')
        return path

    @model_validator(mode="after")
    def _card_holds_together(self) -> "Source":
        if not self.enabled and not self.disabled_because:
            raise ValueError("enabled = false needs disabled_because")
        if self.enabled and self.rights is None:
            raise ValueError("an enabled card needs [rights] with a basis; without one we may not show anything of it")
        for name in ("ref", "title"):
            if name not in self.adapter.all_fields and not (name == "title" and self.adapter.details):
                raise ValueError(f"adapter.fields.{name}: this key must be given; nothing can be kept without it")
        if not any(name == "ref" for name, _path in self.adapter.expressions()):
            raise ValueError(
                "adapter.fields.ref: a constant is the same for all; expected an expression that differs by posting"
            )
        if any("{page}" in one for one in self.start) and self.adapter.paging.kind != "page":
            raise ValueError('start: {page} is replaced only with adapter.paging.kind = "page"')
        if self.removal.max_age is not None and not self.removal.max_age:
            raise ValueError('removal.max_age: expected a time like "180d"; "0d" would close everything at once')
        if astray := CHANNEL_FIELDS & set(self.adapter.fields):
            raise ValueError(
                f"adapter.fields.{min(astray)}: only a channel has it, that is details with into = 'channels'"
            )
        if any("{watermark}" in one for one in self._never_replaced()):
            raise ValueError(
                "{watermark} is replaced in the values of adapter.request.params and adapter.request.json only; write it so: "
                'params = { since = "{watermark}" }'
            )
        if self.removal.mode == "snapshot" and self.asks_for_changes:
            raise ValueError(
                'removal.mode = "snapshot" does not go with {watermark} in a request: an answer that holds only what has '
                'changed says nothing of what is absent; write removal.mode = "stream" where the source tells what has gone '
                '(the field gone), else "window"'
            )
        judged = {"title", "summary", "text"} if self.keep.words else set[str]()
        judged |= {"audience", "occupation"} if self.keep.categories or self.keep.classes else set()
        if judged and self.adapter.details and not self.adapter.at_once & judged:
            raise ValueError(
                f"[keep] judges before an item's own page is asked for, and would drop all of them: map one of "
                f"{', '.join(sorted(judged))} in adapter.fields, or leave [keep] out"
            )
        paging = self.adapter.paging
        counted = all("{page}" in address for address in self.start) or "{page}" in str(self.adapter.request.json_)
        if paging.kind == "page" and not paging.param and not counted:
            raise ValueError(
                "adapter.paging of kind page needs param, or {page} where its number goes in every start or in request.json"
            )
        if self.folders and (paging.kind != "none" or self.adapter.request != RequestOptions()):
            raise ValueError("an inbox folder is read file by file: leave out [adapter.paging] and [adapter.request]")
        known = set(self.adapter.all_fields)
        if self.adapter.details:
            where = self.adapter.details.url
            for name in re.findall(r"\{(\w+)\}", where) if "{" in where else [where]:
                if name not in known | {"each"}:
                    raise ValueError(f"adapter.details.url: {name!r} is not a field that this card maps")
            known |= set(self.adapter.details.adapter.all_fields) | {self.adapter.details.into}
        for named in (self.lookups, self.expect.filled):
            for name in named:
                if name not in known:
                    raise ValueError(f"{name!r} in [lookups] or [expect.filled] is not a field that this card maps")
        for name in self.defaults:
            if name not in {"municipality", "employer", "language", "work_form", "contract", "hours", "region"}:
                raise ValueError(f"[defaults] cannot hold {name!r}")
        if not re.fullmatch(r"\d{3}|", self.defaults.get("municipality", "")):
            raise ValueError('defaults.municipality: expected a code of three digits, like "491"')
        if self.defaults.get("language", "fi") not in ("fi", "sv", "en"):
            raise ValueError("defaults.language: expected fi, sv or en")
        return self

    @property
    def asks_for_changes(self) -> bool:
        """Whether the card asks only for what has changed since it was last read to its end."""
        asked = self.adapter.request
        return any("{watermark}" in one for one in (*asked.params.values(), repr(asked.json_)))

    def _never_replaced(self) -> Iterator[str]:
        asked, details, shards = self.adapter.request, self.adapter.details, self.adapter.paging.shards
        yield from (
            *self.start,
            *asked.headers.values(),
            *asked.params,
            shards.url if isinstance(shards, Shards) else "",
        )
        if details:
            yield from (details.url, repr(details.adapter.request))

    @property
    def folders(self) -> tuple[str, ...]:
        """Those of ``start`` that are inbox folders of partners, and not addresses."""
        return tuple(one for one in self.start if _FOLDER.fullmatch(one))

    @property
    def version(self) -> str:
        """Changes whenever the same answer might be read differently: what was known under another version is void."""
        read = self.model_dump(
            mode="json", include={"kind", "languages", "language", "adapter", "lookups", "defaults", "keep"}
        )
        return blake2b(msgspec.json.encode(read, order="sorted"), digest_size=8).hexdigest()


def load_sources(folders: Sequence[Path]) -> dict[str, Source]:
    """Every card of the folders by slug, in order of slug, or :class:`DeclarationError` with every mistake of every card,
    before the first request is made."""
    return read_all(folders, Source)


def load_each(folders: Sequence[Path]) -> tuple[dict[str, Source], dict[str, str]]:
    """The sound cards of the folders by slug, and what is wrong with each broken one."""
    return read_each(folders, Source)
