"""The way of a case (domain book §2.3, annex A.1): each step is one side's word, a refusal leads back to the draft."""

from core.states import Machine

CASE = Machine(
    "进件",
    "draft → submitted",
    "submitted → bank_review draft",
    "bank_review → channel_review bank_rejected",
    "channel_review → signing channel_rejected",
    "signing → active signing_rejected",
    "bank_rejected → draft",
    "channel_rejected → draft",
    "signing_rejected → draft",
)

REJECTED = ("bank_rejected", "channel_rejected", "signing_rejected")
MERCHANT_STATE = {name: "rejected" for name in REJECTED}
"""What the merchant itself is while its case stands there; the other states are called the same."""
