"""What of a stay has a history: admission, lists, discharge, what was collected and given back."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_
from plugins.medical.inpatients import lists


async def stay(session: Session, by: Actor, object_id: str) -> Found:
    """A stay in hospital."""
    row = await lists.find(session, id_of(object_id), by)
    return Found(keys=[("admission", object_id)], title=row.visit_no, path=f"medical/inpatients/{row.id}")


register(Subject(code="medical.admission", title=N_("住院"), permission=lists.READ, find=stay, plugin="medical"))
