"""What in an address may be a secret, and how an address is told without it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

_NAME = (
    r"key|[\w.-]*(?:api|app|access|account|auth|client|code|function|licen[cs]e|private|secret|shared|subscription|user)"
    r"[_.-]?key|(?![\w.-]*(?:page|next|continuation|resumption|sync|skip)[_.-]?token)[\w.-]*token|[\w.-]*secret|"
    r"[\w.-]*passw(?:or)?d|pwd|(?:[\w.-]+[_.-])?(?:sig|signature|hmac)|auth|authorization|credentials?|jwt|sas"
)
"""Parameters that look like a secret. A token that only names the next page is none."""
_IN_AN_ADDRESS = re.compile(rf"([?&;#](?:{_NAME})=)[^&#\s\"'<>]+", re.IGNORECASE)
_HINTS = ("key", "token", "secret", "passw", "pwd", "sig", "hmac", "auth", "credential", "jwt", "sas")
"""A part of each of those names: quicker to look for, and nearly every address has none."""
_BEFORE_THE_HOST = re.compile(r"(?<=://)[^/?#\s@\"<>]+@")
_LEFT = ":,/{}[]*"
"""Letters that ``harvest.paging`` leaves as they are in a query."""
_ALONE = re.compile(_NAME, re.IGNORECASE)


@lru_cache(maxsize=64)  # one page's address is told with each of its postings
def masked(text: str) -> str:
    """``text`` with … for the values of its addresses' parameters that look like a secret, and for a user or password in
    them. The same text when there is none: whatever tells of an address to people, rows or logs goes through here."""
    low = text.lower()
    if "=" in text and any(hint in low for hint in _HINTS):
        text = _IN_AN_ADDRESS.sub(r"\1…", text)
    return _BEFORE_THE_HOST.sub("…@", text) if "@" in text else text


def masked_whole(value: Any, name: str = "") -> Any:
    """A card or another plain value without the secrets of its addresses and of what is called like one; a name of the
    environment is none."""
    if isinstance(value, dict):
        return {key: masked_whole(one, str(key)) for key, one in value.items()}
    if isinstance(value, list):
        return [masked_whole(one) for one in value]
    if not isinstance(value, str):
        return value
    return "…" if value and not value.startswith("env:") and _ALONE.fullmatch(name) else masked(value)


def pairs(addresses: Iterable[str], params: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The ``name=value`` of every parameter that looks like a secret, in each way in which it may stand in a query."""
    found = [*params, *(tuple(pair.split("=", 1)) for one in addresses for pair in _query(one))]
    hidden = [(name, value) for name, value in found if value and _ALONE.fullmatch(name)]
    return tuple(dict.fromkeys(f"{name}={one}" for name, value in hidden for one in _spelt(value)))


def _query(address: str) -> list[str]:
    return [pair for pair in address.partition("?")[2].partition("#")[0].split("&") if "=" in pair]


def _spelt(value: str) -> tuple[str, ...]:
    """As it came, as it is meant, and as it may be written again."""
    meant = unquote_plus(value)
    return tuple(
        dict.fromkeys((value, meant, *(quote_plus(one, safe) for one in (value, meant) for safe in ("", _LEFT))))
    )


def without(text: str, own: Iterable[str]) -> str:
    """An address without the ``own`` pairs: as its readers may follow it, who have no key of ours."""
    for pair in own:
        text = text.replace(f"?{pair}&", "?").replace(f"&{pair}", "").replace(f"?{pair}", "")
    return text
