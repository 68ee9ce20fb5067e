"""The lives of a run, of a difference and of a remedy (domain book §2.6, annex A.1)."""

from core.states import Machine

RUN = Machine(
    "对账批次",
    "created → fetching ready",
    "fetching → file_missing ready",
    "file_missing → fetching ready",
    "ready → matching fetching",
    "matching → balanced diff_open file_missing ready",
    "balanced → diff_open closed ready fetching matching",
    "diff_open → closed balanced ready fetching matching",
    "closed → diff_open balanced",
)

DIFFERENCE = Machine(
    "差异",
    "expected → open auto_resolved resolved",
    "open → expected auto_resolved confirmed handling resolved",
    "confirmed → handling auto_resolved resolved open",
    "handling → resolved rejected auto_resolved confirmed",
    "rejected → confirmed handling auto_resolved resolved",
    "auto_resolved → open expected",
    "resolved → confirmed open",
)
"""`expected` is waiting for the next day's files and is no difference yet; `resolved → confirmed` when a remedy is reversed."""

OPEN = ("open", "confirmed", "handling", "rejected")
"""What boards and lists count."""

CLASSES = ("AM1", "LG1", "LG2", "LG3", "SH1", "SH2", "SH3", "DP1", "RF1", "RF2", "FE1", "FE2")

REMEDY = Machine(
    "差异处理",
    "proposed → approved rejected withdrawn",
    "approved → running done failed",
    "running → done failed",
    "failed → approved running done",
    "done → reversed",
)

REMEDIES = ("requery", "book", "credit", "refund", "repost", "chase", "adjust", "write_off")
