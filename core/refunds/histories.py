"""What of refunds has a history: refunds."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.refunds import lists, service, transfers
from core.web.i18n import N_


async def refund(session: Session, by: Actor, object_id: str) -> Found:
    """A refund: asked for, agreed to, sent, finished; also what was proposed about its items (transfers by hand)."""
    found = await lists.find_refund(session, id_of(object_id), by)
    keys = [("refund", object_id), (service.KIND, object_id), *((transfers.KIND, str(item.id)) for item in found.items)]
    return Found(keys=keys, title=f"{found.title} · {found.number}", path=f"refunds/{found.id}")


register(Subject(code="refund", title=N_("退款"), permission=service.READ, find=refund))
