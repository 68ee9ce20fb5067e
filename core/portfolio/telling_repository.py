"""A client's day in figures: read from the client's rows, written into the bank's."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from core.portfolio.models import portfolio_day
from core.reconciliation.states import OPEN

_DUE = text("""
    SELECT plugin, sum(bills)::int AS bills, sum(cleared)::int AS cleared, sum(amount_fen)::bigint AS billed_fen,
           sum(paid_fen)::bigint AS collected_fen, sum(open_fen)::bigint AS open_fen,
           coalesce(sum(open_fen) FILTER (WHERE due_on < :today), 0)::bigint AS overdue_fen
    FROM core.collection_due GROUP BY plugin
""")
_BOOKED = text("""
    SELECT plugin, day, sum(payments)::int AS payments, sum(amount_fen)::bigint AS paid_fen FROM core.collection_day
    WHERE NOT by_unit AND day >= :first AND day <= :last GROUP BY plugin, day
""")
_PAID = text("""
    SELECT CAST(booked_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, count(*) AS payments, sum(amount_fen)::bigint AS paid_fen
    FROM core.payment WHERE booked_at >= :start AND booked_at < :until GROUP BY 1
""")
_REFUNDED = text("""
    SELECT CAST(finished_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, count(*) AS refunds, sum(amount_fen)::bigint AS refunded_fen
    FROM core.refund_item WHERE state = 'success' AND finished_at >= :start AND finished_at < :until GROUP BY 1
""")
_STANDS = text("""
    SELECT (SELECT count(DISTINCT payer_id) FROM core.payment WHERE booked_at >= :month_ago) AS active_payers,
           (SELECT count(*) FROM core.payer) AS known_payers,
           (SELECT count(*) FROM core.settlement_account WHERE status = 'active') AS accounts,
           d.differences, d.difference_fen, d.oldest_difference_on, s.delay_tenths
    FROM (SELECT count(*) AS differences, coalesce(sum(amount_fen), 0)::bigint AS difference_fen, min(bill_on) AS oldest_difference_on
          FROM core.recon_difference WHERE status = ANY(CAST(:open AS text[]))) d,
         (SELECT round(avg(CAST(finished_at AT TIME ZONE 'Asia/Shanghai' AS date) - bill_on) * 10)::int AS delay_tenths
          FROM core.settlement_batch WHERE status = 'paid' AND finished_at >= :month_ago) s
""")
_DEPOSITS = text("""
    SELECT -coalesce(sum(coalesce(s.balance_fen, 0) + coalesce(
               (SELECT sum(e.amount_fen) FROM core.ledger_entry e WHERE e.account_id = a.id AND e.xid >= coalesce(s.horizon, 0)), 0)), 0)::bigint
    FROM core.ledger_account a
    LEFT JOIN LATERAL (SELECT horizon, balance_fen FROM core.ledger_snapshot WHERE account_id = a.id ORDER BY horizon DESC LIMIT 1) s ON true
    WHERE a.code LIKE 'L.MER.%' OR a.code LIKE 'L.PREPAY.%' OR a.code LIKE 'L.EACC.%'
""")
_KNOWN = text("SELECT EXISTS (SELECT FROM core.client WHERE id = :client_id)")
_TOLD = text("SELECT EXISTS (SELECT FROM core.portfolio_day WHERE client_id = :client_id)")


async def sum_due(session: Session, today: dt.date) -> Sequence[Row]:
    """What each plugin's bills come to now."""
    return await session.all(_DUE, {"today": today})


async def sum_booked(session: Session, first: dt.date, last: dt.date) -> Sequence[Row]:
    """What was booked on each plugin's bills, by day."""
    return await session.all(_BOOKED, {"first": first, "last": last})


async def sum_paid(session: Session, start: dt.datetime, until: dt.datetime) -> Sequence[Row]:
    """Every payment of the client, by day."""
    return await session.all(_PAID, {"start": start, "until": until})


async def sum_refunded(session: Session, start: dt.datetime, until: dt.datetime) -> Sequence[Row]:
    """Every refund that reached its payer, by day."""
    return await session.all(_REFUNDED, {"start": start, "until": until})


async def find_standing(session: Session, month_ago: dt.datetime) -> dict[str, object]:
    """Payers, accounts, differences and settlement as they stand now, and what the ledger owes the client's side."""
    row = await session.one(_STANDS, {"month_ago": month_ago, "open": list(OPEN)})
    return {**row._mapping, "deposits_fen": int(await session.scalar(_DEPOSITS) or 0)}


async def is_told(session: Session, client_id: UUID) -> bool:
    """Whether the bank has rows of a client."""
    return bool(await session.scalar(_TOLD, {"client_id": client_id}))


async def write_days(session: Session, client_id: UUID, rows: Sequence[Mapping[str, object]]) -> None:
    """Bring a client's rows in the bank's books up to date; nothing for a client that does not exist. What is not told stays as it was."""
    if not rows or not await session.scalar(_KNOWN, {"client_id": client_id}):
        return
    for row in rows:
        fresh = insert(portfolio_day).values(client_id=client_id, **row)
        changed = {name: fresh.excluded[name] for name in row if name not in ("plugin", "day")}
        await session.execute(
            fresh.on_conflict_do_update(index_elements=["tenant_id", "client_id", "plugin", "day"], set_={**changed, "written_at": text("now()")})
        )
