"""Proposals and decisions."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.approvals.models import approval
from core.database import Row, Session


async def add(session: Session, row: dict[str, object]) -> bool:
    """Write a proposal; False when one of this kind already waits for the same subject."""
    return (await session.execute(insert(approval).values(row).on_conflict_do_nothing())).rowcount == 1


async def find(session: Session, approval_id: UUID) -> Row | None:
    """One proposal."""
    return await session.one_or_none(select(approval).where(approval.c.id == approval_id))


async def lock(session: Session, approval_id: UUID) -> Row | None:
    """Hold one proposal while it is decided."""
    return await session.one_or_none(select(approval).where(approval.c.id == approval_id).with_for_update())


async def decide(session: Session, approval_id: UUID, status: str, by: str, remark: str | None, now: dt.datetime) -> None:
    """Write the decision."""
    values = {"status": status, "decided_by": by, "decided_at": now, "remark": remark}
    await session.execute(update(approval).where(approval.c.id == approval_id).values(**values))


async def list_page(session: Session, status: str | None, kinds: list[str], before: UUID | None, limit: int) -> Sequence[Row]:
    """Proposals of some kinds, newest first."""
    query = select(approval).where(approval.c.kind.in_(kinds)).order_by(approval.c.id.desc()).limit(limit)
    if status:
        query = query.where(approval.c.status == status)
    if before:
        query = query.where(approval.c.id < before)
    return await session.all(query)


async def count_waiting(session: Session, kinds: list[str], not_by: str) -> int:
    """How many proposals of these kinds somebody else made and wait."""
    query = select(func.count()).select_from(approval)
    which = approval.c.kind.in_(kinds) & (approval.c.status == "waiting") & (approval.c.made_by_id != not_by)
    return int(await session.scalar(query.where(which)) or 0)
