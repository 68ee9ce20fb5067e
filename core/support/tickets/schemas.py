"""Tickets as pages and programs see them, and what they are sent."""

import datetime as dt
from uuid import UUID

import msgspec


class TicketRead(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in lists: `late` when it is the bank's turn and the time of its severity is over."""

    id: UUID
    number: str
    title: str
    severity: str
    status: str
    late: bool
    page: str
    page_title: str
    job_id: UUID | None
    made_by: str
    owner: str | None
    due_at: dt.datetime
    answered_at: dt.datetime | None
    resolved_at: dt.datetime | None
    created_at: dt.datetime


class EntryRead(msgspec.Struct, frozen=True, kw_only=True):
    """Something written or done: `side` is client or bank."""

    id: UUID
    at: dt.datetime
    side: str
    by: str
    what: str
    text: str
    file_name: str | None


class TicketStory(msgspec.Struct, frozen=True):
    """A ticket with everything about it, the oldest first."""

    ticket: TicketRead
    entries: list[EntryRead]


class TicketPage(msgspec.Struct, frozen=True):
    """Tickets, the newest first."""

    items: list[TicketRead]
    next_cursor: str | None


class TicketCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Report a problem: `page` is the address where it was seen."""

    title: str
    text: str
    severity: str = "normal"
    page: str = ""


class TicketReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the client's side writes; of a solved ticket it says that it is not solved after all."""

    text: str


class QueuedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A client's ticket in the bank's queue."""

    client_id: UUID
    client_name: str
    ticket: TicketRead


class QueuePage(msgspec.Struct, frozen=True):
    """The bank's queue, the newest first."""

    items: list[QueuedTicket]
    next_cursor: str | None


class TicketAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What support writes; `target` is `in_progress`, `waiting_client` or `resolved`."""

    text: str
    target: str = "in_progress"


class TicketFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How support keeps its word, over the tickets that were raised in a span of time."""

    raised: int
    open: int
    late: int
    answered: int
    answered_in_time: int
    resolved: int
    resolved_in_time: int
