"""A source card as text: what was recognised and guessed, each doubt beside the line that it is about."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args
from urllib.parse import urlsplit

from harvest.fields import FieldName
from harvest.guess import Guessed
from harvest.recognised import Recognised

WHY_DISABLED = "drafted by aluetori new, not yet read by a person"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 110
_OF_THE_FORMAT: Mapping[str, frozenset[str]] = {
    "feed": frozenset({"ref", "url", "title", "summary", "text", "published"}),
}
"""Fields that a format defines itself, better than a guess would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a card says of its source besides how it is read. ``unsure`` are doubts by key."""

    slug: str
    name: str
    publisher: str
    kind: str
    home: str
    start: str
    languages: tuple[str, ...]
    checked: date
    recorded: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)
    unsure: Mapping[str, str] = field(default_factory=dict)


def adapter_of(found: Recognised, guessed: Guessed | None, start: str) -> dict[str, Any]:
    """The adapter as a card's table: what is recognised, with the guessed fields; of an inbox folder without paging."""
    adapter = dict(found.adapter)
    if guessed is not None and guessed.fields:
        skipped = _OF_THE_FORMAT.get(adapter["kind"], frozenset())
        fields = {
            name: guessed.fields[name].spec
            for name in get_args(FieldName)
            if name in guessed.fields and name not in skipped
        }
        if fields:
            adapter["fields"] = fields
    if guessed is not None and guessed.persons:
        adapter["ignore"] = _top_level(guessed.persons)
    if not urlsplit(start).scheme:
        adapter.pop("paging", None)
        adapter.pop("request", None)
    like = found.card.get("like")
    return _moved(adapter, like, start) if like else adapter


def card_text(head: Heading, found: Recognised, guessed: Guessed | None) -> str:
    """The card, ready to be written. It is disabled, and says nothing of rights: both wait for a person."""
    adapter = adapter_of(found, guessed, head.start)
    unsure = {f"adapter.{key}": why for key, why in found.unsure.items()}
    if guessed is not None:
        unsure |= {f"adapter.fields.{name}": guess.unsure for name, guess in guessed.fields.items() if guess.unsure}
    unsure |= dict(head.unsure)
    lines = [
        f"# Drafted from {_line(head.start)} on {head.checked}: {_line(found.because)}.",
        "# Lines marked `unsure` are guesses: read them beside the source, mend them, and take the mark away.",
    ]
    told = {
        "name": head.name, "publisher": head.publisher, "kind": head.kind, "home": head.home,
        "attribution": f"{'Källa' if head.languages[0] == 'sv' else 'Lähde'}: {head.publisher}",
        "languages": list(head.languages), "language": "hint", "trust": 0.5, "enabled": False,
        "disabled_because": WHY_DISABLED, "checked": head.checked,
        "notes": "Drafted. Write here what the person on duty should know: whom to ask, and what has gone wrong before.",
        "start": [head.start],
    }  # fmt: skip
    if head.recorded:
        told["recorded"] = head.recorded
    lines += _pairs(told, "", unsure)
    lines += [
        "",
        "# unsure: by what right do we show this? A person fills it in before the card is enabled, which needs it.",
        "# [rights]",
        '# basis = "agreement"               # unsure: open licence | agreement | own data | link only',
        '# link = ""                         # where that is written',
        '# page = "facts"                    # full | facts | link | no; markup, feed, api, embed, export likewise',
    ]
    tables: dict[str, Any] = {
        "schedule": {"every": "6h"},
        "manners": {"delay": "1s"},
        "freshness": {"complete_within": "24h"},
    }
    tables["adapter"] = adapter
    mapped = {*adapter.get("fields", {}), *((adapter.get("details") or {}).get("adapter", {}).get("fields", {}))}
    if lookups := {name: one for name, one in found.card.get("lookups", {}).items() if name in mapped}:
        tables["lookups"] = lookups
    if "keep" in found.card:
        tables["keep"] = found.card["keep"]
    if guessed is not None and (
        lookups := {name: one for name, one in guessed.lookups.items() if name in adapter.get("fields", {})}
    ):
        tables["lookups"] = lookups
        for name, table in lookups.items():
            for key, ours in table.items():
                if not ours:
                    unsure[f"lookups.{name}.{key}"] = "which of our words is this?"
    if head.defaults:
        tables["defaults"] = dict(head.defaults)
    tables["removal"] = found.card.get("removal") or _removal(adapter, head.kind, unsure)
    if head.kind == "news" and "keep" not in tables:
        tables["keep"] = {"publish": "after_approval"}
        unsure["keep.publish"] = (
            "words = [...] of working life keep snow ploughing out; see the cards of other municipalities"
        )
    tables["expect"] = {"at_least": 1}
    unread = guessed.unread if guessed is not None else []
    for name, table in tables.items():
        lines += _table(name, table, unsure)
        if name == "adapter" and unread:
            lines += ["", "# nobody reads these; map them in [adapter.fields], or name them in adapter.ignore:"]
            lines += [f"#   {_line(', '.join(unread[at : at + 6]))}" for at in range(0, len(unread), 6)]
    return "\n".join(lines) + "\n"


def _removal(adapter: Mapping[str, Any], kind: str, unsure: dict[str, str]) -> dict[str, Any]:
    if adapter["kind"] == "feed":
        unsure["removal.mode"] = (
            'a feed is mostly a window of the newest; if it always holds all there is, write "snapshot"'
        )
        return {"mode": "window", "max_age": "180d" if kind == "news" else "90d"}
    unsure["removal.mode"] = "true if the list always holds all there is"
    return {"mode": "snapshot", "misses": 2}


def _top_level(paths: list[str]) -> list[str]:
    return list(dict.fromkeys(re.split(r"[./\[]", path.removeprefix(".//"))[0] or path for path in paths))


def _moved(table: Any, like: Mapping[str, Any], start: str) -> Any:
    """The tables of a card that is read alike, its addresses turned to where this source is."""
    old = {
        f"{parts.scheme}://{parts.netloc}" for one in [like["home"], *like["start"]] if (parts := urlsplit(one)).netloc
    }
    parts = urlsplit(start)
    if isinstance(table, dict):
        return {key: _moved(one, like, start) for key, one in table.items()}
    if isinstance(table, str) and parts.netloc:
        for origin in old:
            table = table.replace(origin, f"{parts.scheme}://{parts.netloc}")
    return table


def _table(name: str, table: Mapping[str, Any], unsure: Mapping[str, str]) -> Iterator[str]:
    below = {key: one for key, one in table.items() if isinstance(one, Mapping) and not _is_inline(name, key)}
    flat = {key: one for key, one in table.items() if key not in below}
    if flat or not below:
        yield ""
        yield f"[{name}]" + _doubt(unsure, name)
        yield from _pairs(flat, f"{name}.", unsure)
    for key, one in below.items():
        yield from _table(f"{name}.{_key(key)}", one, unsure)


def _is_inline(name: str, key: str) -> bool:
    return name.endswith(".fields") or key in ("params", "headers", "json", "shards", "filled", "probe")


def _pairs(table: Mapping[str, Any], above: str, unsure: Mapping[str, str]) -> Iterator[str]:
    for key, value in table.items():
        yield f"{_key(key)} = {_value(value)}{_doubt(unsure, above + key)}"


def _doubt(unsure: Mapping[str, str], key: str) -> str:
    why = _line(unsure.get(key, ""))
    return f"  # unsure: {why}" if why else ""


def _line(text: str) -> str:
    """What a page says, as a comment may hold it: one line, and no sign that TOML would not take."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:300]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        short = "[" + ", ".join(map(_value, value)) + "]"
        return short if len(short) < _WIDE else "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, str):
        if '"' in value and "'" not in value and value.isprintable():
            return f"'{value}'"
        return _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", lambda hit: f"\\u{ord(hit[0]):04x}", json.dumps(text, ensure_ascii=False))
