"""Which proposals somebody sees: by the kinds they may check, each within its reach, or because they made them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select

from core.approvals.models import approval
from core.database import Session

Checks = Sequence[tuple[list[str], list[UUID] | None]]
"""Kinds of proposals with the org ids within which they may be checked (None: everywhere)."""


def _within(checks: Checks) -> ColumnElement[bool]:
    parts = []
    for kinds, reach in checks:
        part = approval.c.kind.in_(kinds)
        parts.append(part if reach is None else and_(part, approval.c.org_id.in_(reach)))
    return or_(false(), *parts)


async def list_to_check(session: Session, checks: Checks, not_by: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """What others proposed and waits, the newest first."""
    waits = (approval.c.status == "waiting") & (approval.c.made_by_id != not_by)
    return await _newest(session, waits & _within(checks), before, limit)


async def list_decided(session: Session, checks: Checks, before: UUID | None, limit: int) -> Sequence[Row]:
    """What was decided or taken back."""
    return await _newest(session, (approval.c.status != "waiting") & _within(checks), before, limit)


async def list_made_by(session: Session, maker_id: str, before: UUID | None, limit: int) -> Sequence[Row]:
    """What one person proposed."""
    return await _newest(session, approval.c.made_by_id == maker_id, before, limit)


async def list_about(session: Session, subject_id: UUID) -> Sequence[Row]:
    """Every proposal about one thing, the newest first."""
    return await _newest(session, approval.c.subject_id == subject_id, None, 50)


async def list_waiting_about(session: Session, subject_ids: Sequence[UUID]) -> Sequence[Row]:
    """What waits about these things, the newest first; a thing waits for few answers at once."""
    waits = (approval.c.status == "waiting") & approval.c.subject_id.in_(subject_ids)
    return await session.all(select(approval).where(waits).order_by(approval.c.id.desc()))


async def count_to_check(session: Session, checks: Checks, not_by: str) -> int:
    """How many of others' proposals wait."""
    waits = (approval.c.status == "waiting") & (approval.c.made_by_id != not_by) & _within(checks)
    return int(await session.scalar(select(func.count()).select_from(approval).where(waits)) or 0)


async def oldest_to_check(session: Session, checks: Checks, not_by: str) -> Row | None:
    """The oldest of others' proposals that wait: how many they are (`n`), since when, and who made it."""
    waits = (approval.c.status == "waiting") & (approval.c.made_by_id != not_by) & _within(checks)
    query = select(func.count().over().label("n"), approval.c.created_at.label("since"), approval.c.made_by.label("who"))
    return await session.one_or_none(query.where(waits).order_by(approval.c.created_at, approval.c.id).limit(1))


async def _newest(session: Session, which: ColumnElement[bool], before: UUID | None, limit: int) -> Sequence[Row]:
    query = select(approval).where(which).order_by(approval.c.id.desc()).limit(limit)
    return await session.all(query.where(approval.c.id < before) if before else query)
