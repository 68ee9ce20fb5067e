"""What lies in somebody's inbox: every statement."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from core.database import Row, Session
from core.notices.models import notice


def _told(events: Collection[str]) -> ColumnElement[bool]:
    """Only of what is on for the client: an entry of a plugin that was switched off waits out of sight, and is not counted either."""
    return notice.c.event.in_(list(events))


def _mine(payer_id: UUID | None, user_id: UUID | None, now: dt.datetime) -> list[ColumnElement[bool]]:
    person = notice.c.payer_id == payer_id if payer_id else notice.c.user_id == user_id
    return [person, notice.c.means == "inbox", notice.c.status == "delivered", notice.c.due_at <= now]


async def list_inbox(
    session: Session, events: Collection[str], now: dt.datetime, before: UUID | None, limit: int, *, payer_id: UUID | None = None,
    user_id: UUID | None = None,
) -> Sequence[Row]:
    """Somebody's entries, the newest first."""
    where = [*_mine(payer_id, user_id, now), _told(events)]
    if before:
        where.append(notice.c.id < before)
    return await session.all(select(notice).where(*where).order_by(notice.c.id.desc()).limit(limit))


async def lies_there(session: Session, now: dt.datetime, payer_id: UUID, notice_id: UUID) -> bool:
    """Whether an entry lies in a payer's inbox."""
    where = [*_mine(payer_id, None, now), notice.c.id == notice_id]
    return bool(await session.scalar(select(func.count()).select_from(notice).where(*where)))


async def count_unread(
    session: Session, events: Collection[str], now: dt.datetime, *, payer_id: UUID | None = None, user_id: UUID | None = None
) -> int:
    """How many of them were not looked at."""
    where = [*_mine(payer_id, user_id, now), _told(events), notice.c.read_at.is_(None)]
    return int(await session.scalar(select(func.count()).select_from(notice).where(*where)) or 0)


async def mark_read(
    session: Session, now: dt.datetime, *, payer_id: UUID | None = None, user_id: UUID | None = None, notice_id: UUID | None = None
) -> int:
    """They were looked at: all, or one; answers how many were new."""
    where = [*_mine(payer_id, user_id, now), notice.c.read_at.is_(None)]
    if notice_id:
        where.append(notice.c.id == notice_id)
    return (await session.execute(update(notice).where(*where).values(read_at=now))).rowcount


async def mark_unread(session: Session, user_id: UUID, read_at: dt.datetime) -> int:
    """What was looked at in one moment was not: answers how many are new again."""
    where = [*_mine(None, user_id, read_at), notice.c.read_at == read_at]
    return (await session.execute(update(notice).where(*where).values(read_at=None))).rowcount
