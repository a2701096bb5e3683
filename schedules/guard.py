"""The guard on inferred removals: a truncated or broken list must not empty a page. Decides purely."""

from collections.abc import Mapping, Sequence

from store.units import Units

MORE_THAN = 5
"""Removals of a unit up to so many are never held: a small source may well end all it had."""
SHARE = 0.2
"""... and no more than this share of what the source has open in the unit. Both as the Finnish cities set theirs."""


def held(going: Mapping[str, Units], open_in: Mapping[str, int]) -> dict[str, Sequence[str]]:
    """The postings that must stay although they were absent, by the unit that holds them.

    A unit holds what would go of it when that is more than five and more than a fifth of what is open in it. A posting
    counts in each of its units and stays if any of them holds: a province may lose its shard though no town passes the
    limit. Only inferred removals come here; end dates and what a source says itself act at once.
    """
    leaving: dict[str, list[str]] = {}
    for posting, units in going.items():
        for unit in units:
            leaving.setdefault(unit, []).append(posting)
    return {
        unit: sorted(postings)
        for unit, postings in sorted(leaving.items())
        if len(postings) > MORE_THAN and len(postings) > SHARE * open_in.get(unit, 0)
    }
