"""Messages about bills to the payers bound to them: new ones, three days before due, and 1, 7 and 15 days after (domain book §2.9)."""

import datetime as dt

from core import clock
from core.cashier import letters_repository as repository
from core.database import Session
from core.notifications.service import after_quiet_hours

BEFORE_DAYS = 3
AFTER_DAYS = (1, 7, 15)


async def tell_of_new_bills(session: Session, source: str) -> int:
    """One message per bill and bound payer, however often the event comes."""
    session.has_work = True
    now = clock.now()
    return await repository.write_of_source(session, source, now, after_quiet_hours(now))


async def remind_of_due(session: Session, today: dt.date) -> int:
    """One message per bill, payer and occasion; bills paid meanwhile get none."""
    session.has_work = True
    now = clock.now()
    wanted = [("due_soon", today + dt.timedelta(days=BEFORE_DAYS))]
    wanted += [("overdue", today - dt.timedelta(days=days)) for days in AFTER_DAYS]
    return sum([await repository.write_of_due(session, template, due_on, now, after_quiet_hours(now)) for template, due_on in wanted])
