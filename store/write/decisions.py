"""A person's words about postings, kept apart from facts: said once, counted by every curation, and taken back by name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from harvest.declaration import did_you_mean
from normalize.records import Decision
from normalize.vocabulary import Act
from store.db import StoreError
from store.judgements import MunicipalityRow, RegionRow
from store.tables import DecisionRow, Touch, table
from store.write.audit import audit

_decision, _touch = table(DecisionRow), table(Touch)
_OPPOSITE = {Act.HIDE: Act.APPROVE, Act.APPROVE: Act.HIDE}


def decide(engine: Engine, said: Decision, now: datetime) -> int:
    """Keep a person's word and touch what it is about; the number under which it stands.

    Raises :class:`StoreError` when it says again what stands, or against it: the message names the decision that has to
    be undone first. ``value`` is municipality codes (``491`` or ``491,178``) for a place, a region's slug for a pin.
    """
    with engine.begin() as connection:
        _must_make_sense(connection, said)
        _must_not_conflict(said, standing(connection))
        row = {"act": str(said.act), "posting": said.posting, "other": said.other, "value": said.value,
               "reason": said.reason, "author": said.author, "at": now, "undone": False}  # fmt: skip
        number = connection.execute(insert(_decision).values(row)).inserted_primary_key
        _touch_both(connection, said.posting, said.other, f"a decision: {said.act}")
    assert number is not None
    return int(number[0])


def undo(engine: Engine, number: int, reason: str, author: str, now: datetime) -> None:
    """Let a decision count no more and touch what it was about; who took it back and why is kept. Raises
    :class:`StoreError` when there is none of that number, or it was undone before."""
    with engine.begin() as connection:
        row = connection.execute(select(_decision).where(_decision.c.id == number)).one_or_none()
        if row is None or row.undone:
            gone = f"there is no decision {number}" if row is None else f"decision {number} was undone already"
            raise StoreError(f"{gone}; aluetori decide list shows those that count")
        connection.execute(update(_decision).where(_decision.c.id == number).values(undone=True))
        said = {"act": row.act, "posting": row.posting, "other": row.other}
        audit(connection, now, author, "undo", f"decision {number}", reason, said)
        _touch_both(connection, row.posting, row.other, "a decision was undone")


def standing(connection: Connection) -> Sequence[Any]:
    """The rows of the decisions that count, oldest first."""
    return connection.execute(select(_decision).where(_decision.c.undone.is_(False)).order_by(_decision.c.id)).all()


def _touch_both(connection: Connection, posting: str, other: str, because: str) -> None:
    rows = [{"posting": id_, "because": because} for id_ in (posting, other) if id_]
    connection.execute(insert(_touch), rows)


def _must_make_sense(connection: Connection, said: Decision) -> None:
    if said.act in (Act.SAME, Act.DIFFERENT):
        if not said.other or said.other == said.posting:
            raise StoreError(f"decide {said.act} needs two different postings; expected POSTING and OTHER")
    elif said.other:
        raise StoreError(f"decide {said.act} is about one posting; leave out the second")
    if said.act is Act.PLACE:
        municipality = table(MunicipalityRow)
        known = {row.code: row.fi for row in connection.execute(select(municipality))}
        codes = [code.strip() for code in said.value.split(",") if code.strip()]
        if not codes:
            raise StoreError("decide place needs --to with municipality codes, like 491 or 491,178")
        for code in codes:
            if known and code not in known:
                by_name = {name.casefold(): code for code, name in known.items()}
                meant = by_name.get(code.casefold(), "")
                hint = f"; {code} is {meant}" if meant else did_you_mean(code, list(known))
                raise StoreError(f"--to {code}: no municipality of today has this code{hint}")
    elif said.act is Act.PIN:
        regions = list(connection.execute(select(table(RegionRow).c.slug)).scalars())
        if said.value not in regions:
            raise StoreError(
                f"decide pin needs --to with a region, not {said.value!r}{did_you_mean(said.value, regions)}"
            )
    elif said.value:
        raise StoreError(f"decide {said.act} takes no --to")


def _must_not_conflict(said: Decision, known: Sequence[Any]) -> None:
    """Against two that are joined by a chain of *same*, a *different* says the opposite; and the other way round."""
    pair = {said.posting, said.other}
    for row in known:
        mine = row.posting == said.posting and said.act not in (Act.SAME, Act.DIFFERENT)
        if said.act == row.act and (({row.posting, row.other} == pair) if said.other else mine):
            if said.act not in (Act.PLACE, Act.PIN) or row.value == said.value:
                raise StoreError(f"decision {row.id} of {row.author} says the same already")
            if said.act is Act.PLACE:
                raise _against(row, f"it is placed in {row.value}")
        if mine and row.act == _OPPOSITE.get(said.act):
            raise _against(row, f"it is to be {'hidden' if row.act == Act.HIDE else 'shown'}")
    if said.act is Act.DIFFERENT and (chain := _chain(said.posting, said.other, known)):
        raise _against(
            chain[0], "the two are one" if len(chain) == 1 else f"with {len(chain) - 1} more, the two are one"
        )
    if said.act is Act.SAME:
        one, other = _joined(said.posting, known), _joined(said.other, known)
        for row in known:
            if row.act == Act.DIFFERENT and (
                (row.posting in one and row.other in other) or (row.posting in other and row.other in one)
            ):
                raise _against(row, "the two, or some that are one with them, are different")


def _against(row: Any, says: str) -> StoreError:
    return StoreError(
        f"decision {row.id} of {row.author} ({row.reason}) says that {says}; undo it first: aluetori decide undo {row.id}"
    )


def _neighbours(known: Sequence[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in known:
        if row.act == Act.SAME:
            found.setdefault(row.posting, []).append(row)
            found.setdefault(row.other, []).append(row)
    return found


def _joined(posting: str, known: Sequence[Any]) -> set[str]:
    """The postings that a chain of *same* leads to, itself among them."""
    near, met, frontier = _neighbours(known), {posting}, [posting]
    while frontier:
        one = frontier.pop()
        fresh = {end for row in near.get(one, ()) for end in (row.posting, row.other)} - met
        met |= fresh
        frontier += fresh
    return met


def _chain(posting: str, other: str, known: Sequence[Any]) -> list[Any]:
    """The decisions of the shortest chain of *same* from one to the other; none when there is no chain."""
    near, came = _neighbours(known), {posting: None}
    via: dict[str, tuple[str, Any]] = {}
    frontier = [posting]
    while frontier and other not in came:
        ahead: list[str] = []
        for one in frontier:
            for row in near.get(one, ()):
                for end in (row.posting, row.other):
                    if end not in came:
                        came[end] = None
                        via[end] = (one, row)
                        ahead.append(end)
        frontier = ahead
    chain: list[Any] = []
    at = other
    while at in via:
        at, row = via[at]
        chain.append(row)
    return chain[::-1] if at == posting and chain else []
