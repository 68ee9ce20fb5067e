"""What tests of support do again and again."""

import datetime as dt
from uuid import UUID

from core import clock

JSON = {"accept": "application/json"}


def place_of(answer) -> str:
    """Where an answer leads."""
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["location"]


async def consents_to(admin, person=None, days: int = 1, purpose: str = "核对九月账单的显示") -> UUID:
    """The administrator lets support look from today on; answers the consent."""
    until_on = clock.today() + dt.timedelta(days=days - 1)
    typed = {"purpose": purpose, "person": person.actor.id if person else "", "from_on": str(clock.today()), "until_on": str(until_on)}
    return UUID(place_of(await admin.post("/console/support", data=typed)).rpartition("/")[2])
