"""What the night needs of the database: files whose time is over, seals of the audit chain."""

import datetime as dt

from sqlalchemy import text

from core.database import Session

_EMPTY_FILES = text("UPDATE core.stored_file SET sealed = NULL WHERE sealed IS NOT NULL AND expires_at < :now")


async def empty_expired_files(session: Session, now: dt.datetime) -> None:
    """Throw away the content of files past their time; that they were there stays known."""
    await session.execute(_EMPTY_FILES, {"now": now})


async def chain_hash(session: Session, seq: int) -> str | None:
    """The hash of one seal of the audit chain."""
    found = await session.scalar(text("SELECT chain_hash FROM core.audit_seal WHERE seq = :seq"), {"seq": seq})
    return None if found is None else found.hex()
