"""The life of what a hospital asks to be paid (domain book §4.5, annex A.3)."""

from core.states import Machine

SCENES = ("window", "selfservice", "inpatient", "internet")
KINDS = ("register", "outpatient", "deposit", "discharge", "prepay")

ORDER = Machine(
    "诊疗订单",
    "created → insurance_pre_settled awaiting_payment cancelled",
    "insurance_pre_settled → awaiting_payment paid cancelled",
    "awaiting_payment → paid cancelled",
    "paid → posted post_failed partial_refund refunded",
    "post_failed → posted partial_refund refunded",
    "posted → partial_refund refunded",
    "partial_refund → partial_refund posted post_failed refunded",
    "cancelled → paid",
)
"""`cancelled → paid`: money that came after the order was withdrawn is money; it is posted back, or goes back."""

PAID = ("paid", "posted", "post_failed", "partial_refund")
