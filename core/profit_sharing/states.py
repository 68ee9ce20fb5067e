"""The lives of a receiver, of a split, of one share of it and of taking a share back."""

from core.states import Machine

RECEIVER = Machine(
    "分账接收方",
    "proposed → adding refused",
    "adding → active failed adding",
    "failed → adding refused",
    "active → removing",
    "removing → removed active removing",
)
SPLIT = Machine("分账单", "proposed → submitted refused", "submitted → submitted processing finished failed", "processing → processing finished failed")
SHARE = Machine("分账明细", "pending → succeeded closed")
RETURN = Machine("分账回退", "proposed → submitted refused", "submitted → submitted processing succeeded failed", "processing → processing succeeded failed")

LIVE = ("proposed", "adding", "active", "removing")
"""A receiver in one of these cannot be asked for again."""
UNDER_WAY = ("proposed", "submitted", "processing")
"""A split or a return in one of these may still move money."""
