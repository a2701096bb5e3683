"""What a cell of a table holds, and how a card reads it. Apart from the workbooks, whose library is heavy to load."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

Cell: TypeAlias = "str | int | float | bool | datetime | date | time | timedelta | CellError | None"


@dataclass(frozen=True, slots=True)
class CellError:
    """What stands in a cell whose formula has failed."""

    said: str


def as_text(value: Cell) -> str:
    """A cell as a card reads it: whole numbers without a point, dates as ISO 8601, nothing for an error."""
    if value is None or isinstance(value, CellError):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        near = (value + timedelta(microseconds=500_000)).replace(microsecond=0)  # 15:00 is 0.6249999 of a day
        return near.date().isoformat() if near.time() == time(0) else near.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return " ".join(str(value).split()) if isinstance(value, timedelta) else str(value).strip()
