"""What waits for the school's people today."""

from core import clock
from core.approvals import lists as proposals
from core.billing import units
from core.database import Session
from core.hookspecs import WorkItem
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.web.filters import number
from core.web.i18n import N_
from core.web.i18n import gettext as _
from plugins.education.dormitory import repository as dormitory
from plugins.education.dormitory import service as dormitory_service
from plugins.education.meals import repository as meals
from plugins.education.meals import service as meals_service
from plugins.education.organisation import service as organisation
from plugins.education.plans import service as plans
from plugins.education.roster import phones
from plugins.education.roster import repository as roster
from plugins.education.standards import grants, grants_console
from plugins.education.standards import lists as standards


async def _drafts(session: Session, actor: Actor) -> int:
    return sum(row.status == "draft" for row in await standards.list_standards(session, actor))


async def _plans_to_publish(session: Session, actor: Actor) -> int:
    return sum(row.status == "approved" for row in await plans.list_page(session, actor, None, 200))


async def _to_check(session: Session, actor: Actor) -> int:
    return await grants_console.count_waiting(session, actor, "applied", grants.CHECK)


async def _to_approve(session: Session, actor: Actor) -> int:
    return await grants_console.count_waiting(session, actor, "evidence_checked", grants.APPROVE)


async def _students(session: Session, actor: Actor) -> Figure:
    counts = [row for row in await roster.count_by_class(session) if actor.reaches("education.student.read", row.class_id)]
    here = sum(row.students for row in counts if row.status == "在读")
    return Figure(number(here), _("%(n)s 个班", n=number(len({row.class_id for row in counts}))), _("在读的学生"))


async def _abnormal(session: Session, actor: Actor) -> int:
    tree = await organisation.load(session)
    return await dormitory.count_abnormal(session, dormitory_service.campuses_of(tree, actor, dormitory_service.KEEP))


async def _unwritten(session: Session, actor: Actor) -> int:
    """Students without meal days for the last whole month, of the first item that is charged by them."""
    item = next((item for item in await meals_service.items(session) if item.by_use), None)
    if item is None:
        return 0
    tree = await units.load(session, actor.reach(meals_service.KEEP))
    return await meals.count_unwritten(session, item.code, meals_service.last_month(), tree.scope(None))


async def _living(session: Session, actor: Actor) -> Figure:
    tree = await organisation.load(session)
    found = await dormitory.count_living(session, dormitory_service.campuses_of(tree, actor, dormitory_service.KEEP), clock.today())
    return Figure(number(found.people), _("%(n)s 个房间", n=number(found.rooms)), _("今天住在宿舍的学生"))


async def _eaten(session: Session, actor: Actor) -> Figure:
    tree = await units.load(session, actor.reach(meals_service.KEEP))
    found = await meals.count_written(session, meals_service.last_month(), tree.scope(None))
    return Figure(number(found.days), _("%(n)s 名学生", n=number(found.students)), _("上月已登记的用餐天数"))


WORKLIST = (
    WorkItem(
        "education.living", N_("住宿学生"), dormitory_service.KEEP, _living, "/console/education/dormitory/residents?placed=yes", position=941
    ),
    WorkItem("education.eaten", N_("上月用餐天数"), meals_service.KEEP, _eaten, "/console/education/meals?month=last&written=yes", position=942),
    WorkItem(
        "education.readings", N_("读数待核实"), dormitory_service.KEEP, _abnormal, "/console/education/dormitory/readings?status=abnormal",
        N_("用量超过平时三倍，看过表再确认"), 17,
    ),
    WorkItem(
        "education.meals", N_("上月用餐天数待登记"), meals_service.KEEP, _unwritten, "/console/education/meals?month=last&written=no",
        N_("登记后财务才能出账"), 18,
    ),
    WorkItem("education.students", N_("在读学生"), "education.student.read", _students, "/console/education/students", position=940),
    WorkItem(
        "education.standards", N_("收费标准待复核"), "education.standard.check",
        proposals.waiting("education.standard.check", "education.standards"), "/console/approvals", N_("复核后才能用于出账"), 10,
    ),
    WorkItem(
        "education.plans", N_("收费批次待复核"), "education.plan.check", proposals.waiting("education.plan.check", "education.plan"),
        "/console/approvals", N_("核对人数与金额"), 11,
    ),
    WorkItem(
        phones.KIND, N_("登记手机号变更待复核"), phones.CHECK, proposals.waiting(phones.CHECK, phones.KIND), "/console/approvals", "", 16
    ),
    WorkItem("education.publish", N_("收费批次待发布"), plans.PUBLISH_RIGHT, _plans_to_publish, "/console/education/plans", "", 12),
    WorkItem(
        "education.drafts", N_("收费标准草稿待提交"), "education.standard.make", _drafts,
        "/console/education/standards?status=draft", "", 13,
    ),
    WorkItem(
        "education.grant.check", N_("优惠申请待核验材料"), grants.CHECK, _to_check, "/console/education/grants?status=applied", "", 14
    ),
    WorkItem(
        "education.grant.approve", N_("优惠申请待批准"), grants.APPROVE, _to_approve,
        "/console/education/grants?status=evidence_checked", "", 15,
    ),
)  # fmt: skip
