"""The key figures of the bank's people: what their clients received, and what does not agree."""

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.portfolio import board
from core.portfolio.board import Asked, Line
from core.reports.collection import READ
from core.web.filters import in_yuan, number
from core.web.i18n import gettext as _


async def received(session: Session, by: Actor) -> Figure:
    """What came in at all clients within reach, in thirty days."""
    whole = await _whole(session, by)
    return Figure(in_yuan(whole.paid_fen or 0), _("%(n)s 笔", n=number(whole.payments or 0)), _("这些天入账的全部收款"))


async def differences(session: Session, by: Actor) -> Figure:
    """What is open at all clients within reach."""
    whole = await _whole(session, by)
    found = whole.differences or 0
    return Figure(number(found), in_yuan(whole.difference_fen or 0), _("对账发现、还没有处理完的差异"), "bad" if found else "good")


async def _whole(session: Session, by: Actor) -> Line:
    _lines, whole, _clients = await board.load(session, Asked(day=clock.today()), by.reach(READ))
    return whole
