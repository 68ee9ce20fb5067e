"""What tenancy offers through the plugin hooks."""

from pathlib import Path

from core.database import Session
from core.hookspecs import Blueprint, MenuItem, WorkItem, hook
from core.identity import audit_words
from core.identity.actor import Actor
from core.identity.roles import CLIENT_ADMIN
from core.tenancy import (
    api,
    branch_pages,
    client_console,
    client_pages,
    console,
    finding,
    histories,
    merchant_pages,
    merchants_api,
    merchants_repository,
    repository,
    tasks_repository,
)
from core.tenancy.audit_words import WORDS
from core.tenancy.kinds import KINDS
from core.web import retold, statuses
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

audit_words.register(WORDS)
retold.register(N_("编码“%(code)s”不合规范：请用 1–32 位字母、数字、连字符"))
statuses.register(
    "merchant",
    {
        "draft": (N_("草稿"), statuses.QUIET),
        "submitted": (N_("已提交"), statuses.WAIT),
        "bank_review": (N_("银行审核"), statuses.WAIT),
        "channel_review": (N_("渠道审核"), statuses.WAIT),
        "signing": (N_("待签约"), statuses.WAIT),
        "active": (N_("可收款"), statuses.GOOD),
        "rejected": (N_("已退回"), statuses.BAD),
        "suspended": (N_("已暂停"), statuses.WARN),
        "closed": (N_("已终止"), statuses.QUIET),
    },
)
statuses.register(
    "settlement_account",
    {
        "pending": (N_("待复核"), statuses.WAIT),
        "active": (N_("已生效"), statuses.GOOD),
        "rejected": (N_("已退回"), statuses.BAD),
        "retired": (N_("已停用"), statuses.QUIET),
    },
)
CLIENTS, PLATFORM = N_("客户"), N_("平台")


@hook
def register_routes() -> list:
    pages = (console, client_pages, merchant_pages, branch_pages, client_console, api, merchants_api)
    return [route for module in pages for route in module.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_blueprints() -> list[Blueprint]:
    """A plain start for every kind; a vertical's own blueprint takes its place."""
    return [
        Blueprint(kind, title, plugins=(), merchants=(("main", "基本收款户"),), admin_roles=(CLIENT_ADMIN,))
        for kind, title in KINDS.items()
    ]


@hook
def register_menu() -> list[MenuItem]:
    return [
        MenuItem("", N_("今天"), "/bank", "", icon="home", position=0, side="bank"),
        MenuItem(CLIENTS, N_("客户"), "/bank/clients", "tenancy.client.read", icon="building", position=100, side="bank"),
        MenuItem(CLIENTS, N_("待办"), "/bank/tasks", "tenancy.client.read", icon="checklist", position=110, side="bank"),
        MenuItem(PLATFORM, N_("机构"), "/bank/branches", "tenancy.branch.read", icon="building-bank", position=900, side="bank"),
        MenuItem(PLATFORM, N_("插件"), "/bank/plugins", "tenancy.plugin.default", icon="puzzle", position=905, side="bank"),
        MenuItem(N_("单位设置"), N_("收款商户"), "/console/merchants", "tenancy.merchant.read", icon="credit-card", position=905),
    ]


async def _drafts(session: Session, by: Actor) -> int:
    return await repository.count_clients(session, by.reach("tenancy.client.manage"), "draft")


async def _suspended(session: Session, by: Actor) -> int:
    return await repository.count_clients(session, by.reach("tenancy.client.manage"), "suspended")


async def _accounts_at_clients(session: Session, by: Actor) -> int:
    return await tasks_repository.count_tasks(session, by.reach("tenancy.account.check"), "account_check", not_by=by.id)


async def _merchants_at_clients(session: Session, by: Actor) -> int:
    return await tasks_repository.count_tasks(session, by.reach("tenancy.merchant.manage"), "merchant_activate")


async def _own_accounts(session: Session, by: Actor) -> int:
    return sum(row.status == "pending" and row.made_by != by.id for row in await merchants_repository.list_accounts(session))


@hook
def register_worklist() -> list[WorkItem]:
    return [
        WorkItem(
            "tenancy.account_check", N_("结算账户待复核"), "tenancy.account.check", _accounts_at_clients,
            "/bank/tasks?kind=account_check", hint=N_("另一位同事登记的账户，核对户名与账号后通过"), position=10, side="bank",
        ),
        WorkItem(
            "tenancy.merchant_activate", N_("商户待启用"), "tenancy.merchant.manage", _merchants_at_clients,
            "/bank/tasks?kind=merchant_activate", hint=N_("结算账户已通过，启用后可以收款"), position=20, side="bank",
        ),
        WorkItem(
            "tenancy.draft", N_("客户开立到一半"), "tenancy.client.manage", _drafts,
            "/bank/clients?status=draft", hint=N_("按步骤完成准备后启用"), position=30, side="bank",
        ),
        WorkItem(
            "tenancy.suspended", N_("已暂停的客户"), "tenancy.client.manage", _suspended,
            "/bank/clients?status=suspended", hint=N_("原因消除后恢复服务"), position=40, side="bank",
        ),
        WorkItem(
            "tenancy.own_account_check", N_("结算账户待复核"), "tenancy.account.check", _own_accounts, "/console/merchants", position=60,
        ),
    ]  # fmt: skip


@hook
def register_search() -> tuple:
    return finding.SOURCES
