"""Bills as plugins propose them and as people and programs read them."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec


class LineDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One priced line; `rule` keeps what priced it: `{"explanation": [[label, value], …], "discounts": […], …}`."""

    item_code: str
    item_name: str
    category: str
    merchant_id: UUID
    unit_price_fen: int
    amount_fen: int
    discount_fen: int
    mandatory: bool
    rule: dict[str, object]
    quantity: Decimal = Decimal(1)


class BillDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin asks to be billed; one open bill per `source` and party, however often it is asked."""

    plugin: str
    source: str
    party_id: UUID
    org_id: UUID | None
    title: str
    period: str
    due_on: dt.date
    visible_from: dt.datetime
    lines: tuple[LineDraft, ...]
    allow_partial: bool = True
    allow_merge: bool = True
    instalments: tuple[tuple[dt.date, str], ...] = ()
    """(due date, percent) of each instalment; amounts follow from what the bill comes to."""


class Issued(msgspec.Struct, frozen=True):
    """What an issuing did: new bills and their sum; `existing` were there already."""

    count: int
    amount_fen: int
    existing: int


class LineRead(msgspec.Struct, frozen=True, kw_only=True):
    """A bill line with the rule that priced it, in words."""

    line_no: int
    item_code: str
    item_name: str
    category: str
    merchant_id: UUID
    quantity: str
    unit_price_fen: int
    amount_fen: int
    discount_fen: int
    net_fen: int
    paid_fen: int
    mandatory: bool
    chosen: bool
    explanation: list[tuple[str, str]]


class InstalmentRead(msgspec.Struct, frozen=True, kw_only=True):
    """One instalment of a bill: `planned`, `due`, `paid` or `overdue`."""

    no: int
    due_on: dt.date
    amount_fen: int
    paid_fen: int
    state: str


class BillRead(msgspec.Struct, frozen=True, kw_only=True):
    """A bill; `amount_fen` is what is owed for mandatory and ticked lines, `open_fen` what is left of it."""

    id: UUID
    number: str
    pay_code: str
    plugin: str
    party_id: UUID
    party_name: str
    party_number: str
    org_id: UUID | None
    title: str
    period: str
    due_on: dt.date
    overdue: bool
    amount_fen: int
    discount_fen: int
    paid_fen: int
    refunded_fen: int
    open_fen: int
    status: str
    allow_partial: bool
    allow_merge: bool
    version: int
    issued_at: dt.datetime
    lines: list[LineRead] = []
    instalments: list[InstalmentRead] = []


class Share(msgspec.Struct, frozen=True):
    """Part of a payment that goes to one bill line and so to one merchant; negative when it is taken away again."""

    bill_id: UUID
    line_no: int
    merchant_id: UUID
    merchant_code: str
    amount_fen: int


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where part of a payment lies: `kind` is bill, credit (a person's) or suspense."""

    payment_id: UUID
    kind: str
    amount_fen: int
    bill_id: UUID | None = None
    line_no: int | None = None
    party_id: UUID | None = None


class LineChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A maker's proposal for one line: what it comes to after the adjustment."""

    line_no: int
    net_fen: int
