"""Money that came in is told to the addresses which a client's systems have declared."""

from core.database import Session
from core.hookspecs import PaymentSettled
from core.payments import repository
from core.web.i18n import N_
from core.webhooks import events
from core.webhooks import service as webhooks

EVENT = "payment.succeeded"
events.register(EVENT, N_("收到一笔缴费"))


async def push(session: Session, event: PaymentSettled) -> None:
    """Numbers and amounts, no names; the same payment is told once."""
    if not await webhooks.wanted(session, EVENT):
        return
    row = await repository.get_payment(session, event.payment_id)
    bills = await repository.list_paid_bills(session, event.payment_id)
    told = {
        "payment_id": row.id, "order_number": row.order_number, "channel": row.channel, "scene": row.scene, "mchid": row.mchid,
        "channel_txn_id": row.channel_txn_id, "amount_fen": row.amount_fen, "paid_at": row.paid_at.isoformat(),
        "bills": [{"bill_id": each.id, "number": each.number, "amount_fen": each.amount_fen, "status": each.status} for each in bills],
    }  # fmt: skip
    await webhooks.send(session, EVENT, f"payment:{row.id}", row.id, told)
