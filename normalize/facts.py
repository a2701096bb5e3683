"""One raw posting to one posting: every value cleaned once, and what could not be read told as problems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from harvest.fields import as_text, by_language
from harvest.records import Code, Kind, Problem, RawPosting, Reason, Step, Value
from normalize import clean, employer, evidence, fingerprint, language
from normalize.records import Channel, Contract, Hours, Posting, Remote, WorkForm

_FORM_WORDS: tuple[tuple[str, WorkForm], ...] = (
    ("työkokeilu", WorkForm.WORK_TRIAL),
    ("arbetsprövning", WorkForm.WORK_TRIAL),
    ("work trial", WorkForm.WORK_TRIAL),
    ("oppisopimus", WorkForm.APPRENTICESHIP),
    ("läroavtal", WorkForm.APPRENTICESHIP),
    ("apprentice", WorkForm.APPRENTICESHIP),
    ("toimeksianto", WorkForm.COMMISSION),
)
"""Words of a title that name the form of work where the source does not."""


@dataclass(slots=True)
class _Cleaner:
    """Reads the fields of one raw posting; ``problems`` gathers what slipped."""

    raw: RawPosting
    problems: list[Problem] = field(default_factory=list)

    def slip(self, name: str, reason: Reason, detail: str, drops: bool = False) -> None:
        about = f"{self.raw.ref} {name}"
        self.problems.append(Problem(step=Step.CLEAN, reason=reason, about=about, detail=detail, drops=drops))

    def said(self, name: str) -> list[str]:
        value = self.raw.fields.get(name, "")
        values = value if isinstance(value, list) else [value]
        return [one.code if isinstance(one, Code) else one for one in values if isinstance(one, str | Code) and one]

    def codes(self, name: str) -> list[str]:
        value = self.raw.fields.get(name, [])
        return [
            f"{one.list}:{one.code}" for one in (value if isinstance(value, list) else [value]) if isinstance(one, Code)
        ]

    def line(self, name: str) -> str:
        value = self.raw.fields.get(name, "")
        if isinstance(value, dict):
            spoken = [value[code] for code in (*self.raw.languages, *value) if code in value]
            return clean.line(str(spoken[0])) if spoken else ""
        return clean.line(next(iter(self.said(name)), ""))

    def texts(self, name: str) -> dict[str, str]:
        value = self.raw.fields.get(name, "")
        if isinstance(value, dict):
            return {code: text for code, text in value.items() if isinstance(text, str) and text}
        return {"": value} if isinstance(value, str) and value else {}

    def word(self, name: str, vocabulary: type[StrEnum]) -> str:
        found = ""
        for raw in self.said(name):
            known = clean.word(raw, vocabulary)
            if known:
                found = found or known
            else:
                expected = ", ".join(vocabulary)
                self.slip(name, Reason.NOT_IN_VOCABULARY, f"{raw!r} is none of {expected}; see [lookups.{name}]")
        return found

    def moment(self, name: str) -> clean.Moment | None:
        for raw in self.said(name)[:1]:
            found = clean.moment(raw, self.raw.fetched)
            if isinstance(found, str):
                self.slip(name, Reason.BAD_DATE, found)
            elif found:
                return found
        return None

    def link(self, name: str) -> str:
        for raw in self.said(name)[:1]:
            found = clean.link(raw)
            if not found:
                self.slip(name, Reason.BAD_LINK, f"{raw[:200]!r} is not an address that may be shown")
            return found
        return ""

    def openings(self) -> int | None:
        for raw in self.said("openings")[:1]:
            found = clean.number(raw)
            if isinstance(found, int):
                return found
            self.slip("openings", Reason.BAD_NUMBER, found)
        return None


def posting(raw: RawPosting) -> Iterator[Posting | Problem]:
    """The cleaned posting, and a problem for every value that slipped; only problems when there is no title."""
    read = _Cleaner(raw)
    titles = {code: line for code, text in read.texts("title").items() if (line := clean.line(text))}
    if not titles:
        read.slip(
            "title",
            Reason.FIELD_MISSING,
            "it has no title, so there is nothing to show; see adapter.fields.title",
            True,
        )
        yield from read.problems
        return
    overflow = _overflow(read)
    texts = {code: clean.text(text) for code, text in read.texts("text").items()} or (
        {"": clean.text(overflow)} if overflow else {}
    )
    summaries = {code: clean.text(text).plain for code, text in read.texts("summary").items()}
    spoken = _language(read, titles, {code: text.plain for code, text in texts.items()})
    titles, summaries = _under(spoken, titles), _under(spoken, summaries)
    name, household, anonymous = _employer(read)
    fields: Mapping[str, Value] = raw.fields
    if household:
        fields = {key: value for key, value in fields.items() if key != "address"}
    found, doubts = evidence.gather(fields, titles=titles, employer=name, default=read.line("default_municipality"))
    published, starts, ends = read.moment("published"), read.moment("starts"), read.moment("ends")
    if ends and published and ends.on < published.on - timedelta(days=1):
        read.slip(
            "ends", Reason.BAD_DATE, f"it ends {ends.on}, before it was published {published.on}; the end is not used"
        )
        ends = None
    changed = read.moment("changed")
    url, reference = read.link("url"), read.line("reference")
    title = titles.get(spoken) or next(iter(titles.values()))
    yield Posting(
        source=raw.source,
        ref=raw.ref,
        kind=raw.kind,
        digest=raw.digest,
        page=raw.page,
        url=url,
        apply_url=read.link("apply_url"),
        titles=titles,
        summaries=summaries,
        html={code or spoken: text.html for code, text in texts.items()},
        plain={code or spoken: text.plain for code, text in texts.items()},
        language=spoken,
        employer=name,
        employer_key="" if anonymous or household else employer.key(name, found),
        employer_id=read.line("employer_id"),
        anonymous=anonymous,
        household=household,
        address="" if household else "; ".join(clean.line(one) for one in read.said("address")),
        work_form=_work_form(read, title),
        contract=read.word("contract", Contract),
        hours=read.word("hours", Hours),
        remote=read.word("remote", Remote),
        agency=clean.truth(read.line("agency")),
        openings=read.openings() if raw.kind is Kind.VACANCY else None,
        salary=read.line("salary"),
        reference=reference,
        unit=_unit(read),
        occupations=tuple(dict.fromkeys(read.codes("occupation"))),
        audience=tuple(clean.line(one) for one in read.said("audience")),
        channels=tuple(_channels(fields.get("channels", []))),
        published=published.at if published else None,
        published_on=published.on if published else None,
        starts_on=starts.on if starts else None,
        ends=None if ends is None else clean.end_of(ends.on) if ends.dated else ends.at,
        ends_on=ends.on if ends else None,
        changed=changed.at if changed else None,
        evidence=found,
        publish=raw.publish,
        title_key=fingerprint.title_key(title),
        url_key=fingerprint.url_key(url),
        reference_key=fingerprint.reference_key(reference),
    )
    yield from read.problems
    for doubt in doubts:
        yield Problem(step=doubt.step, reason=doubt.reason, about=f"{raw.ref} {doubt.about}", detail=doubt.detail)


def _overflow(read: _Cleaner) -> str:
    """A whole advert in the employer's or unit's field: it is the text of the posting if that has none."""
    for name in ("employer", "unit"):
        said = read.line(name)
        if not employer.is_name(said):
            detail = f"it holds a text of {len(said)} characters, not a name: used as the text, where there is none"
            read.slip(name, Reason.BROKEN_RECORD, detail)
            return next(iter(read.texts(name).values()), said)
    return ""


def _employer(read: _Cleaner) -> tuple[str, bool, bool]:
    """The name to show, whether it is a household, whether it is anonymous. The card's default speaks where none does."""
    name = read.line("employer")
    if not employer.is_name(name):
        name = ""
    name = name or read.line("default_employer")
    household = clean.truth(read.line("household")) or employer.is_household(name)
    anonymous = clean.truth(read.line("anonymous")) or employer.is_anonymous(name)
    return "" if household or anonymous else name, household, anonymous


def _unit(read: _Cleaner) -> str:
    unit = read.line("unit")
    return unit if employer.is_name(unit) else ""


def _work_form(read: _Cleaner, title: str) -> str:
    said = read.word("work_form", WorkForm)
    if said or read.raw.kind is not Kind.VACANCY:
        return said
    lower = title.lower()
    return next((form for word, form in _FORM_WORDS if word in lower), WorkForm.EMPLOYMENT)


def _language(read: _Cleaner, titles: Mapping[str, str], plain: Mapping[str, str]) -> str:
    """The language of what has none of its own: the source's word if the card trusts it, else what the text looks like."""
    said = read.line("language").lower()[:2]
    if read.raw.language_trusted and said in ("fi", "sv", "en"):
        return said
    keyed = [code for code in titles if code]
    if keyed:
        return next((code for code in read.raw.languages if code in keyed), keyed[0])
    sample = f"{titles['']}. {plain.get('') or ''}"
    return language.language(sample, (said, *read.raw.languages) if said in ("fi", "sv", "en") else read.raw.languages)


def _under(spoken: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {code or spoken: text for code, text in texts.items()}


def _channels(value: Value) -> Iterator[Channel]:
    """The ways to reach a service, as its detail pages gave them: facts of a public service, never of a person."""
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            names = by_language(one.get("title", ""))
            yield Channel(
                kind=as_text(one.get("kind", "")),
                names={code: clean.line(str(text)) for code, text in names.items()}
                if isinstance(names, dict)
                else {"": names},
                url=clean.link(as_text(one.get("url", ""))),
                phone=clean.line(as_text(one.get("phone", ""))),
                email=clean.line(as_text(one.get("email", ""))),
                address=clean.line(as_text(one.get("address", ""))),
            )
