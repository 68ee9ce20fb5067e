"""Telling people: written with the change that causes it, sent after it, once each. Any feature or plugin calls these."""

import datetime as dt
from collections.abc import Mapping, Sequence

from core import clock, ids
from core.database import Row, Session
from core.database.tables import encode_json
from core.identity.vault import TenantKeys
from core.masking import mask_phone
from core.notices import rules as sending_rules
from core.notices import writing_repository as repository
from core.notices.events import NoticeEvent
from core.notices.rules import after_quiet_hours
from core.notices.schemas import PhoneNotice, StaffTold, Told
from core.notices.wording import fill

__all__ = ["after_quiet_hours", "queue", "queue_many", "tell", "tell_of", "tell_staff"]
MANY = 200


async def tell(session: Session, event: NoticeEvent, told: Sequence[Told]) -> int:
    """Tell the payers bound to some parties, by the client's rules and their own choice; answers how many parties hear of it now.

    Again with the same occasions nothing happens. One statement for any number.
    """
    if not told:
        return 0
    values = {
        "occasions": [one.occasion for one in told],
        "party_ids": [one.party_id for one in told],
        "bill_ids": [one.bill_id for one in told],
        "all_facts": [encode_json(one.facts) for one in told],
        "from_ats": [one.from_at for one in told],
        "runs": [one.run for one in told],
    }
    return (await tell_of(session, event, repository.HANDED_OVER, values, many=len(told) >= MANY)).parties


async def tell_of(session: Session, event: NoticeEvent, which: str, values: Mapping[str, object], *, many: bool = False) -> Row:
    """The same for what a repository's SELECT tells (`core.notices.writing_repository`), perhaps of `many`: 8,000 bills are one statement."""
    session.has_work = True
    now = clock.now()
    rules = await sending_rules.load(session)
    account = await sending_rules.wechat(session)
    mine = {
        "event": event.code,
        "kind": event.kind,
        "necessary": event.necessary,
        "appid": account.appid,
        "inbox": "inbox" in event.means,
        "wechat": "wechat" in event.means and bool(account.appid) and rules.sends(event.code, "wechat"),
        "sms": "sms" in event.means and rules.sends(event.code, "sms"),
        "now": now,
        "due_at": after_quiet_hours(now, rules) if event.quiet else now,
    }
    return await repository.write(session, which, {**values, **mine}, many=many)


async def tell_staff(session: Session, event: NoticeEvent, told: Sequence[StaffTold]) -> int:
    """Put something into the bell of some members of staff; answers how many are new."""
    if not told:
        return 0
    values = {
        "event": event.code,
        "occasions": [one.occasion for one in told],
        "user_ids": [one.user_id for one in told],
        "all_facts": [encode_json(one.facts) for one in told],
        "now": clock.now(),
    }
    return await repository.write_to_staff(session, values)


async def queue(session: Session, keys: TenantKeys, notice: PhoneNotice) -> bool:
    """Send a text to one phone once the transaction is safe; False when one with this key exists already."""
    return bool(await queue_many(session, keys, [notice]))


async def queue_many(session: Session, keys: TenantKeys, notices: Sequence[PhoneNotice]) -> set[str]:
    """The same for any number in one statement; answers the keys of those that are new."""
    if not notices:
        return set()
    session.has_work = True
    now = clock.now()
    quiet = any(notice.event.quiet for notice in notices)
    rules = await sending_rules.load(session) if quiet else sending_rules.Rules()
    rows = [_row(keys, notice, now, rules) for notice in notices]
    return await repository.write_to_phones(session, {name: [row[name] for row in rows] for name in rows[0]}, now)


def _row(keys: TenantKeys, notice: PhoneNotice, now: dt.datetime, rules: sending_rules.Rules) -> dict[str, object]:
    event, due_at = notice.event, notice.due_at or now
    body = fill(event.words["zh"].sms, notice.facts) if event.secret else ""
    return {
        "id": ids.uuid7(),
        "key": notice.key,
        "event": event.code,
        "run": notice.run,
        "party_id": notice.party_id,
        "to_sealed": keys.seal(notice.to),
        "to_index": keys.index("phone", notice.to),
        "to_masked": mask_phone(notice.to),
        "body_sealed": keys.seal(body) if event.secret else None,
        "facts": encode_json({} if event.secret else notice.facts),
        "due_at": after_quiet_hours(due_at, rules) if event.quiet else due_at,
    }
