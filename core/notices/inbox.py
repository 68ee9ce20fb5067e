"""Inboxes: a payer's on the phone page, the bell of a member of staff. Words are those of the page's language."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from core import clock, paging
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.notices import inbox_repository as repository
from core.notices import settings_repository, templates
from core.notices.errors import KindUnknown, NoticeNotFound
from core.notices.events import NoticeEvent, Words, kinds_of
from core.notices.schemas import InboxItem
from core.notices.wording import fill
from core.web.i18n import gettext, locale

Events = Mapping[str, NoticeEvent]


async def of_payer(
    session: Session, events: Events, payer_id: UUID, client: str, home: str, cursor: str | None, limit: int = 20
) -> tuple[list[InboxItem], str | None]:
    """A payer's entries; `home` is the front page that their links lie below."""
    rows = await repository.list_inbox(session, events, clock.now(), paging.read_id(cursor), limit + 1, payer_id=payer_id)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    words = await templates.words_of(session, events, locale())

    def href(row: Row) -> str:
        link = events[row.event].link
        return "" if not link or ("{" in link and row.bill_id is None) else home + link.format(bill_id=row.bill_id)

    front = {"client": client, "url": home}
    return [_item(row, words[row.event], href(row), front) for row in shown], more


async def of_staff(
    session: Session, events: Events, by: Actor, cursor: str | None, limit: int = paging.PAGE
) -> tuple[list[InboxItem], str | None]:
    """The bell of a member of staff."""
    rows = await repository.list_inbox(session, events, clock.now(), paging.read_id(cursor), limit + 1, user_id=UUID(by.id))
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    words = await templates.words_of(session, events, locale())
    return [_item(row, words[row.event], row.facts.get("path", ""), {}) for row in shown], more


async def unread_of_payer(session: Session, events: Events, payer_id: UUID) -> int:
    """How many entries a payer has not looked at."""
    return await repository.count_unread(session, events, clock.now(), payer_id=payer_id)


async def unread_of_staff(session: Session, events: Events, by: Actor) -> int:
    """How many entries of the bell are new; a program has none."""
    return await repository.count_unread(session, events, clock.now(), user_id=UUID(by.id)) if by.kind == "user" else 0


async def seen_by_payer(session: Session, payer_id: UUID, notice_id: UUID | None = None) -> int:
    """The payer looked at the inbox, or at one entry (NoticeNotFound where it is not theirs); answers how many were new."""
    now = clock.now()
    if notice_id is not None and not await repository.lies_there(session, now, payer_id, notice_id):
        raise NoticeNotFound()
    return await repository.mark_read(session, now, payer_id=payer_id, notice_id=notice_id)


async def seen_by_staff(session: Session, by: Actor, notice_id: UUID | None = None, at: dt.datetime | None = None) -> int:
    """A member of staff looked at one entry, or at all, now (`at`); answers how many were new."""
    return await repository.mark_read(session, at or clock.now(), user_id=UUID(by.id), notice_id=notice_id) if by.kind == "user" else 0


async def unseen_by_staff(session: Session, by: Actor, at: dt.datetime) -> int:
    """Take back that all were looked at in that moment."""
    return await repository.mark_unread(session, UUID(by.id), at) if by.kind == "user" else 0


async def choices(session: Session, events: Events, payer_id: UUID) -> list[tuple[str, str, bool, bool]]:
    """What a payer may leave out: (kind, title, wanted, stays in the inbox all the same)."""
    out = await settings_repository.list_optouts(session, payer_id)
    return [(kind, gettext(title), kind not in out, necessary) for kind, (title, necessary) in kinds_of(events.values()).items()]


async def choose(session: Session, events: Events, payer_id: UUID, kind: str, wanted: bool, by: Actor) -> None:
    """Leave a kind out, or have it again: one tap each way (domain book §10). KindUnknown for what nobody sends."""
    if kind not in kinds_of(events.values()):
        raise KindUnknown()
    if await settings_repository.set_optout(session, payer_id, kind, out=not wanted):
        await audit.record(session, by, "notices.optout.end" if wanted else "notices.optout.begin", "payer", payer_id, after={"kind": kind})


def _item(row: Row, words: Words, href: str, more: dict[str, str]) -> InboxItem:
    facts = more | row.facts
    at = max(row.created_at, row.due_at)
    return InboxItem(id=row.id, title=fill(words.title, facts), text=fill(words.inbox, facts), href=href, at=at, read=row.read_at is not None)
