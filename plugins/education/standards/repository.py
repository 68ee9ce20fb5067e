"""Standards and discounts in the database."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from core.database import Row, Session
from plugins.education.standards.models import discount, discount_grant, standard

async def list_standards(session: Session, approved_only: bool = False) -> Sequence[Row]:
    """Every standard that is not retired."""
    query = select(standard).where(standard.c.status == "approved" if approved_only else standard.c.status != "retired")
    return await session.all(query.order_by(standard.c.item_code, standard.c.sheet_row, standard.c.id))


async def list_discounts(session: Session, approved_only: bool = False) -> Sequence[Row]:
    """Every discount that is not retired."""
    query = select(discount).where(discount.c.status == "approved" if approved_only else discount.c.status != "retired")
    return await session.all(query.order_by(discount.c.position, discount.c.code))


async def list_granted(session: Session) -> Sequence[Row]:
    """Students to whom a discount was granted by name."""
    return await session.all(
        text("""SELECT d.code, s.student_no FROM education.discount_grant g JOIN education.discount d ON d.id = g.discount_id
                JOIN education.student s ON s.id = g.student_id WHERE g.status = 'approved'""")
    )


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


async def submit(session: Session, approval_id: UUID) -> tuple[int, int]:
    """Mark every draft as waiting under one approval; answers how many standards and discounts."""
    done = []
    for table in (standard, discount):
        waiting = table.c.status.in_(("draft", "checked"))
        result = await session.execute(update(table).where(waiting).values(status="checked", approval_id=approval_id))
        done.append(result.rowcount)
    return done[0], done[1]


async def approve(session: Session, approval_id: UUID, by: str, now: dt.datetime) -> int:
    """What waited under an approval is approved; answers how many rows."""
    count = 0
    for table in (standard, discount):
        mine = (table.c.status == "checked") & (table.c.approval_id == approval_id)
        result = await session.execute(update(table).where(mine).values(status="approved", checked_by=by, checked_at=now))
        count += result.rowcount
    return count


async def insert_grant(session: Session, row: dict[str, object]) -> None:
    """Write a student's application for a discount."""
    await session.execute(discount_grant.insert(), row)


async def lock_grant(session: Session, grant_id: UUID) -> Row | None:
    """One application, held."""
    return await session.one_or_none(select(discount_grant).where(discount_grant.c.id == grant_id).with_for_update())


async def set_grant(session: Session, grant_id: UUID, values: dict[str, object]) -> None:
    """The application's next state."""
    await session.execute(update(discount_grant).where(discount_grant.c.id == grant_id).values(**values))


async def find_discount(session: Session, code: str) -> Row | None:
    """One discount."""
    return await session.one_or_none(select(discount).where(discount.c.code == code))


async def list_grants(session: Session, status: str | None) -> Sequence[Row]:
    """Applications with the student and the discount they are about."""
    which = "WHERE g.status = :status" if status else ""
    return await session.all(
        text(f"""SELECT g.*, d.code, d.name AS discount_name, s.student_no, p.name AS student_name, s.class_id
                 FROM education.discount_grant g JOIN education.discount d ON d.id = g.discount_id
                 JOIN education.student s ON s.id = g.student_id JOIN core.party p ON p.id = s.id {which}
                 ORDER BY g.created_at DESC LIMIT 500"""),
        {"status": status} if status else {},
    )
