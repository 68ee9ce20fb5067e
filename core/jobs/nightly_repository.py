"""The sums of a client's day, and the files whose time is over."""

import datetime as dt
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_SUM = text("""
    SELECT coalesce((SELECT sum(amount_fen) FROM core.bill WHERE issued_at < :end AND status <> 'void'), 0) AS billed_fen,
           coalesce((SELECT sum(amount_fen) FROM core.payment WHERE booked_at >= :start AND booked_at < :end), 0) AS paid_fen,
           coalesce((SELECT sum(amount_fen - paid_fen) FROM core.bill
                     WHERE status IN ('issued', 'partially_paid') AND issued_at < :end), 0) AS open_fen,
           (SELECT count(*) FROM core.bill WHERE issued_at < :end AND status <> 'void') AS bills,
           (SELECT count(*) FROM core.bill WHERE issued_at < :end AND status = 'paid') AS paid_bills,
           (SELECT count(DISTINCT payer_id) FROM core.payment WHERE booked_at >= :start AND booked_at < :end) AS active_payers
""")

_WRITE = text("""
    INSERT INTO core.client_day (client_id, day, billed_fen, paid_fen, open_fen, bills, paid_bills, active_payers)
    VALUES (:client_id, :day, :billed_fen, :paid_fen, :open_fen, :bills, :paid_bills, :active_payers)
    ON CONFLICT (tenant_id, client_id, day) DO UPDATE SET
        billed_fen = excluded.billed_fen, paid_fen = excluded.paid_fen, open_fen = excluded.open_fen, bills = excluded.bills,
        paid_bills = excluded.paid_bills, active_payers = excluded.active_payers, written_at = now()
""")

_EMPTY_FILES = text("UPDATE core.stored_file SET sealed = NULL WHERE sealed IS NOT NULL AND expires_at < :now")


async def sum_day(session: Session, start: dt.datetime, end: dt.datetime) -> Row:
    """What was billed up to the day's end, what came in on the day, what is open, how many payers were there; fen."""
    return await session.one(_SUM, {"start": start, "end": end})


async def write_day(session: Session, client_id: UUID, day: dt.date, sums: Row) -> None:
    """Write a client's day, again with the newest figures."""
    row = {name: int(value) for name, value in sums._mapping.items()}
    await session.execute(_WRITE, {"client_id": client_id, "day": day, **row})


async def empty_expired_files(session: Session, now: dt.datetime) -> None:
    """Throw away the content of files past their time; that they were there stays known."""
    await session.execute(_EMPTY_FILES, {"now": now})


async def chain_hash(session: Session, seq: int) -> str | None:
    """The hash of one seal of the audit chain."""
    found = await session.scalar(text("SELECT chain_hash FROM core.audit_seal WHERE seq = :seq"), {"seq": seq})
    return None if found is None else found.hex()
