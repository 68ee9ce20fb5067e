"""A client's day in figures: read from the client's rows, written into the bank's."""

import datetime as dt
from uuid import UUID

from sqlalchemy import Row, text

from core.billing.states import OPEN
from core.database import Session

_SUM = text("""
    SELECT b.*, y.*
    FROM (SELECT coalesce(sum(amount_fen), 0)::bigint AS billed_fen,
                 coalesce(sum(greatest(amount_fen - paid_fen, 0)) FILTER (WHERE status = ANY(:open)), 0)::bigint AS open_fen,
                 count(*) AS bills, count(*) FILTER (WHERE status = 'paid') AS paid_bills
          FROM core.bill WHERE issued_at < :until AND status <> 'void') b,
         (SELECT coalesce(sum(amount_fen), 0)::bigint AS paid_fen, count(DISTINCT payer_id) AS active_payers
          FROM core.payment WHERE booked_at >= :start AND booked_at < :until) y
""")

_WRITE = text("""
    INSERT INTO core.client_day (client_id, day, billed_fen, paid_fen, open_fen, bills, paid_bills, active_payers)
    SELECT :client_id, :day, :billed_fen, :paid_fen, :open_fen, :bills, :paid_bills, :active_payers
    WHERE EXISTS (SELECT FROM core.client WHERE id = :client_id)
    ON CONFLICT (tenant_id, client_id, day) DO UPDATE SET
        billed_fen = excluded.billed_fen, paid_fen = excluded.paid_fen, open_fen = excluded.open_fen, bills = excluded.bills,
        paid_bills = excluded.paid_bills, active_payers = excluded.active_payers, written_at = now()
""")


async def sum_day(session: Session, start: dt.datetime, until: dt.datetime) -> Row:
    """Billed and open so far, money and payers of the day."""
    return await session.one(_SUM, {"start": start, "until": until, "open": list(OPEN)})


async def write_day(session: Session, client_id: UUID, day: dt.date, sums: Row) -> None:
    """Keep a client's day, or bring it up to date."""
    await session.execute(_WRITE, {"client_id": client_id, "day": day, **sums._mapping})
