"""A school as the bank hands it over, and what its people do in tests: import the shared samples, approve, make and publish plans."""

import datetime as dt
from uuid import UUID

import msgspec
from sqlalchemy import insert

from core import ids
from core.approvals import repository as approvals_repository
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.payments.models import channel_account
from core.tenancy.directory import ClientProfile
from core.tenancy.models import merchant
from plugins.education.organisation import service as organisation
from plugins.education.people.roles import PERMISSIONS
from plugins.education.plans import service as plans
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft
from plugins.education.roster import service as roster
from plugins.education.standards import importing as fee_file
from plugins.education.standards import service as standards
from tests import samples
from tests.trade import APPID, MCHID

TERM = "2026-2027-1"
DUE = dt.date(2099, 6, 30)
SETTINGS = {"education": {"merchants": {"服务性收费": "SERVICE", "代收费": "SERVICE"}}}
_IMPORTERS = {"org": organisation, "roster": roster, "standards": fee_file}
_MONEY = ("billing.bill.adjust", "billing.bill.check", "billing.item.manage")


class School(msgspec.Struct):
    """A client with merchants and a collecting account; `maker` and `checker` are two people with every right."""

    client: ClientProfile
    merchants: dict[str, UUID]
    account_id: UUID
    maker: Actor
    checker: Actor

    @property
    def tenant_id(self) -> UUID:
        return self.client.id

    def person(self, name: str, *permissions: str, reach: frozenset[UUID] | None = None) -> Actor:
        """Somebody with these rights only."""
        return Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=self.client.id, rights=dict.fromkeys(permissions, reach))


async def found(platform, client: ClientProfile) -> School:
    """Merchants for tuition and services, and a WeChat Pay account that collects for them."""
    merchants = {code: ids.uuid7() for code in ("TUITION", "SERVICE")}
    account_id = ids.uuid7()
    async with platform.database.tenant(client.id) as session:
        keys = await platform.vault.keys(session)
        rows = [{"id": i, "code": code, "name": code, "legal_name": code, "status": "active"} for code, i in merchants.items()]
        await session.execute(insert(merchant), rows)
        account = {
            "id": account_id, "channel": "wechatpay", "mchid": MCHID, "appid": APPID, "base_url": "http://127.0.0.1:9",
            "credentials_sealed": keys.seal(b"{}"),
        }  # fmt: skip
        await session.execute(insert(channel_account), account)
    every = dict.fromkeys([*(p.code for p in PERMISSIONS), *_MONEY])
    maker, checker = (Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=client.id, rights=every) for name in ("经办", "复核"))
    return School(client, merchants, account_id, maker, checker)


async def check(platform, school: School, kind: str, name: str, content: bytes | None = None, by: Actor | None = None) -> ImportCheck:
    """Judge a shared sample (or the given bytes) without writing anything."""
    context = ImportContext(platform=platform, client=school.client, by=by or school.maker)
    return await _IMPORTERS[kind].check(context, samples.education(name) if content is None else content, name)


async def load(platform, school: School, kind: str, name: str, content: bytes | None = None, by: Actor | None = None) -> Totals:
    """Judge and write, as a confirmed import does."""
    context = ImportContext(platform=platform, client=school.client, by=by or school.maker)
    judged = await check(platform, school, kind, name, content, by)
    await _IMPORTERS[kind].apply(context, judged)
    return judged.totals


async def agree(platform, school: School, approval_id: UUID, by: Actor | None = None) -> None:
    """The second person agrees."""
    async with platform.database.tenant(school.tenant_id) as session:
        kinds = approvals.kinds_of(platform.plugins, frozenset({"education"}))
        await approvals.approve(session, kinds, approval_id, by or school.checker)


async def refuse(platform, school: School, approval_id: UUID, why: str = "不对") -> None:
    """The second person sends it back."""
    async with platform.database.tenant(school.tenant_id) as session:
        kinds = approvals.kinds_of(platform.plugins, frozenset({"education"}))
        await approvals.reject(session, kinds, approval_id, school.checker, why)


async def approval(platform, school: School, approval_id: UUID):
    """An approval as it stands."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await approvals_repository.find(session, approval_id)


async def approve_standards(platform, school: School) -> None:
    """Submit every draft and agree."""
    async with platform.database.tenant(school.tenant_id) as session:
        asked = await standards.submit(session, "新学年标准", school.maker)
    await agree(platform, school, asked)


def draft(**given: object) -> PlanDraft:
    """A plan of the sample term for everybody and everything."""
    fields = {
        "code": "P1", "title": "第一学期收费", "term": TERM, "item_codes": ("TUITION", "DORM", "MEAL", "UNIFORM", "BOOKS"), "due_on": DUE,
    }  # fmt: skip
    return PlanDraft(**fields | given)


def in_parts(*percents: str) -> tuple[InstalmentDraft, ...]:
    """Instalments a month apart that end on the due date."""
    count = len(percents)
    return tuple(InstalmentDraft(DUE - dt.timedelta(days=30 * (count - 1 - at)), percent) for at, percent in enumerate(percents))


async def make_plan(platform, school: School, **given: object) -> UUID:
    """A new plan, still a draft."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await plans.create(session, draft(**given), school.maker)


async def submit(platform, school: School, plan_id: UUID) -> UUID:
    """Ask for approval; answers the approval's id."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await plans.submit(session, plan_id, "新学期", school.maker)


async def publish(platform, school: School, plan_id: UUID):
    """Publish at once, as the job does."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await plans.publish(session, plan_id, school.checker)


async def approved_plan(platform, school: School, **given: object) -> UUID:
    """A plan that a second person agreed to."""
    plan_id = await make_plan(platform, school, **given)
    await agree(platform, school, await submit(platform, school, plan_id))
    return plan_id
