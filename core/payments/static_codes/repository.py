"""Static QR codes, who came by them and what was paid: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.payments.models import static_code, static_use, static_visit

_LIVE = "o.status IN ('created', 'pending', 'succeeded')"
_SPENT = text(f"""
    SELECT coalesce(sum(o.amount_fen), 0)
    FROM core.static_use u JOIN core.payment_order o ON o.id = u.order_id
    WHERE u.day = :day AND {_LIVE} AND (u.payer_session_id = :session_id OR u.openid = CAST(:openid AS text))
""")
_ROWS = """
    SELECT c.*, n.name AS org_name,
           (SELECT CAST(coalesce(sum(o.amount_fen), 0) AS bigint) FROM core.static_use u JOIN core.payment_order o ON o.id = u.order_id
            WHERE u.static_code_id = c.id AND u.day = :day AND o.status = 'succeeded') AS today_fen
    FROM core.static_code c LEFT JOIN core.org_unit n ON n.id = c.org_id
"""
_ONE = text(f"{_ROWS} WHERE c.id = :code_id")
_FIRST = text(f"{_ROWS} ORDER BY c.active DESC, c.created_at DESC, c.id DESC LIMIT :limit")
_NEXT = text(f"{_ROWS} WHERE (c.active, c.created_at, c.id) < (:active, :at, :id) ORDER BY c.active DESC, c.created_at DESC, c.id DESC LIMIT :limit")
_ITEMS = text("SELECT code, name FROM core.fee_item ORDER BY code")
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || :customer, 0))")


async def add(session: Session, row: dict[str, object]) -> None:
    """A new code."""
    await session.execute(insert(static_code), row)


async def get(session: Session, code_id: UUID) -> Row | None:
    """One code."""
    return await session.one_or_none(select(static_code).where(static_code.c.id == code_id))


async def find(session: Session, code: str) -> Row | None:
    """One code by what stands in its address."""
    return await session.one_or_none(select(static_code).where(static_code.c.code == code))


async def set_active(session: Session, code_id: UUID, active: bool) -> None:
    """In use, or not."""
    await session.execute(update(static_code).where(static_code.c.id == code_id).values(active=active))


async def list_page(session: Session, day: dt.date, after: tuple[bool, dt.datetime, UUID] | None, limit: int) -> Sequence[Row]:
    """Codes with what came in by each on a day, those in use first, then the newest."""
    if after is None:
        return await session.all(_FIRST, {"day": day, "limit": limit})
    return await session.all(_NEXT, {"day": day, "limit": limit, "active": after[0], "at": after[1], "id": after[2]})


async def find_told(session: Session, code_id: UUID, day: dt.date) -> Row | None:
    """One code with what came in by it on a day."""
    return await session.one_or_none(_ONE, {"code_id": code_id, "day": day})


async def list_items(session: Session) -> Sequence[Row]:
    """The fees a code may be for. The table is billing's: hence SQL."""
    return await session.all(_ITEMS)


async def note_visit(session: Session, session_id: UUID, code_id: UUID, now: dt.datetime) -> None:
    """A device came by a code; the last one counts."""
    values = {"payer_session_id": session_id, "static_code_id": code_id, "seen_at": now}
    statement = upsert(static_visit).values(values)
    fresh = {"static_code_id": code_id, "seen_at": now}
    await session.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "payer_session_id"], set_=fresh))


async def find_visit(session: Session, session_id: UUID, since: dt.datetime) -> UUID | None:
    """The code a device came by lately."""
    lately = (static_visit.c.payer_session_id == session_id) & (static_visit.c.seen_at >= since)
    return await session.scalar(select(static_visit.c.static_code_id).where(lately))


async def hold_customer(session: Session, customer: str) -> None:
    """Let one order of a customer be counted at a time."""
    await session.execute(_HOLD, {"customer": customer})


async def spent_today(session: Session, day: dt.date, session_id: UUID, openid: str | None) -> int:
    """What one customer has paid or is paying by static codes on a day, fen."""
    return int(await session.scalar(_SPENT, {"day": day, "session_id": session_id, "openid": openid}))


async def add_use(session: Session, row: dict[str, object]) -> None:
    """An order that came by a code."""
    await session.execute(insert(static_use), row)
