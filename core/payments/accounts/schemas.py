"""Merchant numbers as pages and programs see them: never a secret, only that it is there."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec


class KeyRead(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the keys: whether it is there, its fingerprint, who entered and who checked it, when it ends."""

    name: str
    title: str
    kind: str
    required: bool
    hint: str
    fingerprint: str = ""
    set_at: dt.datetime | None = None
    set_by: str = ""
    checked_by: str = ""
    expires_at: dt.datetime | None = None


class ProbeStep(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a test: `create`, `query` or `close`, and what came of it."""

    step: str
    ok: bool
    told: str
    duration_ms: int


class ProbeRead(msgspec.Struct, frozen=True, kw_only=True):
    """A test of a merchant number over the real wire."""

    number: str
    scene: str
    ok: bool
    at: dt.datetime
    by: str
    steps: list[ProbeStep]


class AccountRead(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant number of the client at a channel. `busy` while the channel does not answer and payers are offered other ways."""

    id: UUID
    channel: str
    name: str
    mchid: str
    appid: str
    mode: str
    base_url: str
    merchant_id: UUID | None
    merchant_name: str
    status: str
    scenes: list[str]
    keys: list[KeyRead]
    missing: list[str]
    expires_at: dt.datetime | None
    previous_until: dt.datetime | None
    alert_phone: str
    busy: bool
    probe: ProbeRead | None
    created_at: dt.datetime


class AccountPage(msgspec.Struct, frozen=True):
    """Every merchant number of the client."""

    items: list[AccountRead]


class AccountCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new merchant number with its keys; it collects once a second person has agreed.

    `environment` names where the channel is reached (`production`, `sandbox`); `merchant_id` is whose money it collects, left out: everybody's.
    """

    channel: str
    mchid: str
    environment: str
    credentials: dict[str, str]
    reason: str
    appid: str = ""
    name: str = ""
    mode: str = "direct"
    merchant_id: UUID | None = None
    alert_phone: str = ""


class KeysReplace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New keys for a merchant number; entries left out or empty stay as they are."""

    credentials: dict[str, str]
    reason: str


class StatusChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stop a merchant number or let it go on, and why."""

    status: str
    reason: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that waits for a second person."""

    account_id: UUID
    approval_id: UUID


class AccountFace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a merchant number by one person; left out: stays. `merchant_id` null: it collects for everybody."""

    name: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    merchant_id: UUID | msgspec.UnsetType | None = msgspec.UNSET
    alert_phone: Annotated[str, msgspec.Meta(max_length=32)] = ""
