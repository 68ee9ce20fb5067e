"""Messages to people: written with the change that causes them, sent after it, once each."""

import datetime as dt
from collections.abc import Sequence

from core import clock, ids
from core.database import Session
from core.database.tables import encode_json
from core.identity.vault import TenantKeys
from core.masking import mask_phone
from core.notifications import repository
from core.notifications.schemas import Letter
from core.notifications.wording import WORDINGS, write

QUIET_FROM, QUIET_UNTIL = dt.time(22), dt.time(8)
"""At night (Shanghai) only one-time codes are sent (domain book §2.9)."""


def after_quiet_hours(at: dt.datetime) -> dt.datetime:
    """The same instant by day; 08:00 of the coming morning by night."""
    local = at.astimezone(clock.SHANGHAI)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    morning = local.date() + dt.timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    return dt.datetime.combine(morning, QUIET_UNTIL, clock.SHANGHAI).astimezone(dt.UTC)


async def queue(session: Session, keys: TenantKeys, letter: Letter) -> bool:
    """Send a message once the transaction is safe; False when a message with this key exists already."""
    return await queue_many(session, keys, [letter]) == 1


async def queue_many(session: Session, keys: TenantKeys, letters: Sequence[Letter]) -> int:
    """The same for any number in one statement; answers how many are new."""
    return len(await queue_new(session, keys, letters))


async def queue_new(session: Session, keys: TenantKeys, letters: Sequence[Letter]) -> set[str]:
    """The same, and which: answers the keys of those that are new."""
    if not letters:
        return set()
    session.has_work = True
    now = clock.now()
    rows = [_row(keys, letter, now) for letter in letters]
    return await repository.add_messages(session, {name: [row[name] for row in rows] for name in rows[0]}, now)


def _row(keys: TenantKeys, letter: Letter, now: dt.datetime) -> dict[str, object]:
    wording = WORDINGS[letter.template]
    due_at = letter.due_at or now
    return {
        "id": ids.uuid7(),
        "key": letter.key,
        "template": letter.template,
        "means": letter.means,
        "party_id": letter.party_id,
        "to_sealed": keys.seal(letter.to),
        "to_masked": mask_phone(letter.to),
        "body_sealed": keys.seal(write(letter.template, letter.facts)) if wording.secret else None,
        "facts": encode_json({} if wording.secret else letter.facts),
        "due_at": after_quiet_hours(due_at) if wording.quiet else due_at,
    }
