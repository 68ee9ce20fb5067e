"""What waits today for the people who discharge patients."""

from core import clock
from core.database import Row, Session
from core.hookspecs import WorkItem
from core.identity.actor import Actor
from core.web.i18n import N_
from plugins.medical.inpatients import lists, repository

BASE = "/console/medical/inpatients"


async def _counts(session: Session, actor: Actor) -> Row:
    return await repository.counts(session, actor.reach(lists.MAKE), clock.today())


async def _due(session: Session, actor: Actor) -> int:
    return (await _counts(session, actor)).due


async def _collecting(session: Session, actor: Actor) -> int:
    return (await _counts(session, actor)).collecting


async def _stuck(session: Session, actor: Actor) -> int:
    return (await _counts(session, actor)).stuck


WORKLIST = (
    WorkItem("medical.discharge.due", N_("今天到期或已逾期的出院"), lists.MAKE, _due, f"{BASE}?due=today", N_("三个工作日内须办结"), 12),
    WorkItem("medical.discharge.stuck", N_("出院退款卡住"), lists.MAKE, _stuck, f"{BASE}?stuck=1", N_("打开看原因，重新办理"), 13),
    WorkItem("medical.discharge.collect", N_("等患者补缴的出院"), lists.MAKE, _collecting, f"{BASE}?status=collecting", "", 14),
)
