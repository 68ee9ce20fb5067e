"""A student's change of status, and what follows from it: the roster says what happened, another feature what that means for money."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from core.database import Session
from core.identity.actor import Actor


class Step(Struct, frozen=True, kw_only=True):
    """A student's change of status; `on` is the first day on which the school is not attended any more."""

    student_id: UUID
    before: str
    after: str
    reason: str
    on: dt.date


class Followed(Struct, frozen=True):
    """What a change of status led to: new drafts of refunds, and why, by the codes of `education.leaving`; empty where nothing had to follow."""

    drafts: tuple[UUID, ...] = ()
    why: str = ""


Follow = Callable[[Session, Mapping[str, object], Sequence[Step], Actor], Awaitable[Mapping[UUID, Followed]]]
_FOLLOWERS: list[Follow] = []


def register(follow: Follow) -> None:
    """Let another feature act on changes of status, all of a file at once, in the transaction that makes them; it answers for each student."""
    if follow not in _FOLLOWERS:
        _FOLLOWERS.append(follow)


async def tell(session: Session, settings: Mapping[str, object], steps: Sequence[Step], by: Actor) -> dict[UUID, Followed]:
    """Tell whoever registered; answers what followed for each student."""
    found = {step.student_id: Followed() for step in steps}
    for follow in _FOLLOWERS:
        found |= await follow(session, settings, steps, by)
    return found
