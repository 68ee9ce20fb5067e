"""What of robots has a history: the robot itself, what it may, each run, and each store day with what people accepted."""

from core.database import Session
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_
from plugins.medical.robots import authorising, days, lists, running, service


async def robot(session: Session, by: Actor, object_id: str) -> Found:
    """A robot: set up, changed, switched."""
    row = await service.find(session, id_of(object_id), by.reach(service.READ))
    return Found(keys=[(service.OBJECT, object_id)], title=row.name, path=f"medical/robots/{row.id}")


async def allowed(session: Session, by: Actor, object_id: str) -> Found:
    """An authorisation: drafted, signed, revoked."""
    row = await authorising.find(session, id_of(object_id), by.reach(service.READ))
    return Found(keys=[(authorising.OBJECT, object_id)], title=row.robot, path=f"medical/robots/authorisations/{row.id}")


async def run(session: Session, by: Actor, object_id: str) -> Found:
    """A run: sent, brought by hand, its files looked at."""
    row = await lists.find_run(session, id_of(object_id), by.reach(service.READ))
    return Found(keys=[(running.OBJECT, object_id)], title=f"{row.robot} {row.bill_on}", path=f"medical/robots/runs/{row.id}")


async def store_day(session: Session, by: Actor, object_id: str) -> Found:
    """A store's day: proposed, accepted."""
    row = await days.find(session, id_of(object_id), by.reach(service.READ))
    return Found(keys=[(days.OBJECT, object_id), (days.KIND, object_id)], title=f"{row.store} {row.bill_on}", path=f"medical/store-days/{row.id}")


for code, title, find in (
    ("medical.robot", N_("对账机器人"), robot), ("medical.robot_authorisation", N_("机器人授权"), allowed), ("medical.robot_run", N_("机器人运行"), run),
    ("medical.store_day", N_("门店日"), store_day),
):  # fmt: skip
    register(Subject(code=code, title=title, permission=service.READ, find=find, plugin="medical"))
