"""What of settlement has a history: batches."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.settlement import lists, service
from core.web.i18n import N_


async def batch(session: Session, by: Actor, object_id: str) -> Found:
    """A batch: proposed, agreed to, paid, returned, paid again."""
    found = await lists.find_batch(session, id_of(object_id), by)
    keys = [("settlement_batch", object_id), (service.KIND, object_id), (service.REPAY, object_id)]
    return Found(keys=keys, title=f"{found.merchant_code} {found.bill_on:%Y-%m-%d}", path=f"settlement-batches/{found.id}")


register(Subject(code="settlement_batch", title=N_("结算批次"), permission=service.READ, find=batch))
