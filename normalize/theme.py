"""Themes as their files declare them, and which themes a posting's words and codes belong to."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from ahocorasick_rs import AhoCorasick
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
    def _patterns(self) -> dict[str, tuple[re.Pattern[str], ...]]:
        return {language: tuple(map(_pattern, words)) for language, words in self.words.items()}

    @cached_property
    def _traps(self) -> dict[str, tuple[re.Pattern[str], ...]]:
        return {language: tuple(map(_pattern, words)) for language, words in self.not_words.items()}

    def found(self, text: str, language: str) -> tuple[str, str] | None:
        """The first declared word that a text in lower case holds, and the form in which it stands there. Without a
        known language the words of all languages are looked for."""
        for spoken, words in self.words.items():
            if language in self.words and spoken != language:
                continue
            # Nearly every text holds no word at all, and one search for the parts of all says so.
            for number in sorted({hit[0] for hit in _parts(words).find_matches_as_indexes(text, overlapping=True)}):
                for match in self._patterns[spoken][number].finditer(text):
                    if not any(_around(trap, text, match) for trap in self._traps.get(spoken, ())):
                        return words[number], match.group()
        return None


def _around(trap: re.Pattern[str], text: str, found: re.Match[str]) -> bool:
    """Whether a trap holds the find in it, at its beginning (*reuse of code*) or further on (*koodin uudelleenkäyttö*)."""
    return any(one.start() <= found.start() < one.end() for one in trap.finditer(text))


@lru_cache(maxsize=100)
def _parts(words: tuple[str, ...]) -> AhoCorasick:
    """Finds the longest part of each word, by the word's number: where none stands, no word does."""
    return AhoCorasick([max(re.split(r"[* ]+", word.casefold()), key=len) for word in words])


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
        (where, language, text.casefold())
        for where, by_language in texts.items()
        for language, text in by_language.items()
    ]
    return tuple(
        Assigned(to=slug, because=because)
        for slug, theme in themes.items()
        if (because := next(_reasons(theme, lowered, codes), ""))
    )


def _reasons(theme: Theme, texts: Iterable[tuple[str, str, str]], codes: Collection[str]) -> Iterator[str]:
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
