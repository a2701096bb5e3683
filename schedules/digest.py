"""One digest a day, of what waits for a person and of nothing else: to the operator all of it, to each region its own."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from harvest.moment import HELSINKI
from normalize.region import Region

if TYPE_CHECKING:
    from schedules.needs import Need

Language: TypeAlias = Literal["fi", "sv"]

_WORDS = tomllib.loads(Path(__file__).with_name("digest.toml").read_text("utf-8"))
_MOMENTS = ("last_complete", "overdue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A letter ``to`` somebody (see :func:`schedules.sending.send`); ``name`` is the region's slug, or ``operator``."""

    name: str
    to: tuple[str, ...]
    subject: str
    text: str


def digests(
    found: "Sequence[Need]",
    regions: Mapping[str, Region],
    operators: tuple[str, ...],
    language: Language,
    now: datetime,
) -> Iterator[Digest]:
    """The letters of the day: none to whom nothing concerns. A region is written to in the first of its languages that is
    Finnish or Swedish, and hears of what is shown on its page; broken cards are the operator's own."""
    if operators and found:
        everything = _say("everything", language)
        yield _digest("operator", operators, everything, _once([(need, 0) for need in found]), language, now)
    for slug, region in sorted(regions.items()):
        own = _once([(need, need.regions[slug]) for need in found if need.regions.get(slug)])
        if own and region.notify:
            spoken: Language = next((one for one in region.languages if one != "en"), "fi")
            name = region.name.get(spoken, str(region))
            yield _digest(slug, region.notify, name, own, spoken, now)


def _once(some: "Sequence[tuple[Need, int]]") -> "list[tuple[Need, int]]":
    """Of the holds of one source the one of most: its units hold much the same postings, and `holds list` tells all."""
    most: dict[tuple[str, str], tuple[Need, int]] = {}
    for need, concerned in some:
        key, size = (need.kind, need.source), (concerned, need.facts.get("going", 0))
        if key not in most or size > (most[key][1], most[key][0].facts.get("going", 0)):
            most[key] = need, concerned
    return list(most.values())


def _digest(
    slug: str, to: tuple[str, ...], name: str, own: "Sequence[tuple[Need, int]]", language: Language, now: datetime
) -> Digest:
    lines = []
    for need, concerned in own:
        facts = {**need.facts, "source": need.source}
        facts |= {key: _moment(facts[key], language) for key in _MOMENTS if key in facts}
        sentence = _WORDS["sentences"][need.kind][language].format(**facts)
        lines.append(f"- {sentence}" + (f" {_say('here', language, count=concerned)}" if concerned else ""))
    signed = _say("signed", language, when=_moment(now.isoformat(), language))
    local = now.astimezone(HELSINKI)
    subject = _say("subject", language, day=f"{local.day}.{local.month}.{local.year}", count=len(own), name=name)
    return Digest(name=slug, to=to, subject=subject, text="\n".join([*lines, "", signed, ""]))


def _say(phrase: str, language: Language, **facts: object) -> str:
    said: str = _WORDS["phrases"][phrase][language].format(**facts)
    return said


def _moment(moment: str | None, language: Language) -> str:
    """A moment on the wall in Helsinki."""
    if not moment:
        return _say("never", language)
    local = datetime.fromisoformat(moment).astimezone(HELSINKI)
    return f"{local.day}.{local.month}.{local:%Y %H.%M}"
