"""What a declaration states of a client's terms: what channels cost its merchants, and numbers whose statements it reconciles."""

import datetime as dt
from typing import Literal

import msgspec

from core import money
from core.errors import InvalidRequest

MOST_PPM = 100_000


class TermWrong(ValueError):
    """A term that cannot be meant; its text says which and why."""


class Facts(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The strictness that every table of a declaration shares."""


class RateFacts(Facts):
    """What a channel costs a merchant: `percent` as people write it (`"0.6"`), at least, at most and on top so many yuan, from a day on."""

    channel: str
    percent: str
    from_on: dt.date
    card_type: Literal["", "debit", "credit"] = ""
    min_yuan: str = "0"
    cap_yuan: str = ""
    fixed_yuan: str = "0"

    def row(self) -> dict[str, object]:
        """As the table keeps it: millionths and fen. Raises TermWrong."""
        try:
            ppm = money.yuan(self.percent) * 100
            cap_fen = money.yuan(self.cap_yuan) if self.cap_yuan else None
            min_fen, fixed_fen = money.yuan(self.min_yuan), money.yuan(self.fixed_yuan)
        except InvalidRequest as fault:
            raise TermWrong(f"rates {self.channel}：{fault.message}") from fault
        if not 0 <= ppm <= MOST_PPM or min_fen < 0 or fixed_fen < 0 or (cap_fen is not None and cap_fen < min_fen):
            raise TermWrong(f"rates {self.channel}：费率应在 0–10% 之间，封顶不低于保底")
        return {
            "channel": self.channel, "card_type": self.card_type, "rate_ppm": ppm, "cap_fen": cap_fen, "min_fen": min_fen,
            "fixed_fen": fixed_fen, "from_on": self.from_on,
        }  # fmt: skip


class StatementMerchant(Facts):
    """A number at a channel whose statements the client reconciles though it does not collect with it here; `cut` is when its day ends."""

    channel: str
    number: str
    title: str = ""
    cut: str = ""

    def cut_minutes(self) -> int | None:
        """Minutes after midnight at which the day ends; None where the channel's own custom holds. Raises TermWrong."""
        if not self.cut:
            return None
        hours, _, minutes = self.cut.partition(":")
        if not (hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60 and len(minutes) == 2):
            raise TermWrong(f"statement_merchants {self.number}：日切时间写成 23:00 这样")
        return int(hours) * 60 + int(minutes)


class BankAccount(Facts):
    """The client's clearing account, in the sandbox's bank; a real one is connected by an operator, with keys that stand in no file."""

    sandbox: Literal[True]
