"""Meal days in the database."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from core import ids
from core.database import Row, Session

_BILLED = """
    EXISTS (SELECT FROM education.usage_line u JOIN core.bill b ON b.id = u.bill_id WHERE u.source_id = d.id AND b.status <> 'void')
"""
_PAGE = text(f"""
    SELECT st.id, st.student_no, st.class_id, p.name, d.days, d.id IS NOT NULL AND {_BILLED} AS billed
    FROM education.student st JOIN core.party p ON p.id = st.id
    LEFT JOIN education.meal_days d ON d.student_id = st.id AND d.item_code = :item_code AND d.month = :month
    WHERE (st.status IN ('在读', '休学') OR d.id IS NOT NULL) AND st.student_no > :after
      AND (CAST(:org_ids AS uuid[]) IS NULL OR st.class_id = ANY(CAST(:org_ids AS uuid[])))
      AND (:written = '' OR (:written = 'yes') = (d.id IS NOT NULL))
      AND (:search = '' OR p.name LIKE :fits OR p.name_pinyin LIKE lower(:begins) OR st.student_no LIKE :begins)
    ORDER BY st.student_no LIMIT :limit
""")
_KNOWN = text(f"""
    SELECT st.id, st.student_no, st.class_id, st.status, p.name, d.days, d.id IS NOT NULL AND {_BILLED} AS billed
    FROM education.student st JOIN core.party p ON p.id = st.id
    LEFT JOIN education.meal_days d ON d.student_id = st.id AND d.item_code = :item_code AND d.month = :month
    WHERE st.student_no = ANY(CAST(:numbers AS text[]))
""")
_WRITE = text("""
    INSERT INTO education.meal_days AS old (id, student_id, item_code, month, days, kept_by)
    SELECT u.id, u.student_id, u.item_code, u.month, u.days, :kept_by
    FROM unnest(CAST(:ids AS uuid[]), CAST(:students AS uuid[]), CAST(:codes AS text[]), CAST(:months AS date[]), CAST(:days AS int[]))
         AS u(id, student_id, item_code, month, days)
    ON CONFLICT (tenant_id, student_id, item_code, month) DO UPDATE SET days = excluded.days, kept_by = excluded.kept_by, changed_at = now()
    WHERE old.days <> excluded.days AND NOT EXISTS (
        SELECT FROM education.usage_line l JOIN core.bill b ON b.id = l.bill_id WHERE l.source_id = old.id AND b.status <> 'void')
""")
_FILL = text("""
    INSERT INTO education.meal_days (id, student_id, item_code, month, days, kept_by)
    SELECT gen_random_uuid(), st.id, :item_code, :month, :days, :kept_by
    FROM education.student st
    WHERE st.status = '在读' AND (CAST(:org_ids AS uuid[]) IS NULL OR st.class_id = ANY(CAST(:org_ids AS uuid[])))
      AND (NOT :asked_only OR EXISTS (
          SELECT FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id AND l.item_code = :item_code
          WHERE b.plugin = 'education' AND b.party_id = st.id AND b.status <> 'void' AND l.paid_fen > 0))
    ON CONFLICT (tenant_id, student_id, item_code, month) DO NOTHING
""")
_WRITTEN = text("""
    SELECT count(*) AS students, coalesce(sum(d.days), 0)::int AS days FROM education.meal_days d JOIN education.student st ON st.id = d.student_id
    WHERE d.month = :month AND (CAST(:org_ids AS uuid[]) IS NULL OR st.class_id = ANY(CAST(:org_ids AS uuid[])))
""")
_COUNT = text("""
    SELECT count(*) FROM education.student st
    WHERE st.status = '在读' AND (CAST(:org_ids AS uuid[]) IS NULL OR st.class_id = ANY(CAST(:org_ids AS uuid[])))
      AND NOT EXISTS (SELECT FROM education.meal_days d WHERE d.student_id = st.id AND d.item_code = :item_code AND d.month = :month)
""")


async def list_page(
    session: Session, *, item_code: str, month: dt.date, org_ids: list[UUID] | None, search: str, written: str, after: str, limit: int
) -> Sequence[Row]:
    """Students at school by number with the days of a month; `written` is yes, no or empty."""
    plain = search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    given = {"item_code": item_code, "month": month, "org_ids": org_ids, "search": search, "written": written, "after": after, "limit": limit}
    return await session.all(_PAGE, {**given, "fits": f"%{plain}%", "begins": f"{plain}%"})


async def known(session: Session, item_code: str, month: dt.date, numbers: Sequence[str]) -> dict[str, Row]:
    """Some students with what is written of them for a month, by number."""
    rows = await session.all(_KNOWN, {"item_code": item_code, "month": month, "numbers": list(numbers)})
    return {row.student_no: row for row in rows}


async def write(session: Session, rows: Sequence[tuple[UUID, str, dt.date, int]], kept_by: str) -> int:
    """Write days (student, item, month, days), new or changed; what is on a bill stays. Answers how many were written."""
    columns = {
        "ids": [ids.uuid7() for _ in rows], "students": [row[0] for row in rows], "codes": [row[1] for row in rows],
        "months": [row[2] for row in rows], "days": [row[3] for row in rows],
    }  # fmt: skip
    return (await session.execute(_WRITE, {**columns, "kept_by": kept_by})).rowcount


async def fill(session: Session, *, item_code: str, month: dt.date, days: int, org_ids: list[UUID] | None, asked_only: bool, kept_by: str) -> int:
    """The same days for everybody at school who has none yet; `asked_only`: only for those who paid for the item."""
    given = {"item_code": item_code, "month": month, "days": days, "org_ids": org_ids, "asked_only": asked_only, "kept_by": kept_by}
    return (await session.execute(_FILL, given)).rowcount


async def count_unwritten(session: Session, item_code: str, month: dt.date, org_ids: list[UUID] | None) -> int:
    """How many students at school have no days written for a month."""
    return int(await session.scalar(_COUNT, {"item_code": item_code, "month": month, "org_ids": org_ids}) or 0)


async def count_written(session: Session, month: dt.date, org_ids: list[UUID] | None) -> Row:
    """How many students have days written for a month, and how many days."""
    return await session.one(_WRITTEN, {"month": month, "org_ids": org_ids})
