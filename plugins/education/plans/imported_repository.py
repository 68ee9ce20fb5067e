"""Imported bill lines in the database."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, text

from core import ids
from core.database import Row, Session
from plugins.education.plans.models import imported_line

_LINES = text("""
    SELECT l.*, st.student_no FROM education.imported_line l JOIN education.student st ON st.id = l.student_id
    WHERE l.plan_id = :plan_id ORDER BY st.student_no, l.item_code
""")
_STUDENTS = text("""
    SELECT st.id, st.student_no, st.class_id, st.status, p.name FROM education.student st JOIN core.party p ON p.id = st.id
    WHERE st.student_no = ANY(CAST(:numbers AS text[]))
""")
_PLANS = text("""
    SELECT p.*, t.code AS term_code FROM education.fee_plan p JOIN education.term t ON t.id = p.term_id WHERE p.code = ANY(CAST(:codes AS text[]))
""")
_SUMS = text("""
    SELECT count(*) AS lines, count(DISTINCT student_id) AS students, coalesce(sum(amount_fen), 0)::bigint AS amount_fen,
           coalesce(sum(discount_fen), 0)::bigint AS discount_fen
    FROM education.imported_line WHERE plan_id = :plan_id
""")
_WRITE = text("""
    INSERT INTO education.imported_line AS old (id, plan_id, student_id, item_code, amount_fen, discount_fen, reason, remark)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:plans AS uuid[]), CAST(:students AS uuid[]), CAST(:codes AS text[]), CAST(:amounts AS bigint[]),
                         CAST(:discounts AS bigint[]), CAST(:reasons AS text[]), CAST(:remarks AS text[]))
    ON CONFLICT (tenant_id, plan_id, student_id, item_code) DO UPDATE
    SET amount_fen = excluded.amount_fen, discount_fen = excluded.discount_fen, reason = excluded.reason, remark = excluded.remark
""")


async def list_lines(session: Session, plan_id: UUID) -> Sequence[Row]:
    """Every imported line of a plan, by student number and item."""
    return await session.all(_LINES, {"plan_id": plan_id})


async def sums(session: Session, plan_id: UUID) -> Row:
    """How many lines of how many students a plan holds, and what they come to."""
    return await session.one(_SUMS, {"plan_id": plan_id})


async def students(session: Session, numbers: Collection[str]) -> dict[str, Row]:
    """Students by number."""
    return {row.student_no: row for row in await session.all(_STUDENTS, {"numbers": list(numbers)})}


async def plans(session: Session, codes: Collection[str]) -> dict[str, Row]:
    """Plans by code."""
    return {row.code: row for row in await session.all(_PLANS, {"codes": list(codes)})}


async def write(session: Session, rows: Sequence[tuple[UUID, UUID, str, int, int, str, str]]) -> None:
    """Write lines (plan, student, item, amount, discount, its reason, remark); one that is there is replaced."""
    names = ("plans", "students", "codes", "amounts", "discounts", "reasons", "remarks")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    await session.execute(_WRITE, {"ids": [ids.uuid7() for _ in rows], **columns})


async def clear(session: Session, plan_id: UUID) -> int:
    """Take every line out of a plan; answers how many there were."""
    return (await session.execute(delete(imported_line).where(imported_line.c.plan_id == plan_id))).rowcount
