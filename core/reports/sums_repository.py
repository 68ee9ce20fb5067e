"""Collection is summed up in the database and read from its sums; one statement each way."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core.billing.filters import BillFilter
from core.billing.lists_repository import statement
from core.billing.states import OPEN
from core.database import Session
from core.reports.repository import SLACK, first_id

NOWHERE = UUID(int=0)
"""Stands for the unit of what has none: a key knows no NULL."""

STANDS = ("bills", "cleared", "billed_fen", "collected_fen", "open_fen", "overdue_fen")
"""What a client's bills come to, as others are told of it."""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('collection sums ' || current_setting('app.tenant_id'), 0))")
_OPEN_FEN = "CASE WHEN b.status = ANY(:open_states) THEN greatest(b.amount_fen - b.paid_fen, 0) ELSE 0 END"
_FORGET_DUE = text("DELETE FROM core.collection_due")
_WRITE_DUE = text(f"""
    INSERT INTO core.collection_due (plugin, period, org_id, due_on, bills, seen, owing, cleared, amount_fen, paid_fen, open_fen)
    SELECT b.plugin, b.period, coalesce(b.org_id, :nowhere), b.due_on, count(*), count(*) FILTER (WHERE b.paid_fen > 0 OR v.bill_id IS NOT NULL),
           count(*) FILTER (WHERE {_OPEN_FEN} > 0), count(*) FILTER (WHERE b.paid_fen >= b.amount_fen), sum(b.amount_fen), sum(b.paid_fen),
           sum({_OPEN_FEN})
    FROM core.bill b LEFT JOIN core.bill_view v ON v.bill_id = b.id WHERE b.status <> 'void' GROUP BY 1, 2, 3, 4
""")
_FORGET_DAYS = text("DELETE FROM core.collection_day WHERE day >= :day")
_WRITE_DAYS = text("""
    WITH part AS MATERIALIZED (
        SELECT a.payment_id, a.bill_id, CAST(a.allocated_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, sum(a.amount_fen) AS fen
        FROM core.allocation a WHERE a.kind = 'bill' AND a.allocated_at >= :start AND a.id >= CAST(:first AS uuid) GROUP BY 1, 2, 3),
    placed AS MATERIALIZED (
        SELECT coalesce(b.org_id, :nowhere) AS org_id, p.day, y.channel, b.plugin, b.period, p.payment_id, p.fen
        FROM part p JOIN core.bill b ON b.id = p.bill_id JOIN core.payment y ON y.id = p.payment_id)
    INSERT INTO core.collection_day (by_unit, org_id, day, channel, plugin, period, payments, amount_fen)
    SELECT true, org_id, day, channel, plugin, period, count(DISTINCT payment_id), sum(fen) FROM placed GROUP BY 2, 3, 4, 5, 6
    UNION ALL
    SELECT false, :nowhere, day, channel, plugin, period, count(DISTINCT payment_id), sum(fen) FROM placed GROUP BY 3, 4, 5, 6
""")
_WRITTEN = text("SELECT max(written_at) FROM core.collection_due")
_DAYS_WRITTEN = text("SELECT max(written_at) FROM core.collection_day")


async def write(session: Session, since: dt.datetime) -> None:
    """Sum up every bill, and what was booked from a day on (the start of a Shanghai day); one writer at a time."""
    await session.execute(_LOCK)
    await session.execute(_FORGET_DUE)
    await session.execute(_WRITE_DUE, {"nowhere": NOWHERE, "open_states": list(OPEN)})
    await session.execute(_FORGET_DAYS, {"day": (since + dt.timedelta(hours=12)).date()})
    await session.execute(_WRITE_DAYS, {"nowhere": NOWHERE, "start": since, "first": first_id(since - SLACK)})


async def last_written(session: Session, *, days: bool = False) -> dt.datetime | None:
    """When collection was last summed up: the bills, or with `days` what was booked."""
    return await session.scalar(_DAYS_WRITTEN if days else _WRITTEN)


async def has_bills(session: Session) -> bool:
    """Whether anything was billed at all."""
    return bool(await session.scalar(text("SELECT EXISTS (SELECT FROM core.bill)")))


def _narrowed(asked: BillFilter, org_ids: list[UUID] | None) -> tuple[str, dict[str, object]]:
    wanted = {"period = :period": {"period": asked.period or None}, "org_id = ANY(CAST(:org_ids AS uuid[]))": {"org_ids": org_ids}}
    kept = {condition: values for condition, values in wanted.items() if None not in values.values()}
    return " AND ".join(["true", *kept]), {name: value for values in kept.values() for name, value in values.items()}


async def sum_bills(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Sequence[Row]:
    """Bills by due day (`by_day`), and the same bills by unit."""
    where, given = _narrowed(asked, org_ids)
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in ("bills", "seen", "owing", "cleared", "amount_fen", "paid_fen", "open_fen"))
    sql = f"""
        SELECT grouping(org_id) = 1 AS by_day, due_on, org_id, {sums} FROM core.collection_due WHERE {where}
        GROUP BY GROUPING SETS ((due_on), (org_id)) ORDER BY due_on
    """
    return await session.all(*statement(sql, given))


async def sum_days(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Sequence[Row]:
    """What was booked, by day and channel; money that was moved counts where and when it went."""
    where, given = _narrowed(asked, org_ids)
    sql = f"""
        SELECT day, channel, sum(amount_fen)::bigint AS fen FROM core.collection_day
        WHERE by_unit = :by_unit AND {where} GROUP BY 1, 2 ORDER BY 1, 2
    """
    return await session.all(*statement(sql, given | {"by_unit": org_ids is not None}))
