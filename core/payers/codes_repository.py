"""One-time codes and binding tickets: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, or_, select, text, update

from core.database import Row, Session
from core.payers.models import one_time_code as code

_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || encode(:phone_index, 'hex'), 8))")


async def hold_phone(session: Session, phone_index: bytes) -> None:
    """Codes to one phone follow one another."""
    await session.execute(_HOLD, {"phone_index": phone_index})


async def list_sent(session: Session, phone_index: bytes, device: bytes, since: dt.datetime) -> Sequence[Row]:
    """Codes that went to a phone or were asked for by a device."""
    query = select(code.c.phone_index, code.c.device, code.c.created_at, code.c.used_at).where(
        or_(code.c.phone_index == phone_index, code.c.device == device), code.c.phone_index.is_not(None), code.c.created_at > since
    )
    return await session.all(query)


async def insert_code(session: Session, row: dict[str, object]) -> None:
    """Write a code (its hash) or a ticket."""
    await session.execute(insert(code), row)


async def end_codes(session: Session, device: bytes, purpose: str, now: dt.datetime) -> None:
    """Older codes of a device are worth nothing any more."""
    mine = (code.c.device == device) & (code.c.purpose == purpose) & code.c.used_at.is_(None)
    await session.execute(update(code).where(mine).values(used_at=now))


async def lock_code(session: Session, code_id: UUID) -> Row | None:
    """Hold a code while it is compared: two tries at once are two tries."""
    return await session.one_or_none(select(code).where(code.c.id == code_id).with_for_update())


async def find_code(session: Session, code_id: UUID) -> Row | None:
    """A code or ticket."""
    return await session.one_or_none(select(code).where(code.c.id == code_id))


async def find_open_code(session: Session, device: bytes, purpose: str, now: dt.datetime) -> UUID | None:
    """The newest code of a device that can still be typed."""
    mine = (code.c.device == device) & (code.c.purpose == purpose) & code.c.used_at.is_(None) & (code.c.expires_at > now)
    return await session.scalar(select(code.c.id).where(mine).order_by(code.c.created_at.desc()).limit(1))


async def count_attempt(session: Session, code_id: UUID) -> None:
    """One try gone."""
    await session.execute(update(code).where(code.c.id == code_id).values(attempts=code.c.attempts + 1))


async def mark_used(session: Session, code_id: UUID, now: dt.datetime) -> None:
    """A code works once."""
    await session.execute(update(code).where(code.c.id == code_id).values(used_at=now))
