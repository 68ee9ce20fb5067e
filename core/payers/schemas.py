"""People that bills are made out to, and payers, as other features and pages read them."""

import datetime as dt
from uuid import UUID

import msgspec


class PartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person (room, supplier, …) that a plugin bills; `id` is the plugin's own, `family_index` is equal for one family."""

    id: UUID
    plugin: str
    number: str
    name: str
    name_pinyin: str
    family_index: bytes | None = None
    org_id: UUID | None = None
    active: bool = True


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


class ConsentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that was given, and whether it still holds; `party_name` names the child it was given for."""

    id: UUID
    purpose: str
    version: str
    party_id: UUID | None
    party_name: str | None
    given_at: dt.datetime
    withdrawn_at: dt.datetime | None
