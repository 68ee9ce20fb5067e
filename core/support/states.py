"""The lives of a consent to look and of a ticket. That a consent's time is over is derived from its dates, never a state."""

import datetime as dt

from core.states import Machine

CONSENT = Machine("客服查看授权", "asked → granted refused withdrawn", "granted → ended")
"""`asked` by support and answered by the client, or `granted` by the client of its own; `ended` by the client before its time."""

TICKET = Machine(
    "工单",
    "open → in_progress waiting_client resolved",
    "in_progress → waiting_client resolved",
    "waiting_client → in_progress resolved",
    "resolved → closed in_progress",
    "closed → in_progress",
)
"""`waiting_client`: support asked back; what is `resolved` is closed by the client or by time, and may be opened again for some days."""

SEVERITIES = ("urgent", "high", "normal", "low")
ANSWER_WITHIN = {
    "urgent": dt.timedelta(hours=1), "high": dt.timedelta(hours=4), "normal": dt.timedelta(hours=24), "low": dt.timedelta(hours=72),
}  # fmt: skip
SOLVE_WITHIN = {
    "urgent": dt.timedelta(hours=4), "high": dt.timedelta(hours=24), "normal": dt.timedelta(days=3), "low": dt.timedelta(days=10),
}  # fmt: skip
"""Counted around the clock from the moment a ticket was raised: support is there day and night."""
