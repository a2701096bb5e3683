"""The words of sameness: which signs are looked at, which levels each has, what forbids, and the cards that weigh them."""

from collections.abc import Mapping

CARDS = (
    "no text", "other language", "short text", "same text", "partly the same text", "other text", "service", "news",
)  # fmt: skip
"""The regimes of text, each with a card of weights of its own; and the simpler cards of what is no vacancy."""
NEAR = 14
"""Days between two publications within which one vacancy has one end, one reference and one pay."""
LONGEST_GAP = 150
"""Days between two publications after which it is another round of the same work."""

SIGNS: Mapping[str, tuple[str, ...]] = {
    "text": ("nearly all of it", "most of it", "much of it", "about half", "less than half", "little", "nothing", "none there"),
    "title": (
        "the same", "one says more", "all but spelling", "mostly the same", "partly the same", "another", "one is missing",
        "the same trade", "another trade",
    ),
    "title words": ("none", "one side only", "a rank on one side", "one on both sides", "several on both sides", "other towns"),
    "employer": ("the same", "alike", "another", "one is missing", "both are missing"),
    "place": (
        "the same towns", "one inside the other", "one is missing", "both are missing", "other towns", "same area", "elsewhere",
    ),
    "contract": ("the same", "unknown", "as said in the text the same", "another", "as said in the text another"),
    "hours": ("the same", "unknown", "as said in the text the same", "another", "as said in the text another"),
    "reference": ("the same", "unknown", "another within two weeks", "another later"),
    "address": ("other", "the same", "one leads to the other"),
    "ends": ("the same day", "unknown", "within two days", "another within two weeks", "another later"),
    "dates": ("nothing to compare", "shared", "other within two weeks", "other later"),
    "days apart": ("none or unknown", "1 to 3", "4 to 13", "14 to 35", "36 to 65", "66 to 100", "more than 100"),
    "shared numbers": ("none", "1", "2 or 3", "4 or more"),
    "other numbers": ("none", "1 on both sides", "2 on both sides", "3 or more on both sides", "1 later", "2 or more later"),
    "shared names": ("none", "1", "2 or 3", "4 or more"),
    "other names": ("none", "1 on both sides", "2 on both sides", "3 or more on both sides"),
    "source": ("another", "one source, one text", "one source, other words"),
    "unit": ("unknown", "the same", "one inside the other", "another"),
    "openings": ("unknown", "the same", "another"),
}  # fmt: skip
"""The levels of each sign, as an explanation says them."""

VETOES = (
    "kind", "anonymity", "place", "contract", "hours", "work form", "rounds", "unit", "reference", "openings",
    "names", "thin", "one source", "rank",
)  # fmt: skip
"""What makes two postings different whatever else they share, a bit each."""
VETO = {name: 1 << at for at, name in enumerate(VETOES)}
