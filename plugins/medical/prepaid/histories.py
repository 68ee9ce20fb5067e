"""What of the clearing has a history: each balance, from the file it came in to the evidence of its transfer."""

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_
from plugins.medical.prepaid import repository, service


async def balance(session: Session, by: Actor, object_id: str) -> Found:
    """A balance: claimed, agreed to, transferred, returned, frozen."""
    row = await repository.find(session, id_of(object_id))
    if row is None:
        raise NotFound()
    keys = [(service.OBJECT, object_id), (service.KIND, object_id)]
    return Found(keys=keys, title=row.card_no, path=f"medical/prepaid/{row.id}")


register(Subject(code="medical.legacy", title=N_("历史预交金"), permission=service.READ, find=balance, plugin="medical"))
