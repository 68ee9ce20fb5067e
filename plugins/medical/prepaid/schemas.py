"""Balances of former years as people and programs read them, and what is told to clear one."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class LegacyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A balance as a clean row of the file; an optional blank is None."""

    source: str
    card_no: str
    patient_no: str
    name: str
    amount_fen: int
    phone: str | None = None
    last_used_on: dt.date | None = None


class ClaimAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who claims a balance and to which account; `identity` says how it was made sure who asks, `reason` is for the second person."""

    holder: Word
    account: Annotated[str, msgspec.Meta(min_length=8, max_length=40)]
    bank: Word
    identity: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class PaidAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bank's number of the transfer, and its day."""

    evidence: Annotated[str, msgspec.Meta(min_length=4, max_length=60)]
    paid_on: dt.date | None = None


class WhyAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a balance is frozen, released, or listed again."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class BalanceRead(msgspec.Struct, frozen=True, kw_only=True):
    """A balance as staff see it: name, phone and account masked."""

    id: UUID
    source: str
    card_no: str
    patient_no: str
    name: str
    phone: str
    last_used_on: dt.date | None
    amount_fen: int
    status: str
    account: str
    identity: str
    evidence: str
    paid_on: dt.date | None
    made_by: str
    checked_by: str
    told_at: dt.datetime | None
    refunded_at: dt.datetime | None
    mine: bool = False


class BalancePage(msgspec.Struct, frozen=True):
    """Balances, the oldest first, and what stands in each state."""

    items: list[BalanceRead]
    next_cursor: str | None
    totals: dict[str, tuple[int, int]]


class CreditTotals(msgspec.Struct, frozen=True):
    """What lies in our own books as patients' credit and nobody refunds yet."""

    patients: int
    amount_fen: int
