"""What a branch must still do for its clients: accounts to check, merchants to activate. Rows of the bank."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, func, select
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


async def list_tasks(session: Session, reach: list[UUID] | None, kind: str = "", limit: int = 200) -> Sequence[Row]:
    """Open tasks about clients within reach, oldest first."""
    query = (
        select(branch_task, client.c.name.label("client_name"))
        .join(client, client.c.id == branch_task.c.client_id)
        .order_by(branch_task.c.created_at)
        .limit(limit)
    )
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
