"""What the items of a source look like by the names of their fields, so that a changed shape is named and not guessed at."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from harvest.fields import Pick, as_text
from harvest.known import Shape
from harvest.moment import HELSINKI
from harvest.records import Problem, Reason, Step
from harvest.source import Source
from harvest.verdict import Tally

HAD, HAS_NOT = 0.9, 0.1
"""A name is usual when so large a share of the items has it, and has vanished when no more than so small a share does."""
AS_OFTEN = 0.15
"""How much the shares of a name and of that which took its place may differ."""
FADED = 0.5
"""A mapped field that was usual and is filled in no more than so many is told."""
FEWEST = 5
"""Items from which anything is concluded."""
SAMPLED = 40
"""Items whose values are looked at."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?|\d{1,2}\.\d{1,2}\.\d{4}.*|\w{3}, \d{1,2} \w{3} \d{4}.*")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A name that nearly all items had and nearly none has now; ``became`` is the one that took its place, if any did."""

    name: str
    had: tuple[int, int]
    became: str = ""
    has: tuple[int, int] = (0, 0)

    def sentence(self, before: date | None, on: date | None) -> str:
        """What happened, for the person on duty."""
        had = f"{self.had[0]} of {self.had[1]} items had it{f' on {before}' if before else ''}"
        day = f" on {on}" if on else ""
        if not self.became:
            return (
                f"`{self.name}` is gone{f' since {on}' if on else ''}: {had}; look at the source, and correct the card"
            )
        had = had.replace("had it", "had the one")
        now = f"{self.has[0]} of {self.has[1]} have the other now"
        return f"`{self.name}` became `{self.became}`{day}: {had}, {now}; correct the card"


class Sketch:
    """The shape of the items of a walk, drawn as they are met. ``compile_`` makes an expression of a name."""

    def __init__(self, compile_: Callable[[str], tuple[Pick, frozenset[str]]]) -> None:
        self.items = 0
        self._kinds: dict[tuple[str, ...], int] = {}
        self._looks: dict[str, Counter[str]] = {}
        self._compile = compile_

    def see(self, item: Any, names: tuple[str, ...]) -> bool:
        """Take an item into account, with the names that stand in it; whether it is the first with just these."""
        self.items += 1
        before = self._kinds.get(names, 0)
        self._kinds[names] = before + 1
        if self.items <= SAMPLED:
            for name in set(names):
                self._looks.setdefault(name, Counter())[look(self._value(item, name))] += 1
        return not before

    def shape(self, filled: Mapping[str, tuple[int, int]], fetched: datetime | None) -> Shape | None:
        """What was drawn from pages of that time; nothing when no item was met."""
        if fetched is None or not self.items:
            return None
        counted: Counter[str] = Counter()
        for kind, count in self._kinds.items():
            for name in set(kind):
                counted[name] += count
        names = {name: (count, self._look(name)) for name, count in counted.items()}
        return Shape(items=self.items, names=names, filled=filled, on=fetched.astimezone(HELSINKI).date())

    def _look(self, name: str) -> str:
        found = self._looks.get(name, Counter())
        told = [(count, one) for one, count in found.items() if one != "nothing"]
        return max(told)[1] if told else ""

    def _value(self, item: Any, name: str) -> object:
        if isinstance(item, dict):
            return item.get(name)
        try:
            return self._compile(name)[0](item)
        except (TypeError, ValueError, KeyError, AttributeError):
            return None


def look(value: object) -> str:
    """What a value is like: yes or no, number, date, address, text, long text, list, object, nothing."""
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, dict):
        return "object"
    text = as_text(value)
    if not text:
        return "list" if isinstance(value, list) and value else "nothing"
    if _NUMBER.fullmatch(text):
        return "number"
    if _DATE.fullmatch(text):
        return "date"
    if text.startswith(("http://", "https://")):
        return "address"
    return "long text" if len(text) > 200 else "text"


def vanished(before: Shape, now: Shape, reads: frozenset[str]) -> Iterator[Vanished]:
    """Of the names that the card ``reads``, those that were usual and have vanished, each with what took its place: a name
    that was not there before, stands in as many items, and whose values look alike; of several the most alike in name."""
    if min(before.items, now.items) < FEWEST:
        return
    new = {name for name in now.names if _share(before, name) <= HAS_NOT and _share(now, name) > HAS_NOT}
    for name in sorted(before.names):
        if name not in reads or _share(before, name) < HAD or _share(now, name) > HAS_NOT:
            continue
        had = (before.names[name][0], before.items)
        alike = [other for other in new if _alike(before, name, now, other)]
        if not alike:
            yield Vanished(name=name, had=had)
            continue
        other = max(sorted(alike), key=lambda one, name=name: SequenceMatcher(None, name, one).ratio())  # type: ignore[misc]
        new.discard(other)
        yield Vanished(name=name, had=had, became=other, has=(now.names[other][0], now.items))


def faded(before: Shape, filled: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Mapped fields that were usual and are so no more."""
    for name, (was, of) in before.filled.items():
        now, now_of = filled.get(name, (0, 0))
        if min(of, now_of) >= FEWEST and was >= HAD * of and now <= FADED * now_of:
            yield name


def reshaped(
    source: Source, before: Shape | None, now: Shape | None, reads: frozenset[str], tally: Tally
) -> Iterator[Problem]:
    """What is told of a shape that is another than when the source was last read to its end: names that the card reads and
    that have vanished spoil the harvest; fields that are filled no more are told."""
    if before is None or now is None:
        return
    if gone := list(vanished(before, now, reads)):
        detail = "; ".join(one.sentence(before.on, before.changed_on or now.on) for one in gone)
        told = Problem(step=Step.READ, reason=Reason.SHAPE_CHANGED, about=source.start[0], detail=detail)
        yield tally.spoil_all(told)  # it explains what else went wrong
    for name in faded(before, now.filled):
        if name not in source.expect.filled:
            (filled, of), (was, was_of) = now.filled[name], before.filled[name]
            detail = f"{name} is filled in {filled} of {of}, and was in {was} of {was_of} on {before.on}"
            yield Problem(step=Step.READ, reason=Reason.FIELD_RARELY_FILLED, about=source.slug, detail=detail)


def _share(shape: Shape, name: str) -> float:
    return shape.names.get(name, (0, ""))[0] / shape.items


def _alike(before: Shape, name: str, now: Shape, other: str) -> bool:
    as_often = abs(_share(before, name) - _share(now, other)) <= AS_OFTEN
    return as_often and before.names[name][1] == now.names[other][1]
