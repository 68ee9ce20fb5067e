"""A new school's first day: the next step for each role, on its work list until it is done."""

from core.billing import items as fee_items
from core.database import Session
from core.hookspecs import WorkItem
from core.identity import org
from core.identity.actor import Actor
from core.web.i18n import N_
from plugins.education.plans import service as plans
from plugins.education.roster import repository as roster

PLUGIN = "education"


async def _tree(session: Session, _: Actor) -> int | None:
    return None if await _has_classes(session) else 1


async def _students(session: Session, _: Actor) -> int | None:
    return 1 if await _has_classes(session) and not await roster.count_by_class(session) else None


async def _prices(session: Session, _: Actor) -> int | None:
    return 1 if await _has_classes(session) and not await fee_items.list_items(session, PLUGIN) else None


async def _plan(session: Session, actor: Actor) -> int | None:
    if not await fee_items.list_items(session, PLUGIN) or not await roster.count_by_class(session):
        return None
    return None if await plans.list_page(session, actor, None, 1) else 1


async def _has_classes(session: Session) -> bool:
    return any(unit.kind == "class" for unit in await org.list_units(session))


STEPS = (
    WorkItem(
        "education.first.tree", N_("导入校区、学部、年级与班级"), "education.org.import", _tree, "/console/imports/new?kind=education.org",
        N_("第一步：其余资料都要归到班级"), 2,
    ),
    WorkItem(
        "education.first.roster", N_("导入学生名册"), "education.roster.import", _students, "/console/imports/new?kind=education.roster",
        N_("家长绑定与账单都以名册为准"), 3,
    ),
    WorkItem(
        "education.first.prices", N_("导入收费项目与标准"), "education.standards.import", _prices,
        "/console/imports/new?kind=education.standards", N_("导入后提交另一位同事复核"), 4,
    ),
    WorkItem(
        "education.first.plan", N_("制定第一个收费批次"), plans.MAKE, _plan, "/console/education/plans/new", N_("先试算，再提交复核、发布"), 5,
    ),
)  # fmt: skip
