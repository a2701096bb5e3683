"""One raw posting to one posting: every value cleaned once, and what could not be read told as problems."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from msgspec.structs import replace

from harvest.fields import as_text, by_language
from harvest.records import Code, Kind, Problem, RawPosting, Reason, Step, Value
from normalize import clean, dates, employer, evidence, fingerprint, language, work_form
from normalize.contacts import without_contacts
from normalize.records import Channel, Evidence, Posting
from normalize.vocabulary import Contract, Hours, Remote, WorkForm

_LONGEST_DETAIL = 300
LONGEST = {"title": 500, "reference": 200, "employer_id": 100, "salary": 500}
"""How many characters of a line are kept. A longer employer or unit is no name at all, and becomes the text."""
LONGEST_LINE = 500
"""The same for every other line: an address, an audience, a channel's."""
MOST_LINES = 50
"""So many values of one field are kept: a list of addresses is no longer."""


@dataclass(slots=True)
class _Cleaner:
    """Reads the fields of one raw posting; ``problems`` gathers what slipped."""

    raw: RawPosting
    problems: list[Problem] = field(default_factory=list)

    def slip(self, name: str, reason: Reason, detail: str, drops: bool = False) -> None:
        about, detail = f"{self.raw.ref} {name}", without_contacts(detail)[:_LONGEST_DETAIL]
        self.problems.append(Problem(step=Step.CLEAN, reason=reason, about=about, detail=detail, drops=drops))

    def said(self, name: str) -> list[str]:
        value = self.raw.fields.get(name)
        if not value:
            return []
        if isinstance(value, str):
            return [value]
        values = value if isinstance(value, list) else [value]
        return [one.code if isinstance(one, Code) else one for one in values if isinstance(one, str | Code) and one]

    def codes(self, name: str) -> list[str]:
        value = self.raw.fields.get(name, [])
        values = value if isinstance(value, list) else [value]
        return [f"{one.list}:{one.code}" for one in values if isinstance(one, Code)]

    def lines(self, name: str) -> list[str]:
        found = [line for one in self.said(name) if (line := self.bounded(name, without_contacts(clean.line(one))))]
        if len(found) > MOST_LINES:
            self.slip(name, Reason.BROKEN_RECORD, f"it has {len(found)} values; kept are the first {MOST_LINES}")
        return found[:MOST_LINES]

    def bounded(self, name: str, said: str) -> str:
        """A line, or the beginning of one that no screen and no index could hold, which is told."""
        longest = LONGEST.get(name, LONGEST_LINE)
        if len(said) <= longest or name in ("employer", "unit"):
            return said
        self.slip(name, Reason.BROKEN_RECORD, f"it has {len(said)} characters; kept are the first {longest}")
        return f"{said[: longest - 1].rstrip()}…"

    def line(self, name: str) -> str:
        """The first value, or the one in the source's first language. Contacts of persons stay in the text only."""
        value = self.raw.fields.get(name)
        if not value:
            return ""
        if isinstance(value, dict):
            spoken = [value[code] for code in (*self.raw.languages, *value) if code in value]
            return self.bounded(name, without_contacts(clean.line(str(spoken[0]))))
        if isinstance(value, str):
            return self.bounded(name, without_contacts(clean.line(value)))
        return next(iter(self.lines(name)), "")

    def text(self, name: str, raw: str) -> clean.Text:
        found = clean.text(raw)
        if found.lost:
            self.slip(name, Reason.BROKEN_RECORD, found.lost)
        return found

    def texts(self, name: str) -> dict[str, str]:
        value = self.raw.fields.get(name, "")
        if isinstance(value, dict):
            texts = {code: text for code, text in value.items() if isinstance(text, str) and text}
            return texts if texts.keys() <= language.CODES else self._of_known_languages(name, texts)
        return {"": value} if isinstance(value, str) and value else {}

    def _of_known_languages(self, name: str, texts: Mapping[str, str]) -> dict[str, str]:
        """The texts, the first of those under a code that is no language as one of unknown language."""
        known = {code: text for code, text in texts.items() if code in language.CODES}
        for code in texts.keys() - known.keys():
            kept = "it is read as one of unknown language" if not known else "it is left out, others are there"
            detail = f"{code!r} is no language code of ISO 639-1; {kept}"
            self.slip(name, Reason.NOT_IN_VOCABULARY, detail)
        return known or {"": next(iter(texts.values()))}

    def word(self, name: str, vocabulary: type[StrEnum]) -> str:
        found = ""
        for raw in self.said(name):
            known = clean.word(raw, vocabulary)
            if not known:
                expected = ", ".join(vocabulary)
                self.slip(name, Reason.NOT_IN_VOCABULARY, f"{raw[:80]!r} is none of {expected}; see [lookups.{name}]")
            found = found or known
        return found

    def moment(self, name: str) -> dates.Moment | None:
        for raw in self.said(name)[:1]:
            found = dates.moment(raw, self.raw.fetched)
            if not isinstance(found, str):
                return found
            self.slip(name, Reason.BAD_DATE, found)
        return None

    def link(self, name: str) -> str:
        """An address that may be shown. One of e-mail is a contact, and stays in the text only."""
        for raw in self.said(name)[:1]:
            found = clean.link(raw)
            if not found and not raw.lower().startswith("mailto:"):
                long = f", longer than {clean.LONGEST_LINK} characters," if len(raw) > clean.LONGEST_LINK else ""
                self.slip(name, Reason.BAD_LINK, f"{raw[:200]!r}{long} is not an address that may be shown")
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
    titles = {
        code: read.bounded("title", line) for code, text in read.texts("title").items() if (line := clean.line(text))
    }
    if not titles:
        detail = "it has no title, so there is nothing to show; see adapter.fields.title"
        read.slip("title", Reason.FIELD_MISSING, detail, drops=True)
        yield from read.problems
        return
    overflow = _overflow(read)
    texts = {code: read.text("text", text) for code, text in read.texts("text").items()} or (
        {"": read.text("text", overflow)} if overflow else {}
    )
    summaries = {code: read.text("summary", text).plain for code, text in read.texts("summary").items()}
    spoken = _language(read, titles, {code: text.plain for code, text in texts.items()})
    titles, summaries = _under(spoken, titles), _under(spoken, summaries)
    name, household, anonymous = _employer(read)
    default = read.line("default_municipality")
    plain = _under(spoken, {code: text.plain for code, text in texts.items()})
    found, doubts = evidence.gather(raw.fields, titles=titles, texts=plain, employer=name, default=default)
    published, starts, ends = read.moment("published"), read.moment("starts"), read.moment("ends")
    if ends and published and ends.on < published.on - timedelta(days=1):
        detail = f"it ends {ends.on}, before it was published {published.on}; the end is not used"
        read.slip("ends", Reason.BAD_DATE, detail)
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
        plain=plain,
        language=spoken,
        employer=name,
        employer_key="" if anonymous or household else employer.key(name, found),
        employer_id="" if anonymous or household else read.line("employer_id"),
        anonymous=anonymous,
        household=household,
        address="" if household else "; ".join(read.lines("address")),
        work_form=_work_form(read, title),
        contract=read.word("contract", Contract),
        hours=read.word("hours", Hours),
        remote=read.word("remote", Remote),
        agency=clean.truth(read.line("agency")),
        openings=read.openings() if raw.kind is Kind.VACANCY else None,
        salary=read.line("salary"),
        reference=reference,
        unit="" if anonymous or household else _unit(read),
        occupations=tuple(dict.fromkeys(read.codes("occupation"))),
        audience=tuple(read.lines("audience")),
        channels=tuple(_channels(read, spoken)),
        published=published.at if published else None,
        published_on=published.on if published else None,
        starts_on=starts.on if starts else None,
        ends=None if ends is None else dates.end_of(ends.on) if ends.dated else ends.at,
        ends_on=ends.on if ends else None,
        changed=changed.at if changed else None,
        evidence=tuple(_without_street(found)) if household else found,
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
    return work_form.named_by(title)


def _without_street(found: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """A household's evidence of place without the values it was found in: the municipality stays, its street does not."""
    for one in found:
        if one.codes or one.area or one.bucket:
            yield replace(one, value="", rejected=one.rejected)


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


def _channels(read: _Cleaner, spoken: str) -> Iterator[Channel]:
    """The ways to reach a service, as its detail pages gave them: facts of a public service, never of a person."""
    value = read.raw.fields.get("channels", [])

    def line(said: Value) -> str:
        return read.bounded("channels", clean.line(as_text(said)))

    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict):
            names = by_language(one.get("title", ""))
            keyed = names if isinstance(names, dict) else {"": names} if names else {}
            yield Channel(
                kind=as_text(one.get("kind", "")),
                names={code or spoken: line(text) for code, text in keyed.items()},
                url=clean.link(as_text(one.get("url", ""))),
                phone=line(one.get("phone", "")),
                email=line(one.get("email", "")),
                address=line(one.get("address", "")),
            )
