"""What a cashier's and a treasurer's home show of the counter."""

from core.counter import shifts
from core.database import Session
from core.identity.actor import Actor
from core.identity.worklist import Figure
from core.web.filters import in_yuan, number, status_label
from core.web.i18n import gettext as _


async def to_open(session: Session, by: Actor) -> int:
    """One thing to do before taking money: open a shift."""
    return 0 if await shifts.current(session, by) else 1


async def own_shift(session: Session, by: Actor) -> Figure | None:
    """What one's own shift has taken; nothing while one is counting blind."""
    shift = await shifts.current(session, by)
    if shift is None:
        return Figure("—", _("还没有开班"))
    if shift.by_kind is None:
        return Figure(status_label(shift.status, "counter.shift"), _("清点完成前不显示应有金额"))
    taken = sum(fen for _count, fen in shift.by_kind.values())
    return Figure(in_yuan(taken), _("%(n)s 笔", n=number(sum(count for count, _fen in shift.by_kind.values()))), _("本班收款减退款，各种方式合计"))
