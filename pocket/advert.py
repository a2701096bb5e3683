"""An Advert is one vacancy as one site shows it; a cross-posted copy shows some fields otherwise than the original."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from pocket.text import body, shortened
from pocket.vacancy import Vacancy
from pocket.words import LANGUAGES, sectors

HELSINKI = ZoneInfo("Europe/Helsinki")

COPIES_GO_TO: Mapping[str, tuple[str, ...]] = {
    "kuntarekry-mikkeli": ("tpt", "kuntarekry"),
    "kuntarekry-kuusamo": ("tpt", "kuntarekry"),
    "osterbotten": ("tpt", "kuntarekry"),
    "vantaa": ("tpt", "kuntarekry"),
    "kuntarekry": ("tpt",),
    "pilvi": ("tpt",),
    "tpt": ("tpt",),
}
"""Where the adverts of a site are posted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert:
    """A vacancy on a site. ``original`` is the advert this one copies, as it was then; ``differs`` names what it shows
    otherwise, and what ties it to the original. ``revision`` counts the changes of its text, ``extended`` the days by which
    its end was moved."""

    site: str
    number: int
    vacancy: Vacancy
    original: "Advert | None" = None
    differs: frozenset[str] = frozenset()
    revision: int = 0
    extended: int = 0

    @property
    def ref(self) -> str:
        """The reference under which the site's card knows this advert."""
        match self.site:
            case "tpt":
                return str(10_000_000 + self.number)
            case "kuntarekry":
                return self.vacancy.reference
            case "vantaa":
                return str(16_000 + self.number)
            case "pilvi":
                return str(UUID(int=Random(self.number).getrandbits(128), version=4))
            case _:
                return str(2_000_000_000 + self.number)

    @property
    def ends(self) -> date | None:
        """The last day to apply, as this site has it now."""
        return self.vacancy.ends + timedelta(days=self.extended) if self.vacancy.ends else None

    def changed(self, rng: Random) -> "Advert":
        """The same advert a while later: another sentence in its text, or more time to apply."""
        if self.vacancy.ends is not None and rng.random() < 0.5:
            return replace(self, extended=self.extended + 7)
        return replace(self, revision=self.revision + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a site shows of an advert, before it is put into the site's format."""

    title: str
    employer: str
    department: str
    unit: str
    towns: tuple[str, ...]
    contract: str
    hours: str
    openings: int | None
    posted: datetime
    ends: datetime | None
    language: str
    text: str


def joinable(copy: Advert, original: Advert) -> str:
    """By what a copy can be known for what it is, as both stand now. *exact*: a link, the reference, the same fields on
    another board, or a double on one board in the very same words. *partial*: in one language, but another title or name of
    the employer, another end, or on one board a changed or shortened text, which only likeness can tell from another
    opening. *semantic*: in another language."""
    if "translated" in copy.differs:
        return "semantic"
    if copy.differs & _CHANGED or not copy.differs & _TIES:
        return "partial"
    if copy.differs & _CERTAIN:
        return "exact"
    if copy.ends and original.ends and abs((copy.ends - original.ends).days) > 2:
        return "partial"
    as_written = "truncated" not in copy.differs and copy.revision == original.revision
    return "exact" if copy.site != original.site or (as_written and not copy.vacancy.referenced) else "partial"


_CERTAIN = {"link", "same page", "reference"}
_TIES = {*_CERTAIN, "fields"}
_CHANGED = {"client", "department", "decorated"}


def copies(rng: Random, original: Advert) -> list[tuple[str, frozenset[str]]]:
    """What copies an advert has: the site of each, and how it differs."""
    if original.vacancy.work_form == "work_trial":  # boards list paid work
        return []
    if rng.random() > 0.232 or (len(original.vacancy.towns) > 1 and original.site != "kuntarekry-mikkeli"):
        return []
    sites = list(COPIES_GO_TO[original.site])
    rng.shuffle(sites)
    number = 2 if rng.random() < 0.15 else 1
    return [_copy(rng, original, site) for site in sites[:number]]


def _copy(rng: Random, original: Advert, site: str) -> tuple[str, frozenset[str]]:
    vacancy = original.vacancy
    if site == "kuntarekry" and original.site.startswith("kuntarekry-"):
        return site, frozenset({"same page"})
    if site == "kuntarekry" and not vacancy.referenced:
        site = "tpt"
    ways = _exact(original, site)
    if ways and rng.random() < 0.52:
        told_apart = {"reference"} if vacancy.family not in ("", "town") else set()
        return site, frozenset({rng.choice(ways)} | told_apart | _small(rng) - {"swedish"})
    return site, frozenset(_large(rng, vacancy) | _small(rng))


def _exact(original: Advert, site: str) -> list[str]:
    """What may make a copy certain: a link to the original, the reference, or plainly equal fields. The last will not do
    where look-alikes have the same fields."""
    vacancy = original.vacancy
    ways = ["link"] if site == "tpt" and original.site != "tpt" else []
    if vacancy.referenced and original.site != "vantaa":
        ways.append("reference")
    renamed = original.site == "vantaa" and vacancy.language == "sv"
    if vacancy.family in ("", "town") and not vacancy.bucket and not renamed:
        ways.append("fields")
    return ways


def _large(rng: Random, vacancy: Vacancy) -> set[str]:
    """Differences that no exact rule forgives: another name of the employer, another title, another language."""
    ways = ["decorated", "translated"]
    if vacancy.client is not None:
        ways += ["client"] * 3
    if vacancy.employer.kind in ("municipality", "county"):
        ways += ["department"] * 3
    way = rng.choice(ways)
    return {way, "reference"} if way in ("client", "department") and vacancy.family else {way}


def _small(rng: Random) -> set[str]:
    """Differences that mean nothing, in any number."""
    return {each for each, chance in (("swedish", 0.2), ("hours", 0.5), ("truncated", 0.35)) if rng.random() < chance}


def shown(advert: Advert) -> Shown:
    """The fields and the text of an advert, made anew on each call: nothing rendered is kept."""
    vacancy, differs = advert.vacancy, advert.differs
    language = vacancy.language
    if "translated" in differs:
        language = LANGUAGES[(LANGUAGES.index(language) + 1) % 3]
    department = sectors()[vacancy.occupation.sector].department[language]
    employer = vacancy.employer.name[language]
    if "client" in differs and vacancy.client is not None:
        employer = vacancy.client.name[language]
    elif "department" in differs:
        employer = department if vacancy.number % 2 else f"{employer}, {department}"
    towns = tuple(town.name["sv" if "swedish" in differs or language == "sv" else "fi"] for town in vacancy.towns)
    title = vacancy.title(language)
    if "decorated" in differs:
        title = f"{title}, {towns[0]}" if towns and vacancy.number % 2 else f"{title} – {employer}"
    ends = None
    if advert.ends is not None:
        closing = time(23, 59) if "hours" in differs else time(vacancy.hour)
        ends = datetime.combine(advert.ends, closing, HELSINKI)
    reference = bool(advert.original is None or "reference" in differs)
    text = body(vacancy, language, employer, ends, reference=reference, revision=advert.revision)
    return Shown(
        title=title,
        employer=employer,
        department=department,
        unit=vacancy.unit[language] if vacancy.unit else "",
        towns=towns,
        contract=vacancy.contract,
        hours=vacancy.hours,
        openings=vacancy.openings,
        posted=datetime.combine(vacancy.posted, time(8), HELSINKI),
        ends=ends,
        language=language,
        text=shortened(text, vacancy.salt) if "truncated" in differs else text,
    )
