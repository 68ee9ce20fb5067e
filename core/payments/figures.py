"""The key figure of those who watch the money: what came in today."""

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.payments import lists_repository as repository
from core.payments.lists import READ_PAYMENTS, begin_of, end_of
from core.payments.lists_repository import Asked
from core.web.filters import in_yuan, number
from core.web.i18n import gettext as _


async def today(session: Session, by: Actor) -> Figure:
    """Today's payments within reach."""
    day = clock.today()
    found = await repository.sum_payments(session, Asked(start=begin_of(day), until=end_of(day)), by.reach(READ_PAYMENTS))
    rows = f"/console/payments?start={day}&until={day}"
    return Figure(in_yuan(found.amount_fen), _("%(n)s 笔", n=number(found.payments)), _("今天入账的全部收款，退款未减"), href=rows)
