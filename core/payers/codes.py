"""Six digits by SMS: valid for five minutes, for five tries, on the device that asked for them, and only the newest."""

import datetime as dt
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Session
from core.identity.vault import TenantKeys
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.notices.schemas import PhoneNotice
from core.payers import codes_repository as repository
from core.payers.errors import TooManyCodes

LIFE = dt.timedelta(minutes=5)
TRIES = 5
AGAIN_AFTER = dt.timedelta(seconds=60)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PER_HOUR, PER_DAY = 5, 10
"""Messages to one phone, and from one device: nobody's phone can be flooded from here."""


class Checked(msgspec.Struct, frozen=True):
    """What became of a typed code: `right` (with what it was sent for), `wrong` (with the tries left) or `expired`."""

    state: str
    subject: dict[str, str] = {}
    tries_left: int = 0


async def send(
    session: Session,
    keys: TenantKeys,
    *,
    purpose: str,
    device: bytes,
    phone: str,
    facts: dict[str, str],
    subject: dict[str, str],
    real: bool = True,
) -> UUID:
    """Send a fresh code; older ones of this device die. TooManyCodes when phone or device had too many.

    With `real=False` everything looks the same from outside and no message leaves: an unknown phone is not told from a known one.
    """
    now, phone_index = clock.now(), keys.index("phone", phone)
    await repository.hold_phone(session, phone_index)
    await _check_rate(session, phone_index, device, now)
    code_id, code = ids.uuid7(), ids.digits(6)
    await repository.end_codes(session, device, purpose, now)
    row = {
        "id": code_id,
        "purpose": purpose,
        "device": device,
        "phone_index": phone_index,
        "code_hash": _hash(keys, code_id, code),
        "subject": subject,
        "expires_at": now + LIFE,
    }
    await repository.insert_code(session, row)
    if real:
        told = PhoneNotice(key=f"code:{code_id}", event=EVENTS[f"{purpose}_code"], to=phone, facts={**facts, "code": code})
        await notices.queue(session, keys, told)
    return code_id


async def check(session: Session, keys: TenantKeys, code_id: UUID, *, purpose: str, device: bytes, typed: str) -> Checked:
    """Compare a typed code. The try counts whatever comes of it, so the caller must let the transaction commit."""
    row = await repository.lock_code(session, code_id)
    now = clock.now()
    if row is None or row.purpose != purpose or row.device != device or row.used_at or row.expires_at <= now or row.attempts >= TRIES:
        return Checked("expired")
    if row.code_hash != _hash(keys, code_id, typed.strip()):
        await repository.count_attempt(session, code_id)
        return Checked("wrong", row.subject, TRIES - row.attempts - 1)
    await repository.mark_used(session, code_id, now)
    return Checked("right", row.subject)


async def newest(session: Session, *, purpose: str, device: bytes) -> UUID | None:
    """The code that this device can still type."""
    return await repository.find_open_code(session, device, purpose, clock.now())


async def _check_rate(session: Session, phone_index: bytes, device: bytes, now: dt.datetime) -> None:
    """Raise TooManyCodes for a phone or a device; a code that was typed correctly no longer delays the next (a sibling's, say)."""
    sent = await repository.list_sent(session, phone_index, device, now - DAY)
    for mine in ([row for row in sent if row.phone_index == phone_index], [row for row in sent if row.device == device]):
        open_times = [row.created_at for row in mine if row.used_at is None]
        times = [row.created_at for row in mine]
        for count, window, at in ((1, AGAIN_AFTER, open_times), (PER_HOUR, HOUR, times), (PER_DAY, DAY, times)):
            recent = sorted(moment for moment in at if moment > now - window)
            if len(recent) >= count:
                wait = recent[-count] + window - now
                raise TooManyCodes(minutes=max(1, -(-int(wait.total_seconds()) // 60)))


def _hash(keys: TenantKeys, code_id: UUID, code: str) -> bytes:
    return keys.index(f"code {code_id}", code)
