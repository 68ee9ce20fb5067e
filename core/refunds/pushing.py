"""Money that went back is told to the addresses which a client's systems have declared."""

from core.database import Session
from core.hookspecs import PaymentRefunded
from core.refunds import repository
from core.web.i18n import N_
from core.webhooks import events
from core.webhooks import service as webhooks

EVENT = "refund.succeeded"
events.register(EVENT, N_("一笔退款已到账"))


async def push(session: Session, event: PaymentRefunded) -> None:
    """Numbers and amounts, no names; each part of a refund is told once, with what the refund came to so far."""
    if not await webhooks.wanted(session, EVENT):
        return
    row = await repository.find(session, event.refund_id)
    told = {
        "refund_id": row.id, "number": row.number, "payment_id": event.payment_id, "bill_id": event.bill_id, "amount_fen": event.amount_fen,
        "refund_amount_fen": row.amount_fen, "refunded_fen": row.refunded_fen, "status": row.status,
    }  # fmt: skip
    await webhooks.send(session, EVENT, f"refund:{row.id}:{event.payment_id}", row.id, told)
