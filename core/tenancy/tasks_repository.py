"""What a branch must still do for its clients: accounts to check, merchants to activate. Rows of the bank."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Session
from core.tenancy.models import branch_task, client


async def add_task(session: Session, row: dict[str, object]) -> None:
    """Something a branch must do for a client; told twice it stays one."""
    await session.execute(upsert(branch_task).values(row).on_conflict_do_nothing())


async def end_task(session: Session, client_id: UUID, kind: str, object_id: UUID) -> None:
    """It is done."""
    which = (branch_task.c.client_id == client_id) & (branch_task.c.kind == kind) & (branch_task.c.object_id == object_id)
    await session.execute(delete(branch_task).where(which))


Place = tuple[dt.datetime, UUID, UUID, str]
"""Where a task stands in the list."""
_ORDER = (branch_task.c.created_at, branch_task.c.client_id, branch_task.c.object_id, branch_task.c.kind)


async def list_tasks(session: Session, reach: list[UUID] | None, kind: str = "", *, after: Place | None = None, limit: int = 50) -> Sequence[Row]:
    """Open tasks about clients within reach, oldest first."""
    query = (
        select(branch_task, client.c.name.label("client_name"))
        .join(client, client.c.id == branch_task.c.client_id)
        .order_by(*_ORDER)
        .limit(limit)
    )
    if after:
        query = query.where(tuple_(*_ORDER) > tuple_(*(literal(value, column.type) for value, column in zip(after, _ORDER, strict=True))))
    if reach is not None:
        query = query.where(client.c.branch_id.in_(reach))
    if kind:
        query = query.where(branch_task.c.kind == kind)
    return await session.all(query)


async def list_tasks_of(session: Session, client_id: UUID) -> Sequence[Row]:
    """Open tasks about one client."""
    return await session.all(select(branch_task).where(branch_task.c.client_id == client_id))


async def count_tasks(session: Session, reach: list[UUID] | None, kind: str, not_by: str = "") -> int:
    """How many open tasks of a kind there are about clients within reach, leaving out those that one person made."""
    query = (
        select(func.count())
        .select_from(branch_task)
        .join(client, client.c.id == branch_task.c.client_id)
        .where(branch_task.c.kind == kind, branch_task.c.made_by != not_by)
    )
    if reach is not None:
        query = query.where(client.c.branch_id.in_(reach))
    return await session.scalar(query)
