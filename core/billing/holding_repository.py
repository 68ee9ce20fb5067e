"""The bills of a charge, held and read: one statement, on which a neighbour's question may ride."""

import functools
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import TextClause, text

from core.database import Read, Row, Session

# As `repository.LOCK_OPEN_LINES` holds them: the bills in a fixed order, then the lines that still want money, each at its newest.
_HELD = """
    WITH held AS MATERIALIZED (
        SELECT id, number, title, party_id, status, visible_from, amount_fen, paid_fen, allow_partial, allow_merge, instalments
        FROM core.bill WHERE id = ANY(CAST(:held_ids AS uuid[])) ORDER BY id FOR UPDATE),
    wanting AS MATERIALIZED (
        SELECT l.bill_id, l.merchant_id, m.code AS merchant_code, m.name AS merchant_name, m.status AS merchant_status, l.net_fen, l.paid_fen
        FROM held JOIN core.bill_line l ON l.bill_id = held.id JOIN core.merchant m ON m.id = l.merchant_id
        WHERE l.chosen AND l.net_fen > l.paid_fen
        ORDER BY l.bill_id, l.line_no FOR UPDATE OF l)
    SELECT (SELECT jsonb_agg(to_jsonb(b) || jsonb_build_object('lines', coalesce((
                SELECT jsonb_agg(to_jsonb(w)) FROM wanting w WHERE w.bill_id = b.id), '[]'))) FROM held b) AS bills
"""


def open_lines(bills: str, status: str) -> str:
    """Parts of a WITH: the bills that a subselect names, held in a fixed order, and `open_lines`, what their chosen lines still owe.

    The same as `repository.LOCK_OPEN_LINES`, for a statement that finds the bills itself; `status` names the parameter of open states.
    """
    return f"""
    held AS MATERIALIZED (SELECT id, status FROM core.bill WHERE id = ANY(ARRAY({bills})) ORDER BY id FOR UPDATE),
    open_lines AS MATERIALIZED (
        SELECT l.bill_id, l.line_no, l.merchant_id, m.code AS merchant_code, l.mandatory, l.net_fen - l.paid_fen AS open_fen
        FROM held JOIN core.bill_line l ON l.bill_id = held.id JOIN core.merchant m ON m.id = l.merchant_id
        WHERE held.status = ANY(CAST(:{status} AS text[])) AND l.chosen AND l.net_fen > l.paid_fen
        ORDER BY l.bill_id, l.line_no FOR UPDATE OF l)"""


@functools.lru_cache(maxsize=32)
def _statement(beside: tuple[tuple[str, str], ...]) -> TextClause:
    return text(_HELD + "".join(f", (SELECT jsonb_agg(to_jsonb(x)) FROM ({sql}) x) AS {name}" for name, sql in beside))


async def hold(session: Session, bill_ids: Sequence[UUID], beside: Sequence[Read]) -> Row:
    """One row: `bills`, and the rows of each question beside it under its name (None where there are none)."""
    values = {name: value for read in beside for name, value in read.values.items()}
    statement = _statement(tuple((read.name, read.sql) for read in beside))
    return await session.one(statement, {**values, "held_ids": list(bill_ids)})
