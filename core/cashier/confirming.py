"""What the page before the wallet says: how much can be paid at once here, of what, what is chosen already, and what stands in the way."""

from collections.abc import Sequence

import msgspec

from core.billing.schemas import BillRead
from core.cashier import charge
from core.cashier.family import Member
from core.payments.schemas import PaymentOption
from core.payments.waiting import Waiting
from core.web.filters import in_yuan
from core.web.i18n import gettext as _


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of the page; `limit_fen` is the channel's for one charge, `left_fen` what the static code still takes today, fen."""

    due: Sequence[tuple[Member, BillRead]]
    options: Sequence[PaymentOption]
    left_fen: int | None
    live: Sequence[Waiting]

    @property
    def bills(self) -> list[BillRead]:
        """What is to be paid."""
        return [bill for _member, bill in self.due]

    @property
    def single(self) -> BillRead | None:
        """The bill, where there is only one."""
        return self.due[0][1] if len(self.due) == 1 else None

    @property
    def total_fen(self) -> int:
        """What is owed on them together."""
        return sum(bill.open_fen for bill in self.bills)

    @property
    def usable(self) -> list[PaymentOption]:
        """The ways that can be chosen now."""
        return [option for option in self.options if option.available]

    @property
    def limit_fen(self) -> int | None:
        """The most that one charge can be, whichever way is chosen."""
        return min((option.limit_fen for option in self.usable if option.limit_fen), default=None)

    @property
    def most_fen(self) -> int | None:
        """The most that can be paid now: of the channel's limit and what the static code still takes, the smaller."""
        return charge.least(self.limit_fen, self.left_fen)

    @property
    def over(self) -> bool:
        """More is owed than can be paid now."""
        return self.most_fen is not None and self.total_fen > self.most_fen

    @property
    def capped(self) -> bool:
        """It is the static code's day that stops it, not the channel's limit."""
        return self.over and self.left_fen is not None and self.left_fen == self.most_fen

    @property
    def spent(self) -> bool:
        """The static code takes nothing more today."""
        return self.left_fen == 0

    @property
    def blocked(self) -> bool:
        """It cannot be paid here in one go, and not in parts either."""
        return self.over and (self.single is None or not self.single.allow_partial)

    @property
    def unmergeable(self) -> list[BillRead]:
        """Bills of a basket that have to be paid alone."""
        return [bill for bill in self.bills if not bill.allow_merge] if self.single is None else []

    @property
    def payments_needed(self) -> int:
        """In how many charges the channel's limit cuts the sum."""
        return max((option.payments_needed for option in self.usable), default=1)

    @property
    def instalment(self) -> tuple[int, int] | None:
        """Number and amount of the instalment that may be chosen."""
        found = charge.next_instalment(self.single) if self.single and self.single.allow_partial else None
        return None if found is None or (self.most_fen is not None and found[1] > self.most_fen) else found

    @property
    def now_fen(self) -> int:
        """What is chosen until the payer says otherwise: all of it, or as much as can be paid now."""
        return min(self.total_fen, self.most_fen) if self.over else self.total_fen


def told(bill: BillRead) -> list[tuple[str, str]]:
    """What a bill's amount is made of, for one tap."""
    lines = [(line.item_name, in_yuan(line.net_fen)) for line in bill.lines if line.chosen]
    if bill.paid_fen:
        lines.append((_("已缴"), in_yuan(-bill.paid_fen)))
    return lines
