"""Names of places in a text, each with the rule that kept it or refused it: a fact, found in one pass."""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from normalize.context import Context
from normalize.gazetteer.records import Form
from normalize.gazetteer.tables import gazetteer
from normalize.place_rules import TOLD, Rule, judged

LONGEST_LINE = 200
"""A text of one line, no longer than this, is a title: parts of it may also be words such as *etätyö* or a country."""
MOST = 200
"""So many names of one text are looked at; a text with more is a list of all towns and says nothing."""

PART = re.compile(r"[,;:|/()\n–—]|\s-\s|\s(?:ja|och|and|&)\s")
SMALL_WORD = re.compile(r"(?<![\w-])[a-zåäö]")


class Mention(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name found in a text. ``codes`` is its municipality as the tables have it, abolished ones included, or ``area``
    its larger area (``maakunta:10``), or ``bucket`` what its words mean. ``start`` and ``end`` are offsets into the text;
    ``rule`` decided; ``weight`` is how much it says about where the work is; ``rejected`` says why it is no such name."""

    form: str
    rule: str
    start: int = 0
    end: int = 0
    codes: tuple[str, ...] = ()
    area: str = ""
    bucket: str = ""
    weak: bool = False
    case: str = ""
    weight: float = 0.0
    rejected: str = ""

    @property
    def kept(self) -> bool:
        """Whether it counts as the name of a place."""
        return not self.rejected

    @property
    def to(self) -> str:
        """What it names: a municipality's code, a larger area, or a bucket."""
        return self.codes[0] if self.codes else self.area or self.bucket


def mentions(text: str, language: str = "") -> tuple[Mention, ...]:
    """The municipalities and larger areas that a text names, in the order of the text, refused ones included.

    Without a language Finnish, Swedish and English forms all count. Names count with a capital letter, in headings all
    in capitals, and in a text that has no capitals at all; in the last two only if they mean nothing else."""
    return _in_line(text, language) if len(text) <= LONGEST_LINE else tuple(_found(text, language))


@lru_cache(maxsize=20_000)
def _in_line(text: str, language: str) -> tuple[Mention, ...]:
    found = list(_found(text, language))
    if "\n" not in text and "://" not in text:
        found.extend(_words(text, found))
        found.sort(key=lambda each: each.start)
    return tuple(found)


def _found(text: str, language: str) -> Iterator[Mention]:
    small = text.islower()
    searched = SMALL_WORD.sub(lambda found: found.group().upper(), text) if small else text
    before: Context | None = None
    contexts: list[Context] = []
    for start, end, forms, shouting in gazetteer().surfaces.find(searched):
        form = _form(forms, language)
        if form is None:
            continue
        here = Context(text, start, end, form, shouting or small, language)
        here.left = before
        if before is not None:
            before.right = here
        before = here
        contexts.append(here)
        if len(contexts) == MOST:
            break
    for here, rule, weight in _as_lists(contexts):
        form = here.form
        yield Mention(
            form=text[here.start : here.end],
            rule=rule.name,
            start=here.start,
            end=here.end,
            codes=form.codes,
            area=form.area,
            bucket=form.bucket,
            case=form.case,
            weight=weight,
            rejected=rule.says,
        )


def _as_lists(contexts: list[Context]) -> list[tuple[Context, Rule, float]]:
    """Each name with its rule and weight; names of a list in one case say as much as the one that says most."""
    judgements = [(here, rule, rule.weight) for here in contexts for rule in (judged(here),)]
    if len(judgements) == 1:
        return judgements
    for order in (1, -1):
        carried: tuple[Context, Rule, float] | None = None
        for at in range(len(judgements))[::order]:
            here, _, weight = judgements[at]
            joined = here.listed_left if order == 1 else here.listed_right
            alike = carried is not None and joined and carried[0].form.case == here.form.case
            if carried is not None and alike and TOLD < weight < carried[2]:
                judgements[at] = here, carried[1], carried[2]
            carried = judgements[at]
    return judgements


def _form(forms: tuple[Form, ...], language: str) -> Form | None:
    """Of what a surface may be a form of, the likeliest in that language; none where the language has no such form."""
    if len(forms) == 1 and (not language or forms[0].language == language):
        return forms[0]
    fit = [each for each in forms if _fits(each, language)]
    return max(fit, key=lambda each: (not each.old, each.language == language, each.right, each.local), default=None)


def _fits(form: Form, language: str) -> bool:
    if not language or form.language == language or (language == "en" and form.language == "sv"):
        return True
    return form.case == "nom"


def _words(text: str, found: list[Mention]) -> Iterator[Mention]:
    """Parts of a title that are no names of ours: words such as *koko Suomi* or *etätyö*, and places abroad."""
    edges = [0, *(edge for match in PART.finditer(text) for edge in match.span()), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        part = text[start:end].strip(" .!?")
        sense = gazetteer().sense(part) if part else None
        if sense is None or sense.table not in ("words", "foreign", "countries"):
            continue
        start = text.index(part, start)
        if any(each.start < start + len(part) and start < each.end for each in found):
            continue
        refused = ""
        if sense.table != "words":
            if not part[0].isupper():  # "englanti" in a teacher's title is a language
                refused = "no capital letter"
            elif text.isupper():
                refused = "all in capitals, and the name has another meaning"
        yield Mention(
            form=part,
            rule="words",
            start=start,
            end=start + len(part),
            area=sense.area,
            bucket=sense.bucket,
            weak=sense.weak,
            weight=0.6,
            rejected=refused,
        )
