"""Runs as pages and programs list them: every statement."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from core.database import Row, Session
from core.reconciliation.models import difference, run
from core.reconciliation.states import OPEN


async def list_page(
    session: Session, status: str, start: dt.date | None, until: dt.date | None, before: dt.date | None, limit: int
) -> Sequence[Row]:
    """Days, the newest first."""
    query = select(run)
    if status:
        query = query.where(run.c.status == status)
    if start:
        query = query.where(run.c.bill_on >= start)
    if until:
        query = query.where(run.c.bill_on <= until)
    if before:
        query = query.where(run.c.bill_on < before)
    return await session.all(query.order_by(run.c.bill_on.desc()).limit(limit))


async def find(session: Session, day: dt.date) -> Row | None:
    """One day."""
    return await session.one_or_none(select(run).where(run.c.bill_on == day))


async def count_open(session: Session, day: dt.date) -> Sequence[Row]:
    """A day's open differences by class."""
    query = select(difference.c.klass, func.count().label("open")).where(difference.c.bill_on == day, difference.c.status.in_(OPEN))
    return await session.all(query.group_by(difference.c.klass))
