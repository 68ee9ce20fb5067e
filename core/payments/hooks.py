"""What payments offer through the plugin hooks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.approvals.lists import waiting
from core.hookspecs import Approval, Check, MenuItem, PulseStep, WorkItem, hook
from core.payments import api, console, describing, faults, ladder, lists, notices, suspense, suspense_console
from core.payments.channels.wechatpay import WechatPay
from core.web.i18n import N_

CHECK = "billing.bill.check"


@hook
def register_channels() -> Sequence[Any]:
    return [WechatPay]


@hook
def register_routes() -> Sequence[Any]:
    return [notices.receive_notice, *console.ROUTES, *suspense_console.ROUTES, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_menu() -> Sequence[MenuItem]:
    return [
        MenuItem(N_("收款"), N_("支付单"), "/console/payment-orders", lists.READ_ORDERS, icon="credit-card", position=400),
        MenuItem(N_("收款"), N_("收款"), "/console/payments", lists.READ_PAYMENTS, icon="cash", position=410),
        MenuItem(N_("收款"), N_("长款挂账"), suspense_console.PATH, lists.READ_SUSPENSE, icon="help-hexagon", position=420),
    ]


@hook
def register_worklist() -> Sequence[WorkItem]:
    return [
        WorkItem("payments.suspense", N_("长款待处理"), lists.RESOLVE, lists.count_open_suspense, suspense_console.PATH, position=30),
        WorkItem(
            "payments.suspense_check", N_("挂账处理待复核"), CHECK, waiting(CHECK, "payments.suspense"), "/console/approvals", position=25
        ),
    ]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("payments.query", ladder.query_due)]


@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval("payments.suspense", N_("挂账处理"), CHECK, suspense.resolve, describing.resolve, suspense_console.PATH + "/{id}")]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("payments", faults.list_faults)]
