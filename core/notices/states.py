"""The life of a notice: written, handed over, arrived; or held back, or given up with its reason."""

from core.states import Machine

NOTICE = Machine(
    "通知",
    "queued → sending quiet capped opted_out failed",
    "quiet → sending queued capped opted_out failed",
    "sending → queued quiet sent delivered capped failed",
    "sent → delivered failed",
    "failed → queued",
    "capped → queued",
)
WAITING = ("queued", "quiet", "sending")
"""States from which something still leaves."""
RESENDABLE = ("failed", "capped")
