"""From an item as the format has it to the mapped fields of a posting, by the card's expressions and lookups."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from typing import Any, Literal, TypeAlias

import pydantic
from pydantic import field_validator, model_validator

from harvest.declaration import Declared, runs_away
from harvest.moment import FORMS, moment_of
from harvest.records import Code, Reason, Value

FieldName: TypeAlias = Literal[
    "ref", "url", "apply_url", "title", "summary", "text", "employer", "employer_id", "anonymous", "household",
    "place", "municipality", "postal_code", "address", "region", "point", "seat", "published", "starts", "ends", "changed",
    "language", "contract", "hours", "work_form", "agency", "openings", "remote", "salary", "occupation", "reference",
    "unit", "audience", "channels", "gone", "kind", "phone", "email",
]  # fmt: skip

CHANNEL_FIELDS = frozenset({"kind", "phone", "email"})
"""Fields of a service's channel; a posting has none of them, since contact persons are not a field of ours."""
TEXTS = frozenset({"title", "summary", "text", "employer"})
"""Fields that may hold a text by language."""
MANY = frozenset({"place", "municipality", "postal_code", "address", "region", "seat", "occupation", "audience", "channels",
                  "contract", "hours", "work_form"})  # fmt: skip
"""Fields that may hold several values; of the others the first that is not empty counts."""
CODED = {"municipality": {"kunta"}, "region": {"maakunta", "tpt-maakunta", "nuts3", "hyvinvointialue", "tyollisyysalue"},
         "occupation": {"isco", "esco", "ammatti", "ptv"}}  # fmt: skip
"""Fields that hold codes, with the code lists that are known for them."""

_BRACED = re.compile(r"\{([^{}]+)\}")

Pick: TypeAlias = Callable[[Any], object]
"""A compiled expression: from an item to whatever the format finds there."""


class Field(Declared):
    """How one field is had: where from, and what is done to it on the way."""

    from_: str | list[str] = pydantic.Field(default="", alias="from")
    match: str = ""
    split: str = ""
    template: str = ""
    const: str = ""
    date: str = ""
    list_: str = pydantic.Field(default="", alias="list")

    @field_validator("match")
    @classmethod
    def _one_group(cls, value: str) -> str:
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"expected a regular expression: {error}") from None
        if value and groups != 1:
            raise ValueError(f"expected a regular expression with one group, found {groups}")
        if runs_away(value):
            raise ValueError("a repeated group that repeats inside, like (a+)+, can take for ever; repeat once")
        return value

    @field_validator("date")
    @classmethod
    def _a_form(cls, form: str) -> str:
        if form and form not in FORMS and "%" not in form:
            raise ValueError(f'expected {", ".join(FORMS)} or a pattern like "%d.%m.%Y %H:%M"')
        return form

    @property
    def paths(self) -> list[str]:
        """Its expressions: those of the template, or where it is from."""
        if self.template:
            return _BRACED.findall(self.template)
        return [self.from_] if isinstance(self.from_, str) and self.from_ else list(self.from_)

    @cached_property
    def around(self) -> list[str]:
        """What stands before, between and after the expressions of a template."""
        return _BRACED.split(self.template)[::2]

    @model_validator(mode="after")
    def _one_origin(self) -> "Field":
        if sum(map(bool, (self.from_, self.template, self.const))) != 1:
            raise ValueError("expected exactly one of from, template, const")
        if self.template and not self.paths:
            raise ValueError(
                'expected expressions in braces in template, like "{day} {clock}"; const is for fixed words'
            )
        return self


FieldSpec: TypeAlias = "str | Field | list[str | Field]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A value that stayed behind while a record was mapped."""

    field: str
    reason: Reason
    detail: str


class Mapper:
    """A card's field map, compiled once: ``map(item)`` gives the mapped fields and what slipped.

    Fields that are empty are absent. ``reads`` is the set of top-level names that the expressions look at.
    """

    def __init__(
        self,
        specs: Mapping[str, FieldSpec],
        compile_: Callable[[str], tuple[Pick, frozenset[str]]],
        lookups: Mapping[str, Mapping[str, str]],
        languages: tuple[str, ...],
    ) -> None:
        self._languages = languages
        self._lookups = lookups
        self.reads: frozenset[str] = frozenset()
        self._compile = compile_
        self._rules = [
            (name, name in MANY, *self._plain(name, spec), self._origins(spec)) for name, spec in specs.items()
        ]

    def _plain(self, name: str, spec: FieldSpec) -> tuple[Pick | None, str]:
        """The fast lane: one expression whose value is taken as it is, which most fields of most cards are; and the list
        of a code."""
        one = spec[0] if isinstance(spec, list) and len(spec) == 1 else spec
        path, coded = (one, "") if isinstance(one, str) else ("", "")
        if isinstance(one, Field) and isinstance(one.from_, str) and not (one.match or one.split or one.date):
            path, coded = one.from_, one.list_
        return (self._compile(path)[0] if path and name not in self._lookups else None), coded

    def _origins(self, spec: FieldSpec) -> list[tuple[Field | None, list[Pick]]]:
        origins: list[tuple[Field | None, list[Pick]]] = []
        for one in spec if isinstance(spec, list) else [spec]:
            rule = None if isinstance(one, str) else one
            paths = [one] if isinstance(one, str) else one.paths
            picks = []
            for path in paths:
                pick, names = self._compile(path)
                self.reads |= names
                picks.append(pick)
            origins.append((rule, picks))
        return origins

    def map(self, item: Any) -> tuple[dict[str, Value], list[Slip]]:
        """The mapped fields of ``item``, and the slips. An expression that fails on an item is a slip of its field."""
        fields: dict[str, Value] = {}
        slips: list[Slip] = []
        for name, many, plain, coded, origins in self._rules:
            if plain is not None:
                raw: Any
                try:
                    raw = plain(item)
                except (TypeError, ValueError, KeyError, AttributeError):
                    raw = ()  # the slow lane tells what is wrong
                if raw is None:
                    continue
                kind = type(raw)
                if kind is str or kind is int or kind is bool:
                    if text := raw.strip() if kind is str else as_text(raw):
                        value = Code(coded, text) if coded else text
                        fields[name] = [value] if many else value
                    continue
            values: list[Value] = []
            for rule, picks in origins:
                try:
                    self._take(name, rule, picks, item, values, slips)
                except (TypeError, ValueError, KeyError, AttributeError) as error:
                    slips.append(Slip(field=name, reason=Reason.SHAPE_CHANGED, detail=f"cannot be read: {error}"))
                if values and not many:
                    break
            if name in self._lookups:
                values = self._looked_up(name, values, slips)
            if values:
                fields[name] = (_gathered(values) if len(values) > 1 else values) if many else values[0]
        return fields, slips

    def _take(
        self, name: str, rule: Field | None, picks: list[Pick], item: Any, values: list[Value], slips: list[Slip]
    ) -> None:
        if rule is None:
            raw = picks[0](item)
            if type(raw) is str:  # what it nearly always is, and needs no more
                if text := raw.strip():
                    values.append(text)
            else:
                self._collect(name, raw, values)
            return
        if rule.const:
            values.append(rule.const)
            return
        found: list[Value] = []
        if rule.template:
            parts = [as_text(pick(item)) for pick in picks]
            if all(parts):
                found.append("".join(chain.from_iterable(zip_longest(rule.around, parts, fillvalue=""))))
        else:
            for pick in picks:
                self._collect(name, pick(item), found)
        for value in found:
            values.extend(self._shaped(name, rule, value, slips))

    def _collect(self, name: str, raw: object, into: list[Value]) -> None:
        if name in TEXTS:
            text = by_language(raw)
            if text:
                into.append(text)
            return
        for one in raw if isinstance(raw, list) else [raw]:
            if name == "channels" and isinstance(one, dict):
                into.append(one)
                continue
            value = by_language(one)
            if isinstance(value, dict) and name == "place":
                into.extend(dict.fromkeys(value.values()))
            elif isinstance(value, dict):
                into += [value[code] for code in (*self._languages, *value) if code in value][:1]
            elif value:
                into.append(value)

    def _shaped(self, name: str, rule: Field, value: Value, slips: list[Slip]) -> list[Value]:
        if isinstance(value, dict):
            shaped = {code: one for code, text in value.items() for one in self._shaped(name, rule, text, slips)[:1]}
            return [shaped] if shaped else []
        text = as_text(value)
        if rule.match:
            hit = re.search(rule.match, text)
            text = (hit.group(1) or "").strip() if hit else ""
        pieces = [part.strip() for part in text.split(rule.split)] if rule.split else [text]
        shaped_values: list[Value] = []
        for piece in filter(None, pieces):
            if rule.date:
                moment = moment_of(piece, rule.date)
                if moment:
                    shaped_values.append(moment)
                else:
                    detail = f"{piece!r} is not a date of the form {rule.date!r}"
                    slips.append(Slip(field=name, reason=Reason.BAD_DATE, detail=detail))
            else:
                shaped_values.append(Code(rule.list_, piece) if rule.list_ else piece)
        return shaped_values

    def _looked_up(self, name: str, values: list[Value], slips: list[Slip]) -> list[Value]:
        table = self._lookups[name]
        known: list[Value] = []
        for value in values:
            key = value.code if isinstance(value, Code) else as_text(value)
            if key in table:
                if table[key]:
                    known.append(Code(value.list, table[key]) if isinstance(value, Code) else table[key])
            else:
                detail = f"{key!r} is not in [lookups.{name}]; add it there, with our word or with ''"
                slips.append(Slip(field=name, reason=Reason.NOT_IN_LOOKUP, detail=detail))
        return known


def _gathered(values: list[Value]) -> Value:
    once: list[Value] = []
    for value in values:
        if value not in once:
            once.append(value)
    return once


def as_text(raw: object) -> str:
    """A scalar of a foreign format as stripped text; nothing, lists and objects give an empty one."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float):
        return repr(raw)
    if isinstance(raw, list) and len(raw) == 1:
        return as_text(raw[0])
    return ""


def by_language(raw: object) -> "str | dict[str, Value]":
    """A text, or texts by language code, from any of the three shapes sources use: a string, an object by language, or
    a list of ``{language, value}`` (the first of a language counts; a list of plain strings is joined by blank lines)."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, list):
        if raw and all(isinstance(one, dict) and "language" in one for one in raw):
            texts: dict[str, Value] = {}
            for one in raw:
                text = as_text(one.get("value"))
                if text:
                    texts.setdefault(str(one["language"]).lower()[:2], text)
            return texts
        return "\n\n".join(filter(None, map(as_text, raw)))
    if isinstance(raw, dict):
        return {str(code).lower()[:2]: as_text(text) for code, text in raw.items() if as_text(text)}
    return as_text(raw)
