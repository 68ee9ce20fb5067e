"""Merchant numbers as they are shown: what each can do, which of its keys are there, how it fares."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.payments.accounts import repository
from core.payments.accounts.schemas import AccountRead, KeyRead, ProbeRead
from core.payments.channels.credentials import fields_of
from core.payments.errors import AccountNotFound
from core.payments.routing import health


async def listed(session: Session, channels: Mapping[str, Any]) -> list[AccountRead]:
    """Every merchant number of the client."""
    names = {row.id: row.name for row in await repository.list_merchants(session)}
    return [read(row, channels.get(row.channel), names) for row in await repository.list_accounts(session)]


async def one(session: Session, channels: Mapping[str, Any], account_id: UUID) -> AccountRead:
    """One of them; AccountNotFound for any other."""
    for found in await listed(session, channels):
        if found.id == account_id:
            return found
    raise AccountNotFound()


def read(row: Row, way: Any, merchants: Mapping[UUID, str]) -> AccountRead:
    """A row without its secrets. A number that was opened by a declaration has keys, but nobody's fingerprint of them."""
    fields = fields_of(way) if way is not None else ()
    keys = [
        KeyRead(
            name=field.name, title=field.title, kind=field.kind, required=field.required, hint=field.hint,
            **_fact(row.facts.get(field.name, {})),
        )
        for field in fields
    ]  # fmt: skip
    return AccountRead(
        id=row.id,
        channel=row.channel,
        name=row.name,
        mchid=row.mchid,
        appid=row.appid,
        mode=row.mode,
        base_url=row.base_url,
        merchant_id=row.merchant_id,
        merchant_name=merchants.get(row.merchant_id, ""),
        status=row.status,
        scenes=list(way.scenes) if way is not None else [],
        keys=keys,
        missing=[key.title for key in keys if key.required and not key.fingerprint] if row.facts else [],
        expires_at=row.expires_at,
        previous_until=row.previous_until,
        alert_phone=row.alert_phone_masked or "",
        busy=health.is_busy(row.open_until),
        probe=msgspec.convert(row.probe, ProbeRead) if row.probe else None,
        created_at=row.created_at,
    )


def _fact(fact: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: fact.get(name) for name in ("fingerprint", "set_by", "checked_by", "set_at", "expires_at")}
    texts = {name: known[name] or "" for name in ("fingerprint", "set_by", "checked_by")}
    return texts | {name: msgspec.convert(known[name], dt.datetime | None) for name in ("set_at", "expires_at")}
