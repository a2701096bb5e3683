"""What of a source a card keeps: items with its words, in its categories, of its classes. The rest is off topic."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harvest.fields import as_text
from harvest.records import Code, Value
from harvest.source import Keep


class Keeper:
    """Tells by the mapped fields whether an item is kept. A card that asks for nothing keeps all."""

    def __init__(self, keep: Keep) -> None:
        stems = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else r"\b") for word in keep.words]
        self._words = re.compile(r"\b(?:" + "|".join(stems) + ")", re.IGNORECASE) if stems else None
        self._marks = {mark.casefold() for mark in [*keep.categories, *keep.classes]}

    def keeps(self, fields: Mapping[str, Value]) -> bool:
        """Whether the card asks for what these fields hold."""
        if self._words is None and not self._marks:
            return True
        if self._marks and any(mark in self._marks for mark in _marks(fields)):
            return True
        return self._words is not None and any(
            self._words.search(text) for name in ("title", "summary", "text") for text in texts(fields.get(name, ""))
        )


def _marks(fields: Mapping[str, Value]) -> Iterator[str]:
    for name in ("audience", "occupation"):
        values = fields.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            yield (value.code if isinstance(value, Code) else as_text(value)).casefold()


def texts(value: Any) -> list[str]:
    """The texts of a value that may hold them by language."""
    return list(value.values()) if isinstance(value, dict) else [as_text(value)]
