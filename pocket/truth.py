"""What is true of a posting, in the plain words of a JSON file: which job, which municipalities, whether on topic."""

import json
from collections.abc import Mapping
from functools import singledispatch
from pathlib import Path
from typing import Any, TypedDict

from pocket.advert import Advert
from pocket.bulletin import News, Service


class Told(TypedDict):
    """One posting of the truth. ``family`` names what sets look-alikes apart; ``joinable`` is exact, partial or semantic
    for copies, and empty for what is nobody's copy."""

    source: str
    ref: str
    vacancy: str
    kind: str
    municipalities: list[str]
    bucket: str
    on_topic: bool
    joinable: str
    differs: list[str]
    family: str
    open: bool


@singledispatch
def told(what: object, *, open_now: bool, joinable: str = "") -> Told:
    """The truth of an advert, a service or a news item."""
    raise TypeError(f"nothing is known of {what!r} ({open_now=}, {joinable=})")


@told.register
def _(what: Advert, *, open_now: bool, joinable: str = "") -> Told:
    return Told(
        source=what.site,
        ref=what.ref,
        vacancy=what.vacancy.id,
        kind="vacancy",
        municipalities=sorted(town.code for town in what.vacancy.towns),
        bucket=what.vacancy.bucket,
        on_topic=True,
        joinable=joinable,
        differs=sorted(what.differs),
        family=what.vacancy.family,
        open=open_now,
    )


@told.register
def _(what: Service, *, open_now: bool, joinable: str = "") -> Told:
    return Told(
        source="ptv",
        ref=what.id,
        vacancy=f"service {what.id}",
        kind="service",
        municipalities=sorted(town.code for town in what.towns),
        bucket="",
        on_topic=what.on_topic,
        joinable=joinable,
        differs=[],
        family="",
        open=open_now,
    )


@told.register
def _(what: News, *, open_now: bool, joinable: str = "") -> Told:
    return Told(
        source=what.site,
        ref=f"?p={what.number}",
        vacancy=f"{what.site} {what.number}",
        kind="news",
        municipalities=[what.town.code],
        bucket="",
        on_topic=what.on_topic,
        joinable=joinable,
        differs=[],
        family="",
        open=open_now,
    )


def write(truth: Mapping[str, Any], path: Path) -> None:
    """Write a truth to a file, one posting a line, so that two of them can be compared by eye."""
    head = {key: value for key, value in truth.items() if key != "postings"}
    lines = ",\n  ".join(json.dumps(posting, ensure_ascii=False) for posting in truth["postings"])
    start = json.dumps(head, ensure_ascii=False)[:-1]
    path.write_text(f'{start}, "postings": [\n  {lines}\n]}}\n', encoding="utf-8")
