"""Bills in lists: filtered, sorted, page by page, with the sums of the whole filtered set. One statement each, whatever the number."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from core import clock
from core.billing.filters import BillFilter
from core.billing.states import OPEN
from core.database import Session

MONEY = """
    m.gross_fen, m.discount_fen, m.net_fen, m.paid_fen,
    CASE WHEN b.status = ANY(:open_states) THEN greatest(m.net_fen - m.paid_fen, 0) ELSE 0 END AS open_fen,
    CASE WHEN b.status = 'written_off' THEN m.net_fen - m.paid_fen ELSE 0 END AS given_up_fen
"""
WHOLE = "CROSS JOIN LATERAL (SELECT b.amount_fen + b.discount_fen AS gross_fen, b.discount_fen, b.amount_fen AS net_fen, b.paid_fen) m"
ONE_ITEM = """
    JOIN LATERAL (SELECT sum(l.amount_fen)::bigint AS gross_fen, sum(l.discount_fen)::bigint AS discount_fen,
                         sum(l.net_fen)::bigint AS net_fen, sum(l.paid_fen)::bigint AS paid_fen
                  FROM core.bill_line l WHERE l.bill_id = b.id AND l.chosen AND l.item_code = :item) m ON m.net_fen IS NOT NULL
"""
"""What a bill comes to: as a whole, or one fee item of it."""

_OWES = "b.status = ANY(:open_states) AND m.net_fen > m.paid_fen"
_STATES = {
    "live": "b.status <> 'void'",
    "open": _OWES,
    "overdue": f"{_OWES} AND b.due_on < :today",
    "received": "b.status <> 'void' AND m.paid_fen > 0",
    "discounted": "b.status <> 'void' AND m.discount_fen > 0",
}
_TEXT = """(p.name LIKE :like OR p.name_pinyin LIKE :like_pinyin OR p.number LIKE :begins
            OR b.number = :upper OR b.pay_code = :digits OR b.title LIKE :like)"""

_SORTS = {"issued_at": "b.issued_at", "due_on": "b.due_on", "amount_fen": "m.net_fen"}
SORT_TYPES: dict[str, type] = {"issued_at": dt.datetime, "due_on": dt.date, "amount_fen": int}


def narrowed(asked: BillFilter, org_ids: list[UUID] | None, *, with_people: bool = True) -> tuple[str, dict[str, object]]:
    """FROM and WHERE of the bills that are meant (`b`, their people `p`, their money `m`), with the parameters; a sum needs no people."""
    where, given = ["TRUE"], {"open_states": list(OPEN), "today": clock.today(), "item": asked.item}
    conditions = {
        "b.org_id = ANY(CAST(:org_ids AS uuid[]))": {"org_ids": org_ids},
        "b.party_id = :party_id": {"party_id": asked.party_id},
        "b.period = :period": {"period": asked.period or None},
        "b.source = :source": {"source": asked.source or None},
        "b.due_on >= :due_from": {"due_from": asked.due_from},
        "b.due_on <= :due_to": {"due_to": asked.due_to},
    }
    for condition, values in conditions.items():
        if any(value is not None for value in values.values()):
            where.append(condition)
            given |= values
    if asked.status:
        where.append(_STATES.get(asked.status, "b.status = :status"))
        given["status"] = asked.status
    if asked.text:
        where.append(_TEXT)
        given |= _words(asked.text)
    money = ONE_ITEM if asked.by_item else WHOLE
    people = "JOIN core.party p ON p.id = b.party_id" if asked.text or with_people else ""
    return f"FROM core.bill b {people} {money} WHERE {' AND '.join(where)}", given


def _words(typed: str) -> dict[str, object]:
    literal = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "like": f"%{literal}%",
        "like_pinyin": f"%{literal.lower()}%",
        "begins": f"{literal}%",
        "upper": typed.upper(),
        "digits": typed.replace(" ", ""),
    }


def statement(sql: str, given: Mapping[str, object]) -> tuple[TextClause, dict[str, object]]:
    """A statement with those of the parameters that it names."""
    named = set(re.findall(r"(?<!:):([a-z_]+)", sql))
    return text(sql), {name: value for name, value in given.items() if name in named}


async def list_bills(
    session: Session, asked: BillFilter, org_ids: list[UUID] | None, sort: str, after: tuple[object, UUID] | None, limit: int
) -> Sequence[Row]:
    """One page of the filtered bills; `after` is the sort value and id of the row before."""
    column, down = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    source, given = narrowed(asked, org_ids)
    if after is not None:
        source += f" AND ({column}, b.id) {'<' if down else '>'} (:after_value, CAST(:after_id AS uuid))"
        given |= {"after_value": after[0], "after_id": after[1]}
    direction = "DESC" if down else "ASC"
    sql = f"""
        SELECT b.id, b.number, b.title, b.period, b.org_id, b.due_on, b.status, b.issued_at, b.party_id, p.name AS party_name,
               p.number AS party_number, {MONEY}, {column} AS sort_value
        {source} ORDER BY {column} {direction}, b.id {direction} LIMIT :limit
    """
    return await session.all(*statement(sql, {**given, "limit": limit}))


async def sum_bills(session: Session, asked: BillFilter, org_ids: list[UUID] | None) -> Row:
    """How many bills are meant and what they come to together; void bills are counted and add nothing."""
    source, given = narrowed(asked, org_ids, with_people=False)
    sums = ", ".join(
        f"coalesce(sum({name}) FILTER (WHERE live), 0)::bigint AS {name}"
        for name in ("gross_fen", "discount_fen", "paid_fen", "open_fen", "given_up_fen")
    )
    sql = f"SELECT count(*) AS bills, {sums} FROM (SELECT b.status <> 'void' AS live, {MONEY} {source}) f"
    return await session.one(*statement(sql, given))


_MONEY_ON = text("""
    SELECT a.payment_id, a.journal_id, a.line_no, a.amount_fen, a.allocated_at, y.order_number, y.channel, y.channel_txn_id, y.scene,
           y.amount_fen AS payment_fen, y.paid_at, r.number AS receipt_number
    FROM core.allocation a JOIN core.payment y ON y.id = a.payment_id
    LEFT JOIN LATERAL (
        SELECT string_agg(r.number, ' ' ORDER BY r.seq) AS number FROM core.receipt r
        WHERE r.payment_id = a.payment_id AND r.bill_id = a.bill_id AND r.kind = 'blue' AND r.status IN ('issuing', 'issued')) r ON true
    WHERE a.bill_id = :bill_id ORDER BY a.allocated_at, a.id
""")

_LIVE_ORDERS = text("""
    SELECT DISTINCT o.number, o.amount_fen, o.created_at FROM core.payment_order_item i JOIN core.payment_order o ON o.id = i.order_id
    WHERE i.bill_id = :bill_id AND o.status IN ('created', 'pending') ORDER BY o.created_at
""")

_FAMILY = text("""
    SELECT p.id, p.name, p.number, p.org_id FROM core.party p
    WHERE p.id = :party_id OR p.family_index = (SELECT family_index FROM core.party WHERE id = :party_id)
    ORDER BY p.number
""")

# From one period to the next by the index: nobody has many, and each has many bills.
_PERIODS = text("""
    WITH RECURSIVE known AS (
        (SELECT period FROM core.bill ORDER BY period LIMIT 1)
        UNION ALL SELECT (SELECT b.period FROM core.bill b WHERE b.period > k.period ORDER BY b.period LIMIT 1) FROM known k WHERE k.period IS NOT NULL)
    SELECT k.period FROM known k WHERE k.period IS NOT NULL
    ORDER BY (SELECT b.issued_at FROM core.bill b WHERE b.period = k.period ORDER BY b.issued_at DESC LIMIT 1) DESC LIMIT 30
""")
_BY_NUMBER = text("SELECT id FROM core.bill WHERE number = :number")


async def list_money_on(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Every movement of money on a bill with its payment and receipt, oldest first."""
    return await session.all(_MONEY_ON, {"bill_id": bill_id})


async def list_live_orders(session: Session, bill_id: UUID) -> Sequence[Row]:
    """Payments under way on a bill."""
    return await session.all(_LIVE_ORDERS, {"bill_id": bill_id})


async def list_family(session: Session, party_id: UUID) -> Sequence[Row]:
    """A person and the others of the same family."""
    return await session.all(_FAMILY, {"party_id": party_id})


async def list_periods(session: Session) -> list[str]:
    """The periods that bills were issued for, the newest first."""
    return [row.period for row in await session.all(_PERIODS)]


async def find_id(session: Session, number: str) -> UUID | None:
    """The bill of a number."""
    return await session.scalar(_BY_NUMBER, {"number": number})
