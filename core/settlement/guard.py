"""What a signed month forbids: nothing of it may change any more, wherever the change comes from."""

import datetime as dt

from core.database import Session
from core.settlement import months_repository
from core.settlement.errors import MonthSigned


async def is_signed(session: Session, month: dt.date) -> bool:
    """Whether the month a day lies in was signed by two people."""
    return await months_repository.status_of(session, month.replace(day=1)) == "signed"


async def check_open(session: Session, day: dt.date) -> None:
    """MonthSigned (409) when the day lies in a signed month."""
    if await is_signed(session, day):
        raise MonthSigned(month=f"{day:%Y-%m}")
