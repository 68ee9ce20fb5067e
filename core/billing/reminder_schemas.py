"""Reminders at the door: what is asked for, and what became of it."""

import datetime as dt
from uuid import UUID

import msgspec


class ReminderRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to remind: one person, everybody who owes under a unit, or everybody within reach."""

    org_id: UUID | None = None
    party_id: UUID | None = None


class Reminded(msgspec.Struct, frozen=True):
    """How many people were reminded now, by which run, and how many who owe nobody could be told about."""

    run_id: UUID
    reminded: int
    unreachable: int


class RunRead(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run's messages, as far as the asker's people go."""

    run_id: UUID
    started_at: dt.datetime
    people: int
    waiting: int
    sent: int
    failed: int


class RunPage(msgspec.Struct, frozen=True):
    """Runs, the newest first."""

    items: list[RunRead]
    next_cursor: str | None


class MessageRead(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a run; names and phones are masked. `bound` is false where it went to a phone of the roster."""

    id: UUID
    party_id: UUID
    name: str
    phone: str
    bound: bool
    status: str
    sent_at: dt.datetime | None
    reason: str | None


class MessagePage(msgspec.Struct, frozen=True):
    """A run's messages."""

    items: list[MessageRead]
    next_cursor: str | None
