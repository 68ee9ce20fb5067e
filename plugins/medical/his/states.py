"""What HIS can answer, where it can disagree, and the lives of both."""

from core.states import Machine

ANSWERS = ("posted", "cancelled", "absent", "refused", "silent")
"""`silent`: nothing that can be believed came back; whether it was done there is not known."""
WAYS_TO_DISAGREE = ("amount", "serial", "twice", "cancelled")
DISAGREEMENT = Machine("HIS 应答不符", "open → settled")
REPOST = Machine("补记", "asked → accepted refused")
