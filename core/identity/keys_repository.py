"""API keys: made, ended, listed."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from core.database import Session
from core.database.models import route
from core.identity.models import api_key


async def add_key(session: Session, row: dict[str, object]) -> None:
    """A new key."""
    await session.execute(insert(api_key), row)


async def find_key(session: Session, key_id: UUID) -> Row | None:
    """One key."""
    return await session.one_or_none(select(api_key).where(api_key.c.id == key_id))


async def list_keys(session: Session) -> Sequence[Row]:
    """Every key, the newest first."""
    shown = [c for c in api_key.c if c.name != "token_hash"]
    return await session.all(select(*shown).order_by(api_key.c.id.desc()))


async def end_key(session: Session, key_id: UUID, now: dt.datetime) -> None:
    """End a key and its way in."""
    ended = update(api_key).where(api_key.c.id == key_id).values(ended_at=now).returning(api_key.c.token_hash)
    token_hash = await session.scalar(ended)
    await session.execute(delete(route).where(route.c.key_hash == token_hash))


async def end_all_keys(session: Session, now: dt.datetime) -> None:
    """End every key of the tenant."""
    ended = update(api_key).where(api_key.c.ended_at.is_(None)).values(ended_at=now).returning(api_key.c.token_hash)
    hashes = [row.token_hash for row in await session.all(ended)]
    if hashes:
        await session.execute(delete(route).where(route.c.key_hash.in_(hashes)))
