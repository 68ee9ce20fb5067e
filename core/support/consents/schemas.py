"""What pages about consents are sent, and how a consent is shown."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock
from core.database import Row
from core.support.consents import service
from core.support.viewing.pages import ELSEWHERE
from core.web.i18n import N_, gettext

FILTERS = {
    "q": N_("搜索词"), "status": N_("状态"), "state": N_("状态"), "cursor": N_("翻页"), "sort": N_("排序"), "kind": N_("类别"), "subject": N_("类别"),
    "since": N_("从"), "start": N_("从"), "until": N_("到"),
}  # fmt: skip
"""What the filters of pages are called; others by their own names."""


class ConsentForm(msgspec.Struct):
    """A consent as typed: `person` is a support person's id, or nothing for the whole desk."""

    purpose: str = ""
    person: str = ""
    from_on: str = ""
    until_on: str = ""
    ticket: str = ""


class AskForm(msgspec.Struct):
    """A request as typed."""

    client: str = ""
    purpose: str = ""
    days: str = "1"
    ticket: str = ""


class ConsentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A consent as pages show it; `state` is what people call it now."""

    id: UUID
    state: str
    person: str
    purpose: str
    days: int
    from_at: dt.datetime | None
    until_at: dt.datetime | None
    asked_by: str | None
    answered_by: str | None
    answered_at: dt.datetime | None
    ended_by: str | None
    ended_at: dt.datetime | None
    created_at: dt.datetime
    ticket_id: UUID | None = None
    looks: int = 0


class LookRead(msgspec.Struct, frozen=True, kw_only=True):
    """One page that was looked at, or one deed that was refused."""

    id: UUID
    at: dt.datetime
    who: str
    page: str
    path: str
    asked: str
    refused: bool


class ConsentPage(msgspec.Struct, frozen=True):
    """Consents, the newest first."""

    items: list[ConsentRead]
    next_cursor: str | None


class LookPage(msgspec.Struct, frozen=True):
    """What was looked at under one consent, the newest first."""

    items: list[LookRead]
    next_cursor: str | None


class ConsentCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let support look: why, whom (the whole desk where nobody is named), from when until when (today)."""

    purpose: str
    person_id: UUID | None = None
    from_on: dt.date | None = None
    until_on: dt.date | None = None
    ticket_id: UUID | None = None


class ConsentAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A support person's request to a client: why, and for how many days."""

    purpose: str
    days: int = 1
    ticket_id: UUID | None = None


class DeskPerson(msgspec.Struct, frozen=True):
    """Somebody of the bank's support desk, who may be named in a consent."""

    id: UUID
    name: str


class ClientConsentRead(msgspec.Struct, frozen=True, kw_only=True):
    """A client's consent as the bank's copy of it tells, with the client."""

    client_id: UUID
    client_code: str
    client_name: str
    consent: ConsentRead


class ClientConsentPage(msgspec.Struct, frozen=True):
    """Consents that concern a support person, the newest first."""

    items: list[ClientConsentRead]
    next_cursor: str | None


class ConsentOpened(msgspec.Struct, frozen=True):
    """A consent or a request that was just written."""

    id: UUID


def consent_of(row: Row, looks: Mapping[UUID, int]) -> ConsentRead:
    """A row in words."""
    return ConsentRead(
        id=row.id, state=service.state_of(row, clock.now()), person=row.user_name or gettext("客服值班台"), purpose=row.purpose, days=row.days,
        from_at=row.from_at, until_at=row.until_at, asked_by=row.asked_by_name, answered_by=row.answered_by_name, answered_at=row.answered_at,
        ended_by=row.ended_by_name, ended_at=row.ended_at, created_at=row.created_at, ticket_id=row.ticket_id, looks=looks.get(row.id, 0),
    )  # fmt: skip


def look_of(row: Row) -> LookRead:
    """An entry of the audit trail as a look."""
    after = row.after or {}
    return LookRead(
        id=row.id, at=row.at, who=row.actor_name, page=gettext(after.get("page", ELSEWHERE)), path=after.get("path", ""),
        asked="、".join(dict.fromkeys(gettext(FILTERS[name]) if name in FILTERS else name for name in after.get("asked", ()))),
        refused=row.action.endswith("refuse"),
    )  # fmt: skip


def day_of(text: str, otherwise: dt.date) -> dt.date:
    """A typed day; what is none is the other one."""
    try:
        return dt.date.fromisoformat(text) if text else otherwise
    except ValueError:
        return otherwise


def id_of(text: str) -> UUID | None:
    """A chosen id; what is none is nothing."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
