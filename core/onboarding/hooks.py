"""What onboarding offers through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.database import Session
from core.hookspecs import Approval, MenuItem, Permission, WorkItem, hook
from core.identity import audit_words
from core.identity.actor import Actor
from core.onboarding import (
    api,
    bank_console,
    cases,
    console,
    documents_api,
    doors,
    rate_changes,
    rate_doors,
    rates_api,
    rates_console,
    repository,
)
from core.tenancy import tasks_repository
from core.web import statuses
from core.web.i18n import N_

audit_words.register(
    {
        "onboarding.case.begin": N_("建立进件"),
        "onboarding.case.save": N_("填写进件"),
        "onboarding.case.draft": N_("进件退回修改"),
        "onboarding.case.submitted": N_("提交进件"),
        "onboarding.case.bank_review": N_("开始审核进件"),
        "onboarding.case.bank_rejected": N_("网点退回进件"),
        "onboarding.case.channel_review": N_("网点通过进件"),
        "onboarding.case.channel_rejected": N_("渠道退回进件"),
        "onboarding.case.signing": N_("渠道通过进件"),
        "onboarding.case.signing_rejected": N_("签约人退回进件"),
        "onboarding.case.active": N_("签约，商户启用"),
        "onboarding.document.add": N_("上传进件资料"),
        "onboarding.document.remove": N_("删除进件资料"),
        "onboarding.document.open": N_("查看进件资料"),
        "onboarding.rate.agree": N_("费率生效"),
        "onboarding.rate.propose": N_("提出费率变更"),
        "onboarding.rate.approve": N_("同意费率变更"),
        "onboarding.rate.reject": N_("退回费率变更"),
        "onboarding.rate.withdraw": N_("撤回费率变更"),
        "onboarding.review.take": N_("开始审核进件"),
        "onboarding.review.approve": N_("通过进件"),
        "onboarding.review.reject": N_("退回进件"),
        "onboarding.channel.approve": N_("登记渠道通过"),
        "onboarding.channel.reject": N_("登记渠道退回"),
    }
)
audit_words.register_facts({"account_holder": N_("户名"), "account_masked": N_("账号"), "channels": N_("渠道"), "from_on": N_("生效日")})
statuses.register(
    "onboarding_case",
    {
        "draft": (N_("草稿"), statuses.QUIET),
        "submitted": (N_("已提交"), statuses.WAIT),
        "bank_review": (N_("网点审核中"), statuses.WAIT),
        "bank_rejected": (N_("网点退回"), statuses.BAD),
        "channel_review": (N_("渠道审核中"), statuses.WAIT),
        "channel_rejected": (N_("渠道退回"), statuses.BAD),
        "signing": (N_("待签约"), statuses.WAIT),
        "signing_rejected": (N_("签约人退回"), statuses.BAD),
        "active": (N_("可收款"), statuses.GOOD),
    },
)
statuses.register(
    "rate",
    {"in_force": (N_("执行中"), statuses.GOOD), "coming": (N_("未到生效日"), statuses.WAIT), "past": (N_("已结束"), statuses.QUIET)},
)


@hook
def register_routes() -> Sequence[Any]:
    return [*console.ROUTES, *bank_console.ROUTES, *rates_console.ROUTES, *api.ROUTES, *documents_api.ROUTES, *rates_api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(cases.MANAGE, N_("经办商户进件")),
        Permission(cases.SIGN, N_("进件签约")),
        Permission(rate_changes.MAKE, N_("提出费率变更")),
        Permission(rate_changes.CHECK, N_("复核费率变更")),
    ]


@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval(rate_changes.KIND, N_("费率变更"), rate_changes.CHECK, rate_changes.execute, rate_changes.describe, "/console/merchants")]


@hook
def register_menu() -> Sequence[MenuItem]:
    return [MenuItem(N_("单位设置"), N_("商户进件"), console.PATH, cases.READ, icon="file-certificate", position=906)]


async def _to_review(session: Session, by: Actor) -> int:
    return await tasks_repository.count_tasks(session, by.reach(doors.REVIEW), doors.TASK)


async def _rates_to_check(session: Session, by: Actor) -> int:
    return await tasks_repository.count_tasks(session, by.reach(rate_changes.CHECK), rate_doors.TASK, not_by=by.id)


async def _to_mend(session: Session, _by: Actor) -> int:
    return sum(row.status.endswith("_rejected") for row in await repository.list_cases(session))


async def _to_sign(session: Session, by: Actor) -> int:
    return sum(row.status == "signing" and row.submitted_by != by.id for row in await repository.list_cases(session))


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem(
            "onboarding.review", N_("商户进件待审核"), doors.REVIEW, _to_review, f"/bank/tasks?kind={doors.TASK}",
            hint=N_("核对资料与结算账户，定费率后交渠道审核"), position=15, side="bank",
        ),
        WorkItem(
            "onboarding.rate_check", N_("费率变更待复核"), rate_changes.CHECK, _rates_to_check, f"/bank/tasks?kind={rate_doors.TASK}",
            hint=N_("核对新旧费率与生效日后通过"), position=16, side="bank",
        ),
        WorkItem("onboarding.mend", N_("进件被退回"), cases.MANAGE, _to_mend, console.PATH, hint=N_("按退回原因修改后重新提交"), position=55),
        WorkItem("onboarding.sign", N_("进件待签约"), cases.SIGN, _to_sign, console.PATH, hint=N_("核对费率与结算周期后确认"), position=56),
    ]  # fmt: skip
