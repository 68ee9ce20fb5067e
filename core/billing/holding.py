"""The bills that somebody is about to pay: held, so that nothing changes on them while they are asked for, and read in the same step."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from core import clock
from core.billing import holding_repository as repository
from core.billing import instalments
from core.billing.allocation import OpenLine, fill_all
from core.billing.errors import BillNotFound
from core.billing.schemas import InstalmentRead, Share
from core.billing.states import OPEN
from core.database import Read, Session


class HeldLine(msgspec.Struct, frozen=True):
    """A line that still wants money, and whose it is."""

    merchant_id: UUID
    merchant_code: str
    merchant_name: str
    merchant_status: str
    net_fen: int
    paid_fen: int
    chosen: bool = True


class HeldBill(msgspec.Struct, frozen=True):
    """A bill as far as paying it has to know; `lines` are those that still want money."""

    id: UUID
    number: str
    title: str
    party_id: UUID
    status: str
    visible_from: dt.datetime
    amount_fen: int
    paid_fen: int
    allow_partial: bool
    allow_merge: bool
    lines: list[HeldLine]
    plan: list[list[str]] | None = msgspec.field(name="instalments", default=None)

    @property
    def open_fen(self) -> int:
        """What can be paid on it now, fen."""
        return max(0, self.amount_fen - self.paid_fen) if self.status in OPEN else 0

    @property
    def instalments(self) -> list[InstalmentRead]:
        """Its instalments as they stand."""
        return instalments.read(self.plan, self.amount_fen, self.paid_fen, clock.today())


async def hold_bills(session: Session, bill_ids: Sequence[UUID], *beside: Read) -> tuple[list[HeldBill], Mapping[str, Any]]:
    """Hold bills until the transaction ends and read them, in the order asked for; with it the rows of some questions beside.

    Raises BillNotFound when any is not this client's.
    """
    row = await repository.hold(session, bill_ids, beside)
    found = {bill.id: bill for bill in msgspec.convert(row.bills or [], list[HeldBill])}
    if not all(bill_id in found for bill_id in bill_ids):
        raise BillNotFound()
    return [found[bill_id] for bill_id in bill_ids], row._mapping


def share_out(lines: Sequence[Mapping[str, Any]] | None, bills: Sequence[tuple[UUID, int]], total_fen: int) -> tuple[list[Share], int]:
    """Which of the lines held (`repository.open_lines`) gets how much of a charge; what no open bill owes is the second answer."""
    return fill_all(bills, msgspec.convert(lines or [], list[OpenLine]), total_fen)
