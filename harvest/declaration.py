"""TOML files that declare sources, regions and themes, read into validated objects; a mistake is one sentence each."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from harvest.records import HarvestError

M = TypeVar("M", bound=BaseModel)


class Declared(BaseModel):
    """Anything written in a TOML file: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DeclarationError(HarvestError):
    """A declaration cannot be used; the message names file, key and what was expected, a line for each mistake."""


def read_all(folders: Sequence[Path], model: type[M]) -> dict[str, M]:
    """Every declaration of the folders by slug, in order of slug. All mistakes of all files are raised as one
    :class:`DeclarationError`; so is a folder that is not there. A model with a ``slug`` is given its own."""
    declared, broken = read_each(folders, model)
    if broken:
        raise DeclarationError("\n".join(broken.values()))
    return declared


def read_each(folders: Sequence[Path], model: type[M]) -> tuple[dict[str, M], dict[str, str]]:
    """As :func:`read_all`, but the mistakes of each broken file by its slug beside the sound ones: one partner's slip is
    not to stop all others."""
    for folder in folders:
        if not folder.is_dir():
            raise DeclarationError(f"{folder}: expected a folder with .toml files, found none")
    declared: dict[str, M] = {}
    broken: dict[str, str] = {}
    for slug, path in sorted(files(folders).items()):
        try:
            declared[slug] = read(path, model, **({"slug": slug} if "slug" in model.model_fields else {}))
        except DeclarationError as error:
            broken[slug] = str(error)
    return declared, broken


def files(folders: Sequence[Path]) -> dict[str, Path]:
    """The TOML files of the folders by slug (file name). A later folder's file replaces an earlier one of its name."""
    return {path.stem: path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.toml"))}


def read(path: Path, model: type[M], **more: Any) -> M:
    """The declaration in ``path``, with ``more`` keys added. Raises :class:`DeclarationError` naming every mistake."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path}: expected a text file in UTF-8; byte {error.start} is something else") from None
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path}: this is not TOML: {error}") from None
    except (RecursionError, ValueError):
        detail = "a number in it is too long, or it is nested too deeply; expected a card of ordinary size"
        raise DeclarationError(f"{path}: this cannot be read as TOML: {detail}") from None
    except OSError as error:
        raise DeclarationError(f"{path}: it cannot be read: {error.strerror}; expected a .toml file") from None
    try:
        return model.model_validate(table | more)
    except ValidationError as error:
        raise DeclarationError("\n".join(f"{path}: {line}" for line in mistakes(error, model))) from None


def mistakes(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Each mistake as ``key: what was expected``, with the nearest known key where one was misspelt."""
    lines = []
    found = [(".".join(str(part) for part in one["loc"] if not _is_noise(part)), one) for one in error.errors()]
    # Of what may be a text, a list or a table, pydantic tells why it is none of the three, and of a list whose only item
    # is wrong that it is too short: only the deepest word helps.
    vague = [one["type"].endswith("_type") or one["type"] == "too_short" for _key, one in found]
    told = {key for (key, _one), is_vague in zip(found, vague, strict=True) if not is_vague}
    for (key, one), is_vague in zip(found, vague, strict=True):
        if is_vague and any(f"{other}.".startswith(f"{key}.") for other in told):
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
    kinds = [model, *_models_below(model)]
    known = {info.alias or name for kind in kinds for name, info in kind.model_fields.items()}
    return did_you_mean(str(location[-1]), sorted(known))


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The ending of a sentence about a wrong word: the nearest right one, or nothing when none is near."""
    meant = nearest(wrong, known)
    return f"; did you mean {meant!r}?" if meant else ""


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The known word most like a wrong one, whatever its letter case; empty when none is like it."""
    by_lower = {word.casefold(): word for word in known}
    likeness = DamerauLevenshtein.normalized_similarity
    found = process.extractOne(wrong.casefold(), list(by_lower), scorer=likeness, score_cutoff=0.5)
    return by_lower[found[0]] if found else ""


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


_OPAQUE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_MARK = re.compile(r"\(|\)(?:[*+](?!\+)|\{\d*,\})?|[*+](?!\+)|\{\d*,\}")


def runs_away(pattern: str) -> bool:
    """Whether a group that is repeated without bound has such a repetition inside: on a text that does not fit, the time
    doubles with every letter. Sees no other way to be slow."""
    outer: list[bool] = []
    repeats = False
    for mark in _MARK.findall(_OPAQUE.sub("x", pattern)):
        if mark == "(":
            outer.append(repeats)
            repeats = False
        elif mark.startswith(")"):
            if repeats and mark != ")":
                return True
            repeats = repeats or mark != ")" or (outer.pop() if outer else False)
        else:
            repeats = True
    return False
