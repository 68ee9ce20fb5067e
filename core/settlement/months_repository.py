"""Months of settlement: every statement."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.settlement.models import month
from core.settlement.states import BOOKED

_SUMS = text("""
    SELECT count(*) AS batches, count(DISTINCT merchant_id) AS merchants, coalesce(sum(pay_count), 0)::bigint AS pay_count,
           coalesce(sum(gross_fen), 0)::bigint AS gross_fen, coalesce(sum(refund_count), 0)::bigint AS refund_count,
           coalesce(sum(refund_fen), 0)::bigint AS refund_fen, coalesce(sum(fee_fen), 0)::bigint AS fee_fen,
           coalesce(sum(fee_refund_fen), 0)::bigint AS fee_refund_fen, coalesce(sum(adjust_fen), 0)::bigint AS adjust_fen,
           coalesce(sum(net_fen - brought_fen), 0)::bigint AS net_fen,
           coalesce(sum(pay_fen) FILTER (WHERE status = 'paid'), 0)::bigint AS paid_fen,
           coalesce(sum(net_fen - pay_fen) FILTER (WHERE status = ANY(:booked) AND carried_to IS NULL), 0)::bigint AS left_fen,
           count(*) FILTER (WHERE status NOT IN ('paid', 'carried')) AS unfinished
    FROM core.settlement_batch WHERE bill_on >= :first AND bill_on < :next
""")
_BY_MERCHANT = text("""
    SELECT b.merchant_id, b.merchant_code, m.name AS merchant_name, count(*) AS batches, sum(b.pay_count)::bigint AS pay_count,
           sum(b.gross_fen)::bigint AS gross_fen, sum(b.refund_fen)::bigint AS refund_fen, sum(b.fee_fen - b.fee_refund_fen)::bigint AS cost_fen,
           sum(b.adjust_fen)::bigint AS adjust_fen, sum(b.net_fen - b.brought_fen)::bigint AS net_fen,
           coalesce(sum(b.pay_fen) FILTER (WHERE b.status = 'paid'), 0)::bigint AS paid_fen
    FROM core.settlement_batch b JOIN core.merchant m ON m.id = b.merchant_id
    WHERE b.bill_on >= :first AND b.bill_on < :next GROUP BY b.merchant_id, b.merchant_code, m.name ORDER BY b.merchant_code
""")
_OPEN_RUNS = text("""
    SELECT bill_on, status FROM core.recon_run
    WHERE bill_on >= :first AND bill_on < :next AND status <> 'closed' ORDER BY bill_on LIMIT 5
""")
_MONTHS = text("""
    SELECT months.month, coalesce(m.status, 'open') AS status, m.id, m.made_by, m.checked_by, m.signed_at, s.batches, s.net_fen, s.paid_fen,
           s.unfinished
    FROM (SELECT date_trunc('month', bill_on)::date AS month, count(*) AS batches, sum(net_fen - brought_fen)::bigint AS net_fen,
                 coalesce(sum(pay_fen) FILTER (WHERE status = 'paid'), 0)::bigint AS paid_fen,
                 count(*) FILTER (WHERE status NOT IN ('paid', 'carried')) AS unfinished
          FROM core.settlement_batch GROUP BY 1) s
    RIGHT JOIN (SELECT DISTINCT date_trunc('month', bill_on)::date AS month FROM core.settlement_batch
                UNION SELECT month FROM core.settlement_month) months ON months.month = s.month
    LEFT JOIN core.settlement_month m ON m.month = months.month
    WHERE CAST(:before AS date) IS NULL OR months.month < :before ORDER BY months.month DESC LIMIT :limit
""")


async def status_of(session: Session, first: dt.date) -> str | None:
    """How far a month's sign-off is; None when nobody began."""
    return await session.scalar(select(month.c.status).where(month.c.month == first))


async def open_month(session: Session, row: dict[str, object]) -> None:
    """A month nobody spoke of yet."""
    await session.execute(insert(month).values(row).on_conflict_do_nothing())


async def lock(session: Session, first: dt.date) -> Row | None:
    """One month, held."""
    return await session.one_or_none(select(month).where(month.c.month == first).with_for_update())


async def lock_by_id(session: Session, month_id: UUID) -> Row | None:
    """One month by its id, held."""
    return await session.one_or_none(select(month).where(month.c.id == month_id).with_for_update())


async def find(session: Session, first: dt.date) -> Row | None:
    """One month."""
    return await session.one_or_none(select(month).where(month.c.month == first))


async def change(session: Session, month_id: UUID, **values: object) -> None:
    """Write new facts of a month."""
    await session.execute(update(month).where(month.c.id == month_id).values(**values, version=month.c.version + 1))


async def sums(session: Session, first: dt.date, following: dt.date) -> Row:
    """What a month's batches come to."""
    return await session.one(_SUMS, {"first": first, "next": following, "booked": list(BOOKED)})


async def by_merchant(session: Session, first: dt.date, following: dt.date) -> Sequence[Row]:
    """The same by merchant."""
    return await session.all(_BY_MERCHANT, {"first": first, "next": following})


async def open_runs(session: Session, first: dt.date, following: dt.date) -> Sequence[Row]:
    """Days of a month whose reconciliation nobody has closed."""
    return await session.all(_OPEN_RUNS, {"first": first, "next": following})


async def list_page(session: Session, before: dt.date | None, limit: int) -> Sequence[Row]:
    """Months with settlements, the newest first."""
    return await session.all(_MONTHS, {"before": before, "limit": limit})
