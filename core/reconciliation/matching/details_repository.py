"""Everything else that a side knows of the few numbers that do not agree: every statement."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session

_LINES = """
    SELECT f.channel, f.kind, f.number, l.amount_fen, l.fee_fen, l.happened_at, l.order_number, l.channel_number, l.channel_order_number,
           l.bill_number, l.serial, l.status, l.statement_id, l.row_no, s.merchant_number
    FROM recon_found f
    JOIN core.statement_line l ON l.statement_id = f.{side}_statement_id AND l.row_no = f.{side}_row_no
    JOIN core.statement s ON s.id = l.statement_id
"""

_PAYMENTS = """
    SELECT 'pay' AS kind, y.channel, y.order_number AS number, y.amount_fen, y.paid_at AS happened_at, y.channel_txn_id AS channel_number,
           y.mchid AS merchant_number, y.id AS payment_id, b.bill_number, s.suspense_id, coalesce(s.left_fen, 0) AS left_fen,
           o.number AS order_number, NULL::uuid AS refund_item_id
    FROM core.payment y
    LEFT JOIN core.payment_order o ON o.id = y.order_id
    LEFT JOIN LATERAL (SELECT min(bill.number) AS bill_number FROM core.payment_order_item oi JOIN core.bill bill ON bill.id = oi.bill_id
                       WHERE oi.order_id = y.order_id) b ON true
    LEFT JOIN LATERAL (SELECT (array_agg(id ORDER BY id))[1] AS suspense_id, sum(left_fen)::bigint AS left_fen FROM core.suspense_item
                       WHERE payment_id = y.id AND status = 'open') s ON true
    WHERE {which}
"""
_REFUNDS = """
    SELECT 'refund' AS kind, y.channel, i.number, i.amount_fen, coalesce(i.sent_at, i.finished_at) AS happened_at, i.reference AS channel_number,
           y.mchid AS merchant_number, y.id AS payment_id, bill.number AS bill_number, NULL::uuid AS suspense_id, 0::bigint AS left_fen,
           y.order_number, i.id AS refund_item_id, y.channel_txn_id AS channel_order_number
    FROM core.refund_item i JOIN core.payment y ON y.id = i.payment_id JOIN core.refund r ON r.id = i.refund_id
    LEFT JOIN core.bill bill ON bill.id = r.bill_id
    WHERE i.state IN ('success', 'processing') AND i.transfer IS NULL AND {which}
"""
_OWN_PAYMENTS = text(_PAYMENTS.format(which="y.id = ANY(CAST(:ids AS uuid[]))"))
_OWN_REFUNDS = text(_REFUNDS.format(which="i.id = ANY(CAST(:ids AS uuid[]))"))
_PAYMENTS_BY_NUMBER = text(_PAYMENTS.format(which="y.order_number = ANY(:numbers)"))
_REFUNDS_BY_NUMBER = text(_REFUNDS.format(which="i.number = ANY(:numbers)"))

_CLOSED_LINES = text("""
    SELECT channel, kind, number, status, bill_number FROM core.statement_line
    WHERE statement_id = ANY(CAST(:ids AS uuid[])) AND NOT counts AND number = ANY(:numbers)
""")
_CLOSED_ORDERS = text("""
    SELECT o.channel, 'pay' AS kind, o.number, o.status, (
        SELECT min(b.number) FROM core.payment_order_item oi JOIN core.bill b ON b.id = oi.bill_id WHERE oi.order_id = o.id) AS bill_number
    FROM core.payment_order o WHERE o.number = ANY(:numbers) AND o.status <> 'succeeded'
""")

_CHANNEL_ORDERS = text("""
    SELECT l.channel, l.number, max(l.channel_number) AS channel_number
    FROM core.statement_line l JOIN core.statement s ON s.id = l.statement_id AND s.side = 'channel' AND s.status = 'loaded'
    WHERE l.number = ANY(:numbers) AND l.kind = 'pay' GROUP BY l.channel, l.number
""")


async def list_lines(session: Session, side: str) -> Sequence[Row]:
    """The file rows of one side behind what was found (`c`, `p` or `b`)."""
    return await session.all(text(_LINES.format(side=side)))


async def list_own(session: Session, kind: str, ids: Sequence[UUID]) -> Sequence[Row]:
    """Our own payments or refunds by id."""
    return await session.all(_OWN_PAYMENTS if kind == "pay" else _OWN_REFUNDS, {"ids": list(ids)})


async def list_own_by_number(session: Session, payments: Sequence[str], refunds: Sequence[str]) -> list[Row]:
    """Our own payments and refunds by number, whenever they were booked."""
    found = list(await session.all(_PAYMENTS_BY_NUMBER, {"numbers": list(payments)})) if payments else []
    return found + (list(await session.all(_REFUNDS_BY_NUMBER, {"numbers": list(refunds)})) if refunds else [])


async def list_closed(session: Session, statement_ids: Sequence[UUID], numbers: Sequence[str], *, own: bool) -> Sequence[Row]:
    """Rows of the platform that take no part (closed, failed, pending), by number."""
    if own:
        return await session.all(_CLOSED_ORDERS, {"numbers": list(numbers)})
    return await session.all(_CLOSED_LINES, {"ids": list(statement_ids), "numbers": list(numbers)})


async def list_channel_orders(session: Session, numbers: Sequence[str]) -> Sequence[Row]:
    """What channels called some payments, from any file that is loaded."""
    return await session.all(_CHANNEL_ORDERS, {"numbers": list(numbers)})
