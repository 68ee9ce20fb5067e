"""What of a vendor has a history: let in, its scenes and keys, stopped and let in again."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.filters import status_label
from core.web.i18n import N_
from plugins.medical.orders.states import SCENES
from plugins.medical.vendors import service


async def vendor(session: Session, by: Actor, object_id: str) -> Found:
    """A vendor."""
    row = await service.find(session, id_of(object_id))
    scenes = {scene: status_label(scene, "medical.scene") for scene in SCENES}
    keys = [("api_key", str(key.id)) for key in await service.list_keys(session, row.id)]
    return Found(keys=[(service.OBJECT, object_id), *keys], title=row.name, path=f"medical/vendors/{row.id}", names=scenes)


register(Subject(code="medical.vendor", title=N_("接入厂商"), permission=service.READ, find=vendor, plugin="medical"))
