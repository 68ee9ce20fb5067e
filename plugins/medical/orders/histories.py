"""What of orders has a history: placed, paid, posted back, withdrawn, given back."""

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.history import Found, Subject, register
from core.web.i18n import N_
from plugins.medical.orders import repository, service


async def order(session: Session, by: Actor, object_id: str) -> Found:
    """One order by its number."""
    row = await repository.find(session, object_id.replace("\0", "")[:64])
    if row is None or not by.reaches(service.READ, row.department_id):
        raise NotFound()
    return Found(keys=[(service.OBJECT, str(row.id))], title=row.number, path=f"medical/orders/{row.number}")


register(Subject(code="medical.order", title=N_("诊疗订单"), permission=service.READ, find=order, plugin="medical"))
