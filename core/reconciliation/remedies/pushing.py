"""A re-post is told to the business system's declared address, beside being there to be asked for."""

from core.database import Row, Session
from core.hookspecs import RepostAsked
from core.outbox import service as outbox
from core.web.i18n import N_
from core.webhooks import events
from core.webhooks import service as webhooks

EVENT = "repost.asked"
events.register(EVENT, N_("请业务系统补记或更正"))


async def push(session: Session, row: Row, remedy: Row) -> None:
    """Tell the plugins (`repost_asked`), and the address that the business system has declared; asking by `GET /api/v1/reposts` works as well."""
    fen = row.channel_fen if row.channel_fen is not None else row.platform_fen or 0
    told = {
        "id": remedy.id, "difference": row.code, "class": row.klass, "kind": row.kind, "channel": row.channel, "number": row.number,
        "order_number": row.order_number, "channel_number": row.channel_number, "bill_number": row.bill_number, "serial": row.serial,
        "bill_on": row.bill_on.isoformat(), "amount_fen": fen, "business_fen": row.business_fen, "reason": remedy.reason,
        "answer_to": f"/api/v1/reposts/{remedy.id}/answer",
    }  # fmt: skip
    await webhooks.send(session, EVENT, f"repost:{remedy.id}:{remedy.tries}", remedy.id, told)
    event = RepostAsked(
        remedy_id=remedy.id, klass=row.klass, kind=row.kind, channel=row.channel, number=row.number, order_number=row.order_number,
        bill_number=row.bill_number, amount_fen=fen,
    )  # fmt: skip
    await outbox.add(session, event)
