"""Sums over bills and allocations: one statement a report, grouped by org unit and item; the tree is rolled up above."""

import datetime as dt
import uuid
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, text

from core import clock
from core.billing.filters import BillFilter
from core.billing.lists_repository import statement
from core.billing.states import IS_OPEN, OPEN
from core.database import Session

SLACK = dt.timedelta(minutes=10)
"""How far the clock in an allocation's id may lie from its `allocated_at` (two processes, two clocks)."""

_LINES = "FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id AND l.chosen"
_MONEY = """
    sum(l.amount_fen)::bigint AS gross_fen, sum(l.discount_fen)::bigint AS discount_fen, sum(l.paid_fen)::bigint AS paid_fen,
    coalesce(sum(l.net_fen - l.paid_fen) FILTER (WHERE b.status = ANY(:open_states)), 0)::bigint AS open_fen,
    coalesce(sum(l.net_fen - l.paid_fen) FILTER (WHERE b.status = 'written_off'), 0)::bigint AS given_up_fen
"""
_WHOLE = """
    sum(b.amount_fen + b.discount_fen)::bigint AS gross_fen, sum(b.discount_fen)::bigint AS discount_fen, sum(b.paid_fen)::bigint AS paid_fen,
    coalesce(sum(b.amount_fen - b.paid_fen) FILTER (WHERE b.status = ANY(:open_states)), 0)::bigint AS open_fen,
    coalesce(sum(b.amount_fen - b.paid_fen) FILTER (WHERE b.status = 'written_off'), 0)::bigint AS given_up_fen
"""


def _where(asked: BillFilter, org_ids: list[UUID] | None, *, lines: bool = True) -> tuple[str, dict[str, object]]:
    given = {
        "org_ids": org_ids,
        "period": asked.period or None,
        "source": asked.source or None,
        "due_from": asked.due_from,
        "due_to": asked.due_to,
        "party_id": asked.party_id,
        "item": (asked.item or None) if lines else None,
    }
    conditions = {
        "org_ids": "b.org_id = ANY(CAST(:org_ids AS uuid[]))",
        "period": "b.period = :period",
        "source": "b.source = :source",
        "due_from": "b.due_on >= :due_from",
        "due_to": "b.due_on <= :due_to",
        "party_id": "b.party_id = :party_id",
        "item": "l.item_code = :item",
    }
    wanted = [condition for name, condition in conditions.items() if given[name] is not None]
    return " AND ".join(["b.status <> 'void'", *wanted]), given | {"open_states": list(OPEN), "today": clock.today()}


async def sum_by_item(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Sequence[Row]:
    """What is owed, discounted, paid and open, for each fee item; a bill with two lines of one item is one bill of it."""
    where, given = _where(asked, org_ids)
    names = ("gross_fen", "discount_fen", "paid_fen", "open_fen", "given_up_fen")
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in names)
    sql = f"""
        SELECT item_code, max(item_name) AS item_name, count(*) AS bills, {sums}
        FROM (SELECT l.item_code, l.bill_id, max(l.item_name) AS item_name, {_MONEY} {_LINES} WHERE {where} GROUP BY l.item_code, l.bill_id) f
        GROUP BY item_code ORDER BY item_code
    """
    return await session.all(*statement(sql, given))


async def sum_by_unit(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Sequence[Row]:
    """What is owed, discounted, paid and open, for each unit that bills name; of one fee item where the filter names it."""
    where, given = _where(asked, org_ids)
    source, money = (_LINES, _MONEY) if asked.item else ("FROM core.bill b", _WHOLE)
    bills = "count(DISTINCT b.id)" if asked.item else "count(*)"
    return await session.all(*statement(f"SELECT b.org_id, {bills} AS bills, {money} {source} WHERE {where} GROUP BY b.org_id", given))


def first_id(at: dt.datetime) -> UUID:
    """The smallest id that a row written at an instant can have (ids are time-ordered), so that a day is read from the primary key."""
    return uuid.UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


_WINDOW = """a.kind = 'bill' AND a.allocated_at >= :start AND a.allocated_at < :until
             AND a.id >= CAST(:first AS uuid) AND a.id < CAST(:last AS uuid)"""


def _window(start: dt.datetime | None, until: dt.datetime | None) -> dict[str, object]:
    start = start or dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    until = until or clock.now() + dt.timedelta(days=1)
    return {"start": start, "until": until, "first": first_id(start - SLACK), "last": first_id(until + SLACK)}


async def sum_booked(session: Session, start: dt.datetime, until: dt.datetime, org_ids: list[UUID] | None) -> Sequence[Row]:
    """What was booked onto bills in a span of time (moved money counts where it went and is taken off where it left)."""
    sql = f"""
        SELECT b.org_id, l.item_code, max(l.item_name) AS item_name, sum(a.amount_fen)::bigint AS amount_fen
        FROM core.allocation a JOIN core.bill b ON b.id = a.bill_id
        JOIN core.bill_line l ON l.bill_id = a.bill_id AND l.line_no = a.line_no
        WHERE {_WINDOW} AND (CAST(:org_ids AS uuid[]) IS NULL OR b.org_id = ANY(CAST(:org_ids AS uuid[])))
        GROUP BY b.org_id, l.item_code HAVING sum(a.amount_fen) <> 0
    """
    return await session.all(text(sql), {**_window(start, until), "org_ids": org_ids})


_OWES = f"b.{IS_OPEN} AND b.amount_fen > b.paid_fen"


async def list_debtors(
    session: Session, asked: BillFilter, org_ids: list[UUID] | None, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Row]:
    """Who owes, by number."""
    where, given = _where(asked, org_ids, lines=False)
    late = " AND b.due_on < :today" if asked.status == "overdue" else ""
    place = "AND (p.number, p.id) > (:after_number, CAST(:after_id AS uuid))" if after else ""
    sql = f"""
        SELECT p.id AS party_id, p.number, p.name, (array_agg(b.org_id ORDER BY b.due_on))[1] AS org_id, count(*) AS bills,
               sum(b.amount_fen - b.paid_fen)::bigint AS open_fen, min(b.due_on) AS due_on
        FROM core.bill b JOIN core.party p ON p.id = b.party_id
        WHERE {where} AND {_OWES}{late} {place} GROUP BY p.id, p.number, p.name ORDER BY p.number, p.id LIMIT :limit
    """
    given |= {"after_number": after[0], "after_id": after[1]} if after else {}
    return await session.all(*statement(sql, given | {"limit": limit}))


async def sum_debts(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Row:
    """How many people owe and how much."""
    where, given = _where(asked, org_ids, lines=False)
    late = " AND b.due_on < :today" if asked.status == "overdue" else ""
    sql = f"""
        SELECT count(DISTINCT b.party_id) AS people, coalesce(sum(b.amount_fen - b.paid_fen), 0)::bigint AS open_fen
        FROM core.bill b WHERE {where} AND {_OWES}{late}
    """
    return await session.one(*statement(sql, given))


async def list_discounts(
    session: Session, asked: BillFilter, org_ids: list[UUID] | None, after: tuple[UUID, int] | None, limit: int
) -> Sequence[Row]:
    """Every discounted line, the newest bills first."""
    where, given = _where(asked, org_ids)
    place = "AND (b.id, -l.line_no) < (CAST(:after_bill AS uuid), -CAST(:after_line AS int))" if after else ""
    sql = f"""
        SELECT b.id AS bill_id, b.number AS bill_number, b.org_id, l.line_no, p.number, p.name, l.item_code, l.item_name, l.amount_fen,
               l.discount_fen, l.net_fen, l.rule
        {_LINES} JOIN core.party p ON p.id = b.party_id
        WHERE {where} AND l.discount_fen > 0 {place} ORDER BY b.id DESC, l.line_no LIMIT :limit
    """
    given |= {"after_bill": after[0], "after_line": after[1]} if after else {}
    return await session.all(*statement(sql, given | {"limit": limit}))


async def sum_discounts(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Row:
    """How many lines are discounted and by how much."""
    where, given = _where(asked, org_ids)
    sql = (
        f"SELECT count(*) AS lines, coalesce(sum(l.discount_fen), 0)::bigint AS discount_fen {_LINES} WHERE {where} AND l.discount_fen > 0"
    )
    return await session.one(*statement(sql, given))


async def list_details(
    session: Session,
    asked: BillFilter,
    org_ids: list[UUID] | None,
    span: tuple[dt.datetime | None, dt.datetime | None],
    after: tuple[UUID, int, int] | None,
    limit: int,
) -> Sequence[Row]:
    """Bill lines with the payments on them; with a span of time, only what was booked in it."""
    where, given = _where(asked, org_ids)
    spanned = span[0] is not None or span[1] is not None
    booked = f"AND b.id IN (SELECT a.bill_id FROM core.allocation a WHERE {_WINDOW}) AND m.payment_id IS NOT NULL" if spanned else ""
    if asked.status in ("received", "paid"):
        booked += " AND m.payment_id IS NOT NULL"
    elif asked.status in ("open", "overdue"):
        booked += f" AND {_OWES} AND l.net_fen > l.paid_fen" + (" AND b.due_on < :today" if asked.status == "overdue" else "")
    place = """AND b.id >= CAST(:after_bill AS uuid)
               AND (b.id, l.line_no, coalesce(m.nth, 0)) > (CAST(:after_bill AS uuid), CAST(:after_line AS int), CAST(:after_nth AS int))"""
    sql = f"""
        SELECT b.id AS bill_id, b.number AS bill_number, b.org_id, b.status, b.due_on, l.line_no, p.number, p.name, l.item_code,
               l.item_name, l.amount_fen, l.discount_fen, l.net_fen, l.paid_fen AS line_paid_fen, m.payment_id,
               coalesce(m.fen, 0)::bigint AS paid_fen, coalesce(m.nth, 0) AS nth,
               y.channel, y.paid_at, y.order_number, y.channel_txn_id, r.number AS receipt_number
        {_LINES} JOIN core.party p ON p.id = b.party_id
        LEFT JOIN LATERAL (
            SELECT a.payment_id, sum(a.amount_fen) AS fen, row_number() OVER (ORDER BY min(a.allocated_at), a.payment_id) AS nth
            FROM core.allocation a
            WHERE a.bill_id = b.id AND a.line_no = l.line_no AND a.allocated_at >= :start AND a.allocated_at < :until
            GROUP BY a.payment_id HAVING sum(a.amount_fen) <> 0) m ON true
        LEFT JOIN core.payment y ON y.id = m.payment_id
        LEFT JOIN LATERAL (
            SELECT string_agg(r.number, ' ' ORDER BY r.seq) AS number FROM core.receipt r
            WHERE r.payment_id = m.payment_id AND r.bill_id = b.id AND r.kind = 'blue' AND r.status IN ('issuing', 'issued')) r ON true
        WHERE {where} {booked} {place if after else ""} ORDER BY b.id, l.line_no, coalesce(m.nth, 0) LIMIT :limit
    """
    if after:
        given |= {"after_bill": after[0], "after_line": after[1], "after_nth": after[2]}
    return await session.all(*statement(sql, given | _window(*span) | {"limit": limit}))
