"""Standards and discounts in the database."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.education.standards.models import GRANTED, discount, discount_grant, standard

_GRANT = """
    SELECT g.*, d.code, d.name AS discount_name, s.student_no, s.class_id, p.name AS student_name
    FROM education.discount_grant g JOIN education.discount d ON d.id = g.discount_id
    JOIN education.student s ON s.id = g.student_id JOIN core.party p ON p.id = s.id
"""
_GRANTED = text("""
    SELECT d.code, s.student_no FROM education.discount_grant g JOIN education.discount d ON d.id = g.discount_id
    JOIN education.student s ON s.id = g.student_id WHERE g.status = ANY(:states)
""")
_GRANTS = text(f"""{_GRANT} WHERE (CAST(:status AS text) IS NULL OR g.status = :status)
      AND (CAST(:reach AS uuid[]) IS NULL OR s.class_id = ANY(:reach)) AND (CAST(:before AS uuid) IS NULL OR g.id < :before)
    ORDER BY g.id DESC LIMIT :limit
""")
_GRANT_BY_ID = text(f"{_GRANT} WHERE g.id = :id")
_GRANTS_OF = text(f"{_GRANT} WHERE g.student_id = :student_id ORDER BY g.id DESC")
_COUNT_GRANTS = text("""
    SELECT count(*) FROM education.discount_grant g JOIN education.student s ON s.id = g.student_id
    WHERE g.status = :status AND (CAST(:reach AS uuid[]) IS NULL OR s.class_id = ANY(:reach))
      AND :me NOT IN (g.applied_by_id, coalesce(g.checked_by_id, ''))
""")
_MARK_APPLIED = text("""
    UPDATE education.discount_grant g SET status = 'applied_to_bill'
    FROM education.discount d, unnest(CAST(:student_ids AS uuid[]), CAST(:codes AS text[])) AS given(student_id, code)
    WHERE d.id = g.discount_id AND g.status = 'approved' AND given.student_id = g.student_id AND given.code = d.code
""")


_CHARGED = text("""
    SELECT DISTINCT b.party_id, l.item_code FROM core.bill b JOIN core.bill_line l ON l.bill_id = b.id
    WHERE b.plugin = 'education' AND b.status <> 'void' AND b.source <> :beside AND l.item_code = ANY(CAST(:codes AS text[]))
      AND (CAST(:terms AS text[]) IS NULL OR b.period = ANY(CAST(:terms AS text[])))
      AND (l.mandatory OR l.chosen) AND NOT (l.paid_fen > 0 AND l.refunded_fen = l.paid_fen)
""")


async def list_charged(session: Session, codes: Sequence[str], terms: Sequence[str] | None, beside: str) -> set[tuple[UUID, str]]:
    """Who is charged for some items by bills of other sources (of some terms; None: ever): person and item. What was only offered does not count,
    nor what was given back whole."""
    rows = await session.all(_CHARGED, {"codes": list(codes), "terms": terms, "beside": beside})
    return {(row.party_id, row.item_code) for row in rows}


async def list_standards(session: Session, *, approved_only: bool = False, retired: bool = False) -> Sequence[Row]:
    """Every standard that prices or may once it is approved; with `retired` those too that no longer do."""
    query = select(standard)
    if not retired:
        query = query.where(standard.c.status == "approved" if approved_only else standard.c.status != "retired")
    return await session.all(query.order_by(standard.c.item_code, standard.c.sheet_row, standard.c.id))


async def list_discounts(session: Session, *, approved_only: bool = False, retired: bool = False) -> Sequence[Row]:
    """Every discount that counts or may once it is approved, in the order they are told."""
    query = select(discount)
    if not retired:
        query = query.where(discount.c.status == "approved" if approved_only else discount.c.status != "retired")
    return await session.all(query.order_by(discount.c.priority, discount.c.position, discount.c.code))


async def list_granted(session: Session) -> Sequence[Row]:
    """Students to whom a discount was granted by name."""
    return await session.all(_GRANTED, {"states": list(GRANTED)})


async def find_standard(session: Session, standard_id: UUID) -> Row | None:
    """One standard."""
    return await session.one_or_none(select(standard).where(standard.c.id == standard_id))


async def lock_standard(session: Session, standard_id: UUID) -> Row | None:
    """One standard, held."""
    return await session.one_or_none(select(standard).where(standard.c.id == standard_id).with_for_update())


async def lock_discount(session: Session, discount_id: UUID) -> Row | None:
    """One discount, held."""
    return await session.one_or_none(select(discount).where(discount.c.id == discount_id).with_for_update())


async def retire_standard(session: Session, standard_id: UUID) -> None:
    """It prices no more."""
    await session.execute(update(standard).where(standard.c.id == standard_id).values(status="retired", approval_id=None))


async def retire_discount(session: Session, discount_id: UUID) -> None:
    """It is given no more."""
    await session.execute(update(discount).where(discount.c.id == discount_id).values(status="retired", approval_id=None))


async def insert_standards(session: Session, rows: list[dict[str, object]]) -> None:
    """Write new standards as drafts."""
    await session.execute(standard.insert(), rows)


async def insert_discounts(session: Session, rows: list[dict[str, object]]) -> None:
    """Write new discounts as drafts."""
    await session.execute(discount.insert(), rows)


async def change_standard(session: Session, standard_id: UUID, values: dict[str, object]) -> None:
    """Another price or span: a draft again, to be approved anew."""
    fresh = {**values, "status": "draft", "approval_id": None, "checked_by": None, "checked_at": None}
    await session.execute(update(standard).where(standard.c.id == standard_id).values(**fresh))


async def change_discount(session: Session, discount_id: UUID, values: dict[str, object]) -> None:
    """Another rule under the same code: a draft again, to be approved anew."""
    fresh = {**values, "status": "draft", "approval_id": None, "checked_by": None, "checked_at": None}
    await session.execute(update(discount).where(discount.c.id == discount_id).values(**fresh))


async def submit(session: Session, approval_id: UUID, standard_ids: list[UUID], discount_ids: list[UUID]) -> None:
    """Mark drafts as waiting under one approval."""
    for table, ids in ((standard, standard_ids), (discount, discount_ids)):
        if ids:
            await session.execute(update(table).where(table.c.id.in_(ids)).values(status="checked", approval_id=approval_id))


async def list_batches(session: Session) -> Sequence[UUID]:
    """The approvals that standards or discounts wait under."""
    found: set[UUID] = set()
    for table in (standard, discount):
        rows = await session.all(select(table.c.approval_id).where(table.c.status == "checked").distinct())
        found |= {row.approval_id for row in rows}
    return sorted(found)


async def approve(session: Session, approval_id: UUID, by: str, now: dt.datetime) -> int:
    """What waited under an approval is approved; answers how many rows."""
    count = 0
    for table in (standard, discount):
        mine = (table.c.status == "checked") & (table.c.approval_id == approval_id)
        result = await session.execute(update(table).where(mine).values(status="approved", checked_by=by, checked_at=now))
        count += result.rowcount
    return count


async def insert_grant(session: Session, row: dict[str, object]) -> bool:
    """Write a student's application for a discount; False while another of the same runs."""
    return (await session.execute(insert(discount_grant).values(row).on_conflict_do_nothing())).rowcount == 1


async def lock_grant(session: Session, grant_id: UUID) -> Row | None:
    """One application, held."""
    return await session.one_or_none(select(discount_grant).where(discount_grant.c.id == grant_id).with_for_update())


async def set_grant(session: Session, grant_id: UUID, values: dict[str, object]) -> None:
    """The application's next state."""
    await session.execute(update(discount_grant).where(discount_grant.c.id == grant_id).values(**values))


async def find_discount(session: Session, code: str) -> Row | None:
    """One discount."""
    return await session.one_or_none(select(discount).where(discount.c.code == code))


async def find_grant(session: Session, grant_id: UUID) -> Row | None:
    """One application with the student and the discount it is about."""
    return await session.one_or_none(_GRANT_BY_ID, {"id": grant_id})


async def list_grants(session: Session, status: str | None, reach: list[UUID] | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Applications within reach, the newest first."""
    return await session.all(_GRANTS, {"status": status, "reach": reach, "before": before, "limit": limit})


async def list_grants_of(session: Session, student_id: UUID) -> Sequence[Row]:
    """A student's applications, the newest first."""
    return await session.all(_GRANTS_OF, {"student_id": student_id})


async def count_grants(session: Session, status: str, reach: list[UUID] | None, me: str) -> int:
    """How many applications wait in a state for somebody who had no part in them yet."""
    return int(await session.scalar(_COUNT_GRANTS, {"status": status, "reach": reach, "me": me}) or 0)


async def mark_applied(session: Session, given: Collection[tuple[UUID, str]]) -> None:
    """The bills now carry these discounts (by code) of these students."""
    await session.execute(_MARK_APPLIED, {"student_ids": [s for s, _ in given], "codes": [code for _, code in given]})
