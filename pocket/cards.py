"""The source cards of the pocket world: a TOML text for each of its sources, pointing at where its sites listen."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files

from pocket.bulletin import NEWS_TOWNS, SERVICE_TOWNS
from pocket.employers import BOARDS
from pocket.places import town
from pocket.sites.kuntarekry import ORGANISATIONS


def cards(addresses: Mapping[str, str]) -> dict[str, str]:
    """Every card by its slug. What differs between cards of one format is filled into the format's own text."""
    site = {name.replace("-", "_"): address for name, address in addresses.items()}
    found = {slug: _filled(slug, site) for slug in ("tpt", "kuntarekry", "vantaa", "osterbotten", "pilvi")}
    base = f"{addresses['ptv']}/api/v11/Service/list/area/Municipality/code"
    found["ptv"] = _filled("ptv", site | {"start": _list(f"{base}/{code}" for code in SERVICE_TOWNS)})
    boards = {slug: code for code, slug in BOARDS.items()}
    for number, slug in ORGANISATIONS.items():
        code = boards[slug]
        found[slug] = _filled(
            "kuntarekry-xml", site | {"number": number, "owner": town(code).owner["fi"], "code": code}
        )
    for slug, code in NEWS_TOWNS.items():
        where = {"address": addresses[slug], "owner": town(code).owner["fi"], "code": code}
        found[slug] = _filled("news", where)
    return found


def board_cards(addresses: Mapping[str, str], each: int, delay: float) -> dict[str, str]:
    """The cards of all feeds of :mod:`pocket.sites.boards`, with a pause in seconds."""
    found = {}
    for name, address in addresses.items():
        for number in range(each):
            where = {"kuntarekry": address, "number": str(number), "owner": f"{name}, taulu {number}", "code": "491"}
            text = _filled("kuntarekry-xml", where)
            found[f"{name}-{number}"] = text.replace('delay = "0s"', f'delay = "{delay}s"')
    return found


def _filled(name: str, values: Mapping[str, str]) -> str:
    """The text of a format's card, with ``@name@`` replaced: TOML and regular expressions are full of braces."""
    text = (files("pocket") / "card_texts" / f"{name}.toml").read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values), indent=2)
