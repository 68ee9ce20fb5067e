"""Fee plans in the database."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import case, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.database.tables import Json
from plugins.education.plans.models import plan
from plugins.education.terms.models import term

_PLAN = select(plan, term.c.code.label("term_code")).join(term, (term.c.tenant_id == plan.c.tenant_id) & (term.c.id == plan.c.term_id))

_PROGRESS = text("""
    SELECT count(*) FILTER (WHERE status <> 'void') AS bills, count(*) FILTER (WHERE status = 'paid') AS paid,
           count(*) FILTER (WHERE paid_fen > 0) AS with_money,
           coalesce(sum(amount_fen) FILTER (WHERE status <> 'void'), 0)::bigint AS amount_fen,
           coalesce(sum(paid_fen), 0)::bigint AS paid_fen
    FROM core.bill WHERE source = :source
""")

_RECALLABLE = text("""
    SELECT count(*) FILTER (WHERE NOT holds AND NOT underway AND b.status = 'issued') AS void,
           count(*) FILTER (WHERE holds) AS with_money, count(*) FILTER (WHERE NOT holds AND underway) AS underway
    FROM (SELECT status, paid_fen > 0 AS holds,
                 EXISTS (SELECT FROM core.payment_order_item i JOIN core.payment_order o ON o.id = i.order_id
                         WHERE i.bill_id = core.bill.id AND o.status IN ('created', 'pending')) AS underway
          FROM core.bill WHERE source = :source AND status <> 'void') b
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


async def list_page(session: Session, before: UUID | None, limit: int, within: Collection[UUID] | None = None) -> Sequence[Row]:
    """Plans, newest first; `within` leaves out those for units beyond it and those for the whole school."""
    query = _PLAN.order_by(plan.c.id.desc()).limit(limit)
    if within is not None:
        units = cast([str(unit_id) for unit_id in within], Json)
        query = query.where(plan.c.org_ids.contained_by(units), func.jsonb_array_length(plan.c.org_ids) > 0)
    return await session.all(query.where(plan.c.id < before) if before else query)


async def furthest(session: Session) -> Row | None:
    """The plan that came furthest on its way: a published one before any other, the newest of its kind."""
    place = case({state: number for number, state in enumerate(("published", "closed", "approved", "standards_checked"))}, value=plan.c.status, else_=9)
    return await session.one_or_none(select(plan).order_by(place, plan.c.id.desc()).limit(1))


async def find_by_code(session: Session, code: str) -> Row | None:
    """One plan by its code."""
    return await session.one_or_none(_PLAN.where(plan.c.code == code))


async def list_over(session: Session, due_before: dt.date) -> Sequence[UUID]:
    """Published plans that were due before a day."""
    rows = await session.all(select(plan.c.id).where(plan.c.status == "published", plan.c.due_on < due_before))
    return [row.id for row in rows]


async def count_by_status(session: Session, status: str, within: Collection[UUID] | None) -> int:
    """How many plans are in a state."""
    return sum(row.status == status for row in await list_page(session, None, 500, within))


async def recallable(session: Session, source: str) -> Row:
    """What a recall would do: how many bills it would void, how many stay because money came or is on its way."""
    return await session.one(_RECALLABLE, {"source": source})


async def progress(session: Session, source: str) -> Row:
    """How many bills a plan made and what became of them."""
    return await session.one(_PROGRESS, {"source": source})


async def count(session: Session) -> int:
    """How many plans there are."""
    return int(await session.scalar(select(func.count()).select_from(plan)) or 0)
