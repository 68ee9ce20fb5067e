"""A school as the bank hands it over, and what its people do in tests: import the shared samples, approve, make and publish plans."""

import datetime as dt
from types import SimpleNamespace
from uuid import UUID

import msgspec
from sqlalchemy import insert

from core import ids
from core.approvals import repository as approvals_repository
from core.approvals import service as approvals
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row
from core.identity import org
from core.identity.actor import Actor
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.payments.capture import decide
from core.payments.models import channel_account
from core.tenancy.directory import ClientProfile
from core.tenancy.models import merchant
from plugins.education.dormitory import importing as dormitory_file
from plugins.education.dormitory import meter_importing as meters
from plugins.education.meals import importing as meal_file
from plugins.education.organisation import service as organisation
from plugins.education.people.roles import PERMISSIONS, ROLES
from plugins.education.plans import importing as bill_file
from plugins.education.plans import service as plans
from plugins.education.plans.schemas import InstalmentDraft, PlanDraft
from plugins.education.roster import repository as roster_repository
from plugins.education.roster import service as roster
from plugins.education.standards import importing as fee_file
from plugins.education.standards import repository as standards_repository
from plugins.education.standards import service as standards_service
from plugins.education.standards.schemas import StandardDraft
from tests import samples
from tests.education.pure.rosters import TITLES
from tests.imports.workbooks import book, xlsx
from tests.trade import APPID, MCHID, Trade, order, success

TERM = "2026-2027-1"
DUE = dt.date(2099, 6, 30)
SETTINGS = {"education": {"merchants": {"服务性收费": "SERVICE", "代收费": "SERVICE"}}}
__all__ = ["ROLES", "School", "ids", "samples"]
_IMPORTERS = {
    "org": organisation, "roster": roster, "standards": fee_file, "dorm": dormitory_file, "meal_days": meal_file, "bills": bill_file,
    "meters": SimpleNamespace(check=meters.check_meters, apply=meters.apply_meters),
    "readings": SimpleNamespace(check=meters.check_readings, apply=meters.apply_readings),
}  # fmt: skip
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
    judged = await check(platform, school, kind, name, content, by)
    await apply(platform, school, kind, judged, by)
    return judged.totals


async def apply(platform, school: School, kind: str, judged: ImportCheck, by: Actor | None = None) -> None:
    """Write what was judged."""
    await _IMPORTERS[kind].apply(ImportContext(platform=platform, client=school.client, by=by or school.maker), judged)


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
        asked = await standards_service.submit(session, "新学年标准", school.maker)
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


def fee_file(items: list[list], standards: list[list], discounts: list[list]) -> bytes:
    """A fee workbook with few columns: standards by 学部 only."""
    heads = {
        "收费项目": ["项目编码*", "项目名称*", "类别*", "周期*", "是否必缴*", "可否优惠*"],
        "收费标准": ["项目编码*", "项目名称*", "学部", "单价(元)*", "批准文号", "生效日期*", "失效日期*"],
        "优惠规则": ["优惠编码*", "优惠名称*", "方式*", "比例(%)*", "金额(元)", "适用项目*", "条件*", "可叠加*"],
    }
    return book({name: [heads[name], *rows] for name, rows in zip(heads, (items, standards, discounts), strict=True)})


def roster_of(*rows: dict[str, object]) -> bytes:
    """A roster file of hand-made students (`tests.education.pure.rosters.student`)."""
    return xlsx([TITLES, *([row.get(title) for title in TITLES] for row in rows)])


async def students(platform, school: School) -> dict[str, Row]:
    """The students by number."""
    async with platform.database.tenant(school.tenant_id) as session:
        return {row.student_no: row for row in await roster_repository.list_all(session)}


async def unit(platform, school: School, *names: str) -> UUID:
    """The org unit at the end of a path of names, e.g. 云溪校区, 小学部."""
    async with platform.database.tenant(school.tenant_id) as session:
        return (await organisation.load(session)).ids[names]


async def below(platform, school: School, *names: str) -> frozenset[UUID]:
    """That unit with everything under it: the reach of somebody who works there."""
    async with platform.database.tenant(school.tenant_id) as session:
        return frozenset(await org.subtree_ids(session, (await organisation.load(session)).ids[names]))


async def bills_of(platform, school: School, student_no: str) -> list[BillRead]:
    """A student's bills."""
    student = (await students(platform, school))[student_no]
    async with platform.database.tenant(school.tenant_id) as session:
        return await billing.bills_of(session, [student.id])


async def pay(platform, school: School, bill: BillRead, amount_fen: int) -> None:
    """A parent pays by WeChat and the channel says so."""
    trade = Trade(school.tenant_id, school.merchants, [], school.account_id)
    number = await order(platform, trade, [(bill.id, amount_fen)])
    async with platform.database.tenant(school.tenant_id) as session:
        await decide(session, trade.account, success(number, amount_fen))


YEAR = (dt.date(2026, 9, 1), dt.date(2027, 8, 31))


def standard_draft(**given: object) -> StandardDraft:
    """A meal price of the sample school year."""
    return StandardDraft(**{"item_code": "MEAL", "price_fen": 200_000, "starts_on": YEAR[0], "ends_on": YEAR[1]} | given)


async def new_standard(platform, school: School, **given: object) -> UUID:
    """One more standard, still a draft."""
    return await do(platform, school, standards_service.create, standard_draft(**given))


async def do(platform, school: School, verb, *given: object, by: Actor | None = None):
    """A verb of a service in a transaction of its own; the maker does it unless said otherwise."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await verb(session, *given, by or school.maker)


async def plan(platform, school: School, plan_id: UUID) -> Row:
    """A plan as it stands."""
    async with platform.database.tenant(school.tenant_id) as session:
        return await plans.find(session, plan_id)


async def standards(platform, school: School) -> list[Row]:
    """Every standard that prices."""
    async with platform.database.tenant(school.tenant_id) as session:
        return list(await standards_repository.list_standards(session, approved_only=True))
