"""Payment orders and payments as the search box finds them: by our numbers and the channels'."""

from core.database import Session
from core.identity.actor import Actor
from core.money import format_yuan
from core.payments import finding_repository as repository
from core.payments.lists import READ_ORDERS, READ_PAYMENTS
from core.search.sources import Asked, Found, Source
from core.web.filters import moment, status_label
from core.web.i18n import N_

SHORTEST = 8


async def orders(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Orders by the beginning of their number; only those with a bill that the asker sees."""
    if len(asked.number) < SHORTEST:
        return []
    rows = await repository.find_orders(session, asked.number, by.reach(READ_ORDERS), limit)
    return [
        Found(
            title=row.number, detail=f"{row.description} · ¥{format_yuan(row.amount_fen)}", href=f"/console/payment-orders/{row.number}",
            status=row.status, machine="payment",
        )
        for row in rows
    ]  # fmt: skip


async def payments(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Payments by the channel's own number, whole, or by our order's."""
    if len(asked.number) < SHORTEST:
        return []
    rows = await repository.find_payments(session, asked.text, asked.number, by.reach(READ_PAYMENTS), limit)
    return [
        Found(
            title=row.channel_txn_id, href=f"/console/payments/{row.id}",
            detail=f"{status_label(row.channel, 'channel')} · ¥{format_yuan(row.amount_fen)} · {moment(row.paid_at)}",
        )
        for row in rows
    ]  # fmt: skip


SOURCES = (
    Source(
        code="payments.orders", title=N_("支付订单"), permissions=(READ_ORDERS,), find=orders, position=40,
        list_path="/console/payment-orders?q={q}", hint=N_("支付订单：订单号"),
    ),
    Source(
        code="payments.payments", title=N_("收款"), permissions=(READ_PAYMENTS,), find=payments, position=50,
        list_path="/console/payments?q={q}", hint=N_("收款：渠道交易号、订单号"),
    ),
)  # fmt: skip
