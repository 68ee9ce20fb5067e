"""What of the school has a history: fee standards, plans, rooms."""

from uuid import UUID

from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.identity.history import Entry, Found, Subject, id_of, register
from core.web.i18n import N_, gettext
from plugins.education.dormitory import repository as rooms
from plugins.education.dormitory import service as dormitory
from plugins.education.dormitory.lists import LAST_READINGS
from plugins.education.plans import service as plans
from plugins.education.standards import lists as standards

READ_STANDARDS, READ_PLANS = "education.standard.read", "education.plan.read"


async def standard(session: Session, by: Actor, object_id: str) -> Found:
    """A fee standard: written or imported, changed, submitted and agreed to with others, taken out of use."""
    wanted: UUID = id_of(object_id)
    row = await standards.find_standard(session, by, wanted)
    if row is None:
        raise NotFound()
    title = gettext("随表格导入，第 %(n)s 行", n=row.sheet_row) if row.sheet_row else gettext("新增收费标准")
    told = [Entry(at=row.created_at, title=title, by=row.made_by)] if row.sheet_row else []
    keys = [("fee_standard", object_id)]
    if row.approval_id:
        keys += [("fee_standard", str(row.approval_id)), ("education.standards", str(row.approval_id))]
    return Found(keys=keys, title=row.item_code, path="education/standards", told=told)


async def plan(session: Session, by: Actor, object_id: str) -> Found:
    """A fee plan: made, tried, agreed to, published, recalled, closed."""
    row = await plans.find(session, id_of(object_id), by)
    return Found(keys=[("fee_plan", object_id), ("education.plan", object_id)], title=row.title, path=f"education/plans/{row.id}")


async def room(session: Session, by: Actor, object_id: str) -> Found:
    """A room: who moved in and out, its meters, and its last readings."""
    row = await dormitory.find(session, id_of(object_id), by)
    readings = await rooms.readings_of(session, row.id, LAST_READINGS)
    keys = [("dorm_room", object_id), *(("meter_reading", str(each.id)) for each in readings)]
    return Found(keys=keys, title=dormitory.called(row), path=f"education/dormitory/rooms/{row.id}")


register(
    Subject(code="fee_standard", title=N_("收费标准"), permission=READ_STANDARDS, find=standard, plugin="education"),
    Subject(code="fee_plan", title=N_("收费批次"), permission=READ_PLANS, find=plan, plugin="education"),
    Subject(code="dorm_room", title=N_("宿舍房间"), permission=dormitory.READ, find=room, plugin="education"),
)
