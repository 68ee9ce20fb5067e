"""Sessions and API keys as every request reads them."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select, text, update

from core.database import Session
from core.database.models import route
from core.identity.models import session as session_table

_GRANTS = """
    coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'org_id', g.org_id, 'subtree', coalesce(
                 (SELECT jsonb_agg(below.id) FROM core.org_unit here
                  JOIN core.org_unit below ON below.path OPERATOR(public.<@) here.path WHERE here.id = g.org_id),
                 (SELECT jsonb_agg(below.id) FROM core.branch here
                  JOIN core.branch below ON below.path OPERATOR(public.<@) here.path WHERE here.id = g.org_id), '[]')))
              FROM {held}), '[]') AS grants
"""
_OF_USER = _GRANTS.format(held="core.role_grant g WHERE g.user_id = u.id")
_OF_KEY = _GRANTS.format(
    held="""(SELECT role, CAST(NULL AS uuid) AS org_id FROM jsonb_array_elements_text(k.roles) AS role
             UNION ALL SELECT role, org_id FROM jsonb_to_recordset(k.grants) AS scoped(role text, org_id uuid)) g"""
)
_LISTS = """
    jsonb_build_object(
        'choices', (SELECT jsonb_agg(jsonb_build_object('page', c.page, 'columns', c.columns, 'view_id', c.view_id))
                    FROM core.list_choice c WHERE c.user_id = CAST(u.id AS text)),
        'views', (SELECT jsonb_agg(jsonb_build_object('id', v.id, 'page', v.page, 'title', v.title, 'query', v.query, 'shared', v.shared,
                                                      'owner_id', v.owner_id) ORDER BY v.title, v.id)
                  FROM core.saved_view v WHERE v.owner_id = CAST(u.id AS text) OR v.shared)) AS lists
"""
"""How somebody likes their lists (`core.lists`); it rides along, so that a list page asks nothing more."""
_FIND = text(f"""
    SELECT s.id AS session_id, s.csrf, s.seen_at, s.second_factor, u.id AS user_id, u.name, u.status AS user_status,
           u.must_change_password, {_OF_USER}, {_LISTS}
    FROM core.session s JOIN core.user u ON u.id = s.user_id
    WHERE s.token_hash = :token_hash AND s.ended_at IS NULL AND s.expires_at > :now AND s.seen_at > :seen_after
""")
_LIVE_KEY = f"SELECT k.id, k.name, {_OF_KEY} FROM core.api_key k WHERE k.ended_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > :now)"
_FIND_KEY = text(f"{_LIVE_KEY} AND k.token_hash = :token_hash")
_HELD = {
    "user": text(f"SELECT {_OF_USER} FROM core.user u WHERE u.id = :id AND u.status = 'active'"),
    "api_key": text(f"{_LIVE_KEY} AND k.id = :id"),
}


async def find_session(session: Session, token_hash: bytes, now: dt.datetime, seen_after: dt.datetime) -> Row | None:
    """A live session with its user and every role grant with the org units it reaches."""
    return await session.one_or_none(_FIND, {"token_hash": token_hash, "now": now, "seen_after": seen_after})


async def find_key(session: Session, token_hash: bytes, now: dt.datetime) -> Row | None:
    """A live API key with everything it holds."""
    return await session.one_or_none(_FIND_KEY, {"token_hash": token_hash, "now": now})


async def list_grants(session: Session, kind: str, holder_id: UUID, now: dt.datetime) -> list[dict[str, object]]:
    """What a `user` or an `api_key` holds at this moment; nothing when it is disabled or has ended."""
    row = await session.one_or_none(_HELD[kind], {"id": holder_id} | ({"now": now} if kind == "api_key" else {}))
    return row.grants if row else []


async def find_half_open(session: Session, token_hash: bytes, now: dt.datetime) -> Row | None:
    """A session that has not ended, whatever step of the log-in it stands at."""
    live = session_table.c.ended_at.is_(None) & (session_table.c.expires_at > now)
    return await session.one_or_none(select(session_table).where((session_table.c.token_hash == token_hash) & live))


async def is_open(session: Session, session_id: UUID, now: dt.datetime) -> bool:
    """Whether a session has neither ended nor expired."""
    live = (session_table.c.id == session_id) & session_table.c.ended_at.is_(None) & (session_table.c.expires_at > now)
    return await session.scalar(select(session_table.c.id).where(live)) is not None


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
