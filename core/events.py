"""What hooks are told and answer with: events after the commit, and the questions a plugin is asked in a transaction. Part of the contract."""

import datetime as dt
from uuid import UUID

import msgspec


class BindingFacts(msgspec.Struct, frozen=True):
    """What a payer typed to prove that a person is theirs."""

    name: str
    number: str
    id_tail: str


class BindingProposal(msgspec.Struct, frozen=True):
    """A person that fits the facts, and the only phones that may receive the code: `(masked, sealed, relation)` each."""

    party_id: UUID
    phones: tuple[tuple[str, bytes, str], ...]


class BillsIssued(msgspec.Struct, frozen=True):
    """Bills of one source became visible to payers."""

    source: str
    count: int
    amount_fen: int


class PaymentSettled(msgspec.Struct, frozen=True):
    """Money was received and booked; `bill_ids` are the bills it went to."""

    payment_id: UUID
    amount_fen: int
    bill_ids: tuple[UUID, ...]


class PaymentRefunded(msgspec.Struct, frozen=True):
    """Money went back to the payer; `bill_id` is the bill it was taken off, None for credit and suspense."""

    refund_id: UUID
    payment_id: UUID
    amount_fen: int
    bill_id: UUID | None


class StatementReceived(msgspec.Struct, frozen=True):
    """A statement was loaded, or a day was said to be empty; `bill_on` is the day it is of."""

    statement_id: UUID
    source: str
    side: str
    bill_on: dt.date


class RepostAsked(msgspec.Struct, frozen=True):
    """A remedy asks the business system to post a payment or refund it does not know, or has with another amount."""

    remedy_id: UUID
    klass: str
    kind: str
    channel: str
    number: str
    order_number: str | None
    bill_number: str | None
    amount_fen: int


class RefundAsked(msgspec.Struct, frozen=True):
    """What a refund policy is asked about: a bill of a plugin and `lines` of it as `(line_no, item_code, paid_fen)`, ending on a day."""

    bill_id: UUID
    plugin: str
    effective_on: dt.date
    lines: tuple[tuple[int, str, int], ...]


class RefundProposal(msgspec.Struct, frozen=True):
    """What policies give back, by line: the amount (None: a person decides) and the reckoning as `(label, value)`."""

    lines: dict[int, tuple[int | None, tuple[tuple[str, str], ...]]]
