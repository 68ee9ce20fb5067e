"""What tenancy takes and gives in the API."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec


class BranchRead(msgspec.Struct):
    """A branch of the bank; head office has no parent."""

    id: UUID
    parent_id: UUID | None
    kind: str
    code: str
    name: str


class BranchCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new branch."""

    parent_id: UUID
    kind: Literal["branch", "sub_branch"]
    code: str
    name: str


class BranchPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Another name."""

    name: str


class ClientRead(msgspec.Struct):
    """A client of the bank."""

    id: UUID
    code: str
    name: str
    kind: str
    branch_id: UUID
    branch_name: str
    status: str
    created_at: dt.datetime
    plugins: list[str]


class ClientCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new client; `legal_name` and `uscc` go to the merchants that its blueprint prepares."""

    code: str
    name: str
    kind: str
    branch_id: UUID
    legal_name: str = ""
    uscc: str = ""


class ClientPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Another state, and why."""

    status: Literal["active", "suspended", "closed"]
    reason: str = ""


class AdminCreate(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a client is handed over to."""

    login: str
    name: str


class AdminCreated(msgspec.Struct):
    """The one-time password is given this once."""

    user_id: UUID
    initial_password: str


class PluginRead(msgspec.Struct):
    """A plugin and its switch."""

    code: str
    enabled: bool


class PluginSwitch(msgspec.Struct, forbid_unknown_fields=True):
    """On or off."""

    enabled: bool


class PluginDefault(msgspec.Struct):
    """What a kind of client gets of a plugin on its first day, and whether branches see it at all."""

    plugin: str
    kind: str
    on_by_default: bool
    visible: bool


class PluginDefaultWrite(msgspec.Struct, forbid_unknown_fields=True):
    """Both switches; what is not visible is never on by default."""

    on_by_default: bool
    visible: bool


class AccountRead(msgspec.Struct):
    """A settlement account, its number masked."""

    id: UUID
    holder: str
    bank_name: str
    number_masked: str
    status: str
    made_by_name: str
    checked_by_name: str | None
    created_at: dt.datetime


class MerchantRead(msgspec.Struct):
    """A merchant with its settlement accounts."""

    id: UUID
    code: str
    name: str
    legal_name: str
    uscc: str | None
    status: str
    accounts: list[AccountRead]


class MerchantCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new merchant."""

    code: str
    name: str
    legal_name: str
    uscc: str = ""


class MerchantPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Another state, and why (not needed to activate)."""

    status: Literal["active", "suspended", "closed"]
    reason: str = ""


class AccountCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A settlement account; the holder must be the merchant's legal name."""

    holder: str
    bank_name: str
    number: str


class AccountCheck(msgspec.Struct, forbid_unknown_fields=True):
    """The second person's word."""

    approve: bool
    reason: str = ""


class AccountRetire(msgspec.Struct, forbid_unknown_fields=True):
    """Why nothing is settled to an account any more."""

    reason: str
