"""How a listing stands: open, closed or hidden, because of what, and which of its postings speaks for it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from normalize.dates import midnight
from normalize.dedupe import Side
from normalize.records import Decision
from normalize.vocabulary import Act, Status


class Standing(NamedTuple):
    """Whether a listing shows, why not, and from which day and moment it has been closed."""

    status: Status
    because: str = ""
    closed_on: date | None = None
    closed_at: datetime | None = None


def standing(members: Sequence[Side], decisions: Sequence[Decision], today: date) -> Standing:
    """A person's *hide* first, then whether any posting is still open, has begun and may be shown."""
    hidden = [d for d in decisions if d.act is Act.HIDE and any(d.posting == side.kept.id for side in members)]
    if hidden:
        return Standing(Status.HIDDEN, f"hidden by {hidden[-1].author}: {hidden[-1].reason}")
    there = [side for side in members if not side.kept.withdrawn]
    if not there:
        return Standing(Status.HIDDEN, "its source is withdrawn")
    ends = [_ended(side, today) for side in there]
    alive = [side for side, end in zip(there, ends, strict=True) if not end[0]]
    if not alive:
        because, on, at = max(ends, key=lambda end: (end[1] or date.min, end[2] or _NEVER, end[0]))
        return Standing(Status.CLOSED, because, closed_on=on, closed_at=at)
    begun = [side for side in alive if _has_begun(side, today)]
    if not begun:
        return Standing(Status.HIDDEN, f"not published before {min(beginnings(alive, today))}")
    if not any(_is_approved(side, members, decisions) for side in begun):
        return Standing(Status.HIDDEN, "waiting for approval")
    return Standing(Status.OPEN)


def _has_begun(side: Side, today: date) -> bool:
    return not side.posting.published_on or side.posting.published_on <= today


def beginnings(members: Sequence[Side], today: date) -> list[date]:
    """The days to come on which one of them begins to speak for its listing."""
    days = (side.posting.published_on for side in members if not side.kept.withdrawn and not _ended(side, today)[0])
    return [day for day in days if day and day > today]


def _is_approved(side: Side, members: Sequence[Side], decisions: Sequence[Decision]) -> bool:
    """Whether it needs no approval, or has been given one: for itself or for another posting of its listing."""
    approved = {d.posting for d in decisions if d.act is Act.APPROVE}
    return side.posting.publish != "after_approval" or any(one.kept.id in approved for one in members)


def speaking(members: Sequence[Side], decisions: Sequence[Decision], today: date) -> list[Side]:
    """Whose words the listing has, the canonical one first: the postings that may be shown, else those still alive, else
    those whose source is not withdrawn, else all."""
    there = [side for side in members if not side.kept.withdrawn]
    alive = [side for side in there if not _ended(side, today)[0]]
    shown = [side for side in alive if _has_begun(side, today) and _is_approved(side, members, decisions)]
    return sorted(shown or alive or there or members, key=_speaks_for, reverse=True)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _ended(side: Side, today: date) -> tuple[str, date | None, datetime | None]:
    """Why, and from which day and moment, a posting no longer counts: what the store knows, or its end date, whichever is
    earlier."""
    ends = side.posting.ends_on
    if ends and ends < today and not (side.kept.closed and side.kept.closed_on and side.kept.closed_on <= ends):
        after = ends + timedelta(days=1)
        return f"ended {ends}", after, midnight(after)
    return side.kept.closed, side.kept.closed_on, side.kept.closed_at


def _speaks_for(side: Side) -> tuple[float, str, str]:
    """Completeness by trust; ties go to content, so that no order of arrival can turn them."""
    posting = side.posting
    filled = (posting.plain, posting.employer, side.placed.places, posting.ends_on, posting.url, posting.openings,
              posting.published_on, posting.apply_url, posting.contract, posting.summaries)  # fmt: skip
    complete = sum(bool(one) for one in filled) / len(filled)
    return (round(complete * side.kept.trust, 6), posting.source, posting.ref)
