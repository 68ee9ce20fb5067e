"""What payments offer through the plugin hooks."""

from collections.abc import Sequence
from typing import Any

from core.hookspecs import Approval, Check, PulseStep, hook
from core.payments import faults, ladder, notices, suspense
from core.payments.channels.wechatpay import WechatPay


@hook
def register_channels() -> Sequence[Any]:
    return [WechatPay]


@hook
def register_routes() -> Sequence[Any]:
    return [notices.receive_notice]


@hook
def register_pulse() -> Sequence[PulseStep]:
    return [PulseStep("payments.query", ladder.query_due)]


@hook
def register_approvals() -> Sequence[Approval]:
    return [Approval("payments.suspense", "挂账处理", "billing.bill.check", suspense.resolve)]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("payments", faults.list_faults)]
