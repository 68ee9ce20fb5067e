"""What the bank's core can do for us, in one small protocol: pay an account, say what became of a payment, hand out a day's statement.

The bank moves the money; we keep instructions and books (domain book §2.2, "no 二清"). An instruction is known by our number: the same
number with the same content is one payment however often it is sent, with other content it is refused.
"""

import datetime as dt
import re
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from core.payments.channels.errors import ChannelRefused, ChannelUnknown

NUMBER = re.compile(r"[0-9A-Za-z]{16,32}")

State = Literal["accepted", "paid", "failed", "returned", "absent", "unknown"]
"""`accepted`: the bank has it and it is not through yet. `failed`: finished without money having moved; a new attempt needs a new number.
`returned` (退票): paid, and the money came back. `absent`: the bank has no such number: send the same instruction again. `unknown`: no answer
that can be believed: ask again, or send the same instruction again, never another number."""


class BankSilent(ChannelUnknown):
    code = "BANK_SILENT"
    message = "银行暂时没有给出可信的答复，系统会自动查询结果，请勿换号重付"


class BankRefused(ChannelRefused):
    code = "BANK_REFUSED"
    message = "银行没有接受这笔指令：{channel_message}（{channel_code}），请核对后再办"


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How we speak with the bank for one clearing account (清算户), its secrets already opened by the caller."""

    id: UUID
    tenant_id: UUID
    title: str
    base_url: str
    customer: str
    key_id: str
    private_key: str
    bank_public_key: str
    account_number: str
    account_name: str

    def __repr__(self) -> str:
        """Secrets never reach a log."""
        return f"Connection({self.title} {self.customer} {self.base_url})"


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """Money to be paid out; `number` is ours, 16 to 32 letters and digits, and makes it happen once. `purpose` is what the receiver reads."""

    number: str
    amount_fen: int
    from_account: str
    to_account: str
    to_name: str
    to_bank: str
    purpose: str

    def __post_init__(self) -> None:
        if not NUMBER.fullmatch(self.number) or self.amount_fen <= 0:
            raise ValueError("an instruction has a number of 16 to 32 letters and digits and a positive amount")

    def __repr__(self) -> str:
        """Account numbers never reach a log."""
        return f"Instruction({self.number} {self.amount_fen})"


class PaymentState(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the bank sees it, verified; `bank_serial` is the number of its entry (流水号) once it is paid, `reason` the bank's words."""

    state: State
    number: str
    amount_fen: int | None = None
    bank_serial: str | None = None
    paid_at: dt.datetime | None = None
    returned_at: dt.datetime | None = None
    reason: str = ""


class BankCore(Protocol):
    """The bank's core system, for every client; the connection says for whom. Holds nothing between calls but its HTTP connections."""

    async def pay(self, connection: Connection, instruction: Instruction) -> PaymentState:
        """Have money paid out. `unknown` when the answer was lost: the bank may have it.

        Raises BankRefused: this instruction was not taken (the number carries another content, an account is not ours, a field is wrong).
        """
        ...

    async def query(self, connection: Connection, number: str) -> PaymentState:
        """What became of an instruction: `absent` when the bank has no such number, `unknown` when it could not be asked."""
        ...

    async def fetch_statement(self, connection: Connection, account_number: str, day: dt.date) -> bytes | None:
        """A day's statement of an account, its hash checked; None when nothing moved that day.

        Raises StatementNotReady (ask later), StatementBroken (its hash is wrong), BankSilent, BankRefused.
        """
        ...
