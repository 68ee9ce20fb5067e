"""Device sessions of payers."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Row, insert, text, update

from core.database import Session
from core.payers.models import payer_session

_FIND = text("SELECT * FROM core.payer_session WHERE token_hash = :token_hash AND ended_at IS NULL AND expires_at > :now")
_KNOW_OPENIDS = text("""
    UPDATE core.payer y SET openids = y.openids || s.openids
    FROM core.payer_session s WHERE s.id = :id AND y.id = s.payer_id AND s.openids <> '{}'
""")
"""Whom the wallet names on a device is whom notices reach there."""
_ADD_BILL = text("""
    UPDATE core.payer_session SET bill_ids = bill_ids || jsonb_build_array(CAST(:bill_id AS text))
    WHERE id = :id AND NOT bill_ids ? CAST(:bill_id AS text) AND jsonb_array_length(bill_ids) < 200
""")


async def insert_session(session: Session, row: dict[str, object]) -> None:
    """Write a new device session."""
    await session.execute(insert(payer_session), row)


async def find_session(session: Session, token_hash: bytes, now: dt.datetime) -> Row | None:
    """A device session by its token's hash, unless it ended."""
    return await session.one_or_none(_FIND, {"token_hash": token_hash, "now": now})


async def set_payer(session: Session, session_id: UUID, payer_id: UUID, *, token_hash: bytes, csrf: str) -> None:
    """The phone was verified: this device now belongs to a payer and shows it by a new token."""
    values = {"payer_id": payer_id, "token_hash": token_hash, "csrf": csrf}
    await session.execute(update(payer_session).where(payer_session.c.id == session_id).values(**values))
    await session.execute(_KNOW_OPENIDS, {"id": session_id})


async def set_openids(session: Session, session_id: UUID, openids: dict[str, str]) -> None:
    """Remember who the wallet says is holding the phone, by appid."""
    await session.execute(update(payer_session).where(payer_session.c.id == session_id).values(openids=openids))
    await session.execute(_KNOW_OPENIDS, {"id": session_id})


async def add_bill(session: Session, session_id: UUID, bill_id: UUID) -> None:
    """A bill was opened by its pay code on this device."""
    await session.execute(_ADD_BILL, {"id": session_id, "bill_id": str(bill_id)})


async def end_session(session: Session, session_id: UUID, now: dt.datetime) -> None:
    """Log this device out."""
    await session.execute(update(payer_session).where(payer_session.c.id == session_id).values(ended_at=now))
