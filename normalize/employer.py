"""Who hires: the name as it may be shown, a key that compares it, and what is no employer's name at all."""

import re
from collections.abc import Iterable

from normalize.gazetteer.tables import gazetteer
from normalize.records import Evidence, Level

LONGEST_NAME = 120
"""A longer "name" is an advert that slipped into the field; the longest real one met so far has 104 characters."""

_LEGAL = re.compile(
    r"(?<!\w)(?:oy\s?ab|ab\s?oy|oyj|abp|oy|ab|ltd|inc|plc|gmbh|as|aps|ky|kb|ay|tmi|t:mi|osk|rf|ry|r\.y\.|r\.f\.|sr|ky\.|oy\.)(?!\w)",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?i)^(anonyymi|nimetön|salattu|työnantaja ei halua|työnantajan nimeä ei|anonym|anonymous|konfidentiell|confidential)"
)
_HOUSEHOLD = re.compile(
    r"(?i)\b(yksityinen (?:kotitalous|henkilö)|kotitalous(?:työnantaja)?|privathushåll|privat hushåll|private household)\b"
)


def is_name(said: str) -> bool:
    """Whether ``said`` can be a name: a whole advert cannot."""
    return len(said) <= LONGEST_NAME


def is_anonymous(name: str) -> bool:
    """Whether the name says that the employer does not want to be named."""
    return bool(_ANONYMOUS.match(name))


def is_household(name: str) -> bool:
    """Whether the employer is a private household, whose name and street are never kept."""
    return bool(_HOUSEHOLD.search(name))


def key(name: str, evidence: Iterable[Evidence]) -> str:
    """A key that is equal for spellings of one employer: legal forms, case, quotes and white space do not count,
    diacritics do. A municipality is its code (``kunta:905`` for Vaasan kaupunki and Vasa stad alike). An authority of
    the labour administration has none: it passes adverts on, and is never the workplace."""
    if not name or gazetteer().is_authority(name):
        return ""
    for one in evidence:
        if one.level is Level.EMPLOYER and one.codes and not one.rejected:
            return f"kunta:{one.codes[0]}"
    bare = re.sub(r"[^\w&+]+", " ", _LEGAL.sub(" ", name.casefold()))
    return " ".join(bare.split())
