"""What every format has in common: its options, how a page of it is read, and what is said of a page that is not it."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import pydantic
from pydantic import BeforeValidator, SerializeAsAny, field_validator, model_validator

from harvest.declaration import Declared
from harvest.fields import CODED, Field, FieldName, FieldSpec, Pick
from harvest.records import Page, Problem, Reason, Step

Node: TypeAlias = Any
"""An item as its format has it: an object of JSON, an element of XML, a table of a page's mark-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The last thing read from a page that is whole: the total it states, where it leads on to, how many pages it says
    there are. A page whose reading does not end in it was cut."""

    total: int | None = None
    next: tuple[str, ...] = ()
    last: int | None = None


class RequestOptions(Declared):
    """How a question is put. A header of the form ``env:NAME`` is taken from the environment when it is sent."""

    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = pydantic.Field(default_factory=dict)
    json_: dict[str, Any] | None = pydantic.Field(default=None, alias="json")
    headers: dict[str, str] = pydantic.Field(default_factory=dict)

    @field_validator("params")
    @classmethod
    def _no_secret_in_an_address(cls, params: dict[str, str]) -> dict[str, str]:
        if any(value.startswith("env:") for value in params.values()):
            raise ValueError('only headers are taken from the environment: write headers = { "X-Key" = "env:NAME" }')
        return params


class Shards(Declared):
    """The values that a large source is asked for one by one, listed by the source itself."""

    url: str
    items: str
    param: str


class Paging(Declared):
    """How the pages of an answer follow each other."""

    kind: Literal["none", "next", "page", "offset", "shards"] = "none"
    next: str = ""
    param: str = ""
    start: int | None = pydantic.Field(default=None, ge=0)
    size_param: str = ""
    size: int | None = pydantic.Field(default=None, ge=1)
    last: str = ""
    cap: int | None = pydantic.Field(default=None, ge=1)
    shards: list[str] | Shards | None = None

    @model_validator(mode="after")
    def _enough_said(self) -> "Paging":
        if self.kind == "next" and not self.next:
            raise ValueError("paging of kind next needs next, the expression that gives the next address")
        if self.kind == "offset" and not self.param:
            raise ValueError("paging of kind offset needs param, the name of the parameter")
        if self.kind == "shards" and not (isinstance(self.shards, Shards) or (self.shards and self.param)):
            raise ValueError(
                "paging of kind shards needs shards = { url, items, param }, or a list of values and param"
            )
        if self.kind != "shards" and isinstance(self.shards, list):
            raise ValueError("a list of shards goes with kind shards, since param names what they are asked for by")
        return self


class Details(Declared):
    """The page of one item: where it is (``url``: a mapped field, or a template of them in braces), what it is read with,
    and how many a run may ask for. With ``each``, an expression on the item that gives several values, one page is had
    for each (``{each}`` in ``url``) and its fields are collected under ``into``."""

    url: str
    adapter: "AnyAdapter"
    each: str = ""
    into: FieldName | Literal[""] = ""
    budget: int = pydantic.Field(default=500, ge=1)

    @model_validator(mode="after")
    def _each_needs_into(self) -> "Details":
        if bool(self.each) != bool(self.into):
            raise ValueError("each and into belong together: one says what is asked for, the other where it is kept")
        if self.each and "{each}" not in self.url:
            raise ValueError("with each, url needs {each} where its values go")
        return self


class Adapter(Declared):
    """A format and the options a card gives it. ``read`` gives the items of a page, then its :class:`Ending`."""

    items: str = ""
    total: str = ""
    skip: str = ""
    request: RequestOptions = RequestOptions()
    paging: Paging = Paging()
    details: Details | None = None
    fields: dict[FieldName, FieldSpec] = pydantic.Field(default_factory=dict)
    ignore: list[str] = pydantic.Field(default_factory=list)

    meanings: ClassVar[Mapping[str, FieldSpec]] = {}
    """Fields that the format itself defines; a card's own win over them."""

    @field_validator("fields")
    @classmethod
    def _codes_have_lists(cls, fields: dict[str, FieldSpec]) -> dict[str, FieldSpec]:
        for name, spec in fields.items():
            if spec == []:
                raise ValueError(f"{name}: expected an expression, not an empty list")
            for one in spec if isinstance(spec, list) else [spec]:
                listed = one.list_ if isinstance(one, Field) else ""
                lists = sorted(CODED.get(name, ()))
                if name in CODED and not listed:
                    raise ValueError(
                        f"{name} holds codes, and a code without its list is refused, since lists differ; "
                        f'write {name} = {{ from = "...", list = "..." }} with one of {", ".join(lists)}'
                    )
                if listed and listed not in lists:
                    known = f"one of {', '.join(lists)}" if lists else f"no list: {name} holds no codes"
                    raise ValueError(f"{name}.list is {listed!r}; expected {known}")
        return fields

    @model_validator(mode="after")
    def _expressions_compile(self) -> "Adapter":
        for name, path in self.expressions():
            self._must_compile(f"fields.{name}", path)
        each = self.details.each if self.details else ""
        for key, expression in (("skip", self.skip), ("details.each", each), *self.of_the_answer()):
            if expression:
                self._must_compile(key, expression)
        return self

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Every expression of the fields, with the field that it is for."""
        for name, spec in self.all_fields.items():
            for one in spec if isinstance(spec, list) else [spec]:
                rule = Field.model_validate({"from": one}) if isinstance(one, str) else one
                yield from ((name, path) for path in rule.paths if path)

    def of_the_answer(self) -> Iterable[tuple[str, str]]:
        """The keys of expressions that look at a whole answer, with what they hold."""
        return (("total", self.total),)

    def _must_compile(self, key: str, expression: str) -> None:
        try:
            self.compile(expression)
        except ValueError as error:
            raise ValueError(f"{key} = {expression!r}: {error}") from None

    def skipper(self) -> Pick | None:
        """What is true of an item that is no posting at all: promoted again, or a pseudo item."""
        return self.compile(self.skip)[0] if self.skip else None

    @property
    def all_fields(self) -> dict[str, FieldSpec]:
        """The card's field map over the format's own meanings."""
        return dict([*self.meanings.items(), *self.fields.items()])

    @property
    def at_once(self) -> frozenset[str]:
        """The fields that an item has before its own page is read."""
        return frozenset(self.all_fields)

    @abstractmethod
    def compile(self, expression: str) -> tuple[Pick, frozenset[str]]:
        """``expression`` as a function from an item to what it finds there, and the top-level names it looks at.
        Raises ``ValueError`` with what was expected."""

    @abstractmethod
    def read(self, page: Page) -> Iterator["Node | Problem | Ending"]:
        """The items of ``page`` in their order, problems among them, and the ending of a whole page last."""

    @abstractmethod
    def names(self, item: Node) -> Iterable[str]:
        """The top-level names of ``item``, so that fields nobody reads can be reported."""


def _of_kind(table: object) -> object:
    """An adapter's table as the object that reads its format. The formats are the classes below :class:`Adapter`."""
    if not isinstance(table, dict):
        return table
    known = {kind.model_fields["kind"].default: kind for kind in Adapter.__subclasses__()}
    if not isinstance(table.get("kind"), str) or table["kind"] not in known:
        raise ValueError(f"kind is {table.get('kind')!r}; expected one of {', '.join(sorted(known))}")
    return known[table["kind"]].model_validate(table)


AnyAdapter: TypeAlias = Annotated[SerializeAsAny[Adapter], BeforeValidator(_of_kind)]
Details.model_rebuild()
Adapter.model_rebuild()

_COUNT = re.compile(r"\s*[+-]?\d{1,18}\s*")
_WALLS = re.compile(
    rb"captcha|cf-challenge|challenge-platform|just a moment|incapsula|_Incapsula_|access denied|enable javascript|"
    rb"are you a robot|datadome|perimeterx",
    re.IGNORECASE,
)


def not_read(page: Page, expected: str, detail: str, reason: Reason = Reason.NOT_THIS_FORMAT) -> Problem:
    """The problem of a page that is not of the expected format: a bot wall behind a 200 is told from another format."""
    page.file.seek(0)
    head = page.file.read(16_384)
    start = head.lstrip()[:15].lower()
    if reason is not Reason.TRUNCATED and start.startswith((b"<!doctype html", b"<html")):
        if _WALLS.search(head):
            reason, detail = Reason.CHALLENGE, "the answer is a page that asks the visitor to prove to be human"
        elif "HTML" not in expected:
            reason, detail = Reason.NOT_THIS_FORMAT, "the answer is a page of HTML"
    elif not head.strip():
        detail = "the answer is empty"
    return Problem(
        step=Step.READ,
        reason=reason,
        about=page.url,
        detail=f"expected {expected}: {detail}; open the address, and correct the card if the source has changed",
    )


def whole_number(stated: object) -> int | None:
    """The count that a page states, or nothing: what has more than 18 digits counts nothing on this earth."""
    if isinstance(stated, str):
        return int(stated) if _COUNT.fullmatch(stated) else None
    if isinstance(stated, int | float) and not isinstance(stated, bool) and abs(stated) < 10**18:
        return int(stated)
    return None


def uncounted(page: Page, expected: str, stated: Iterable[tuple[str, str, int | None]]) -> Iterator[Problem]:
    """The problem of each number of pages or items that the card says the answer states, and that stands there no more:
    nobody could tell whether all was read. ``stated`` is its key, its expression and what was found."""
    for key, expression, number in stated:
        if expression and number is None:
            detail = f"{key} = {expression!r} finds no single number"
            yield not_read(page, expected, detail, Reason.SHAPE_CHANGED)


def not_json(page: Page, error: ValueError) -> Problem:
    """The problem of a page that should be JSON: one that was cut is told from one that never was."""
    reason = Reason.TRUNCATED if "truncated" in str(error).lower() else Reason.NOT_THIS_FORMAT
    return not_read(page, "JSON", str(error), reason)
