"""Settlements under the insurer's own field names, and as staff read them; every amount is fen."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.money import MAX_FEN

Fen = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]
SetlId = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
ClrType = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern="^[A-Za-z0-9_-]+$")]


class Insurance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A settlement: medfee_sumamt = fund_pay_sumamt + acct_pay + acct_mulaid_pay + psn_cash_pay + hosp_part_amt. Amounts are fen, not yuan."""

    setl_id: SetlId
    medfee_sumamt: Fen
    fund_pay_sumamt: Fen
    acct_pay: Fen
    psn_cash_pay: Fen
    acct_mulaid_pay: Fen = 0
    hosp_part_amt: Fen = 0
    hifp_pay: Fen = 0
    psn_part_amt: Fen = 0
    inscp_amt: Fen = 0
    fulamt_ownpay_amt: Fen = 0
    preselfpay_amt: Fen = 0
    clr_type: ClrType = "11"
    settled_on: dt.date | None = None


class InpatientSplit(msgspec.Struct, frozen=True, kw_only=True):
    """What the configured rule makes of a stay, fen: the insurer's part, the patient's, and of that the account and the cash."""

    eligible_fen: int
    fund_fen: int
    personal_fen: int
    account_fen: int
    cash_fen: int


class SettlementRow(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement in the list; `receivable_fen` is what the insurer owes: fund, account and mutual aid."""

    id: UUID
    setl_id: str
    clr_type: str
    settled_on: dt.date | None
    status: str
    total_fen: int
    fund_fen: int
    account_fen: int
    mutual_aid_fen: int
    cash_fen: int
    hospital_fen: int
    receivable_fen: int
    order_number: str | None
    visit_no: str | None


class SettlementPage(msgspec.Struct, frozen=True, kw_only=True):
    """Settlements, the newest first, with the sums of everything the filter means; only what was settled and not reversed is due."""

    items: list[SettlementRow]
    next_cursor: str | None
    count: int
    receivable_fen: int
    total_fen: int


class ComparedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement number as we and the insurer know it; `verdict` is matched, refused, ours_only, insurer_only
    or differs; `difference_fen` is what we expect less what was paid.
    """

    setl_id: str
    verdict: str
    clr_type: str | None
    settled_on: dt.date | None
    ours_fen: int | None
    theirs_fen: int | None
    total_fen: int | None
    paid_fen: int | None
    refused_fen: int | None
    reason: str | None
    difference_fen: int


class ComparedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A period's comparison by settlement number."""

    period: str
    items: list[ComparedRow]
    next_cursor: str | None
    totals: dict[str, tuple[int, int]]
    """verdict → how many, and the fen of their difference"""
