"""The lives of a payment order and of money that came unexpectedly (domain book annex A.1, architecture §6)."""

from core.states import Machine

ORDER = Machine(
    "支付单",
    "created → pending closed failed succeeded",
    "pending → succeeded closed failed",
    "closed → succeeded",
    "failed → succeeded",
)

SUSPENSE = Machine("挂账", "open → resolved", "resolved → open")

ACCOUNT = Machine("收款账号", "pending → active", "active → suspended", "suspended → active")
