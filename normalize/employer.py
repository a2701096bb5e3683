"""Who hires: the name as it may be shown, a key that compares it, and what is no employer's name at all."""

import re
from collections.abc import Iterable

from normalize.gazetteer.tables import gazetteer
from normalize.records import Evidence
from normalize.vocabulary import Level

LONGEST_NAME = 120
"""A longer "name" is an advert that slipped into the field; the longest real one met so far has 104 characters."""

_LEGAL = re.compile(
    r"(?<!\w)(?:oy\s?ab|ab\s?oy|oyj|abp|oy|ab|ltd|inc|plc|gmbh|as|aps|ky|kb|ay|tmi|t:mi|osk|rf|ry|r\.y\.|r\.f\.|sr|ky\.|oy\.)(?!\w)",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?i)^(anonyymi|nimetön|salattu|anonym|confidential|konfidentiell|hemlig|"
    r"työnanta(?:ja ei halua|ja haluaa pysyä nimettömänä|jan nim(?:i|eä) (?:ei|salattu|piilotettu)))"
)
_HOUSEHOLD = re.compile(
    r"(?i)\b(yksityi(?:nen|sen) (?:koti|kotitalou|henkilö|talou|työnantaja)\w*|yksityis(?:henkilö|koti|talou)\w*|"
    r"kotitalous(?:työnantaja)?|privata? ?(?:hushåll|person|arbetsgivare)|private (?:household|person|home))\b"
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
    diacritics do. A municipality is its code (``kunta:905`` for Vaasan kaupunki, its school office and Vasa stad alike),
    a wellbeing services county likewise. An authority of the labour administration has none: it passes adverts on, and
    is never the workplace."""
    if not name or gazetteer().is_authority(name):
        return ""
    for one in evidence:
        if one.level is Level.EMPLOYER and not one.rejected:
            if len(one.codes) == 1:
                return f"kunta:{one.codes[0]}"
            if one.area.startswith("hyvinvointialue:"):
                return one.area
    bare = re.sub(r"[^\w&+]+", " ", _LEGAL.sub(" ", name.casefold()))
    return " ".join(bare.split())
