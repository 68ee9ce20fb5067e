"""The club plugin: everything it adds to the trunk, read from top to bottom."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData

from core.golive.steps import Evidence, Ground, Seen, Step, done, todo
from core.hookspecs import (
    Approval,
    BillsIssued,
    BindingFacts,
    BindingProposal,
    Blueprint,
    Check,
    Command,
    Export,
    Importer,
    JobKind,
    MenuItem,
    PaymentRefunded,
    PaymentSettled,
    Permission,
    PluginInfo,
    PulseStep,
    RefundAsked,
    RefundProposal,
    RepostAsked,
    Role,
    WorkItem,
    hook,
)
from core.identity.actor import system
from core.imports.schemas import ImportContext
from core.masking import mask_phone
from core.search.sources import Source
from core.web.i18n import N_
from tests.plugins.specimen import bench, commands, console, finding, models, post_office, repository, roster, service, tasks, vouchers

HERE = Path(__file__).parent


# start: register_plugin
@hook
def register_plugin() -> PluginInfo:
    return PluginInfo(
        code="club",
        title="俱乐部年费",
        client_kinds=("club",),
        summary="会员、年费账单与会员卡",
        package="tests.plugins.specimen",
    )
# end: register_plugin


# start: register_metadata
@hook
def register_metadata() -> MetaData:
    return models.metadata
# end: register_metadata


# start: rights
@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission("club.member.read", "查看会员"),
        Permission("club.member.bill", "开具年费账单"),
        Permission("club.member.import", "导入会员"),
        Permission("club.due.check", "复核年费调整"),
    ]


@hook
def register_roles() -> Sequence[Role]:
    rights = {"club.member.read", "club.member.bill", "club.member.import", "imports.make", "jobs.read", "billing.bill.read"}
    return [Role("club.treasurer", "俱乐部司库", "TENANT", frozenset(rights))]
# end: rights


@hook
def register_fee_categories() -> Sequence[str]:
    return ("会费", "活动费")


@hook
def register_refund_policies() -> Sequence[str]:
    return ("half",)


# start: pages
@hook
def register_routes() -> Sequence[Any]:
    return console.ROUTES


@hook
def register_templates() -> Path:
    return HERE / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("俱乐部"), N_("会员"), "/console/club/members", "club.member.read", icon="users")]
# end: pages


@hook
def register_worklist() -> Sequence[WorkItem]:
    async def lapsed(session: Any, actor: Any) -> int:
        return await repository.count_lapsed(session)

    return [WorkItem("club.lapsed", "待续费的会员", "club.member.read", lapsed, "/console/club/members")]


# start: register_importers
@hook
def register_importers() -> Sequence[Importer]:
    tables = (".xlsx", ".xls", ".csv")
    return [Importer("club.members", "会员名册", "club.member.import", tables, roster.check, roster.apply)]
# end: register_importers


@hook
def register_exports() -> Sequence[Export]:
    async def rows(session: Any, filters: dict[str, str], reach: list[UUID] | None) -> AsyncIterator[Sequence[Any]]:
        for row in await repository.list_members(session):
            yield row.number, row.name, row.due_fen, row.joined_on

    columns = (("会员号", "text"), ("姓名", "name"), ("年费", "money"), ("入会日期", "date"))
    return [Export("club.members", "会员名册", "club.member.read", columns, rows)]


# start: work
@hook
def register_jobs() -> Sequence[JobKind]:
    return [JobKind("club.bill", "开具年费账单", tasks.bill)]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("club.cards", tasks.number_cards)]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("club.lapse", tasks.lapse)]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("club", repository.list_faults)]
# end: work


@hook
def register_channels() -> Sequence[Any]:
    return [vouchers.VoucherChannel]


# start: register_approvals
@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval("club.due", "调整年费", "club.due.check", service.change_due)]
# end: register_approvals


@hook
def register_commands() -> Sequence[Command]:
    return [Command("members", "count a club's members", commands.configure, commands.members)]


@hook
def register_benchmarks() -> Sequence[Any]:
    return bench.BENCHMARKS


@hook
def register_blueprints() -> Sequence[Blueprint]:
    return [Blueprint("club", "俱乐部", ("club",), (("DUES", "会费商户"),), ("club.treasurer",))]


# start: search
@hook
def register_search() -> Sequence[Any]:
    hint = "会员：姓名、会员号"
    return [Source(code="club.members", title="会员", permissions=("club.member.read",), find=finding.members, hint=hint, position=10)]
# end: search


@hook
def register_go_live() -> Sequence[Step]:
    async def members(ground: Ground) -> Seen:
        count = len(await repository.list_members(ground.session))
        return done(Evidence(text=f"{count} 名会员", path="/console/club/members")) if count else todo("还没有会员")

    return [Step(code="people", title="会员名册", task="导入会员名册", owner="client", within_days=2, position=50, look=members)]


@hook
async def load_demo(platform: Any, client: Any, folder: Path) -> None:
    file = folder / "members.csv"
    if file.exists():
        context = ImportContext(platform=platform, client=client, by=system(client.id))
        await roster.apply(context, await roster.check(context, file.read_bytes(), file.name))


@hook
async def propose_binding(session: Any, keys: Any, facts: BindingFacts) -> BindingProposal | None:
    row = await repository.find_by_facts(session, facts.number, facts.name, keys.index("phone_tail", facts.id_tail))
    if row is None:
        return None
    return BindingProposal(row.id, ((mask_phone(keys.open(row.phone_sealed)), row.phone_sealed, "本人"),))


@hook
async def propose_contacts(session: Any, party_ids: Sequence[UUID]) -> Sequence[BindingProposal]:
    return [BindingProposal(row.id, (("", row.phone_sealed, "本人"),)) for row in await repository.list_by_ids(session, party_ids)]


# start: events
@hook
async def bills_issued(session: Any, event: BillsIssued) -> None:
    await repository.keep(session, "bills_issued", event.source, event.amount_fen)


@hook
async def payment_settled(session: Any, event: PaymentSettled) -> None:
    await repository.keep(session, "payment_settled", str(event.payment_id), event.amount_fen)
# end: events


@hook
async def payment_refunded(session: Any, event: PaymentRefunded) -> None:
    await repository.keep(session, "payment_refunded", f"{event.refund_id}:{event.payment_id}", event.amount_fen)


@hook
async def propose_refund(asked: RefundAsked) -> RefundProposal | None:
    if asked.plugin != "club":
        return None
    half = {no: (paid_fen // 2, (("退费规则", "年费退一半"),)) for no, _item, paid_fen in asked.lines}
    return RefundProposal(half)


@hook
async def propose_refund_wait(session: Any, bill_ids: Sequence[UUID]) -> Mapping[UUID, str] | None:
    known = {(row.kind, row.about) for row in await repository.list_told(session)}
    cards_out = {about for kind, about in known if kind == "card_out" and ("card_back", about) not in known}
    return {bill_id: "会员卡还没有交回" for bill_id in bill_ids if str(bill_id) in cards_out}


@hook
async def propose_ticket_facts(bill_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]] | None:
    return {bill_id: (("会员类别", "年度会员"),) for bill_id in bill_ids}


@hook
async def repost_asked(session: Any, event: RepostAsked) -> None:
    await repository.keep(session, "repost_asked", event.bill_number or event.number, event.amount_fen)


@hook
def register_sandbox() -> Sequence[Any]:
    return [post_office.WORLD]


plugin = sys.modules[__name__]
