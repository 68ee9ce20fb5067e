"""Meal days from a file: a month's days of many students, every row judged."""

import asyncio
import datetime as dt
from collections.abc import Collection
from uuid import UUID

import msgspec

from core import clock
from core.database import Row
from core.exports import workbook
from core.identity import audit
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.education.meals import repository, service
from plugins.education.meals.errors import MealsWrong
from plugins.education.organisation import reach
from plugins.education.pricing.rules import ENROLLED
from plugins.education.usage import repository as usage

ITEM_CODE, STUDENT_NO, NAME = Column("item_code", "项目编码*"), Column("student_no", "学号*"), Column("name", "姓名*")
MONTH, DAYS = Column("month", "月份*"), Column("days", "用餐天数*")
COLUMNS = (ITEM_CODE, STUDENT_NO, NAME, MONTH, DAYS)
Key = tuple[str, dt.date]


class Typed(msgspec.Struct, frozen=True):
    """A row as it was read."""

    line: Line
    item_code: str
    student_no: str
    name: str
    month: dt.date
    days: int


class Written(msgspec.Struct, frozen=True):
    """A good row that changes something."""

    student_id: UUID
    item_code: str
    month: dt.date
    days: int
    before: int | None


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge the file; changes nothing."""
    async with context.session() as session:
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, service.KEEP)
        codes = {item.code for item in await service.items(session)}
    typed, said, rejected = await asyncio.to_thread(_read, content, filename, codes)
    known: dict[Key, dict[str, Row]] = {}
    async with context.session() as session:
        for key in {(each.item_code, each.month) for each in typed}:
            numbers = [each.student_no for each in typed if (each.item_code, each.month) == key]
            known[key] = await repository.known(session, *key, numbers)
    kept, unchanged = [], 0
    for each in typed:
        student = known[each.item_code, each.month].get(each.student_no)
        if student is not None and student.days == each.days and student.name == each.name:
            unchanged += 1
        elif _fits(each, student, mine):
            kept.append(Written(student.id, each.item_code, each.month, each.days, student.days))
        rejected += each.line.rejected
        said += each.line.verdicts
    changed = sum(each.before is not None for each in kept)
    totals = Totals(len(kept) - changed, changed, unchanged, rejected)
    return ImportCheck(rows=sorted(said, key=lambda verdict: verdict.row), totals=totals, payload=kept)


def _read(content: bytes, filename: str, codes: Collection[str]) -> tuple[list[Typed], list[Verdict], int]:
    table = Table(sheets.read(content, filename), COLUMNS)
    typed, said, rejected, seen = [], [], 0, set()
    for number, found in table.rows():
        if isinstance(found, Verdict):
            said.append(found)
            continue
        line = Line(number, found, table)
        item_code, student_no = line.take(ITEM_CODE, cells.text, 32), line.take(STUDENT_NO, cells.text, 40)
        name, month = line.take(NAME, cells.text, 50), line.take(MONTH, month_cell)
        days = line.take(DAYS, cells.whole_number, 0, 31)
        if item_code is not None and item_code not in codes:
            line.reject(ITEM_CODE, "not_the_canteens", f"{item_code} 不是由食堂管理的收费项目，请核对编码，或先由财务设置")
        if month is not None and days is not None:
            _days(line, days, month)
        if (item_code, student_no, month) in seen:
            line.reject(STUDENT_NO, "duplicate_student", f"学号 {student_no} 同一个月写了不止一次")
        if line.rejected:
            rejected += 1
            said += line.verdicts
            continue
        seen.add((item_code, student_no, month))
        typed.append(Typed(line, item_code, student_no, name, month, days))
    return typed, said, rejected


def _days(line: Line, days: int, month: dt.date) -> None:
    try:
        service.check_days(days, month)
    except MealsWrong as fault:
        line.reject(DAYS, "bad_days", fault.message)


def month_cell(cell: sheets.Cell) -> cells.Reading:
    """`2026-11`, `2026年11月`, 202611, or any day of the month."""
    if isinstance(cell, str | int) and not isinstance(cell, bool):
        word = str(cell).strip().replace("年", "-").removesuffix("月").replace("/", "-")
        plain = f"{word[:4]}-{word[4:]}" if word.isdigit() and len(word) == 6 else word
        if plain.count("-") == 1:
            try:
                return cells.Reading(service.read_month(plain))
            except MealsWrong as fault:
                raise cells.CellProblem(str(fault.facts["fault"]), fault.message) from None
    first = cells.day(cell).value.replace(day=1)
    if first > clock.today():
        raise cells.CellProblem("month_in_future", "这个月还没有开始")
    return cells.Reading(first)


def _fits(each: Typed, student: Row | None, mine: Collection[UUID] | None) -> bool:
    line = each.line
    if student is None or (mine is not None and student.class_id not in mine):
        line.reject(STUDENT_NO, "unknown_student", "没有找到这个学号的学生，或不在您的管辖范围内")
    elif student.name != each.name:
        line.reject(NAME, "name_differs", "姓名与学号不一致，请核对")
    elif student.status != ENROLLED and student.days is None:
        line.reject(STUDENT_NO, "not_at_school", f"学籍状态为“{student.status}”，不能登记用餐天数")
    elif student.billed:
        line.reject(DAYS, "already_billed", "这个月的用餐天数已经出账，不能修改")
    return not line.rejected


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, at most a thousand a transaction; what a bill carries by now stays."""
    rows: list[Written] = check.payload
    for start in range(0, len(rows), context.batch_rows):
        batch = rows[start : start + context.batch_rows]
        async with context.session() as session:
            await usage.hold(session)
            await repository.write(session, [(e.student_id, e.item_code, e.month, e.days) for e in batch], context.by.name)
            told = [
                (e.student_id, None if e.before is None else {"days": e.before}, {"item": e.item_code, "month": f"{e.month:%Y-%m}", "days": e.days}, "")
                for e in batch
            ]  # fmt: skip
            await audit.record_many(session, context.by, "education.meals.write", "student", told)
        await context.progress(start + len(batch), len(rows))


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("用餐天数", [(column.title, "text") for column in COLUMNS], [])
