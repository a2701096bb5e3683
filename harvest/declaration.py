"""TOML files that declare sources, regions and themes, read into validated objects; a mistake is one sentence each."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process

from harvest.records import HarvestError

M = TypeVar("M", bound=BaseModel)


class Declared(BaseModel):
    """Anything written in a TOML file: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DeclarationError(HarvestError):
    """A declaration cannot be used; the message names file, key and what was expected, a line for each mistake."""


def files(folders: Sequence[Path]) -> dict[str, Path]:
    """The TOML files of the folders by slug (file name). A later folder's file replaces an earlier one of its name."""
    return {path.stem: path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.toml"))}


def read(path: Path, model: type[M], **more: Any) -> M:
    """The declaration in ``path``, with ``more`` keys added. Raises :class:`DeclarationError` naming every mistake."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path}: expected a text file in UTF-8; byte {error.start} is something else") from None
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path}: this is not TOML: {error}") from None
    try:
        return model.model_validate(table | more)
    except ValidationError as error:
        raise DeclarationError("\n".join(f"{path}: {line}" for line in mistakes(error, model))) from None


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Each mistake as ``key: what was expected``, with the nearest known key where one was misspelt."""
    lines = []
    found = [(".".join(str(part) for part in one["loc"] if not _is_noise(part)), one) for one in error.errors()]
    # Of what may be a text, a list or a table, pydantic tells why it is none of the three: only the deepest word helps.
    told = {key for key, one in found if not one["type"].endswith("_type")}
    for key, one in found:
        if one["type"].endswith("_type") and any(f"{other}.".startswith(f"{key}.") for other in told):
            continue
        message = one["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        if one["type"] == "extra_forbidden":
            message = f"unknown key{_suggestion(one['loc'], model)}"
        elif one["type"] == "missing":
            message = "this key must be given"
        elif isinstance(one.get("input"), str | int | float | bool):
            message += f", not {one['input']!r}"
        lines.append(f"{key or 'the file'}: {message}")
    return list(dict.fromkeys(lines))


def _is_noise(part: object) -> bool:
    """Pydantic names the branch of a union in its location; a person wrote no such key."""
    return isinstance(part, str) and ("[" in part or part in {"str", "Field", "FieldSpec"})


def _suggestion(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    known: set[str] = set()
    for kind in [model, *_models_below(model)]:
        known |= {info.alias or name for name, info in kind.model_fields.items()}
    nearest = process.extractOne(str(location[-1]), sorted(known), score_cutoff=70)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def _models_below(model: type[BaseModel]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    todo: list[Any] = [info.annotation for info in model.model_fields.values()]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind not in found:
                found.append(kind)
                todo += [info.annotation for info in kind.model_fields.values()]
                todo += kind.__subclasses__()
        else:
            todo += list(getattr(kind, "__args__", ()))
    return found
