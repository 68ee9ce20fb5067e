"""What identity takes and gives at its doors."""

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec


class LoginForm(msgspec.Struct):
    """The first step of logging in."""

    username: str = ""
    password: str = ""
    next: str = ""


class CodeForm(msgspec.Struct):
    """A one-time code; `ticket` carries the offered secret while one enrols."""

    code: str = ""
    ticket: str = ""
    next: str = ""


class NewPasswordForm(msgspec.Struct):
    """A new password, typed twice; `current` where one is logged in already."""

    password: str = ""
    again: str = ""
    current: str = ""
    next: str = ""


class UserForm(msgspec.Struct):
    """A new user."""

    login: str = ""
    name: str = ""


class RenameForm(msgspec.Struct):
    """Another name."""

    name: str = ""


class GrantForm(msgspec.Struct):
    """A role, and where."""

    role: str = ""
    place: str = ""


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: str = ""


class UnitForm(msgspec.Struct):
    """A new org unit."""

    name: str = ""
    kind: str = ""
    code: str = ""
    parent: str = ""


class MoveForm(msgspec.Struct):
    """Another place in the tree."""

    parent: str = ""


class KeyForm(msgspec.Struct):
    """A new API key."""

    name: str = ""
    role: str = ""
    place: str = ""
    expires_on: str = ""


class GrantRead(msgspec.Struct):
    """A role someone holds; `place_id` is an org unit (clients) or branch (bank), none for the whole tenant."""

    id: UUID
    role: str
    place_id: UUID | None
    created_at: dt.datetime


class UserRead(msgspec.Struct):
    """A user, without secrets."""

    id: UUID
    login: str
    name: str
    status: str
    has_second_factor: bool
    must_change_password: bool
    created_at: dt.datetime
    grants: list[GrantRead] = []


class UserCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new user; the platform makes the one-time password."""

    login: str
    name: str


class UserCreated(msgspec.Struct):
    """The one-time password is given this once."""

    id: UUID
    login: str
    initial_password: str


class UserPatch(msgspec.Struct, forbid_unknown_fields=True):
    """What may change; what is left out stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    status: Literal["active", "disabled"] | msgspec.UnsetType = msgspec.UNSET


class PasswordReset(msgspec.Struct):
    """A new one-time password, given this once."""

    login: str
    initial_password: str


class FactorReset(msgspec.Struct, forbid_unknown_fields=True):
    """Why an authenticator is forgotten: how it was made sure who asks."""

    reason: str


class GrantCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A role to give."""

    role: str
    place_id: UUID | None = None


class RoleRead(msgspec.Struct):
    """A role that can be granted here."""

    code: str
    title: str
    scope: str
    permissions: list[str]
    conflicts: list[str]


class UnitRead(msgspec.Struct):
    """An org unit."""

    id: UUID
    parent_id: UUID | None
    kind: str
    code: str | None
    name: str
    position: int


class UnitCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new org unit."""

    name: str
    kind: str
    parent_id: UUID | None = None
    code: str | None = None


class UnitPatch(msgspec.Struct, forbid_unknown_fields=True):
    """Another name or another place."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    parent_id: UUID | msgspec.UnsetType = msgspec.UNSET


class KeyCreate(msgspec.Struct, forbid_unknown_fields=True):
    """A new API key: `roles` over the whole client, `grants` over an org unit each."""

    name: str
    roles: list[str] = []
    grants: list[GrantCreate] = []
    expires_at: dt.datetime | None = None


class KeyGrant(msgspec.Struct):
    """A role that a key holds over an org unit."""

    role: str
    place_id: UUID


class KeyRead(msgspec.Struct):
    """An API key, known by its last four characters."""

    id: UUID
    name: str
    tail: str
    roles: list[str]
    grants: list[KeyGrant]
    created_at: dt.datetime
    expires_at: dt.datetime | None
    ended_at: dt.datetime | None


class KeyCreated(msgspec.Struct):
    """The key itself is given this once."""

    id: UUID
    key: str


class AuditRead(msgspec.Struct):
    """One entry of the audit trail; values are masked."""

    id: UUID
    at: dt.datetime
    actor_kind: str
    actor_id: str
    actor_name: str
    action: str
    object_type: str
    object_id: str
    before: dict | None
    after: dict | None
    reason: str | None
    ip: str | None


class Page(msgspec.Struct):
    """A part of a list; ask again with `cursor=next_cursor` for what follows."""

    items: list
    next_cursor: str | None = None
