"""A demo school's data, through the same doors as a real one: tree, roster, standards, a published plan."""

import datetime as dt
from pathlib import Path

from core import clock
from core.approvals import repository as approvals
from core.identity.actor import Actor
from core.imports.schemas import ImportContext
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.education import demo_keeping
from plugins.education.organisation import service as organisation
from plugins.education.plans import repository as plan_repository
from plugins.education.plans import service as plans
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft
from plugins.education.roster import service as roster
from plugins.education.standards import importing as fee_file
from plugins.education.standards import service as standards

TERM = "2026-2027-1"
FILES = (("org-tree.json", organisation), ("roster.csv", roster), ("fee-standards.xlsx", fee_file))
_RIGHTS = dict.fromkeys(
    "education.standard.make education.standard.check education.plan.make education.plan.check education.plan.publish education.dorm.keep "
    "billing.item.manage".split()
)


async def load(platform: Platform, client: ClientProfile, folder: Path) -> None:
    """Load what is not there yet; a second run changes nothing."""
    maker = Actor(kind="system", id="demo.maker", name="演示·制定人", tenant_id=client.id, rights=_RIGHTS)
    checker = Actor(kind="system", id="demo.checker", name="演示·复核人", tenant_id=client.id, rights=_RIGHTS)
    async with platform.database.tenant(client.id) as session:
        if await plan_repository.count(session):
            return
    context = ImportContext(platform=platform, client=client, by=maker)
    for name, feature in FILES:
        if (folder / name).exists():
            await feature.apply(context, await feature.check(context, (folder / name).read_bytes(), name))
    async with platform.database.tenant(client.id) as session:
        await demo_keeping.items(session, platform, client, maker)
    await _standards(platform, client, maker, checker)
    async with platform.database.tenant(client.id) as session:
        await demo_keeping.rooms(session, maker)
        await demo_keeping.eaten(session, maker)
    await _plan(platform, client, maker, checker)


async def _standards(platform: Platform, client: ClientProfile, maker: Actor, checker: Actor) -> None:
    async with platform.database.tenant(client.id) as session:
        batch = await standards.submit(session, "演示数据", maker)
        await _agree(session, batch, checker)
        await standards.approve(session, (await approvals.find(session, batch)).subject_id, {"reason": "演示数据"}, checker)


async def _plan(platform: Platform, client: ClientProfile, maker: Actor, checker: Actor) -> None:
    today = clock.today()
    due = today + dt.timedelta(days=45)
    async with platform.database.tenant(client.id) as session:
        items = [item.code for item in (await standards.load(session, approved_only=True)).items if not item.metered]
        draft = PlanDraft(
            code="2026Q",
            title="2026-2027学年第一学期收费",
            term=TERM,
            item_codes=tuple(items),
            due_on=due,
            instalments=(
                InstalmentDraft(today + dt.timedelta(days=15), "50"),
                InstalmentDraft(today + dt.timedelta(days=30), "30"),
                InstalmentDraft(due, "20"),
            ),
            notice="请在截止日期前缴费；餐费、校服费、教材费由家长自愿选择。",
        )
        plan_id = await plans.create(session, draft, maker)
        approval_id = await plans.submit(session, plan_id, "演示数据", maker)
        await _agree(session, approval_id, checker)
        held = await plans.find(session, plan_id)
        await plans.approve(session, plan_id, {"digest": held.trial["digest"], "students": held.trial["students"]}, checker)
        await plans.publish(session, plan_id, checker)


async def _agree(session: object, approval_id: object, checker: Actor) -> None:
    await approvals.decide(session, approval_id, "approved", checker.name, "演示数据", clock.now())
