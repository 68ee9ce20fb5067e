"""The lives of clients, merchants and settlement accounts (domain book §2.3, annex A.1)."""

from core.states import Machine

CLIENT = Machine("客户", "draft → active", "active → suspended closed", "suspended → active closed")

MERCHANT = Machine(
    "商户",
    "draft → submitted",
    "submitted → bank_review draft rejected",
    "bank_review → channel_review rejected",
    "channel_review → signing rejected",
    "signing → active rejected",
    "rejected → draft",
    "active → suspended closed",
    "suspended → active closed",
)

ACCOUNT = Machine("结算账户", "pending → active rejected", "active → retired", "rejected → pending", "retired → pending")
