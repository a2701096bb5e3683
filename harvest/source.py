"""A source card: one TOML file that says all there is to know of one place that postings come from."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import msgspec
import pydantic
from pydantic import BeforeValidator, field_validator, model_validator

from harvest.adapters import feed, job_posting, json_api, ndjson, xml_feed
from harvest.adapters.adapter import AnyAdapter
from harvest.declaration import Declared, read_all
from harvest.fields import CHANNEL_FIELDS
from harvest.records import Kind

ADAPTERS = (json_api.JsonApi, ndjson.Ndjson, xml_feed.XmlFeed, feed.Feed, job_posting.JobPosting)
"""The formats we can read. A new one is a module of ``adapters`` and a name here, nothing else."""

SHIPPED = Path(__file__).parent / "sources"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(value: object) -> object:
    if value in ("0", 0):
        return timedelta(0)
    hit = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value) if isinstance(value, str) else None
    if not hit:
        raise ValueError('expected a number with a unit, like "30s", "10m", "3h" or "90d"')
    try:
        return timedelta(**{_UNITS[hit[2]]: float(hit[1])})
    except OverflowError:
        raise ValueError("expected a shorter time than that") from None


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


Duration = Annotated[timedelta, BeforeValidator(_duration)]
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


class Schedule(Declared):
    """When it is harvested: ``every`` so long, or by ``cron`` in Europe/Helsinki (weekdays by name)."""

    every: Duration | None = None
    cron: str = ""
    jitter: Duration = timedelta(0)
    max_runtime: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _one_clock(self) -> "Schedule":
        if bool(self.every) == bool(self.cron):
            raise ValueError('expected exactly one of every = "3h" and cron = "15 5 * * *"')
        if self.cron and (len(self.cron.split()) != 5 or re.search(r"\d", self.cron.split()[4])):
            raise ValueError(
                "cron has five fields, and weekdays are written mon to sun, since numbers differ in meaning"
            )
        return self


class Manners(Declared):
    """How politely: ``delay`` between two requests to one host, whoever asks."""

    delay: Duration = timedelta(seconds=1)
    egress: Literal["any", "fixed"] = "any"


class Freshness(Declared):
    """How old the last complete harvest may grow."""

    complete_within: Duration = timedelta(days=1)


class Keep(Declared):
    """What of a mixed source is kept; the rest is dropped as off topic. ``words`` are matched in title, summary and text
    (``*`` at the end of a stem), ``categories`` in the field audience or occupation, ``classes`` likewise for services."""

    words: list[str] = pydantic.Field(default_factory=list)
    categories: list[str] = pydantic.Field(default_factory=list)
    classes: list[str] = pydantic.Field(default_factory=list)
    publish: Literal["auto", "after_approval"] = "auto"

    @field_validator("words")
    @classmethod
    def _words_say_something(cls, words: list[str]) -> list[str]:
        if any(not word.strip().rstrip("*") for word in words):
            raise ValueError('an empty word would keep everything; expected words like "työllis*"')
        return words


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
            if not re.fullmatch(r"https?://[^/\s]+\S*", address):
                raise ValueError(f"expected an address that starts with http:// or https://, not {address!r}")
            if fault := _fault(address):
                raise ValueError(f"expected an address with a host that can be visited: {fault}")
        return value

    @model_validator(mode="after")
    def _card_holds_together(self) -> "Source":
        if not self.enabled and not self.disabled_because:
            raise ValueError("enabled = false needs disabled_because")
        if self.enabled and self.rights is None:
            raise ValueError("an enabled card needs [rights] with a basis; without one we may not show anything of it")
        for name in ("ref", "title"):
            if name not in self.adapter.all_fields and not (name == "title" and self.adapter.details):
                raise ValueError(f"adapter.fields.{name}: this key must be given; nothing can be kept without it")
        if astray := CHANNEL_FIELDS & set(self.adapter.fields):
            raise ValueError(
                f"adapter.fields.{min(astray)}: only a channel has it, that is details with into = 'channels'"
            )
        paging = self.adapter.paging
        counted = all("{page}" in address for address in self.start) or "{page}" in str(self.adapter.request.json_)
        if paging.kind == "page" and not paging.param and not counted:
            raise ValueError(
                "adapter.paging of kind page needs param, or {page} where its number goes in every start or in request.json"
            )
        known = set(self.adapter.all_fields)
        if self.adapter.details:
            where = self.adapter.details.url
            for name in re.findall(r"\{(\w+)\}", where) if "{" in where else [where]:
                if name not in known | {"each"}:
                    raise ValueError(f"adapter.details.url: {name!r} is not a field that this card maps")
            known |= set(self.adapter.details.adapter.all_fields) | {self.adapter.details.into}
        for table in (self.lookups, self.expect.filled):
            for name in table:
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
