"""Fee plans in the database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.education.plans.models import plan
from plugins.education.terms.models import term

_PLAN = select(plan, term.c.code.label("term_code")).join(term, (term.c.tenant_id == plan.c.tenant_id) & (term.c.id == plan.c.term_id))

_PROGRESS = text("""
    SELECT count(*) FILTER (WHERE status <> 'void') AS bills, count(*) FILTER (WHERE status = 'paid') AS paid,
           count(*) FILTER (WHERE paid_fen > 0) AS with_money, coalesce(sum(amount_fen) FILTER (WHERE status <> 'void'), 0) AS amount_fen,
           coalesce(sum(paid_fen), 0) AS paid_fen
    FROM core.bill WHERE source = :source
""")


async def add(session: Session, row: dict[str, object]) -> bool:
    """Write a plan; False when its code is taken."""
    return (await session.execute(insert(plan).values(row).on_conflict_do_nothing())).rowcount == 1


async def find(session: Session, plan_id: UUID) -> Row | None:
    """One plan with its term's code."""
    return await session.one_or_none(_PLAN.where(plan.c.id == plan_id))


async def get_for_update(session: Session, plan_id: UUID) -> Row | None:
    """One plan, held."""
    return await session.one_or_none(_PLAN.where(plan.c.id == plan_id).with_for_update(of=plan))


async def change(session: Session, plan_id: UUID, values: dict[str, object]) -> None:
    """New values; every change is a new version."""
    await session.execute(update(plan).where(plan.c.id == plan_id).values(**values, version=plan.c.version + 1))


async def list_page(session: Session, before: UUID | None, limit: int) -> Sequence[Row]:
    """Plans, newest first."""
    query = _PLAN.order_by(plan.c.id.desc()).limit(limit)
    return await session.all(query.where(plan.c.id < before) if before else query)


async def progress(session: Session, source: str) -> Row:
    """How many bills a plan made and what became of them."""
    return await session.one(_PROGRESS, {"source": source})


async def count(session: Session) -> int:
    """How many plans there are."""
    return int(await session.scalar(select(func.count()).select_from(plan)) or 0)
