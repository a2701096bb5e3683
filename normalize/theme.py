"""Themes as their files declare them, and which themes a posting's words and codes belong to."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from pydantic import Field, field_validator

from harvest.declaration import Declared, read_all
from normalize.records import Assigned

THEMES = Path(__file__).parent / "themes"
"""The shipped theme files."""

Language: TypeAlias = Literal["fi", "sv", "en"]


class Theme(Declared):
    """A theme as its file declares it. A word with ``*`` is a stem; ``not_words`` are what a stem would find and must
    not. ``codes`` are by list (``isco``, ``esco``, ``ptv``), with ``*`` at the end for all below one."""

    name: Mapping[Language, str] = Field(min_length=1)
    intro: Mapping[Language, str] = Field(default_factory=dict)
    owner: str
    words: Mapping[Language, tuple[str, ...]] = Field(default_factory=dict)
    not_words: Mapping[Language, tuple[str, ...]] = Field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("words", "not_words")
    @classmethod
    def _are_words(cls, words: Mapping[Language, tuple[str, ...]]) -> Mapping[Language, tuple[str, ...]]:
        for word in (word for several in words.values() for word in several):
            if len(word.replace("*", "")) < 4 or word != word.strip() or word.startswith("*"):
                raise ValueError(f"expected words of four letters or more, `*` only after letters; `{word}` is not one")
        return words

    @cached_property
    def _stems(self) -> dict[str, tuple[tuple[str, str, re.Pattern[str]], ...]]:
        """By language: how a word of the text must begin, the word as declared, and the pattern that finds it."""
        return {
            language: tuple((_beginning(word), word, _pattern(word)) for word in words)
            for language, words in self.words.items()
        }

    @cached_property
    def _beginnings(self) -> dict[str, frozenset[str]]:
        return {language: frozenset(start for start, _word, _of in stems) for language, stems in self._stems.items()}

    @cached_property
    def _traps(self) -> dict[str, tuple[re.Pattern[str], ...]]:
        return {language: tuple(map(_pattern, words)) for language, words in self.not_words.items()}

    def found(self, said: "Said", language: str) -> tuple[str, str] | None:
        """The first declared word that a text holds, and the form in which it stands there. Without a known language the
        words of all languages are looked for. Costs as much as the text is long: nearly every text has no word that
        begins like a declared one, and is not searched."""
        for spoken in (language,) if language in self._stems else tuple(self._stems):
            if self._beginnings[spoken].isdisjoint(said.beginnings):
                continue
            for beginning, word, pattern in self._stems[spoken]:
                if beginning in said.beginnings:
                    for match in pattern.finditer(said.text):
                        if not any(_around(trap, said.text, match) for trap in self._traps.get(spoken, ())):
                            return word, match.group()
        return None


class Said(NamedTuple):
    """A text in lower case, with how its words begin."""

    text: str
    beginnings: frozenset[str]


def said(text: str) -> Said:
    """A text as themes look into it."""
    lowered = text.casefold()
    return Said(lowered, frozenset(("", *(word[:FIRST] for word in _WORD.findall(lowered)))))


FIRST = 5
"""Letters by which the words of a text are told apart before any is looked for."""
_WORD = re.compile(r"\w+")
_PART = re.compile(r"(?<![\w*])(\w+)(\*?)")


def _beginning(word: str) -> str:
    """How one word of every text begins that holds the declared word; empty when that is not known."""
    parts = [found.groups() for found in _PART.finditer(word.casefold())]
    known = [part[:FIRST] for part, stem in parts if not stem or len(part) >= FIRST]
    return max(known, key=len, default="")


def _around(trap: re.Pattern[str], text: str, found: re.Match[str]) -> bool:
    """Whether a trap holds the find in it, at its beginning (*reuse of code*) or further on (*koodin uudelleenkäyttö*)."""
    return any(one.start() <= found.start() < one.end() for one in trap.finditer(text))


def _pattern(word: str) -> re.Pattern[str]:
    """A declared word as a pattern for texts in lower case: whole words, ``*`` for the rest of one."""
    stems = re.escape(word.casefold()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
    return re.compile(rf"(?<!\w){stems}(?!\w)")


def load_themes(folders: Sequence[Path] = (THEMES,)) -> dict[str, Theme]:
    """All themes by slug, which is the file's name. Raises ``DeclarationError`` for a file that cannot be used."""
    return read_all(folders, Theme)


def assign(
    texts: Mapping[str, Mapping[str, str]], codes: Collection[str], themes: Mapping[str, Theme]
) -> tuple[Assigned, ...]:
    """The themes of a posting, each with the word or code it was found by. ``texts`` are by place (title, text) and in
    it by language, without boilerplate, the telling ones first; ``codes`` are written ``list:code``."""
    lowered = [
        (where, language, said(text)) for where, by_language in texts.items() for language, text in by_language.items()
    ]
    return tuple(
        Assigned(to=slug, because=because)
        for slug, theme in themes.items()
        if (because := next(_reasons(theme, lowered, codes), ""))
    )


def _reasons(theme: Theme, texts: Iterable[tuple[str, str, Said]], codes: Collection[str]) -> Iterator[str]:
    for where, language, text in texts:
        if found := theme.found(text, language):
            yield f"word {found[0]} in the {where}: {found[1]}"
    if codes and theme.codes:
        for list, declared in theme.codes.items():
            for code in declared:
                stem = f"{list}:{code.rstrip('*')}"
                for given in codes:
                    if given == stem or (code.endswith("*") and given.startswith(stem)):
                        yield f"code {code} of list {list}: {given}"
