"""A payout the bank's statement does not show: never there after so many working days, there once and withdrawn, or told returned without the credit.

It becomes a difference (FE2, with owner and due date) under the payout's number, and ends by itself when the bank's statement agrees again.
"""

import datetime as dt

from core import clock
from core.database import Row, Session
from core.reconciliation.runs.funds import record_funds_difference, resolve_funds_difference
from core.settlement import watching_payouts_repository as repository
from core.settlement import working_days
from core.statements.sources.bank import CHANNEL

PAYOUT = "payout"
"""The kind of these differences."""
SHOWN_AFTER = 2
"""Working days after which the bank's statement has to show a payout, or what came back."""
WHY = {
    "withdrawn": "银行更正后的对账单里没有这笔付款",
    "missing": "银行对账单里没有这笔付款",
    "not_back": "银行称已退票，对账单里没有退回的入账",
}


async def watch(session: Session, covered: tuple[dt.date, dt.date] | None) -> None:
    """Compare payouts with the entries of the account as far as the bank has told of its days."""
    if covered is None:
        return
    lacking = set()
    for row in await repository.list_lacking(session, since=covered[0]):
        due_on = due(row)
        if row.withdrawn or due_on <= covered[1]:
            lacking.add(row.number)
            await _tell(session, row, due_on)
    for found in await repository.list_told(session):
        if found.number not in lacking:
            remark = "银行对账单里已有对应流水，或款项已不再应当出现"
            await resolve_funds_difference(session, bill_on=found.bill_on, channel=CHANNEL, number=found.number, remark=remark, kind=PAYOUT)


def due(row: Row) -> dt.date:
    """By when the statement has to show it."""
    return working_days.after(clock.business_day(row.moved_at), SHOWN_AFTER).on


async def _tell(session: Session, row: Row, due_on: dt.date) -> None:
    back = row.status == "returned"
    which = "not_back" if back else "withdrawn" if row.withdrawn else "missing"
    expected = int(row.amount_fen) if back else -int(row.amount_fen)
    facts = {
        "status": which, "why": WHY[which], "payout_id": str(row.id), "batch_id": str(row.batch_id), "batch": row.batch_number, "serial": row.bank_serial or "",
        "direction": "short" if back else "long",
    }  # fmt: skip
    await record_funds_difference(
        session, bill_on=clock.business_day(row.sent_at), channel=CHANNEL, merchant_number=row.clearing_number, expected_fen=expected, arrived_fen=0,
        due_on=due_on, facts=facts, number=row.number, kind=PAYOUT,
    )  # fmt: skip
