"""What of a source a card keeps: items with its words, in its categories, of its classes. The rest is off topic."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import field_validator, model_validator

from harvest.declaration import Declared, did_you_mean, files, read
from harvest.fields import as_text
from harvest.records import Code, Value

TOPICS = Path(__file__).parent / "topics"


class Topic(Declared):
    """Words by language that several cards look for, in a file of ``topics``; see :class:`Keep`."""

    words: dict[Literal["fi", "sv", "en"], list[str]]
    not_words: dict[Literal["fi", "sv", "en"], list[str]] = pydantic.Field(default_factory=dict)


@cache
def topic(name: str) -> Topic:
    """The shipped topic of that name. Raises ``ValueError`` naming those that there are."""
    known = files([TOPICS])
    if name not in known:
        raise ValueError(f"there is no topic {name!r}{did_you_mean(name, known)}; known are {', '.join(known)}")
    return read(known[name], Topic)


class Keep(Declared):
    """What of a mixed source is kept; the rest is dropped as off topic. One of ``words`` in the title is enough, in the
    summary (in the text where there is no summary) there must be two; one that stands within one of ``not_words`` does not
    count, and ``*`` is the rest of a word. ``topic`` names a shipped list of both, which is added to the card's own.
    ``categories`` are matched in the field audience or occupation, ``classes`` likewise for services."""

    topic: str = ""
    words: list[str] = pydantic.Field(default_factory=list)
    not_words: list[str] = pydantic.Field(default_factory=list)
    categories: list[str] = pydantic.Field(default_factory=list)
    classes: list[str] = pydantic.Field(default_factory=list)
    publish: Literal["auto", "after_approval"] = "auto"

    @field_validator("words", "not_words")
    @classmethod
    def _words_say_something(cls, words: list[str]) -> list[str]:
        if any(not word.strip("* ") for word in words):
            raise ValueError('an empty word would keep everything, or nothing; expected words like "työllis*"')
        return words

    @field_validator("topic")
    @classmethod
    def _known_topic(cls, name: str) -> str:
        if name:
            topic(name)
        return name

    @model_validator(mode="after")
    def _with_the_words_of_the_topic(self) -> "Keep":
        """So that another word in the topic is another version of every card that asks for it."""
        if self.topic:
            of = topic(self.topic)
            for mine, theirs in ((self.words, of.words), (self.not_words, of.not_words)):
                mine[:] = dict.fromkeys([*mine, *(word for words in theirs.values() for word in words)])
        return self


class Keeper:
    """Tells by the mapped fields whether an item is kept. A card that asks for nothing keeps all."""

    def __init__(self, keep: Keep) -> None:
        self._words = _pattern(keep.words)
        self._not_words = _pattern(keep.not_words)
        self._marks = {mark.casefold() for mark in [*keep.categories, *keep.classes]}

    def keeps(self, fields: Mapping[str, Value]) -> bool:
        """Whether the card asks for what these fields hold."""
        if self._words is None and not self._marks:
            return True
        if self._marks and any(mark in self._marks for mark in _marks(fields)):
            return True
        below = fields.get("summary") or fields.get("text", "")
        return any(self._found(text) for text in texts(fields.get("title", ""))) or any(
            self._found(text) > 1 for text in texts(below)
        )

    def _found(self, text: str) -> int:
        """How often one of the words stands in a text, not within one of those that only look like it."""
        if self._words is None:
            return 0
        traps = [trap.span() for trap in self._not_words.finditer(text)] if self._not_words else []
        found = (word.start() for word in self._words.finditer(text))
        return sum(not any(start <= at < end for start, end in traps) for at in found)


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Whole words, ``*`` for the rest of one, whatever the letter case; nothing where there are none."""
    if not words:
        return None
    stems = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(stems)})(?!\w)", re.IGNORECASE)


def _marks(fields: Mapping[str, Value]) -> Iterator[str]:
    for name in ("audience", "occupation"):
        values = fields.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            yield (value.code if isinstance(value, Code) else as_text(value)).casefold()


def texts(value: Any) -> list[str]:
    """The texts of a value that may hold them by language."""
    return list(value.values()) if isinstance(value, dict) else [as_text(value)]
