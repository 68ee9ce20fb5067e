"""The lives of a statement and of its fetching."""

from core.states import Machine

SIDES = ("business", "platform", "channel", "funds")
KINDS = ("pay", "refund", "fee", "split", "payout", "adjustment")
VERDICTS = ("accept", "accept_normalised", "reject_rows", "reject_file")

STATEMENT = Machine("对账文件", "loaded → superseded", "refused → refused")
"""A newer version of the same source, merchant and day supersedes the older; a refused file is kept to be looked at, and counts nowhere."""

FETCH = Machine(
    "对账文件下载",
    "waiting → waiting fetched empty failed",
    "failed → waiting fetched empty",
    "fetched → waiting",
    "empty → waiting fetched",
)
"""`waiting` until the channel has the file; `empty` when it says there was nothing that day; `failed` when a person has to look."""
