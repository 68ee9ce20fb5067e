"""The lives of a settlement batch, of a payout and of a month (domain book §2.7, annex A.1)."""

from core.states import Machine

BATCH = Machine(
    "结算批次",
    "calculating → pending_review carried",
    "pending_review → approved calculating carried",
    "approved → paying pending_review",
    "paying → paid returned",
    "returned → re_pay",
    "re_pay → paying",
    "paid → returned",
)
"""`carried`: nothing to pay out, what the merchant owes goes into its next batch; `returned`: the bank sent the money back (退票)."""

PAYOUT = Machine("付款指令", "created → sent", "sent → paid failed returned sent", "paid → returned")
"""Unknown is `sent`: the bank is asked again, never paid again under another number."""

MONTH = Machine("月度签认", "open → proposed", "proposed → signed open", "signed → open")

OPEN = ("calculating", "pending_review")
"""A batch in one of these may still be calculated anew; later it never changes again."""
BOOKED = ("approved", "paying", "paid", "returned", "re_pay", "carried")

ITEMS = ("pay", "refund", "adjust", "split", "partner")
"""What a batch is made of: `split` is given to a partner out of it, `partner` is what one got out of another merchant's batch."""
