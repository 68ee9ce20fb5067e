"""Cases and rates at the door: what is typed, what is shown. Names, ids, numbers and phones are shown masked only."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec


class Rate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a payment costs the merchant: millionths of the amount, at least and at most so many fen, and something fixed on top.

    `card_type` empty: every card.
    """

    channel: str
    rate_ppm: int
    card_type: str = ""
    cap_fen: int | None = None
    min_fen: int = 0
    fixed_fen: int = 0


class RateRead(msgspec.Struct, frozen=True, kw_only=True):
    """A rate with the days between which it holds."""

    channel: str
    card_type: str
    rate_ppm: int
    cap_fen: int | None
    min_fen: int
    fixed_fen: int
    from_on: dt.date
    until_on: dt.date | None
    made_by: str
    created_at: dt.datetime


class RatePage(msgspec.Struct, frozen=True):
    """A merchant's rates, past and coming ones too."""

    items: list[RateRead]


class RateChangeAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other rates for a channel from a day on: all kinds of card together, what is left out no longer has its own. A second person decides."""

    channel: str
    from_on: dt.date
    rates: list[Rate]
    reason: Annotated[str, msgspec.Meta(max_length=500)]


class RateChangeRead(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed for a merchant's rates at a channel; `dropped` are rates that were to come and no longer do."""

    id: UUID
    merchant_id: UUID
    channel: str
    from_on: dt.date
    before: list[Rate]
    rates: list[Rate]
    dropped: list[str]
    reason: str
    status: str
    made_by: str
    made_by_id: str
    created_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    remark: str | None


class RateChangePage(msgspec.Struct, frozen=True):
    """A merchant's proposals, the newest first."""

    items: list[RateChangeRead]


class RateChangeCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The second person's word; a refusal says why."""

    approve: bool
    remark: Annotated[str, msgspec.Meta(max_length=500)] = ""


class CaseWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the client fills in. Sealed entries (person, its id, account number, phone) left empty stay as they are."""

    version: int
    legal_name: str = ""
    uscc: str = ""
    person: str = ""
    person_id: str = ""
    industry: str = ""
    scope: str = ""
    account_holder: str = ""
    account_bank: str = ""
    account_number: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    channels: list[str] = []
    settlement_days: int = 1


class CaseCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new merchant that wants to collect."""

    code: str
    name: str


class DocumentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A document of the case."""

    id: UUID
    kind: str
    name: str
    size: int
    added_by: str
    created_at: dt.datetime


class EventRead(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was taken: from where to where, by whom on which side (client, bank, channel)."""

    at: dt.datetime
    source: str
    target: str
    side: str
    by_name: str
    remark: str


class ChannelResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel said."""

    outcome: str
    reference: str = ""
    remark: str = ""


class CaseRead(msgspec.Struct, frozen=True, kw_only=True):
    """A case as both sides see it."""

    id: UUID
    merchant_id: UUID
    merchant_code: str
    merchant_name: str
    status: str
    legal_name: str
    uscc: str
    person_masked: str
    person_id_masked: str
    industry: str
    scope: str
    account_holder: str
    account_bank: str
    account_masked: str
    contact_name: str
    contact_phone_masked: str
    channels: list[str]
    settlement_days: int
    rates: list[Rate]
    results: dict[str, ChannelResult]
    submitted_by_name: str
    version: int
    created_at: dt.datetime
    documents: list[DocumentRead] = []
    events: list[EventRead] = []
    lacking: list[str] = []


class CasePage(msgspec.Struct, frozen=True):
    """Cases, the newest first."""

    items: list[CaseRead]


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The branch's word: take it up, pass it on with the rates agreed, or send it back saying why."""

    outcome: Literal["take", "approve", "reject"]
    rates: list[Rate] = []
    remark: str = ""


class ChannelWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A channel's word on a case; `reference` is the merchant number it gave."""

    channel: str
    outcome: Literal["approve", "reject"]
    reference: str = ""
    remark: str = ""


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signatory's word on the rates and terms."""

    outcome: Literal["confirm", "reject"]
    remark: str = ""
