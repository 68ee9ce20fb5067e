"""The life of a binding between a payer and the person paid for (domain book §3.5)."""

from core.states import Machine

BINDING = Machine(
    "绑定",
    "matched → bound manual_review",
    "manual_review → bound rejected ended",
    "bound → ended",
    "ended → matched",
    "rejected → matched",
)
