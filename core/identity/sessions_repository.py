"""Sessions and API keys as every request reads them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, text, update

from core.database import Session
from core.database.models import route
from core.identity.models import api_key
from core.identity.models import session as session_table

_FIND = text("""
    SELECT s.id AS session_id, s.csrf, s.seen_at, s.second_factor, u.id AS user_id, u.name, u.status AS user_status,
           u.must_change_password,
           coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'org_id', g.org_id, 'subtree', coalesce(
                        (SELECT jsonb_agg(below.id) FROM core.org_unit here
                         JOIN core.org_unit below ON below.path OPERATOR(public.<@) here.path WHERE here.id = g.org_id),
                        (SELECT jsonb_agg(below.id) FROM core.branch here
                         JOIN core.branch below ON below.path OPERATOR(public.<@) here.path WHERE here.id = g.org_id), '[]')))
                     FROM core.role_grant g WHERE g.user_id = u.id), '[]') AS grants
    FROM core.session s JOIN core.user u ON u.id = s.user_id
    WHERE s.token_hash = :token_hash AND s.ended_at IS NULL AND s.expires_at > :now AND s.seen_at > :seen_after
""")


async def find_session(session: Session, token_hash: bytes, now: dt.datetime, seen_after: dt.datetime) -> Row | None:
    """A live session with its user and every role grant with the org units it reaches."""
    return await session.one_or_none(_FIND, {"token_hash": token_hash, "now": now, "seen_after": seen_after})


async def find_key(session: Session, token_hash: bytes, now: dt.datetime) -> Row | None:
    """A live API key."""
    good = (api_key.c.expires_at.is_(None) | (api_key.c.expires_at > now)) & api_key.c.ended_at.is_(None)
    return await session.one_or_none(select(api_key).where((api_key.c.token_hash == token_hash) & good))


async def find_half_open(session: Session, token_hash: bytes, now: dt.datetime) -> Row | None:
    """A session that has not ended, whatever step of the log-in it stands at."""
    live = session_table.c.ended_at.is_(None) & (session_table.c.expires_at > now)
    return await session.one_or_none(select(session_table).where((session_table.c.token_hash == token_hash) & live))


async def touch(session: Session, session_id: UUID, now: dt.datetime) -> None:
    """The session was used."""
    await session.execute(update(session_table).where(session_table.c.id == session_id).values(seen_at=now))


async def insert_session(session: Session, row: dict[str, object]) -> None:
    """Begin a session."""
    await session.execute(insert(session_table), row)


async def end_session(session: Session, session_id: UUID, now: dt.datetime) -> None:
    """End one session."""
    await session.execute(update(session_table).where(session_table.c.id == session_id).values(ended_at=now))


async def end_sessions_of(session: Session, user_id: UUID, now: dt.datetime) -> None:
    """End every session of a user (password changed, user disabled)."""
    live = (session_table.c.user_id == user_id) & session_table.c.ended_at.is_(None)
    await session.execute(update(session_table).where(live).values(ended_at=now))


async def end_other_sessions(session: Session, user_id: UUID, kept: UUID | None, now: dt.datetime) -> None:
    """End every session of a user but one."""
    live = (session_table.c.user_id == user_id) & session_table.c.ended_at.is_(None) & (session_table.c.id != kept)
    await session.execute(update(session_table).where(live).values(ended_at=now))


async def end_all_sessions(session: Session, now: dt.datetime) -> None:
    """End every session of the tenant."""
    await session.execute(update(session_table).where(session_table.c.ended_at.is_(None)).values(ended_at=now))


async def list_live_sessions(session: Session, user_id: UUID, now: dt.datetime, seen_after: dt.datetime) -> Sequence[Row]:
    """A user's sessions that are still good, the last used first."""
    live = (
        (session_table.c.user_id == user_id)
        & session_table.c.ended_at.is_(None)
        & session_table.c.second_factor
        & (session_table.c.expires_at > now)
        & (session_table.c.seen_at > seen_after)
    )
    return await session.all(select(session_table).where(live).order_by(session_table.c.seen_at.desc()))


async def clear_dead(session: Session, user_id: UUID, now: dt.datetime, idle_since: dt.datetime) -> None:
    """Remove a user's ended and expired sessions and their ways in."""
    dead = or_(session_table.c.ended_at.is_not(None), session_table.c.expires_at < now, session_table.c.seen_at < idle_since)
    gone = delete(session_table).where((session_table.c.user_id == user_id) & dead).returning(session_table.c.token_hash)
    hashes = [row.token_hash for row in await session.all(gone)]
    if hashes:
        await session.execute(delete(route).where(route.c.key_hash.in_(hashes)))
