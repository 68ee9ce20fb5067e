"""Differences of the bank account: every statement."""

import datetime as dt

from sqlalchemy import select

from core.database import Row, Session
from core.reconciliation.models import difference


async def lock(session: Session, bill_on: dt.date, channel: str, kind: str, number: str) -> Row | None:
    """One of them by what it is about, held until the transaction ends."""
    query = select(difference).where(
        difference.c.bill_on == bill_on, difference.c.channel == channel, difference.c.kind == kind, difference.c.number == number,
        difference.c.klass == "FE2",
    )  # fmt: skip
    return await session.one_or_none(query.with_for_update())
