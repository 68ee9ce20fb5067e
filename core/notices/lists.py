"""Notices as staff look at them: the list with its states, one notice, the counts of a run, sending dead ones again."""

from collections.abc import Mapping
from uuid import UUID

from core import clock, paging
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import CannotUnseal, TenantKeys
from core.masking import mask_name
from core.notices import lists_repository, repository
from core.notices.errors import NothingToResend, NoticeNotFound, NotResendable
from core.notices.events import NoticeEvent
from core.notices.filters import NoticeFilter
from core.notices.schemas import NoticePage, NoticeRead, RunRead
from core.notices.states import RESENDABLE
from core.notices.wording import fill
from core.web.i18n import gettext, locale

READ, MANAGE = "notices.read", "notices.manage"
AT_ONCE = 20_000
Events = Mapping[str, NoticeEvent]


async def page_of(session: Session, events: Events, asked: NoticeFilter, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> NoticePage:
    """One page of the notices that are meant, and how many of them stand in each state."""
    reach = by.reach(READ)
    rows = await lists_repository.list_notices(session, asked, reach, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return NoticePage([read(row, events) for row in shown], more, await lists_repository.count_states(session, asked, reach))


async def find(session: Session, keys: TenantKeys, events: Events, notice_id: UUID, by: Actor) -> NoticeRead:
    """One notice with the text as it left, or as it would leave now."""
    row = await lists_repository.find_notice(session, notice_id, by.reach(READ))
    if row is None:
        raise NoticeNotFound()
    return read(row, events, _text(row, keys, events))


async def send_again(session: Session, notice_id: UUID, by: Actor) -> None:
    """Send one dead notice again, under a new number; NotResendable for any other."""
    row = await lists_repository.find_notice(session, notice_id, by.reach(MANAGE))
    if row is None:
        raise NoticeNotFound()
    session.has_work = True
    if row.status not in RESENDABLE or not await repository.send_again(session, [notice_id], clock.now()):
        raise NotResendable()
    await audit.record(session, by, "notices.notice.resend", "notice", notice_id, before={"status": row.status, "reason": row.reason})


async def send_all_again(session: Session, asked: NoticeFilter, by: Actor) -> int:
    """Send every dead notice that fits again; answers how many. NothingToResend where there is none."""
    found = await lists_repository.list_dead(session, asked, by.reach(MANAGE), AT_ONCE)
    session.has_work = True
    done = await repository.send_again(session, found, clock.now()) if found else 0
    if not done:
        raise NothingToResend()
    await audit.record(session, by, "notices.notice.resend", "notice", "many", after={"notices": done})
    return done


async def run_of(session: Session, run: str, by: Actor) -> RunRead:
    """What became of one publication or run."""
    counts = await lists_repository.count_run(session, run, by.reach(READ))
    if not counts:
        raise NoticeNotFound()
    named = {name: counts.get(name, 0) for name in RunRead.__struct_fields__ if name not in ("run", "bills")}
    return RunRead(run=run, bills=sum(number for best, number in counts.items() if best != "told"), **named)


async def count_dead(session: Session, by: Actor) -> int:
    """How many notices were given up, for the work list."""
    return await lists_repository.count_dead(session, by.reach(MANAGE))


def read(row: Row, events: Events, body: str = "") -> NoticeRead:
    """A notice as it is shown; the name masked."""
    event = events.get(row.event)
    own = ("event_title", "name", "to", "text")
    facts = {name: getattr(row, name) for name in NoticeRead.__struct_fields__ if name not in own}
    title = gettext(event.title) if event else row.event
    return NoticeRead(**facts, event_title=title, name=mask_name(row.party_name), to=row.to_masked, text=body)


def _text(row: Row, keys: TenantKeys, events: Events) -> str:
    event = events.get(row.event)
    if event is None or event.secret:
        return ""
    if row.body_sealed:
        try:
            return keys.open(row.body_sealed)
        except CannotUnseal:
            return ""
    words = event.words.get(locale()) or event.words["zh"]
    return fill(words.inbox or words.sms, row.facts)
