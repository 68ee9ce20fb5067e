"""Notices as other features ask for them, and as they are read."""

import datetime as dt
from uuid import UUID

import msgspec

from core.notices.events import NoticeEvent


class PhoneNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to one phone. `key` makes it happen once; `facts` fill the words, names in them already masked.

    `client` (its name) and `url` (its payers' front page) are filled in when it leaves, unless they are given.
    """

    key: str
    event: NoticeEvent
    to: str
    facts: dict[str, str]
    party_id: UUID | None = None
    run: str | None = None
    due_at: dt.datetime | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell the payers of one party: `occasion` makes it happen once; `from_at` is when they may know."""

    occasion: str
    party_id: UUID
    facts: dict[str, str]
    bill_id: UUID | None = None
    run: str | None = None
    from_at: dt.datetime | None = None


class StaffTold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell a member of staff, in the bell."""

    occasion: str
    user_id: UUID
    facts: dict[str, str]


class NoticeRead(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in lists: names and phones masked."""

    id: UUID
    event: str
    event_title: str
    means: str
    status: str
    reason: str | None
    name: str
    to: str
    bill_id: UUID | None
    run: str | None
    attempts: int
    due_at: dt.datetime
    created_at: dt.datetime
    sent_at: dt.datetime | None
    delivered_at: dt.datetime | None
    read_at: dt.datetime | None
    text: str = ""


class NoticePage(msgspec.Struct, frozen=True):
    """Notices, the newest first, and how many stand in each state."""

    items: list[NoticeRead]
    next_cursor: str | None
    counts: dict[str, int]


class RunRead(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one publication or run: bills (or people), each counted once by its best notice; `told` are known of somewhere."""

    run: str
    bills: int
    told: int
    delivered: int
    sent: int
    waiting: int
    opted_out: int
    capped: int
    failed: int
    inbox_only: int
    unbound: int
    untold: int


class InboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of somebody's inbox, in the language of the page."""

    id: UUID
    title: str
    text: str
    href: str
    at: dt.datetime
    read: bool
