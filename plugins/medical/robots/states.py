"""Robots, what they may do, and how a run ends (domain book §4.5, annex A.3)."""

from core.states import Machine

PLATFORMS = ("meituan", "eleme", "pdd")
WAYS = ("site", "mailbox")

AUTHORISATION = Machine("机器人授权", "draft → signed revoked", "signed → active revoked expired", "active → expired revoked")

TASK = Machine(
    "机器人任务",
    "scheduled → running unauthorised uploaded cancelled dead",
    "unauthorised → scheduled uploaded cancelled",
    "running → downloaded login_failed captcha_required no_data format_changed unreachable unauthorised refused",
    "downloaded → normalised format_changed refused",
    "normalised → uploaded format_changed",
    "uploaded → reconciled different",
    "different → reconciled uploaded",
    "reconciled → different uploaded",
    "login_failed → scheduled dead uploaded",
    "captcha_required → scheduled dead uploaded",
    "no_data → scheduled dead uploaded reconciled",
    "format_changed → scheduled dead uploaded",
    "unreachable → scheduled dead uploaded",
    "refused → scheduled dead uploaded",
    "dead → scheduled uploaded cancelled reconciled",
)
"""`dead` waits for a person, who uploads the file or sends the robot again; `refused` is a file that may not be taken in (too large, macros)."""

STORE_DAY = Machine(
    "门店日",
    "waiting → balanced different",
    "balanced → waiting different",
    "different → waiting balanced accepted",
    "accepted → waiting balanced different",
)
"""`waiting`: one side has not told yet; what was accepted is looked at again when a figure of it changes."""

FAILED = ("login_failed", "captcha_required", "no_data", "format_changed", "unreachable", "refused", "unauthorised")
