"""A month's meal days as people look at them: within reach, names clear only for the canteen, no amount."""

from uuid import UUID

from core import clock, paging
from core.billing.units import Units
from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_name
from plugins.education.meals import repository, service
from plugins.education.meals.schemas import MealPage, MealRow
from plugins.education.roster.lists import LEVELS, words_of
from plugins.education.usage import repository as usage

NO_BILL = "none"


async def list_page(
    session: Session, by: Actor, units: Units, *, item_code: str, month: str, words: str = "", unit_id: UUID | None = None, written: str = "",
    cursor: str | None = None, limit: int = paging.PAGE,
) -> MealPage:
    """Students at school by number; `written` yes or no asks for those with or without days. Without an item the canteen's first, without a
    month this one."""
    known, first = await service.items(session), service.read_month(month or f"{clock.today():%Y-%m}")
    if not item_code and not known:
        return MealPage("", f"{first:%Y-%m}", [], None)
    item = await service.chosen(session, item_code or known[0].code)
    last = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_page(
        session, item_code=item.code, month=first, org_ids=units.scope(unit_id), search=words_of(words),
        written=written if written in ("yes", "no") else "", after=last[0] if last else "", limit=limit + 1,
    )  # fmt: skip
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.student_no))
    paid = await usage.list_states(session, [row.id for row in shown], [item.code])
    found = [
        MealRow(
            id=row.id, student_no=row.student_no, name=row.name if by.reaches(service.KEEP, row.class_id) else mask_name(row.name),
            place=units.path(row.class_id, LEVELS), days=row.days, paid=paid.get(row.id, NO_BILL), billed=row.billed,
        )
        for row in shown
    ]  # fmt: skip
    return MealPage(item.code, f"{first:%Y-%m}", found, more)
