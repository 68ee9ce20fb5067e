"""Payers are told of their bills: new ones, some days before they are due and after, and when money went back (domain book §2.9)."""

import datetime as dt

from core import clock
from core.cashier import notices_repository as repository
from core.database import Session
from core.hookspecs import PaymentRefunded
from core.notices import rules as sending_rules
from core.notices import service as notices
from core.notices.defaults import EVENTS


async def tell_of_new_bills(session: Session, source: str) -> int:
    """Every bound payer of each new bill, once, however often the event comes; answers how many families hear of it now."""
    return (await notices.tell_of(session, EVENTS["bill_issued"], repository.OF_SOURCE, {"source": source}, many=True)).parties


async def tell_of_due(session: Session, today: dt.date) -> int:
    """Bills that fall due soon or did, on the client's days; one notice per bill, payer and occasion; bills paid meanwhile get none."""
    rules = await sending_rules.load(session)
    wanted = [("due_soon", today + dt.timedelta(days=days)) for days in rules.before_days]
    wanted += [("overdue", today - dt.timedelta(days=days)) for days in rules.after_days]
    told = 0
    for event, day in wanted:
        values = {"day": day, "today": today, "now": clock.now()}
        told += (await notices.tell_of(session, EVENTS[event], repository.OF_DUE, values, many=True)).parties
    return told


async def tell_of_refund(session: Session, event: PaymentRefunded) -> int:
    """The payers of the bill whose money went back; credit and suspense belong to no bill and tell nobody."""
    if event.bill_id is None:
        return 0
    values = {"refund_id": str(event.refund_id), "payment_id": str(event.payment_id), "amount_fen": event.amount_fen, "bill_id": event.bill_id}
    return (await notices.tell_of(session, EVENTS["refunded"], repository.REFUNDED, values)).parties
