"""Failed attempts, by keyed hash of who or where from."""

import datetime as dt

from sqlalchemy import delete, insert, select, text

from core import ids
from core.database import Session
from core.identity.models import login_failure

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(encode(CAST(:subject AS bytea), 'hex'), 0))")


async def lock_subject(session: Session, subject: bytes) -> None:
    """One attempt at a time for a subject."""
    await session.execute(_LOCK, {"subject": subject})


async def recent(session: Session, subject: bytes, since: dt.datetime, limit: int) -> list[dt.datetime]:
    """The newest failures since a moment."""
    query = select(login_failure.c.at).where(login_failure.c.subject == subject, login_failure.c.at > since)
    return [row.at for row in await session.all(query.order_by(login_failure.c.at.desc()).limit(limit))]


async def add(session: Session, subject: bytes, at: dt.datetime) -> None:
    """Write a failure down."""
    await session.execute(insert(login_failure), {"id": ids.uuid7(), "subject": subject, "at": at})


async def forget(session: Session, subject: bytes) -> None:
    """The subject got in."""
    await session.execute(delete(login_failure).where(login_failure.c.subject == subject))


async def forget_newest(session: Session, subject: bytes) -> None:
    """Take the newest one back."""
    newest = select(login_failure.c.id).where(login_failure.c.subject == subject).order_by(login_failure.c.at.desc()).limit(1)
    await session.execute(delete(login_failure).where(login_failure.c.id.in_(newest.scalar_subquery())))


async def forget_older(session: Session, before: dt.datetime) -> None:
    """What is older than the window counts no more."""
    await session.execute(delete(login_failure).where(login_failure.c.at < before))
