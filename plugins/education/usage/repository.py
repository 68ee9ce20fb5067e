"""Keepers of fee items, what was used and is not billed yet, who has paid an item."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select, text

from core import ids
from core.database import Row, Session
from plugins.education.pricing.rules import Measure
from plugins.education.usage.models import measure

_UPSERT = text("""
    INSERT INTO education.measure AS old (id, item_code, keeper, unit, per_units)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:keepers AS text[]), CAST(:units AS text[]), CAST(:pers AS int[]))
    ON CONFLICT (tenant_id, item_code) DO UPDATE SET keeper = excluded.keeper, unit = excluded.unit, per_units = excluded.per_units
""")
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('school use ' || current_setting('app.tenant_id'), 0))")

_BILLED = """
    SELECT u.source_id, u.student_id FROM education.usage_line u JOIN core.bill b ON b.id = u.bill_id
    WHERE b.status <> 'void' AND u.plan_id IS DISTINCT FROM CAST(:beside AS uuid)
"""
_METERS = text(f"""
    WITH billed AS ({_BILLED}),
    lived AS (
        SELECT r.id, s.student_id, sum(least(coalesce(s.until, r.read_on), r.read_on) - greatest(s.since, r.since + 1) + 1)::int AS days
        FROM education.meter_reading r JOIN education.dorm_meter m ON m.id = r.meter_id
        JOIN education.dorm_stay s ON s.room_id = m.room_id AND s.since <= r.read_on AND coalesce(s.until, r.read_on) > r.since
        WHERE r.status = 'confirmed' AND m.item_code = ANY(CAST(:codes AS text[])) AND (CAST(:until AS date) IS NULL OR r.read_on <= :until)
        GROUP BY r.id, s.student_id)
    SELECT r.id, m.item_code, m.meter_no, d.building, d.number, d.campus_id, r.since, r.read_on, r.previous, r.value,
           array_agg(st.student_no ORDER BY st.student_no) AS numbers, array_agg(l.days ORDER BY st.student_no) AS days,
           coalesce(array_agg(st.student_no) FILTER (WHERE b.source_id IS NOT NULL), '{{}}') AS billed
    FROM lived l JOIN education.student st ON st.id = l.student_id
    JOIN education.meter_reading r ON r.id = l.id JOIN education.dorm_meter m ON m.id = r.meter_id JOIN education.dorm_room d ON d.id = m.room_id
    LEFT JOIN (SELECT DISTINCT source_id, student_id FROM billed) b ON b.source_id = l.id AND b.student_id = l.student_id
    GROUP BY r.id, m.item_code, m.meter_no, d.building, d.number, d.campus_id, r.since, r.read_on, r.previous, r.value
    HAVING NOT bool_and(b.source_id IS NOT NULL)
    ORDER BY r.read_on, m.meter_no
""")
_MEALS = text(f"""
    SELECT d.id, d.item_code, s.student_no, d.month, d.days
    FROM education.meal_days d JOIN education.student s ON s.id = d.student_id
    WHERE d.item_code = ANY(CAST(:codes AS text[])) AND d.days > 0
      AND (CAST(:until AS date) IS NULL OR d.month + interval '1 month' - interval '1 day' <= :until)
      AND NOT EXISTS (SELECT FROM ({_BILLED}) b WHERE b.source_id = d.id)
    ORDER BY d.month, s.student_no
""")
_IS_USED = text("""
    SELECT EXISTS (SELECT FROM education.meal_days WHERE item_code = :code) OR EXISTS (SELECT FROM education.dorm_meter WHERE item_code = :code)
""")
_WITH_BILL = text("SELECT party_id FROM core.bill WHERE source = :source AND status <> 'void'")
_MARK = text("""
    INSERT INTO education.usage_line (id, plan_id, bill_id, student_id, item_code, source_id, quantity, amount_fen)
    SELECT u.id, :plan_id, b.id, u.student_id, u.item_code, u.source_id, u.quantity, u.fen
    FROM unnest(CAST(:ids AS uuid[]), CAST(:students AS uuid[]), CAST(:codes AS text[]), CAST(:sources AS uuid[]), CAST(:quantities AS numeric[]),
                CAST(:fen AS bigint[])) AS u(id, student_id, item_code, source_id, quantity, fen)
    JOIN core.bill b ON b.source = :source AND b.party_id = u.student_id AND b.status <> 'void'
""")
_STATES = text("""
    SELECT b.party_id,
           CASE WHEN bool_and(l.paid_fen >= l.net_fen) THEN 'paid' WHEN bool_or(l.paid_fen > 0) THEN 'partial' ELSE 'unpaid' END AS state
    FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id AND l.item_code = ANY(CAST(:codes AS text[]))
    WHERE b.plugin = 'education' AND b.party_id = ANY(CAST(:students AS uuid[])) AND b.status IN ('issued', 'partially_paid', 'paid')
      AND b.visible_from <= now() AND (l.mandatory OR l.chosen OR l.paid_fen > 0)
    GROUP BY b.party_id
""")


async def list_measures(session: Session) -> Sequence[Row]:
    """Every item that has a keeper."""
    return await session.all(select(measure))


async def upsert(session: Session, rows: Sequence[tuple[UUID, str, Measure]]) -> None:
    """Give items to keepers."""
    columns = {
        "ids": [row[0] for row in rows], "codes": [row[1] for row in rows], "keepers": [row[2].keeper for row in rows],
        "units": [row[2].unit for row in rows], "pers": [row[2].per_units for row in rows],
    }  # fmt: skip
    await session.execute(_UPSERT, columns)


async def remove(session: Session, codes: Collection[str]) -> None:
    """Nobody keeps these items any more."""
    await session.execute(delete(measure).where(measure.c.item_code.in_(codes)))


async def is_used(session: Session, item_code: str) -> bool:
    """Whether a meter counts an item or meal days are written for it."""
    return bool(await session.scalar(_IS_USED, {"code": item_code}))


async def hold(session: Session) -> None:
    """Until the end of this transaction nobody else bills what was used, or changes what it is shared by."""
    await session.execute(_HOLD)


async def list_meters(session: Session, codes: Collection[str], until: dt.date | None, beside: UUID | None) -> Sequence[Row]:
    """Confirmed readings up to a day that are not on every resident's bill (of another plan than `beside`), with who lived there how long."""
    return await session.all(_METERS, {"codes": sorted(codes), "until": until, "beside": beside})


async def list_meals(session: Session, codes: Collection[str], until: dt.date | None, beside: UUID | None) -> Sequence[Row]:
    """Months of meal days, complete by a day, that are on no bill (of another plan than `beside`)."""
    return await session.all(_MEALS, {"codes": sorted(codes), "until": until, "beside": beside})


async def list_with_bill(session: Session, source: str) -> set[UUID]:
    """Who has a bill of a plan."""
    return {row.party_id for row in await session.all(_WITH_BILL, {"source": source})}


async def mark(session: Session, plan_id: UUID, source: str, rows: Sequence[tuple[UUID, str, UUID, object, int]]) -> None:
    """Write down what was billed: (student, item, source, quantity, fen) on the student's bill of the plan."""
    columns = {
        "ids": [ids.uuid7() for _ in rows], "students": [row[0] for row in rows], "codes": [row[1] for row in rows],
        "sources": [row[2] for row in rows], "quantities": [row[3] for row in rows], "fen": [row[4] for row in rows],
    }  # fmt: skip
    await session.execute(_MARK, {"plan_id": plan_id, "source": source, **columns})


async def list_states(session: Session, student_ids: Sequence[UUID], codes: Collection[str]) -> dict[UUID, str]:
    """How far some students have paid some items: paid, partial or unpaid; nothing for who was never asked to."""
    rows = await session.all(_STATES, {"students": list(student_ids), "codes": sorted(codes)})
    return {row.party_id: row.state for row in rows}
