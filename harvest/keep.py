"""What of a source a card keeps: items with its words, in its categories, of its classes. The rest is off topic."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harvest.fields import as_text
from harvest.records import Code, Value
from harvest.source import Keep


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
