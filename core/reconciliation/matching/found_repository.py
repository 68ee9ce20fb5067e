"""Runs, differences and their history: every statement of the engine (what people do with differences is in `differences_repository`)."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import case, exists, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.database import Row, Session
from core.reconciliation.models import difference, event, run
from core.reconciliation.states import OPEN

_CHUNK = 2_000
_UNRESOLVED = ("expected", *OPEN)

_UNKNOWN_PAYMENTS = text("""
    SELECT d.*, d.class AS klass, asked.number AS asked_number
    FROM unnest(CAST(:orders AS text[])) AS asked (number)
    JOIN core.recon_difference d ON d.kind = 'pay' AND (
        (d.class IN ('LG1', 'LG2') AND d.number = asked.number)
        OR (d.class = 'DP1' AND d.facts -> 'payments' @> jsonb_build_array(jsonb_build_object('merchant_order_no', asked.number, 'in_his', false))))
""")


async def find_run(session: Session, on: dt.date) -> Row | None:
    """The run of a day."""
    return await session.one_or_none(select(run).where(run.c.bill_on == on))


async def lock_run(session: Session, on: dt.date) -> Row | None:
    """The run of a day, held until the transaction ends."""
    return await session.one_or_none(select(run).where(run.c.bill_on == on).with_for_update())


async def add_run(session: Session, row: dict[str, object]) -> None:
    """The first run of a day; a second one that comes at the same moment is no fault."""
    await session.execute(upsert(run).values(row).on_conflict_do_nothing())


async def change_run(session: Session, run_id: UUID, **values: object) -> None:
    """Write new facts of a run."""
    await session.execute(update(run).where(run.c.id == run_id).values(version=run.c.version + 1, **values))


async def settle_statuses(session: Session) -> None:
    """Days that were compared and are not closed stand as their differences do now: a later day's files or a remedy may have changed them."""
    opened = exists().where(difference.c.bill_on == run.c.bill_on, difference.c.status.in_(OPEN))
    now = case((opened, "diff_open"), else_="balanced")
    await session.execute(update(run).where(run.c.status.in_(("balanced", "diff_open")), run.c.status != now).values(status=now, version=run.c.version + 1))


async def list_later_runs(session: Session, on: dt.date) -> list[dt.date]:
    """Days after one that were run and are not closed: what a day leaves over reaches them."""
    rows = await session.all(select(run.c.bill_on).where(run.c.bill_on > on, run.c.runs > 0, run.c.status != "closed").order_by(run.c.bill_on))
    return [row.bill_on for row in rows]


async def list_day(session: Session, on: dt.date) -> Sequence[Row]:
    """Every difference that was first seen on a day (those of the bank account apart), held until the transaction ends."""
    query = select(difference).where(difference.c.bill_on == on, difference.c.klass != "FE2")
    return await session.all(query.order_by(difference.c.code).with_for_update())


async def list_carried(session: Session, on: dt.date) -> Sequence[Row]:
    """Differences of earlier days that this day's files may settle: unresolved ones, and those that this or a later day's run settled."""
    settled_by_a_run = (difference.c.settle_on >= on) & difference.c.healed_by.is_not(None) & (difference.c.healed_by != "rerun")
    query = select(difference).where(
        difference.c.bill_on < on, difference.c.klass != "FE2", or_(difference.c.status.in_(_UNRESOLVED), settled_by_a_run)
    )
    return await session.all(query.order_by(difference.c.bill_on, difference.c.code).with_for_update())


async def list_unknown_payments(session: Session, orders: Collection[str]) -> list[tuple[Row, str]]:
    """Longs and duplicates among some orders, each with the order it is about."""
    return [(row, row.asked_number) for row in await session.all(_UNKNOWN_PAYMENTS, {"orders": list(orders)})]


async def last_code(session: Session, prefix: str) -> int:
    """The highest number that a day's differences carry so far."""
    code = await session.scalar(select(func.max(difference.c.code)).where(difference.c.code.startswith(prefix, autoescape=True)))
    return int(code[len(prefix) :]) if code else 0


async def add_differences(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write new differences."""
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(difference), list(rows[start : start + _CHUNK]))


async def change_difference(session: Session, difference_id: UUID, **values: object) -> None:
    """Write new facts of a difference."""
    await session.execute(update(difference).where(difference.c.id == difference_id).values(version=difference.c.version + 1, **values))


async def add_events(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write history; nothing of it is ever changed."""
    for start in range(0, len(rows), _CHUNK):
        await session.execute(insert(event), list(rows[start : start + _CHUNK]))


async def count_unresolved(session: Session, on: dt.date) -> dict[str, int]:
    """A day's differences by state."""
    rows = await session.all(select(difference.c.status, func.count()).where(difference.c.bill_on == on).group_by(difference.c.status))
    return {row[0]: row[1] for row in rows}


async def list_of_run(session: Session, on: dt.date) -> Sequence[Row]:
    """Everything a day's run classified: its own differences, then those of earlier days that it looked at."""
    looked_at = (difference.c.bill_on < on) & (
        difference.c.status.in_(_UNRESOLVED) | ((difference.c.settle_on >= on) & difference.c.healed_by.is_not(None) & (difference.c.healed_by != "rerun"))
    )
    own = (difference.c.bill_on == on) & difference.c.healed_by.is_distinct_from("rerun")
    query = select(difference).where(own | looked_at).order_by((difference.c.bill_on == on).desc(), difference.c.bill_on, difference.c.code)
    return await session.all(query)
