"""What of payments has a history: payment orders, merchant numbers at channels."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Entry, Found, Subject, id_of, register
from core.payments import lists
from core.payments.accounts import desk, repository
from core.payments.errors import AccountNotFound
from core.web.filters import status_label
from core.web.i18n import N_, gettext


async def order(session: Session, by: Actor, object_id: str) -> Found:
    """A payment order: asked for by a payer, told of by the channel, decided; asked about by staff (as the trail tells)."""
    story = await lists.order_story(session, object_id, by)
    asked = story.order
    told = [Entry(at=asked.created_at, title=gettext("缴费人发起支付"), by=gettext("缴费人"), reason=status_label(asked.channel, "channel"))]
    told += [
        Entry(at=notice.received_at, title=gettext("渠道通知"), by=status_label(asked.channel, "channel"), reason=status_label(notice.outcome, "notice"))
        for notice in story.notices
    ]
    if asked.decided_at:
        told.append(Entry(at=asked.decided_at, title=status_label(asked.status, "payment"), by=gettext("系统")))
    return Found(keys=[("payment_order", object_id)], title=object_id, path=f"payment-orders/{object_id}", told=told)


async def account(session: Session, by: Actor, object_id: str) -> Found:
    """A merchant number: keys proposed and agreed to, tested, paused, renamed."""
    account_id = id_of(object_id)
    row = next((each for each in await repository.list_accounts(session) if each.id == account_id), None)
    if row is None:
        raise AccountNotFound()
    keys = [("channel_account", object_id), (desk.KIND, object_id), ("channel_account", row.mchid)]
    return Found(keys=keys, title=f"{status_label(row.channel, 'channel')} · {row.mchid}", path=f"channels/{object_id}")


register(
    Subject(code="payment_order", title=N_("支付单"), permission=lists.READ_ORDERS, find=order),
    Subject(code="channel_account", title=N_("收款账号"), permission=desk.READ, find=account),
)
