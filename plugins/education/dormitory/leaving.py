"""A student leaves the school: the room is free from that day, and what is used there afterwards is no longer theirs."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.dormitory import repository
from plugins.education.roster.steps import Followed, Step
from plugins.education.usage import repository as usage

GONE = ("转学", "退学", "毕业")
REASON = "学生离校"


async def follow(session: Session, settings: Mapping[str, object], steps: Sequence[Step], by: Actor) -> dict[UUID, Followed]:
    """End the stays of those who leave, the day before the first without school; never before a day that is on bills already."""
    gone = {step.student_id: step for step in steps if step.after in GONE}
    stays = [stay for each in (await repository.stays_of(session, list(gone))).values() for stay in each if stay.until is None] if gone else []
    if not stays:
        return {}
    await usage.hold(session)
    billed = await repository.billed_until(session, [stay.room_id for stay in stays])
    ends = [(stay, max(stay.since, gone[stay.student_id].on - dt.timedelta(days=1), billed.get(stay.room_id, stay.since))) for stay in stays]
    await repository.end_stays(session, [(stay.id, until) for stay, until in ends])
    told = [(stay.room_id, None, {"student_id": str(stay.student_id), "until": str(until)}, REASON) for stay, until in ends]
    await audit.record_many(session, by, "education.stay.end", "dorm_room", told)
    return {}
