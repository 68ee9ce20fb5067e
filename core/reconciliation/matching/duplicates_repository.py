"""The payments of some bills with what business and channel say of each: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_PAYMENTS = text("""
    SELECT p.bill_number, p.channel, p.number, p.amount_fen, p.happened_at, c.channel_number, c.amount_fen AS channel_fen,
           CASE WHEN :mirrored THEN p.amount_fen ELSE b.amount_fen END AS business_fen, b.serial,
           coalesce((SELECT sum(r.amount_fen) FROM core.statement_line r WHERE r.statement_id = ANY(CAST(:platform AS uuid[]))
                     AND r.order_number = p.number AND r.channel = p.channel AND r.kind = 'refund' AND r.counts), 0)::bigint AS refunded_fen
    FROM core.statement_line p
    JOIN core.statement_line c ON c.statement_id = ANY(CAST(:channel AS uuid[])) AND c.number = p.number AND c.channel = p.channel
         AND c.kind = 'pay' AND c.counts
    LEFT JOIN core.statement_line b ON b.statement_id = ANY(CAST(:business AS uuid[])) AND b.number = p.number AND b.channel = p.channel
         AND b.kind = 'pay' AND b.counts
    WHERE p.statement_id = ANY(CAST(:platform AS uuid[])) AND p.bill_number = ANY(:bills) AND p.kind = 'pay' AND p.counts
    ORDER BY p.happened_at, p.number
""")

_OWN = text("""
    SELECT DISTINCT bill.number AS bill_number, y.channel, y.order_number AS number, y.amount_fen, y.paid_at AS happened_at,
           y.channel_txn_id AS channel_number, NULL::bigint AS channel_fen, NULL::text AS serial, y.refunded_fen,
           nullif(y.amount_fen - coalesce((SELECT sum(s.left_fen) FROM core.suspense_item s
                                           WHERE s.payment_id = y.id AND s.status = 'open'), 0), 0)::bigint AS business_fen
    FROM core.bill bill
    JOIN core.payment_order_item oi ON oi.bill_id = bill.id
    JOIN core.payment y ON y.order_id = oi.order_id
    WHERE bill.number = ANY(:bills)
""")


async def list_payments(
    session: Session, bills: Sequence[str], platform: list[UUID], channel: list[UUID], business: list[UUID], *, mirrored: bool
) -> Sequence[Row]:
    """Payments of bills in the day's files that the channel has too."""
    given = {"bills": list(bills), "platform": platform, "channel": channel, "business": business, "mirrored": mirrored}
    return await session.all(_PAYMENTS, given)


async def list_own_payments(session: Session, bills: Sequence[str]) -> Sequence[Row]:
    """Our own payments of bills, of any day."""
    return await session.all(_OWN, {"bills": list(bills)})
