"""The true jobs of the pocket world: one Vacancy each, drawn by seed, look-alikes of others among them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from pocket.employers import Employer, Employers
from pocket.places import Town, towns
from pocket.words import Occupation, Phrase, occupations, sectors, table

LOOK_ALIKE = 0.155
"""Chance that a family of look-alikes grows around a vacancy: about 30 % of all adverts are then of such families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """One true job. ``family`` says how it differs from its look-alikes (town, unit, contract, later), or nothing;
    ``openings`` is None when nobody says; ``salt`` draws the sentences of its text."""

    number: int
    salt: int
    occupation: Occupation
    tail: Phrase | None
    employer: Employer
    client: Employer | None = None
    unit: Phrase | None = None
    towns: tuple[Town, ...]
    bucket: str = ""
    abroad: int = 0
    language: str
    openings: int | None = None
    contract: str = "permanent"
    hours: str = "full_time"
    work_form: str = "employment"
    posted: date
    ends: date | None
    hour: int = 16
    family: str = ""
    referenced: bool = False

    @property
    def id(self) -> str:
        """The name by which the truth calls this job."""
        return f"v{self.number:06d}"

    @property
    def reference(self) -> str:
        """The employer's own reference, or nothing when it gives none."""
        return f"{self.employer.prefix}-{self.number:05d}-{self.posted:%y}" if self.referenced else ""

    def title(self, language: str) -> str:
        """The title as the employer writes it."""
        tail = f", {self.tail[language]}" if self.tail else ""
        return self.occupation.title[language] + tail


class Hiring:
    """Draws vacancies for ever. Two of them share employer, title and town only where they are look-alikes on purpose,
    or where the world is so large that it cannot be helped: those carry references."""

    def __init__(self, employers: Employers) -> None:
        self._employers = employers
        self._taken: set[tuple[str, str, str]] = set()
        self._numbers = count(1)

    def vacancies(self, rng: Random, today: date) -> Iterator[Vacancy]:
        """Vacancies as they stand on a day, each followed by its look-alikes."""
        while True:
            vacancy = self._vacancy(rng, today)
            families = _families(vacancy) if rng.random() < LOOK_ALIKE else []
            families = families[: rng.choice((1, 1, 2, 3))]
            yield replace(vacancy, family=families[0]) if families else vacancy
            for family in families:
                yield self._look_alike(rng, vacancy, family)

    def _vacancy(self, rng: Random, today: date) -> Vacancy:
        for _ in range(6):
            employer, client = self._employer(rng)
            sector = rng.choice((client or employer).sectors)
            occupation = rng.choice([each for each in occupations() if each.sector == sector])
            unit = rng.choice(sectors()[sector].units)
            tail = rng.choice((None, unit, rng.choice(sectors()[sector].tails)))
            place = rng.choices(employer.towns, [town.weight for town in employer.towns])[0]
            if client is not None:
                place = client.towns[0]
            key = (employer.name["fi"], occupation.title["fi"] + (tail["fi"] if tail else ""), place.code)
            free = key not in self._taken
            self._taken.add(key)
            if free:
                break
        public = employer.kind in ("municipality", "county")
        vacancy = Vacancy(
            number=next(self._numbers),
            salt=rng.getrandbits(32),
            occupation=occupation,
            tail=tail,
            employer=employer,
            client=client,
            unit=unit if public or rng.random() < 0.3 else None,
            towns=(place,),
            language=_language(rng, employer, place),
            openings=rng.choices((1, 2, 3, 5, 10, None), (50, 15, 8, 4, 2, 21))[0],
            contract=rng.choices(("permanent", "fixed_term", "on_call", "seasonal", "summer"), (58, 25, 5, 4, 8))[0],
            hours="full_time" if rng.random() < 0.85 else "part_time",
            posted=today - timedelta(days=rng.randrange(20)),
            ends=_ends(rng, employer, today),
            hour=rng.choice((12, 15, 16)),
            family="" if free else "unit",
            referenced=public or not free or rng.random() < 0.4,
        )
        return _special(rng, vacancy)

    def _employer(self, rng: Random) -> tuple[Employer, Employer | None]:
        drawn = rng.random()
        if drawn < 0.52:
            return rng.choices(self._employers.public, self._employers.public_weights)[0], None
        if drawn < 0.57:
            return self._employers.growth, None
        town = rng.choices(towns(), [each.weight for each in towns()])[0]
        company = rng.choice(self._employers.companies[town.code])
        if drawn < 0.88:
            return company, None
        staffing = [firm for firm in self._employers.staffing if company.sectors[0] in firm.sectors]
        return (rng.choice(staffing), company) if staffing else (company, None)

    def _look_alike(self, rng: Random, like: Vacancy, family: str) -> Vacancy:
        """Another job that reads almost the same, different in what its family says."""
        vacancy = replace(like, number=next(self._numbers), family=family, referenced=True)
        if family == "town":
            return replace(vacancy, towns=(rng.choice([town for town in _reach(like) if town not in like.towns]),))
        if family == "unit":
            units = [unit for unit in sectors()[like.occupation.sector].units if unit != like.unit]
            return replace(vacancy, unit=rng.choice(units))
        if family == "contract":
            return replace(vacancy, contract="fixed_term" if like.contract == "permanent" else "permanent")
        assert like.ends is not None
        return replace(vacancy, ends=like.ends + timedelta(days=rng.randrange(75, 120)))


def _reach(vacancy: Vacancy) -> tuple[Town, ...]:
    """Where the same employer might hire for the same job: a company that hires in one town may have a branch."""
    return vacancy.employer.towns if len(vacancy.employer.towns) > 1 else towns()[:20]


def _families(vacancy: Vacancy) -> list[str]:
    """How look-alikes of this vacancy may differ: only in what its site shows. Career sites show no end and no
    contract, Vantaa's list shows the unit and the end; a municipality hires in its own town. A vacancy without a reference
    gets look-alikes in other towns only, since nothing else would tell a copy of it from a copy of them."""
    if vacancy.bucket or len(vacancy.towns) > 1:
        return []
    if vacancy.employer.kind == "municipality":
        possible = ["unit", "later"] if vacancy.employer.home == "vantaa" else ["unit", "contract", "later"]
    elif vacancy.employer.home == "pilvi" or not vacancy.referenced:
        possible = ["town"]
    else:
        possible = ["town", "contract", "unit", "later"]
    if vacancy.unit is None or vacancy.tail is vacancy.unit:
        possible = [each for each in possible if each != "unit"]
    if vacancy.ends is None:
        possible = [each for each in possible if each != "later"]
    turn = vacancy.salt % len(possible) if possible else 0
    return possible[turn:] + possible[:turn]


def _language(rng: Random, employer: Employer, place: Town) -> str:
    if employer.home == "pilvi":
        return rng.choice(("en", "en", "fi"))
    if employer.home == "osterbotten":
        return rng.choice(("sv", "sv", "fi"))
    if employer.kind in ("company", "staffing") and rng.random() < 0.12:
        return "en"
    return "sv" if rng.random() < place.swedish else "fi"


def _ends(rng: Random, employer: Employer, today: date) -> date | None:
    if employer.home == "pilvi" or (employer.kind == "company" and rng.random() < 0.12):
        return None
    if employer.home == "osterbotten":
        return today + timedelta(days=rng.randrange(60, 90))
    return today + timedelta(days=rng.randrange(1, 45))


def _special(rng: Random, vacancy: Vacancy) -> Vacancy:
    """Now and then a job in several towns, without a usable place, everywhere, abroad, or another form of work."""
    drawn = rng.random()
    if vacancy.employer.home == "vantaa":
        return replace(vacancy, work_form="work_trial", ends=None) if drawn < 0.25 else vacancy
    if vacancy.employer.kind == "county" and drawn < 0.12:
        return replace(vacancy, towns=tuple(rng.sample(vacancy.employer.towns, min(3, len(vacancy.employer.towns)))))
    if vacancy.employer.kind not in ("company", "staffing"):
        return vacancy
    for bucket, below in (("remote", 0.07), ("national", 0.11), ("abroad", 0.14), ("unplaced", 0.19)):
        if drawn < below:
            if vacancy.employer.home == "pilvi" and bucket != "remote":
                break
            place = rng.randrange(len(table("names")["abroad"]))
            return replace(vacancy, bucket=bucket, towns=(), abroad=place)
    return replace(vacancy, work_form="apprenticeship") if drawn > 0.97 and vacancy.employer.home == "tpt" else vacancy
