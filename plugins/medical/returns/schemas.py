"""Returns as HIS and vendors ask for them, and as everybody reads them."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class ReturnAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give back an order, or a part of its cash. The same `his_refund_no` again is the same return; `patient_no` must be the order's patient."""

    his_refund_no: Word
    order_number: Word
    patient_no: Word
    cash_fen: Fen
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class ReturnRead(msgspec.Struct, frozen=True, kw_only=True):
    """A return; `insurance` is how far the insurer's part is (None: no insurance), `refund_number` the refund that moves the cash."""

    number: str
    his_refund_no: str
    order_number: str
    patient_no: str
    cash_fen: int
    reason: str
    status: str
    insurance: str | None
    refund_number: str | None
    refund_status: str | None
    error: str | None
    told_at: dt.datetime | None
    made_by: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    refund_id: UUID | None = None
    order_title: str = ""
    setl_id: str | None = None


class ReturnPage(msgspec.Struct, frozen=True):
    """Returns, the newest first, and the sums of everything the filter means."""

    items: list[ReturnRead]
    next_cursor: str | None
    returns: int
    cash_fen: int
