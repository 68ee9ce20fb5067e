"""Orders as HIS and vendors send them and as programs, staff and patients read them; amounts in fen."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.money import MAX_FEN
from core.payments.channels.protocol import Prepared
from plugins.medical.insurance.schemas import Insurance as Insurance

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_.-]+$")]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=MAX_FEN)]
TotalFen = Annotated[int, msgspec.Meta(ge=1, le=MAX_FEN)]
Scene = Literal["window", "selfservice", "inpatient", "internet"]
Kind = Literal["register", "outpatient", "deposit", "discharge", "prepay"]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the bill; the name is sealed and only the patient reads it, staff see the category's total."""

    category: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    name: Word
    quantity: Decimal
    price_fen: Fen
    amount_fen: Fen


class OrderAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be paid. `his_bill_no` is unique in the hospital, `vendor_order_no` at the vendor; only `psn_cash_pay` is
    collected. `title` is sealed with the items: bills, pay pages and staff read hospital and department.
    """

    his_bill_no: Number
    patient_no: Number
    scene: Scene
    kind: Kind
    total_fen: TotalFen
    items: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1, max_length=500)]
    title: Word | None = None
    visit_no: Number | None = None
    department_code: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    insurance: Insurance | None = None
    vendor_order_no: Number | None = None


class PayAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the cash part is paid: `jsapi` needs the payer's openid, `barcode` the code that the wallet shows."""

    channel: Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern="^[a-z0-9_]+$")]
    scene: Literal["native", "jsapi", "h5", "barcode"]
    openid: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[A-Za-z0-9_-]+$")] | None = None
    auth_code: Annotated[str, msgspec.Meta(pattern="^[0-9]{16,24}$")] | None = None


class CancelAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an order is withdrawn."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class OrderRead(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its split, its bill's pay code and the address under which a phone pays it; never an item's name."""

    id: UUID
    number: str
    his_bill_no: str
    vendor: str | None
    vendor_order_no: str | None
    patient_no: str
    visit_no: str | None
    department: str
    scene: str
    kind: str
    title: str
    categories: dict[str, int]
    total_fen: int
    fund_fen: int
    account_fen: int
    mutual_aid_fen: int
    hospital_fen: int
    cash_fen: int
    refunded_fen: int
    status: str
    bill_id: UUID | None
    bill_number: str | None
    pay_code: str | None
    paid_at: dt.datetime | None
    posted_at: dt.datetime | None
    his_serial: str | None
    post_error: str | None
    created_at: dt.datetime
    patient: str = ""
    vendor_name: str = ""
    link: str = ""


class OrderPage(msgspec.Struct, frozen=True, kw_only=True):
    """Orders, the newest first, with the sums of everything the filter means."""

    items: list[OrderRead]
    next_cursor: str | None
    count: int
    total_fen: int
    cash_fen: int


class PayRead(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking a channel: its order's state, and how the payer goes on (`prepared`)."""

    number: str
    payment_number: str
    status: str
    channel: str
    scene: str
    amount_fen: int
    expires_at: dt.datetime
    prepared: Prepared | None
    pay_code: str | None
    link: str


class PatientItem(msgspec.Struct, frozen=True):
    """A line as the patient reads it."""

    category: str
    name: str
    quantity: str
    price_fen: int
    amount_fen: int


class Opened(msgspec.Struct, frozen=True):
    """What was sealed, opened for the patient: the vendor's own title, and the lines."""

    title: str
    items: list[PatientItem]
