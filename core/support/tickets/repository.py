"""Tickets: in a client's rows the tickets themselves with what was written about them, in the bank's their copies for the queue."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from core.database import Row, Session
from core.identity.models import user
from core.support.models import ticket, ticket_entry
from core.tenancy.models import client

LIVE = ("open", "in_progress", "waiting_client")
RUNNING = ("open", "in_progress")
"""Tickets whose clock runs: it is the bank's turn."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a list of tickets; `status` may be `live` or `late`."""

    status: str = ""
    severity: str = ""
    words: str = ""
    client_id: UUID | None = None
    made_by: str = ""
    owner_id: str = ""


async def add(session: Session, row: Mapping[str, object]) -> None:
    """A new ticket."""
    await session.execute(insert(ticket), dict(row))


async def add_entry(session: Session, row: Mapping[str, object]) -> None:
    """Something written or done about it."""
    await session.execute(insert(ticket_entry), dict(row))


async def find(session: Session, ticket_id: UUID, *, lock: bool = False) -> Row | None:
    """One ticket."""
    query = select(ticket).where(ticket.c.id == ticket_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def change(session: Session, ticket_id: UUID, values: Mapping[str, object]) -> None:
    """New facts; the bank's copy is behind from now on."""
    await session.execute(update(ticket).where(ticket.c.id == ticket_id).values(**values, version=ticket.c.version + 1))


async def list_entries(session: Session, ticket_id: UUID) -> Sequence[Row]:
    """Everything about a ticket, the oldest first."""
    return await session.all(select(ticket_entry).where(ticket_entry.c.ticket_id == ticket_id).order_by(ticket_entry.c.id))


async def find_entry(session: Session, entry_id: UUID) -> Row | None:
    """One entry."""
    return await session.one_or_none(select(ticket_entry).where(ticket_entry.c.id == entry_id))


def _late(now: dt.datetime) -> ColumnElement[bool]:
    return and_(ticket.c.status.in_(RUNNING), ticket.c.due_at < now)


def _where(asked: Asked, now: dt.datetime, *names: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """What narrows a list; `names` are looked through for the words besides what the ticket itself says."""
    found: list[ColumnElement[bool]] = []
    if asked.status == "live":
        found.append(ticket.c.status.in_(LIVE))
    elif asked.status == "late":
        found.append(_late(now))
    elif asked.status:
        found.append(ticket.c.status == asked.status)
    for column, value in ((ticket.c.severity, asked.severity), (ticket.c.made_by, asked.made_by), (ticket.c.owner_id, asked.owner_id)):
        if value:
            found.append(column == value)
    if asked.client_id:
        found.append(ticket.c.client_id == asked.client_id)
    if asked.words:
        said = (ticket.c.title, ticket.c.made_by_name, ticket.c.page_title)
        fits = [column.contains(asked.words, autoescape=True) for column in said]
        fits += [func.lower(name).contains(asked.words.lower(), autoescape=True) for name in names]
        found.append(or_(ticket.c.number.contains(asked.words.upper(), autoescape=True), *fits))
    return found


async def list_own(session: Session, asked: Asked, now: dt.datetime, before: UUID | None, limit: int) -> Sequence[Row]:
    """A client's tickets, the newest first."""
    query = select(ticket).where(*_where(asked, now)).order_by(ticket.c.id.desc()).limit(limit)
    return await session.all(query.where(ticket.c.id < before) if before else query)


def _within(reach: list[UUID] | None) -> list[ColumnElement[bool]]:
    return [] if reach is None else [client.c.branch_id.in_(reach)]


async def list_queue(
    session: Session, reach: list[UUID] | None, asked: Asked, now: dt.datetime, before: UUID | None, limit: int
) -> Sequence[Row]:
    """The bank's copies within reach with their clients, the newest first."""
    query = (
        select(ticket, client.c.name.label("client_name"), client.c.branch_id)
        .join(client, client.c.id == ticket.c.client_id)
        .where(*_where(asked, now, client.c.name, client.c.code), *_within(reach))
        .order_by(ticket.c.id.desc())
        .limit(limit)
    )
    if before:
        query = query.where(ticket.c.id < before)
    return await session.all(query)


async def find_copy(session: Session, ticket_id: UUID, reach: list[UUID] | None) -> Row | None:
    """One copy within reach, with its client's name."""
    query = select(ticket, client.c.name.label("client_name")).join(client, client.c.id == ticket.c.client_id)
    return await session.one_or_none(query.where(ticket.c.id == ticket_id, *_within(reach)))


async def count_queue(session: Session, reach: list[UUID] | None, asked: Asked, now: dt.datetime) -> int:
    """How many within reach."""
    query = select(func.count()).select_from(ticket).join(client, client.c.id == ticket.c.client_id)
    return int(await session.scalar(query.where(*_where(asked, now), *_within(reach))) or 0)


async def count_own(session: Session, asked: Asked, now: dt.datetime) -> int:
    """How many of a client's."""
    return int(await session.scalar(select(func.count()).select_from(ticket).where(*_where(asked, now))) or 0)


async def close_quiet(session: Session, resolved_before: dt.datetime) -> list[UUID]:
    """Close what was solved long ago and nobody spoke of again; answers which."""
    quiet = update(ticket).where(ticket.c.status == "resolved", ticket.c.resolved_at < resolved_before)
    closed = quiet.values(status="closed", version=ticket.c.version + 1).returning(ticket.c.id)
    return [row.id for row in await session.all(closed)]


async def figures(
    session: Session, reach: list[UUID] | None, since: dt.datetime, until: dt.datetime, now: dt.datetime, client_id: UUID | None = None
) -> Row:
    """Counts over the tickets that were raised in a span of time, from the bank's copies."""
    in_span = [ticket.c.created_at >= since, ticket.c.created_at < until, *_within(reach)]
    if client_id:
        in_span.append(ticket.c.client_id == client_id)
    counted = func.count().filter
    return await session.one(
        select(
            func.count().label("raised"),
            counted(ticket.c.status.in_(LIVE)).label("open"),
            counted(_late(now)).label("late"),
            counted(ticket.c.answered_at.is_not(None)).label("answered"),
            counted(ticket.c.answered_at <= ticket.c.answer_due_at).label("answered_in_time"),
            counted(ticket.c.resolved_at.is_not(None)).label("resolved"),
            counted(ticket.c.resolved_at <= ticket.c.due_at).label("resolved_in_time"),
        )
        .select_from(ticket)
        .join(client, client.c.id == ticket.c.client_id)
        .where(*in_span)
    )


async def is_user(session: Session, user_id: UUID) -> bool:
    """Whether an id is a member of staff here (and no API key)."""
    return bool(await session.scalar(select(func.count()).select_from(user).where(user.c.id == user_id)))
