"""Meters and readings from files: a school's meters once, then what they show, month by month."""

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.exports import workbook
from core.identity import audit
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.education.dormitory import metering, repository, rules, service
from plugins.education.dormitory.errors import DormWrong
from plugins.education.dormitory.importing import BUILDING, CAMPUS, NUMBER, Place, campus_of, place_cell
from plugins.education.errors import MovedSince
from plugins.education.organisation import reach
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree

ITEM_CODE, METER_NO = Column("item_code", "项目编码*"), Column("meter_no", "表号*")
OPENING, OPENED_ON = Column("opening", "起始读数*"), Column("opened_on", "启用日期*")
METER_COLUMNS = (CAMPUS, BUILDING, NUMBER, ITEM_CODE, METER_NO, OPENING, OPENED_ON)
READ_ON, VALUE, REMARK = Column("read_on", "抄表日期*"), Column("value", "本期读数*"), Column("remark", "备注")
READING_COLUMNS = (METER_NO, READ_ON, VALUE, REMARK)
FIELDS = {"read_on": READ_ON, "value": VALUE}


class NewMeter(msgspec.Struct, frozen=True):
    """A good row of the file of meters."""

    place: Place
    item_code: str
    meter_no: str
    opening: Decimal
    opened_on: dt.date


class NewReading(msgspec.Struct, frozen=True):
    """A good row of the file of readings."""

    meter: Row
    since: dt.date
    previous: Decimal
    read_on: dt.date
    value: Decimal
    status: str
    remark: str


def reading_cell(cell: sheets.Cell) -> cells.Reading:
    """What a meter shows: a number, at least 0, at most two decimals."""
    try:
        return cells.Reading(metering.number(cells.text(cell, 20).value, "value"))
    except DormWrong as fault:
        raise cells.CellProblem("bad_reading", fault.message) from None


async def check_meters(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a file of meters; one whose number is in use in the same room is unchanged."""
    async with context.session() as session:
        tree = await organisation.load(session)
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, service.KEEP)
        items = await metering.metered(session)
    typed, said, rejected = await asyncio.to_thread(_meters, content, filename, tree, mine, items)
    async with context.session() as session:
        used = await repository.meters_by_number(session, [meter.meter_no for _line, meter in typed])
    kept, unchanged = [], 0
    for line, meter in typed:
        other = used.get(meter.meter_no)
        if other is None:
            kept.append(meter)
        elif (other.campus_id, other.building, other.number, other.item_code) == (*meter.place, meter.item_code):
            unchanged += 1
        else:
            line.reject(METER_NO, "meter_taken", f"表号 {meter.meter_no} 正在别处使用，请核对；换表请先停用旧表")
            rejected += 1
            said += line.verdicts
    return ImportCheck(rows=sorted(said, key=lambda v: v.row), totals=Totals(len(kept), 0, unchanged, rejected), payload=kept)


def _meters(
    content: bytes, filename: str, tree: SchoolTree, mine: Collection[UUID] | None, items: Collection[str]
) -> tuple[list[tuple[Line, NewMeter]], list[Verdict], int]:
    sheet = sheets.read(content, filename)
    table = Table(sheet, METER_COLUMNS)
    typed, said, rejected, seen = [], [], 0, set()
    for number, found in table.rows():
        if isinstance(found, Verdict):
            said.append(found)
            continue
        line = Line(number, found, table)
        campus_id = campus_of(line, tree, mine)
        building, room = line.take(BUILDING, place_cell), line.take(NUMBER, place_cell)
        item_code, meter_no = line.take(ITEM_CODE, cells.text, 32), line.take(METER_NO, place_cell)
        opening, opened_on = line.take(OPENING, reading_cell), line.take(OPENED_ON, cells.day, sheet.epoch_1904)
        if item_code is not None and item_code not in items:
            line.reject(ITEM_CODE, "not_metered", f"{item_code} 不是按用量、由宿舍管理的收费项目，请核对编码，或先由财务添加")
        if meter_no in seen:
            line.reject(METER_NO, "duplicate_meter", f"表号 {meter_no} 在文件中出现了不止一次")
        if opened_on and opened_on > clock.today():
            line.reject(OPENED_ON, "date_in_future", "启用日期在今天之后，请核对")
        said += line.verdicts
        if line.rejected:
            rejected += 1
            continue
        seen.add(meter_no)
        typed.append((line, NewMeter((campus_id, building, room), item_code, meter_no, opening, opened_on)))
    return typed, said, rejected


async def apply_meters(context: ImportContext, check: ImportCheck) -> None:
    """Put the meters in, with the rooms they name."""
    meters: list[NewMeter] = check.payload
    for start in range(0, len(meters), context.batch_rows):
        batch = meters[start : start + context.batch_rows]
        async with context.session() as session:
            places = list(dict.fromkeys(each.place for each in batch))
            await repository.add_rooms(session, [(ids.uuid7(), *place, None) for place in places])
            rooms = await repository.rooms_at(session, places)
            rows = [
                {"id": ids.uuid7(), "room_id": rooms[e.place].id, "item_code": e.item_code, "meter_no": e.meter_no, "opened_on": e.opened_on,
                 "opening": e.opening}
                for e in batch
            ]  # fmt: skip
            await repository.add_meters(session, rows)
            told = [
                (rooms[e.place].id, None, {"meter_no": e.meter_no, "item": e.item_code, "opening": f"{e.opening:f}", "opened_on": str(e.opened_on)}, "")
                for e in batch
            ]  # fmt: skip
            await audit.record_many(session, context.by, "education.meter.add", "dorm_room", told)
        await context.progress(start + len(batch), len(meters))


async def check_readings(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge a file of readings, each meter's in the order of their days; one that is there already is unchanged."""
    async with context.session() as session:
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, service.KEEP)
    typed, said, rejected = await asyncio.to_thread(_readings, content, filename)
    async with context.session() as session:
        meters = await repository.meters_by_number(session, list({each[1] for each in typed}))
    states = {meter_no: metering.state_of(meter) for meter_no, meter in meters.items()}
    kept, unchanged = [], 0
    for line, meter_no, read_on, value, remark in sorted(typed, key=lambda each: (each[1], each[2])):
        meter = meters.get(meter_no)
        if meter is None or (mine is not None and meter.campus_id not in mine):
            line.reject(METER_NO, "unknown_meter", f"没有在用的表 {meter_no}，请核对表号，或先登记这块表")
        elif (read_on, value) == (states[meter_no].last_on, states[meter_no].last):
            unchanged += 1
        else:
            before = states[meter_no]
            try:
                status = rules.judge(before, read_on, value, clock.today())
            except DormWrong as fault:
                line.reject(FIELDS[str(fault.facts["field"])], str(fault.facts["fault"]), fault.message)
            else:
                if status == rules.ABNORMAL:
                    line.remark(VALUE, "far_above_usual", "用量超过平时的三倍，导入后须核实才会计费")
                kept.append(NewReading(meter, before.last_on, before.last, read_on, value, status, remark))
                states[meter_no] = rules.after(before, read_on, value)
        rejected += line.rejected
        said += line.verdicts
    return ImportCheck(rows=sorted(said, key=lambda v: v.row), totals=Totals(len(kept), 0, unchanged, rejected), payload=kept)


def _readings(content: bytes, filename: str) -> tuple[list[tuple[Line, str, dt.date, Decimal, str]], list[Verdict], int]:
    sheet = sheets.read(content, filename)
    table = Table(sheet, READING_COLUMNS)
    typed, said, rejected, seen = [], [], 0, set()
    for number, found in table.rows():
        if isinstance(found, Verdict):
            said.append(found)
            continue
        line = Line(number, found, table)
        meter_no, read_on = line.take(METER_NO, place_cell), line.take(READ_ON, cells.day, sheet.epoch_1904)
        value, remark = line.take(VALUE, reading_cell), line.take(REMARK, cells.text, 200)
        if (meter_no, read_on) in seen:
            line.reject(READ_ON, "duplicate_reading", f"表 {meter_no} 在 {read_on} 写了不止一次")
        if line.rejected:
            rejected += 1
            said += line.verdicts
            continue
        seen.add((meter_no, read_on))
        typed.append((line, meter_no, read_on, value, remark or ""))
    return typed, said, rejected


async def apply_readings(context: ImportContext, check: ImportCheck) -> None:
    """Write the readings."""
    readings: list[NewReading] = check.payload
    for start in range(0, len(readings), context.batch_rows):
        batch = readings[start : start + context.batch_rows]
        async with context.session() as session:
            await _check_still(session, batch)
            rows = [
                repository.reading_row(ids.uuid7(), e.meter.id, e.since, e.previous, e.read_on, e.value, status=e.status, remark=e.remark,
                                       read_by=context.by.name)
                for e in batch
            ]  # fmt: skip
            await repository.add_readings(session, rows)
            told = [
                (row["id"], None, {"meter_no": e.meter.meter_no, "read_on": str(e.read_on), "previous": f"{e.previous:f}", "value": f"{e.value:f}",
                                   "status": e.status}, "")
                for row, e in zip(rows, batch, strict=True)
            ]  # fmt: skip
            await audit.record_many(session, context.by, "education.reading.add", "meter_reading", told)
        await context.progress(start + len(batch), len(readings))


async def _check_still(session: Session, batch: Sequence[NewReading]) -> None:
    """Each meter still stands where the file was judged to begin: nobody read it meanwhile."""
    await repository.lock_meters(session, list({each.meter.id for each in batch}))
    now = await repository.meters_by_number(session, list({each.meter.meter_no for each in batch}))
    seen: set[UUID] = set()
    for each in batch:
        meter = now.get(each.meter.meter_no)
        if each.meter.id not in seen and (meter is None or (meter.id, meter.last_on, meter.last) != (each.meter.id, each.since, each.previous)):
            raise MovedSince(what=each.meter.meter_no)
        seen.add(each.meter.id)


def meters_template() -> bytes:
    """The empty file of meters."""
    return workbook.write("水电表", [(column.title, "text") for column in METER_COLUMNS], [])


def readings_template() -> bytes:
    """The empty file of readings."""
    return workbook.write("抄表", [(column.title, "text") for column in READING_COLUMNS], [])
