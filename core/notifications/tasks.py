"""Deliver what is due: claim, let go of the database, call the gateway, write down what became of it."""

import datetime as dt
from uuid import UUID

import httpx
import msgspec
import structlog

from core import clock
from core.database import Row, Session
from core.identity.vault import CannotUnseal, TenantKeys
from core.notifications import repository
from core.notifications.service import after_quiet_hours
from core.notifications.wording import WORDINGS, write
from core.platform import Platform
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
BATCH = 100
LEASE = dt.timedelta(minutes=2)
MAX_ATTEMPTS = 8


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Send a client's due messages; answers when to look again (None: nothing waits)."""
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        messages = await repository.claim(session, now, now + LEASE, BATCH)
        if not messages:
            return await repository.next_due(session)
        keys = await platform.vault.keys(session)
    client = await platform.directory.profile(tenant_id)
    for message in messages:
        error = await _hand_over(platform, client, keys, message, now)
        async with platform.database.tenant(tenant_id) as session:
            await _write_down(session, message, error)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def _hand_over(platform: Platform, client: ClientProfile, keys: TenantKeys, message: Row, now: dt.datetime) -> str | None:
    """Give one message to the SMS gateway; None when it took it, else why not. Nothing secret is ever in the reason."""
    wording = WORDINGS[message.template]
    if now - message.created_at > wording.good_for:
        return "expired"
    if wording.quiet and after_quiet_hours(now) > now:
        return "quiet"
    gateway = platform.settings.sms_url or f"{platform.settings.sandbox_url}/sandbox/api/sms"
    try:
        body = msgspec.json.encode({"phone": keys.open(message.to_sealed), "text": _text(platform, client, keys, message)})
        answer = await platform.http.post(gateway, content=body, headers={"content-type": "application/json"}, follow_redirects=True)
    except httpx.HTTPError as error:
        return type(error).__name__
    except CannotUnseal:
        return "expired"
    return None if answer.is_success else f"HTTP {answer.status_code}"


def _text(platform: Platform, client: ClientProfile, keys: TenantKeys, message: Row) -> str:
    if message.body_sealed is not None:
        return keys.open(message.body_sealed)
    front = {"client": client.name, "url": f"{platform.settings.public_url}/h5/{client.code}"}
    return write(message.template, front | message.facts)


async def _write_down(session: Session, message: Row, error: str | None) -> None:
    now, wipe = clock.now(), WORDINGS[message.template].secret
    if error is None:
        await repository.mark_sent(session, message.id, now, wipe)
    elif error == "quiet":
        await repository.mark_retry(session, message.id, after_quiet_hours(now), None)
    elif error == "expired" or message.attempts >= MAX_ATTEMPTS:
        await repository.mark_failed(session, message.id, error, wipe)
        log.warning("message_given_up", template=message.template, error=error)
    else:
        await repository.mark_retry(session, message.id, now + dt.timedelta(seconds=min(3600, 5 * 2**message.attempts)), error)
