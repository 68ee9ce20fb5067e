"""The lives of a cashier's shift and of a cheque (domain book annex A.3: shift)."""

from core.states import Machine

SHIFT = Machine(
    "班次",
    "open → counting",
    "counting → open submitted variance_review",
    "submitted → accepted",
    "variance_review → accepted counting",
)
LIVE = ("open", "counting", "variance_review")
"""In these the shift is still with its cashier."""

HANDED_IN = ("submitted", "variance_review")
"""In these it waits for somebody else to take it over."""

CHEQUE = Machine("支票", "received → cleared bounced")
TRANSFER = Machine("转账", "received → matched suspense", "suspense → matched")
