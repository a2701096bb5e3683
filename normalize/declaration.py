"""Reads the TOML files that partners write, and says in one sentence what is wrong with one."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from harvest.records import HarvestError

Model = TypeVar("Model", bound=BaseModel)


class NormalizeError(HarvestError):
    """A region or theme file cannot be used: the message names the file and the key, and says what was expected."""


def read_declarations(folders: Sequence[Path], model: type[Model]) -> dict[str, Model]:
    """The declarations of all ``*.toml`` files by file name without its ending, sorted; a later folder's file takes the
    place of an earlier one's of the same name. Raises ``NormalizeError`` at the first thing wrong."""
    declared: dict[str, Model] = {}
    for folder in folders:
        if not folder.is_dir():
            raise NormalizeError(f"{folder}: expected a folder with .toml files, found none")
        for path in sorted(folder.glob("*.toml")):
            declared[path.stem] = _read(path, model)
    return dict(sorted(declared.items()))


def _read(path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NormalizeError(f"{path}: expected TOML in UTF-8, but {error}") from error
    except ValidationError as error:
        raise NormalizeError(f"{path}: {_sentence(error, model)}") from error


def _sentence(error: ValidationError, model: type[BaseModel]) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        return f"key `{key}` is not known{did_you_mean(str(first['loc'][-1]), _keys(model, first['loc'][:-1]))}"
    if first["type"] == "missing":
        return f"key `{key}` is missing"
    said = f" is {first['input']!r}" if isinstance(first["input"], str | int | float) else ""
    return f"key `{key}`{said}: {first['msg'].removeprefix('Value error, ')}"


def _keys(model: type[BaseModel], where: Iterable[int | str]) -> list[str]:
    """The keys that a table may have, found by walking down the model along an error's location."""
    for part in where:
        if isinstance(part, int):
            continue
        kinds = [field.annotation for name, field in model.model_fields.items() if part in (name, field.alias)]
        inner = [each for kind in kinds for each in (kind, *getattr(kind, "__args__", ()))]
        models = [each for each in inner if isinstance(each, type) and issubclass(each, BaseModel)]
        if not models:
            return []
        model = models[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The ending of a sentence about a wrong word: the nearest right one, or nothing when none is near."""
    meant = nearest(wrong, known)
    return f"; did you mean `{meant}`?" if meant else ""


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The known word most like a wrong one, whatever its letter case; empty when none is like it."""
    by_lower = {word.casefold(): word for word in known}
    found = process.extractOne(
        wrong.casefold(), list(by_lower), scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=0.5
    )
    return by_lower[found[0]] if found else ""
