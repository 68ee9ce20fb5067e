"""People that bills are made out to, and payers, as other features and pages read them."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec

from core.search.marks import Marks

Fact = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Choice = Annotated[int, msgspec.Meta(ge=0, le=9)]


class PartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person (room, supplier, …) that a plugin bills; `id` is the plugin's own, `family_index` is equal for one family.

    `phones` are the marks of the phones that the plugin knows (`core.search.marks`), by which staff find the person; None leaves them.
    """

    id: UUID
    plugin: str
    number: str
    name: str
    name_pinyin: str
    family_index: bytes | None = None
    org_id: UUID | None = None
    active: bool = True
    phones: Marks | None = None


class PartyRead(msgspec.Struct, frozen=True, kw_only=True):
    """A person that bills are made out to, with the name of where they belong."""

    id: UUID
    plugin: str
    number: str
    name: str
    family_index: bytes | None
    org_id: UUID | None
    org_name: str
    active: bool


class BindingRead(msgspec.Struct, frozen=True, kw_only=True):
    """A payer tied to a person; `phone_masked` is the payer's."""

    id: UUID
    payer_id: UUID
    party_id: UUID
    party_name: str
    org_name: str
    relation: str
    method: str
    is_primary: bool
    status: str
    phone_masked: str
    created_at: dt.datetime


class SessionRead(msgspec.Struct, frozen=True):
    """A payer's session; the token is shown as `Authorization: Bearer …` and replaces the one before."""

    token: str
    expires_in_seconds: int


class BindingStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a payer knows of a person; `phone` is which of the offered phones gets the code."""

    name: Fact
    number: Fact
    id_tail: Annotated[str, msgspec.Meta(min_length=4, max_length=4)]
    phone: Choice = 0


class PhoneChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the offered phones gets the code."""

    phone: Choice


class PhoneOffer(msgspec.Struct, frozen=True):
    """A phone of the roster, masked, and whose it is."""

    phone: int
    masked: str
    relation: str


class TicketRead(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that fit somebody: who it is, masked, and the phones the code may go to; it was sent to `sent_to`."""

    ticket_id: UUID
    name: str
    org_name: str
    phones: list[PhoneOffer]
    sent_to: int


class ConsentTextRead(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be shown and agreed to."""

    purpose: str
    version: str
    title: str
    text: str
    required: bool


class BindingConfirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that arrived, and the purposes of the texts that were shown and agreed to."""

    code: Annotated[str, msgspec.Meta(max_length=16)]
    agreed: frozenset[str]


class BindingDone(msgspec.Struct, frozen=True, kw_only=True):
    """`bound`, or `manual_review` until the primary guardian agrees; from now on `token` is the session's."""

    status: str
    token: str
    expires_in_seconds: int


class LoginStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone that was bound before."""

    phone: Annotated[str, msgspec.Meta(max_length=32)]


class LoginConfirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that arrived."""

    code: Annotated[str, msgspec.Meta(max_length=16)]


class BindingList(msgspec.Struct, frozen=True):
    """Whom the payer is bound to, who waits for the payer's word, and the other guardians of the same people."""

    items: list[BindingRead]
    to_decide: list[BindingRead]
    beside: list[BindingRead] = []
    next_cursor: str | None = None


class BindingDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The primary guardian's word on another."""

    agree: bool


class ConsentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that was given, and whether it still holds; `party_name` names the child it was given for."""

    id: UUID
    purpose: str
    version: str
    party_id: UUID | None
    party_name: str | None
    given_at: dt.datetime
    withdrawn_at: dt.datetime | None
