"""Values of JSON, and the expressions that look into them: dotted paths on a fast lane, JMESPath for the rest."""

import codecs
import re
from collections.abc import Iterator
from typing import Any, cast

import jmespath
import jmespath.exceptions
import jmespath.functions
import msgspec

from harvest.charset import decode
from harvest.fields import Pick

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HALF_A_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_NAME = re.compile(r"[\w@:$-]+")
_DOTTED = re.compile(rf"{_NAME.pattern}(\.{_NAME.pattern})*")


def decode_json(body: bytes, charset: str = "") -> Any:
    """The JSON value in ``body``. Raises ``ValueError``; its text says "truncated" for a body that does not end."""
    try:
        return _decoded(body, charset)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _decoded(body: bytes, charset: str) -> Any:
    try:
        if b"\\u0000" not in body:
            return msgspec.json.decode(body)
        first = None
    except msgspec.DecodeError as error:
        first = error
    except UnicodeDecodeError:
        first = None
    said = str(first or "utf-8").lower()
    if "utf-8" not in said and "surrogate" not in said and not body.startswith(_BOMS):
        raise ValueError(str(first))
    text, _encoding = decode(body, charset)
    try:
        return msgspec.json.decode(whole_letters(text.lstrip("\ufeff")))
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def whole_letters(text: str) -> str:
    """``text`` of JSON with a mark for each half of a letter, and without NUL, which PostgreSQL cannot keep: who cuts a text
    after so many signs may cut an emoji in two, and one such item must not cost all others."""
    return _NUL.sub(r"\1", _HALF_A_LETTER.sub(r"\\ufffd", text))


def below(path: str, key: str) -> str:
    """The expression that leads from ``path`` to ``key``, which is put in quotes where it is no plain name. Whatever follows
    a list is read by JMESPath, for which fewer names are plain."""
    plain = re.fullmatch(r"\w+", key) if "[]" in path else _NAME.fullmatch(key)
    step = key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{step}" if path else step


def compile_path(expression: str) -> tuple[Pick, frozenset[str]]:
    """A dotted path as plain look-ups, anything else as JMESPath; with the names it starts from.

    Raises ``ValueError`` when it is neither.
    """
    if _DOTTED.fullmatch(expression):
        names = expression.split(".")
        return (_one(names[0]) if len(names) == 1 else _path(names)), frozenset(names[:1])
    try:
        compiled = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"expected a JMESPath expression: {str(error).splitlines()[0]}") from None
    parsed = cast(dict[str, Any], compiled.parsed)
    for name in _values_of(parsed, "function_expression"):
        if name not in jmespath.functions.Functions.FUNCTION_TABLE:
            known = ", ".join(sorted(jmespath.functions.Functions.FUNCTION_TABLE))
            raise ValueError(f"expected a function of JMESPath, not {name}(); known are {known}")

    def search(item: Any) -> object:
        try:
            return compiled.search(item)
        except jmespath.exceptions.JMESPathError as error:
            raise ValueError(str(error).splitlines()[0]) from None

    return search, frozenset(_values_of(parsed, "field"))


def _one(name: str) -> Pick:
    return lambda item: item.get(name) if type(item) is dict else None


def _path(names: list[str]) -> Pick:
    def follow(item: Any) -> object:
        for name in names:
            if not isinstance(item, dict):
                return None
            item = item.get(name)
        return item

    return follow


def _values_of(node: dict[str, Any], kind: str) -> Iterator[str]:
    if node.get("type") == kind:
        yield node["value"]
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _values_of(child, kind)
