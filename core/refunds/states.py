"""The lives of a refund, of each payment's part of it, and of a batch (domain book §2.5, annex A.1)."""

from collections.abc import Collection

from core.states import Machine

_UNDER_WAY = "approved waiting_funds submitted processing manual_transfer"

REFUND = Machine(
    "退款",
    "draft → requested dropped",
    f"requested → rejected cancelled failed {_UNDER_WAY}",
    *(f"{state} → {_UNDER_WAY} success partial failed" for state in _UNDER_WAY.split()),
    f"failed → requested {_UNDER_WAY}",
    f"partial → requested {_UNDER_WAY}",
)

ITEM = Machine(
    "退款明细",
    "held → submitted waiting_funds manual_transfer cancelled",
    "waiting_funds → submitted processing success failed closed waiting_funds manual_transfer cancelled",
    "submitted → processing success failed closed waiting_funds manual_transfer submitted",
    "processing → processing success failed closed waiting_funds manual_transfer",
    "failed → submitted processing success closed waiting_funds manual_transfer cancelled",
    "manual_transfer → transferring success cancelled closed",
    "transferring → success manual_transfer",
)

BATCH = Machine("批量退款", "created → approved rejected", "approved → running done partial", "running → done partial", "partial → running done")

OPEN = ("held", "waiting_funds", "submitted", "processing", "failed", "manual_transfer", "transferring")
"""An item in one of these will still move money or may: it counts against what can be refunded."""
COUNTS = (*OPEN, "success")
UNDER_WAY = tuple(_UNDER_WAY.split())
FINAL = ("success", "partial", "failed", "rejected", "cancelled", "dropped")
UNASKED = ("draft", "dropped")
"""Worked out by rules for a person to look at; nobody has asked for it, so payers see nothing of it and it counts nowhere."""
UNDONE = ("failed", "partial")
"""What a batch's second run takes up again."""
MOST_TRIES = 3
"""Times one number is sent while the channel says it failed; then a person transfers the money."""
MOST_ATTEMPTS = 3
"""Numbers that may be closed for good under one refund; then a person transfers the money."""

_SHOWN = (
    ("manual_transfer", ("manual_transfer", "transferring")),
    ("waiting_funds", ("waiting_funds",)),
    ("processing", ("processing", "failed")),
    ("submitted", ("submitted",)),
    ("approved", ("held",)),
)


def status_of(items: Collection[str]) -> str:
    """What a refund is as a whole: what needs a person first, then what is slowest; final once every part is."""
    for status, states in _SHOWN:
        if any(item in states for item in items):
            return status
    ended = [item for item in items if item != "closed"]
    if ended and all(item == "success" for item in ended):
        return "success"
    return "partial" if "success" in ended else "failed"
