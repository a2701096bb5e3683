"""From an address or a file to a drafted card: recognised, guessed, read, placed, recorded. The hand behind aluetori new."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harvest.declaration import read
from harvest.draft import Heading, adapter_of, card_text
from harvest.guess import Guessed, guess
from harvest.known import Known
from harvest.moment import HELSINKI
from harvest.recognise import recognise
from harvest.recognised import MOST_BYTES, NotRecognisedError, Recognised
from harvest.records import Get, HarvestError, Kind, Problem, RawPosting, Request
from harvest.source import Source
from harvest.walk import walk
from normalize import place
from normalize.address import read_place
from normalize.gazetteer.tables import gazetteer
from normalize.records import Posting
from normalize.region import Region, assign
from normalize.steps import normalize
from schedules.looking import Looked, find_paging, of_address, of_file
from schedules.recorded import file_names, record
from schedules.scrub import scrubbed

SHOWN = 5
MOST_RECORDED = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the person who types said: where, and, if they like, slug, kind, publisher and the region that it is for."""

    where: str
    slug: str = ""
    kind: str = ""
    publisher: str = ""
    region: Region | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What came of it. ``postings`` are the first ones as they would appear; ``unsure`` the marks in the card."""

    slug: str
    card: Path
    recorded: Path | None
    because: str
    system: str
    adapter: str
    unsure: tuple[str, ...]
    postings: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...] = ()
    inbox: Path | None = None
    languages: tuple[str, ...] = field(default=("fi",))


def join(
    asked: Asked, get: Get, config: Path, taken: Mapping[str, Path], regions: Mapping[str, Region], now: datetime
) -> Drafted:
    """Draft a card into ``sources/`` of ``config``, record the page scrubbed beside it, and read it as a harvest would.

    ``get`` asks live addresses. ``taken`` are the cards that are there, which are never overwritten. Raises
    :class:`HarvestError` with a sentence; nothing is written then.
    """
    live = bool(re.match(r"https?://", asked.where, re.IGNORECASE))
    slug = _slug(asked, live)
    if slug in taken:
        raise HarvestError(
            f"there is a card {slug} already ({taken[slug]}), and it is kept; give this one another name with --slug"
        )
    if (kept := config / "sources" / "recorded" / slug).exists():
        hint = "move them away, or give another name with --slug"
        raise HarvestError(f"there are recorded pages of {slug} already ({kept}), and they are kept; {hint}")
    known = Looked(get)
    page = of_address(asked.where, known) if live else of_file(asked.where, slug, now)
    found = recognise(page, (lambda url: known.get(Request(url=url))) if live else None)
    start = found.page.url if live else f"inbox/{slug}/"
    guessed = None if found.system or not found.columns else guess(found.columns, is_place, now)
    if live:
        find_paging(found, known)
    _must_give(found, guessed, start)
    sourced = known.get if live else (lambda _request: replace(page, file=io.BytesIO(page.read(MOST_BYTES))))
    draft = _Draft(asked, found, guessed, slug, start, now.astimezone(HELSINKI).date())
    folder = config / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug}.toml"
    known.met.clear()
    source, postings, problems = _read_twice(draft, path, sourced)
    if not postings and not source.adapter.details:
        path.unlink()
        raise NotRecognisedError(
            f"{asked.where}: a card was drafted and reads no posting ({'; '.join(problems[:2]) or 'no item'})"
        )
    pages = {page.url: page.read(MOST_BYTES)} if not live else dict(known.met)
    recorded = _recorded(source, pages, folder / "recorded" / slug, draft.today, path, start)
    inbox = None if live else config / start
    if inbox:
        inbox.mkdir(parents=True, exist_ok=True)
    text = path.read_text("utf-8")
    return Drafted(
        slug=slug, card=path, recorded=recorded, because=found.because, system=found.system, adapter=found.adapter["kind"],
        unsure=tuple(line.strip() for line in text.splitlines() if "# unsure: " in line and not line.startswith("#")),
        postings=tuple(shown(one, regions, draft.today) for one in postings), problems=tuple(problems), inbox=inbox,
        languages=source.languages,
    )  # fmt: skip


def is_place(text: str) -> bool:
    """Whether a value names a municipality or a larger area of Finland."""
    return len(text) < 120 and any((one.codes or one.area) and not one.rejected for one in read_place(text))


def shown(posting: Posting, regions: Mapping[str, Region], today: date) -> dict[str, Any]:
    """A posting as it would appear: its title, and where, and because of what."""
    placed = place.decide(posting.evidence, today)
    assigned = assign(placed, regions, today)
    because = [one.because for one in placed.places] + [one.because for one in (*placed.areas, *placed.buckets)]
    title = posting.titles.get(posting.language) or next(iter(posting.titles.values()), "")
    return {
        "ref": posting.ref, "title": title, "employer": posting.employer, "url": posting.url,
        "published_on": posting.published_on, "ends_on": posting.ends_on, "language": posting.language,
        "municipalities": [one.code for one in placed.places],
        "places": [str(gazetteer().municipality(one.code) or one.code) for one in placed.places],
        "buckets": [one.to for one in placed.buckets], "regions": [one.to for one in assigned], "because": "; ".join(because),
    }  # fmt: skip


@dataclass(slots=True)
class _Draft:
    asked: Asked
    found: Recognised
    guessed: Guessed | None
    slug: str
    start: str
    today: date

    def text(self, languages: tuple[str, ...], recorded: str = "") -> str:
        """The card as it stands, by what is known so far."""
        asked, parts = self.asked, urlsplit(self.start)
        unsure = {"languages": "as the first postings are written"}
        publisher = asked.publisher
        if not publisher:
            publisher = parts.hostname or self.slug
            unsure |= {"publisher": "who is responsible for it, as people call them", "name": "as people call it"}
        home = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "https://example.invalid"
        if not parts.netloc:
            unsure["home"] = "the publisher's own page"
        kind = asked.kind or self.found.kind or Kind.VACANCY
        if not asked.kind and not self.found.kind:
            unsure["kind"] = "vacancy is most likely; or service, news, event"
        return card_text(
            Heading(
                slug=self.slug, name=f"{publisher}: {'vacancies' if kind == Kind.VACANCY else kind}", publisher=publisher,
                kind=str(kind), home=home, start=self.start, languages=languages, checked=self.today, recorded=recorded,
                defaults=self._defaults(unsure), unsure=unsure,
            ),
            self.found, self.guessed,
        )  # fmt: skip

    def _defaults(self, unsure: dict[str, str]) -> dict[str, str]:
        adapter = adapter_of(self.found, self.guessed, self.start)
        mapped = set(adapter.get("fields", {})) | set(
            (adapter.get("details") or {}).get("adapter", {}).get("fields", {})
        )
        of_itself = adapter["kind"] == "job_posting"
        defaults: dict[str, str] = {}
        if self.asked.publisher and "employer" not in mapped and not of_itself:
            defaults["employer"] = self.asked.publisher
        if self.asked.region:
            defaults |= _silent(self.asked.region, self.today)
        elif not of_itself and not mapped & {"place", "municipality", "postal_code", "address", "region"}:
            unsure["adapter"] = (
                'no field tells the place; write municipality = "491" under [defaults], or draft with --region'
            )
        return defaults


def _silent(region: Region, today: date) -> dict[str, str]:
    """Where a posting of a region belongs that says nothing itself: its one municipality, or its province."""
    members = region.members(today)
    core = sorted(code for code, role in members.items() if role == "core")
    if len(core) == 1:
        return {"municipality": core[0]}
    provinces = {gazetteer().maakunta(code, today) for code in core}
    name = gazetteer().called(f"maakunta:{provinces.pop()}") if len(provinces) == 1 else None
    return {"region": name.fi} if name else {}


def _read_twice(draft: _Draft, path: Path, get: Get) -> tuple[Source, list[Posting], list[str]]:
    """The card as the first postings show that it should be: with the languages in which they are written."""
    languages: tuple[str, ...] = ("fi", "sv", "en")
    try:
        for _ in range(2):
            path.write_text(draft.text(languages, f"recorded/{draft.slug}"), "utf-8")
            source = read(path, Source, slug=draft.slug)
            postings, problems = _first(source, get)
            spoken = Counter(one.language for one in postings if one.language in ("fi", "sv", "en"))
            languages = tuple(one for one, _times in spoken.most_common()) or ("fi",)
        path.write_text(draft.text(languages, f"recorded/{draft.slug}"), "utf-8")
        source = read(path, Source, slug=draft.slug)
    except Exception:
        path.unlink(missing_ok=True)
        raise
    return source, postings, problems


def _first(source: Source, get: Get) -> tuple[list[Posting], list[str]]:
    """The first postings of a harvest, which then ends, and what went wrong before them."""
    postings: list[Posting] = []
    problems: list[str] = []

    def taken() -> Iterator[Any]:
        for count, one in enumerate(walk(source, get, Known())):
            if isinstance(one, Problem):
                problems.append(f"{one.reason}: {one.detail}")
            elif isinstance(one, RawPosting):
                yield one
            if len(postings) >= SHOWN or count > 200:
                return

    for one in normalize(taken()):
        if isinstance(one, Posting):
            postings.append(one)
        elif isinstance(one, Problem):
            problems.append(f"{one.about}: {one.detail}")
    return postings[:SHOWN], list(dict.fromkeys(problems))[:10]


def _recorded(
    source: Source, pages: Mapping[str, bytes], path: Path, today: date, card: Path, start: str
) -> Path | None:
    if not pages or any(len(body) > MOST_RECORDED for body in pages.values()):
        told = "# recorded: the page is too large; save a short one by hand\n"
        card.write_text(re.sub(r"(?m)^recorded = .*\n", told, card.read_text("utf-8")), "utf-8")
        return None
    bodies = [scrubbed(body) for body in pages.values()]
    urls = list(pages) if urlsplit(start).scheme else [start]
    named = dict(zip(urls, zip(file_names(bodies), bodies, strict=True), strict=True))
    record(source, named, path, today)
    return path


def _must_give(found: Recognised, guessed: Guessed | None, start: str) -> None:
    adapter = adapter_of(found, guessed, start)
    needed = {"ref", "title"} - set(adapter.get("fields", {}))
    if needed and not found.system and adapter["kind"] not in ("feed", "job_posting"):
        seen = ", ".join(repr(one.name) for one in found.columns[:15])
        raise NotRecognisedError(
            f"{found.page.url}: {found.because}, and no {' nor '.join(sorted(needed))} was found among {seen or 'nothing'}; "
            "write the card by hand (docs/cards.md), or add their word for it to harvest/words.toml"
        )


def _slug(asked: Asked, live: bool) -> str:
    said = asked.slug
    if not said:
        parts = urlsplit(asked.where)
        said = (
            f"{parts.hostname or ''}_{parts.path.strip('/').rpartition('.')[0] or parts.path}"
            if live
            else Path(asked.where).stem
        )
        said = re.sub(r"^www\.", "", said.casefold()).translate(str.maketrans("åäö", "aao"))
        said = re.sub(r"[^a-z0-9]+", "_", said).strip("_")[:60].strip("_")
    if not re.fullmatch(r"[a-z0-9_-]{1,60}", said):
        raise HarvestError(
            f"--slug {said!r}: expected small letters, digits, - and _ only, 60 at most; it is the card's name for ever"
        )
    return said
