"""The sentences of generated adverts, how copies change them, and what boards are like."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "adverts.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What adverts and boards are like. ``told`` is how often a fact stands in a text, ``edits`` how much an edited copy
    differs, ``alias`` how often a board calls an employer otherwise, ``slips`` how often a title has a typing error."""

    told: float = 0.85
    edits: float = 1.0
    alias: float = 0.06
    slips: float = 0.0
    codes: bool = False
    named_contract: bool = False
    own_ref: bool = False
    no_text: bool = False
    later: tuple[int, int] = (120, 200)


HABITS = {
    "plain": Habit(),
    "hard": Habit(told=0.45, edits=2.0, alias=0.15, slips=0.05),
    "codes": Habit(codes=True, named_contract=True, told=0.7, no_text=True),
    "own": Habit(own_ref=True, told=0.8, alias=0.1, later=(60, 150)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an edited copy does to the sentences."""

    seed: int = 0
    dropped: int = 0
    rewritten: int = 0
    added: int = 0
    shuffled: bool = False

    @classmethod
    def drawn(cls, rng: Random, kind: str, edits: float) -> "Change":
        if (
            kind == "edited"
            or (kind == "repost" and rng.random() < 0.3)
            or (kind == "truncated" and rng.random() < 0.2)
        ):
            return cls(seed=rng.getrandbits(30), dropped=int(edits * rng.randrange(4)), rewritten=int(edits * rng.randrange(5)),
                       added=rng.randrange(3), shuffled=rng.random() < 0.3)  # fmt: skip
        return cls()

    def applied(self, sentences: list[str], words: dict[str, Any]) -> str:
        rng = Random(self.seed)
        kept = list(sentences)
        for _ in range(min(self.dropped, len(kept) - 4)):
            kept.pop(rng.randrange(1, len(kept)))
        for _ in range(self.rewritten):
            at = rng.randrange(len(kept))
            parts = kept[at].split(" ")
            parts[rng.randrange(len(parts))] = rng.choice(words["noun"])
            kept[at] = " ".join(parts)
        kept += [sentence(rng, words) for _ in range(self.added)]
        if self.shuffled:
            middle = kept[1:]
            rng.shuffle(middle)
            kept = [kept[0], *middle]
        return "\n".join(" ".join(kept[at : at + 4]) for at in range(0, len(kept), 4))


def sentence(rng: Random, words: dict[str, Any]) -> str:
    """A sentence of the bank with its words drawn."""
    drawn = {key: rng.choice(words[key]) for key in ("adj", "noun", "quality", "group", "when")}
    said = rng.choice(words["sentences"]).format(
        **drawn, noun2=rng.choice(words["noun"]), quality2=rng.choice(words["quality"])
    )
    return said[0].upper() + said[1:]


def hash_of(*parts: object) -> int:
    """A number that depends on the parts alone, in every process."""
    return Random(" ".join(map(str, parts))).getrandbits(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    name: str
    alias: str
    short: str
    towns: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One vacancy: what is true of it, whichever board shows it. ``template`` draws the sentences that all jobs of this
    kind at this employer share, ``salt`` its own."""

    number: int
    employer: Employer
    occupation: int
    modifier: int
    town: str
    unit: tuple[str, int]
    contract: str
    hours: str
    pay: int
    week: str
    person: str
    phone: str
    reference: str
    openings: int
    language: str
    posted: date
    ends: date
    clock: str
    until: date
    template: int
    salt: int
    told: frozenset[str] = frozenset()
    family: str = ""


@dataclass(slots=True)
class Board:
    """A site and its habits."""

    name: str
    cut: tuple[int, int] | None
    before: str
    after: str
    html: bool
    decoration: int | None
    hides: dict[str, float]
    shows_reference: bool


def replace_board(board: Board, cut: tuple[int, int]) -> Board:
    return Board(
        board.name, cut, board.before, board.after, board.html, board.decoration, board.hides, board.shows_reference
    )
