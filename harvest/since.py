"""What is asked of a source that can tell what has changed since we last read it whole."""

from typing import Any, TypeVar

T = TypeVar("T")
_NOTHING = object()


def since(asked: dict[str, T], watermark: str) -> dict[str, T]:
    """``asked`` with the watermark where ``{watermark}`` stands; what holds one is left out while there is none, and so is
    an object or list that has nothing else: a first reading asks for everything.

    The moment itself belongs to what is asked for, so that nothing is lost that changed in the very same one.
    """
    told = ((name, _filled(value, watermark)) for name, value in asked.items())
    return {name: value for name, value in told if value is not _NOTHING}


def _filled(value: Any, watermark: str) -> Any:
    if isinstance(value, dict):
        inner: Any = since(value, watermark)
    elif isinstance(value, list):
        inner = [one for one in (_filled(one, watermark) for one in value) if one is not _NOTHING]
    elif isinstance(value, str) and "{watermark}" in value:
        return value.replace("{watermark}", watermark) if watermark else _NOTHING
    else:
        return value
    return inner if inner or not value else _NOTHING
