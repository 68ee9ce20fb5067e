"""Orders and payments by number, through their unique indexes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core.database import Row, Session
from core.payments.lists_repository import ORDER_SEEN, PAYMENT_SEEN
from core.search.sources import up_to

_ORDERS = text(f"""
    SELECT o.number, o.description, o.amount_fen, o.status FROM core.payment_order o
    WHERE o.number >= :number AND o.number < :end AND {ORDER_SEEN} ORDER BY o.number LIMIT :limit
""")
_PAYMENTS = text(f"""
    SELECT y.id, y.channel, y.channel_txn_id, y.amount_fen, y.paid_at FROM core.payment y
    WHERE (y.order_number = :number OR y.channel_txn_id = ANY(CAST(:ids AS text[]))) AND {PAYMENT_SEEN}
    ORDER BY y.paid_at DESC LIMIT :limit
""")


async def find_orders(session: Session, number: str, reach: list[UUID] | None, limit: int) -> Sequence[Row]:
    """Orders whose number begins so."""
    return await session.all(_ORDERS, {"number": number, "end": up_to(number), "reach": reach, "limit": limit})


async def find_payments(session: Session, typed: str, number: str, reach: list[UUID] | None, limit: int) -> Sequence[Row]:
    """Payments of a number, the channel's (as typed or in capitals) or our order's."""
    return await session.all(_PAYMENTS, {"ids": [typed, number], "number": number, "reach": reach, "limit": limit})
