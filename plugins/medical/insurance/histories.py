"""What of the insurer's files has a history: each file, from its import to its taking back."""

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_
from plugins.medical.insurance import lists, repository, taking_back


async def file(session: Session, by: Actor, object_id: str) -> Found:
    """A file of the insurer: proposed to be taken back, taken back."""
    row = await repository.find_clearing(session, id_of(object_id))
    if row is None:
        raise NotFound()
    keys = [(taking_back.OBJECT, object_id), (taking_back.KIND, object_id)]
    return Found(keys=keys, title=row.file_name, path=f"medical/insurance/clearing?period={row.period}")


register(Subject(code=taking_back.KIND, title=N_("医保清算文件"), permission=lists.READ, find=file, plugin="medical"))
