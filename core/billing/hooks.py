"""What billing offers through the plugin hooks."""

from collections.abc import Sequence

from core.billing import corrections, faults
from core.hookspecs import Approval, Check, hook


@hook
def register_approvals() -> Sequence[Approval]:
    return [
        Approval("billing.void", "作废账单", "billing.bill.check", corrections.void),
        Approval("billing.write_off", "核销账单", "billing.bill.check", corrections.write_off),
        Approval("billing.adjust", "调整账单", "billing.bill.check", corrections.adjust),
        Approval("billing.move", "转移缴费", "billing.bill.check", corrections.move),
    ]


@hook
def register_checks() -> Sequence[Check]:
    return [Check("billing", faults.list_faults)]
