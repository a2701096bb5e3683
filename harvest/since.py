"""What is asked of a source that can tell what has changed since we last read it whole."""

from typing import TypeVar

T = TypeVar("T")


def since(asked: dict[str, T], watermark: str) -> dict[str, T]:
    """``asked`` with the watermark where ``{watermark}`` stands; what holds one is left out while there is none, and so is
    an object that has nothing else: a first reading asks for everything.

    The moment itself belongs to what is asked for, so that nothing is lost that changed in the very same one.
    """
    told: dict[str, T] = {}
    for name, value in asked.items():
        if isinstance(value, dict):
            inner = since(value, watermark)
            if inner or not value:
                told[name] = inner  # type: ignore[assignment]
        elif isinstance(value, str) and "{watermark}" in value:
            if watermark:
                told[name] = value.replace("{watermark}", watermark)  # type: ignore[assignment]
        else:
            told[name] = value
    return told
