"""What payments offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.database import Session
from core.hookspecs import Approval, Check, MenuItem, PaymentSettled, Permission, PulseStep, WorkItem, hook
from core.identity import audit_words
from core.payments import api, console, describing, expiry, faults, figures, finding, histories, ladder, lists, notices, pushing
from core.payments.accounts import api as accounts_api
from core.payments.accounts import console as accounts_console
from core.payments.accounts import desk as accounts_desk
from core.payments.channels.alipay import Alipay
from core.payments.channels.stripe import StripeGateway
from core.payments.channels.unionpay import UnionPay
from core.payments.channels.wechatpay import WechatPay
from core.payments.routing import api as routes_api
from core.payments.routing import console as routes_console
from core.payments.static_codes import api as static_api
from core.payments.static_codes import console as static_console
from core.payments.suspense import console as suspense_console
from core.payments.suspense import service as suspense
from core.web.i18n import N_

HISTORIES = histories
"""Loaded so that these objects have a history."""

CHECK = "billing.bill.check"
audit_words.register(
    {
        "payments.order.ask": N_("向渠道查询支付结果"),
        "payments.channel.add": N_("启用收款账号"),
        "payments.channel.rotate": N_("更换收款密钥"),
        "payments.channel.change": N_("修改收款账号"),
        "payments.channel.suspend": N_("停用收款账号"),
        "payments.channel.resume": N_("恢复收款账号"),
        "payments.channel.probe": N_("测试收款账号"),
        "payments.suspense.close": N_("核实后关闭挂账"),
        "payments.route.add": N_("添加收款规则"),
        "payments.route.enable": N_("启用收款规则"),
        "payments.route.disable": N_("停用收款规则"),
        "payments.route.remove": N_("删除收款规则"),
        "payments.static_code.create": N_("添加固定收款码"),
        "payments.static_code.enable": N_("启用固定收款码"),
        "payments.static_code.disable": N_("停用固定收款码"),
    }
)
audit_words.register_facts({"keys": N_("密钥")})


@hook
def register_channels() -> Sequence[Any]:
    return [WechatPay, Alipay, UnionPay, StripeGateway]


@hook
def register_routes() -> Sequence[Any]:
    desks = (console, suspense_console, accounts_console, routes_console, static_console, api, accounts_api, routes_api, static_api)
    return [notices.receive_notice, *(route for module in desks for route in module.ROUTES)]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收款"), N_("支付单"), "/console/payment-orders", lists.READ_ORDERS, icon="credit-card", position=400),
        MenuItem(N_("收款"), N_("收款"), "/console/payments", lists.READ_PAYMENTS, icon="cash", position=410),
        MenuItem(N_("收款"), N_("长款挂账"), suspense_console.PATH, lists.READ_SUSPENSE, icon="help-hexagon", position=420),
        MenuItem(N_("单位设置"), N_("支付渠道"), accounts_console.PATH, accounts_desk.READ, icon="plug-connected", position=908),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem("payments.today", N_("今日收款"), lists.READ_PAYMENTS, figures.today, "/console/payments", position=900),
        WorkItem("payments.suspense", N_("长款待处理"), lists.RESOLVE, lists.count_open_suspense, suspense_console.PATH, position=30),
        WorkItem(
            "payments.suspense_check", N_("挂账处理待复核"), CHECK, waiting(CHECK, "payments.suspense"), "/console/approvals", position=25
        ),
        WorkItem(
            "payments.channel_check", N_("收款密钥待复核"), accounts_desk.CHECK, waiting(accounts_desk.CHECK, accounts_desk.KIND),
            "/console/approvals", position=26,
        ),
        WorkItem(
            "payments.channel_expiry", N_("收款证书将到期"), accounts_desk.READ, expiry.count, accounts_console.PATH,
            hint=N_("到期后收不了款，请在渠道平台换好证书后登记"), position=27,
        ),
    ]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("payments.query", ladder.query_due)]


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval("payments.suspense", N_("挂账处理"), CHECK, suspense.resolve, describing.resolve, suspense_console.PATH + "/{id}"),
        Approval(
            accounts_desk.KIND, N_("收款密钥"), accounts_desk.CHECK, accounts_desk.execute, accounts_desk.describe,
            accounts_console.PATH + "/{id}",
        ),
    ]


@hook
def register_nightly() -> Sequence[PulseStep]:
    return [PulseStep("payments.expiry", expiry.look)]


@hook
def register_permissions() -> Sequence[Permission]:
    return [
        Permission(accounts_desk.READ, N_("查看支付渠道")),
        Permission(accounts_desk.MANAGE, N_("经办支付渠道")),
        Permission(accounts_desk.CHECK, N_("复核收款密钥")),
    ]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("payments", faults.list_faults)]


@hook
def register_search() -> Sequence[Any]:
    return finding.SOURCES


@hook
async def payment_settled(session: Session, event: PaymentSettled) -> None:
    """Money came in: the client's systems are told."""
    await pushing.push(session, event)
