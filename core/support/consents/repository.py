"""Consents to look: in a client's rows the consents themselves, in the bank's their copies with the client's name."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from core.database import Row, Session
from core.identity.models import audit_log
from core.support.models import consent
from core.tenancy.models import client

OBJECT = "support_consent"
LOOKED = ("support.page.view", "support.page.refuse")


async def add(session: Session, row: Mapping[str, object]) -> None:
    """A new consent, or a request for one."""
    await session.execute(insert(consent), dict(row))


async def find(session: Session, consent_id: UUID, *, lock: bool = False) -> Row | None:
    """One consent."""
    query = select(consent).where(consent.c.id == consent_id)
    return await session.one_or_none(query.with_for_update() if lock else query)


async def change(session: Session, consent_id: UUID, values: Mapping[str, object]) -> None:
    """New facts; the bank's copy is behind from now on."""
    await session.execute(update(consent).where(consent.c.id == consent_id).values(**values, version=consent.c.version + 1))


def _stands(state: str, now: dt.datetime, stale: dt.datetime) -> ColumnElement[bool]:
    """A state as people see it: whether time is up is asked of the clock."""
    granted, asked = consent.c.status == "granted", consent.c.status == "asked"
    return {
        "granted": and_(granted, consent.c.from_at <= now, consent.c.until_at > now),
        "coming": and_(granted, consent.c.from_at > now),
        "lapsed": or_(and_(granted, consent.c.until_at <= now), and_(asked, consent.c.created_at <= stale)),
        "asked": and_(asked, consent.c.created_at > stale),
    }.get(state, consent.c.status == state)


async def list_own(
    session: Session, now: dt.datetime, stale: dt.datetime, *, state: str = "", words: str = "", before: UUID | None = None, limit: int = 50
) -> Sequence[Row]:
    """A client's consents, the newest first."""
    query = select(consent).order_by(consent.c.id.desc()).limit(limit)
    if state:
        query = query.where(_stands(state, now, stale))
    if words:
        query = query.where(or_(*(column.contains(words, autoescape=True) for column in (consent.c.purpose, consent.c.user_name))))
    if before:
        query = query.where(consent.c.id < before)
    return await session.all(query)


async def count_own(session: Session, now: dt.datetime, stale: dt.datetime, state: str) -> int:
    """How many of a client's consents stand in a state."""
    return int(await session.scalar(select(func.count()).select_from(consent).where(_stands(state, now, stale))) or 0)


async def waits(session: Session, user_id: str, stale: dt.datetime) -> bool:
    """Whether a support person's request waits for the client's answer already."""
    mine = and_(consent.c.asked_by == user_id, consent.c.status == "asked", consent.c.created_at > stale)
    return bool(await session.scalar(select(func.count()).select_from(consent).where(mine)))


async def list_for_bank(
    session: Session, reach: list[UUID] | None, user_id: UUID, now: dt.datetime, stale: dt.datetime, *, state: str = "", words: str = "",
    before: UUID | None = None, limit: int = 50, client_id: UUID | None = None,
) -> Sequence[Row]:  # fmt: skip
    """The bank's copies that concern a support person, with their clients, the newest first: the desk's, and one's own."""
    query = (
        select(consent, client.c.name.label("client_name"), client.c.code.label("client_code"), client.c.status.label("client_status"))
        .join(client, client.c.id == consent.c.client_id)
        .where(or_(consent.c.user_id.is_(None), consent.c.user_id == user_id))
        .order_by(consent.c.id.desc())
        .limit(limit)
    )
    if reach is not None:
        query = query.where(client.c.branch_id.in_(reach))
    if client_id:
        query = query.where(consent.c.client_id == client_id)
    if state:
        query = query.where(_stands(state, now, stale))
    if words:
        named = (c.contains(words, autoescape=True) for c in (client.c.name, consent.c.purpose))
        query = query.where(or_(*named, client.c.code.contains(words.lower(), autoescape=True)))
    if before:
        query = query.where(consent.c.id < before)
    return await session.all(query)


async def list_looks(session: Session, consent_id: UUID, before: UUID | None, limit: int) -> Sequence[Row]:
    """What was looked at under a consent, the newest first: the entries of the audit trail themselves."""
    which = and_(audit_log.c.object_type == OBJECT, audit_log.c.object_id == str(consent_id), audit_log.c.action.in_(LOOKED))
    query = select(audit_log).where(which).order_by(audit_log.c.id.desc()).limit(limit)
    return await session.all(query.where(audit_log.c.id < before) if before else query)


async def count_looks(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many pages were looked at under each consent."""
    which = and_(audit_log.c.object_type == OBJECT, audit_log.c.object_id.in_([str(i) for i in ids]), audit_log.c.action == LOOKED[0])
    rows = await session.all(select(audit_log.c.object_id, func.count().label("n")).where(which).group_by(audit_log.c.object_id))
    return {UUID(row.object_id): row.n for row in rows}


async def seen_lately(session: Session, consent_id: UUID, actor_id: str, path: str, since: dt.datetime) -> bool:
    """Whether the same person opened the same plain address a moment ago: a page that renews itself is one look."""
    which = and_(
        audit_log.c.object_type == OBJECT, audit_log.c.object_id == str(consent_id), audit_log.c.actor_id == actor_id, audit_log.c.at > since,
        audit_log.c.action == LOOKED[0], audit_log.c.after["path"].astext == path, ~audit_log.c.after.has_key("asked"),
    )  # fmt: skip
    return bool(await session.scalar(select(func.count()).select_from(audit_log).where(which)))
