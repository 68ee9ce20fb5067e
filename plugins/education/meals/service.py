"""Meal days: written month by month by the canteen, changed until a bill carries them (domain book §3.3, §3.6)."""

import calendar
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock
from core.billing.units import Units
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.meals import repository
from plugins.education.meals.errors import MealsBilled, MealsWrong
from plugins.education.meals.schemas import Fill, MonthDraft
from plugins.education.pricing.rules import CANTEEN, ENROLLED, USAGE
from plugins.education.usage import measures
from plugins.education.usage import repository as usage

READ, KEEP = "education.meal.read", "education.meal.keep"


class MealItem(msgspec.Struct, frozen=True):
    """A fee item whose meal days are written down; `by_use` when they are what is charged."""

    id: UUID
    code: str
    name: str
    by_use: bool


async def items(session: Session) -> list[MealItem]:
    """The items that the canteen keeps."""
    return [MealItem(row.id, row.code, row.name, row.period == USAGE) for row, _measure in await measures.items_of(session, CANTEEN)]


async def chosen(session: Session, item_code: str) -> MealItem:
    """One of the canteen's items; MealsWrong for every other."""
    found = {item.code: item for item in await items(session)}
    if item_code not in found:
        raise MealsWrong(field="item_code", fault="not_the_canteens", why="请选择由食堂管理的收费项目；没有就先由财务在收费项目里把“管理岗位”设为食堂")
    return found[item_code]


def read_month(text: str) -> dt.date:
    """`2026-11` as its first day; no month to come."""
    try:
        month = dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        month = None
    if month is None or month.year < 2000:
        raise MealsWrong(field="month", fault="bad_month", why="月份写成 2026-11")
    if month > clock.today():
        raise MealsWrong(field="month", fault="month_in_future", why="这个月还没有开始")
    return month


def last_month() -> dt.date:
    """The first day of the last whole month."""
    return (clock.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def check_days(days: int, month: dt.date) -> None:
    """As many days as the month has, at most."""
    most = calendar.monthrange(month.year, month.month)[1]
    if not 0 <= days <= most:
        raise MealsWrong(field="days", fault="bad_days", why=f"{month:%Y-%m} 的用餐天数为 0–{most} 的整数")


def check_student(row: Row | None, by: Actor) -> None:
    """Somebody within reach who is at school, or has days already."""
    if row is None or not by.reaches(KEEP, row.class_id):
        raise MealsWrong(field="student_no", fault="unknown_student", why="没有找到这个学号的学生，或不在您的管辖范围内")
    if row.status != ENROLLED and row.days is None:
        raise MealsWrong(field="student_no", fault="not_at_school", why=f"学籍状态为“{row.status}”，不能登记用餐天数")


async def write(session: Session, draft: MonthDraft, by: Actor) -> int:
    """Write a month's days of some students, all or none; the same again changes nothing. Answers how many were new or changed."""
    by.need(KEEP)
    item, month = await chosen(session, draft.item_code), read_month(draft.month)
    if not draft.students:
        return 0
    await usage.hold(session)
    known = await repository.known(session, item.code, month, [each.student_no for each in draft.students])
    rows, told = [], []
    for each in draft.students:
        student = known.get(each.student_no)
        check_student(student, by)
        check_days(each.days, month)
        if student.days == each.days:
            continue
        if student.billed:
            raise MealsBilled(student_no=each.student_no, month=f"{month:%Y-%m}")
        rows.append((student.id, item.code, month, each.days))
        told.append(_told(student, item.code, month, each.days))
    if len({row[0] for row in rows}) != len(rows):
        raise MealsWrong(field="student_no", fault="duplicate_student", why="同一名学生写了不止一次")
    if rows:
        await repository.write(session, rows, by.name)
        await audit.record_many(session, by, "education.meals.write", "student", told)
    return len(rows)


def _told(student: Row, item_code: str, month: dt.date, days: int) -> tuple[UUID, dict[str, object] | None, dict[str, object], str]:
    before = None if student.days is None else {"days": student.days}
    return student.id, before, {"item": item_code, "month": f"{month:%Y-%m}", "days": days}, ""


async def fill(session: Session, asked: Fill, units: Units, by: Actor) -> int:
    """Give everybody of a part of the school who has no days yet the same number; where the item is paid in advance, only those who paid."""
    by.need(KEEP)
    item, month = await chosen(session, asked.item_code), read_month(asked.month)
    check_days(asked.days, month)
    org_ids: Sequence[UUID] | None = units.scope(asked.org_id)
    count = await repository.fill(
        session, item_code=item.code, month=month, days=asked.days, org_ids=org_ids, asked_only=not item.by_use, kept_by=by.name
    )
    if count:
        after = {"item": item.code, "month": f"{month:%Y-%m}", "days": asked.days, "students": count}
        await audit.record(session, by, "education.meals.fill", "fee_item", item.id, after=after)
    return count
