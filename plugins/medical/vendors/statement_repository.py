"""What was paid and refunded on a day through each vendor's orders, straight from the money: payments' shares of bills, refunds that arrived."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_LINES = """
    WITH line AS (
        SELECT 'pay' AS kind, y.id, y.paid_at AS at, a.bill_id, y.channel, y.order_number AS our_number, y.channel_txn_id AS channel_number,
               sum(a.amount_fen) AS fen
        FROM core.payment y JOIN core.allocation a ON a.payment_id = y.id AND a.journal_id = y.journal_id AND a.kind = 'bill'
        WHERE y.booked_at >= :early AND y.booked_at < :late AND y.paid_at >= :start AND y.paid_at < :end
        GROUP BY y.id, y.paid_at, a.bill_id, y.channel, y.order_number, y.channel_txn_id
        UNION ALL
        SELECT 'refund', i.id, i.finished_at, p.bill_id, i.channel, i.number, i.reference, -sum(p.amount_fen)
        FROM core.refund_item i JOIN core.refund_part p ON p.item_id = i.id AND p.kind = 'bill'
        WHERE i.state = 'success' AND i.finished_at >= :start AND i.finished_at < :end
        GROUP BY i.id, i.finished_at, p.bill_id, i.channel, i.number, i.reference),
    told AS (
        SELECT l.kind, l.id, l.at, l.channel, l.our_number, l.channel_number, l.fen, o.number, o.his_bill_no, o.vendor_order_no, o.scene,
               o.kind AS order_kind, o.vendor_id, v.app_id, v.name AS vendor
        FROM line l JOIN medical.med_order o ON o.bill_id = l.bill_id LEFT JOIN medical.vendor v ON v.id = o.vendor_id
        WHERE CAST(:vendor_id AS uuid) IS NULL OR o.vendor_id = :vendor_id)
"""
_PAGE = text(
    _LINES
    + """
    SELECT * FROM told WHERE (at, id, number) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid), CAST(:after_number AS text))
    ORDER BY at, id, number LIMIT :limit
"""
)
_TOTALS = text(
    _LINES
    + """
    SELECT vendor_id, app_id, vendor, count(*) FILTER (WHERE kind = 'pay') AS pays, coalesce(sum(fen) FILTER (WHERE kind = 'pay'), 0) AS pay_fen,
           count(*) FILTER (WHERE kind = 'refund') AS refunds, coalesce(-sum(fen) FILTER (WHERE kind = 'refund'), 0) AS refund_fen
    FROM told GROUP BY vendor_id, app_id, vendor ORDER BY app_id NULLS FIRST
"""
)
SLACK, LATEST = dt.timedelta(days=1), dt.timedelta(days=62)
"""Money is booked at most a day before the channel says it was paid (clocks), and two months after."""
Place = tuple[dt.datetime, UUID, str]


def _day(start: dt.datetime, end: dt.datetime, vendor_id: UUID | None) -> dict[str, object]:
    return {"start": start, "end": end, "early": start - SLACK, "late": end + LATEST, "vendor_id": vendor_id}


async def list_lines(
    session: Session, start: dt.datetime, end: dt.datetime, vendor_id: UUID | None, after: Place, limit: int
) -> Sequence[Row]:
    """The lines of a day after a place, by time."""
    place = {"after_at": after[0], "after_id": after[1], "after_number": after[2], "limit": limit}
    return await session.all(_PAGE, _day(start, end, vendor_id) | place)


async def totals(session: Session, start: dt.datetime, end: dt.datetime, vendor_id: UUID | None) -> Sequence[Row]:
    """The sums of a day, one row a vendor; HIS's own orders first."""
    return await session.all(_TOTALS, _day(start, end, vendor_id))
