"""Meters and their readings: put in, read, looked at again, taken back, taken out. What is on a bill stays as it is."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.dormitory import repository, rules, service
from plugins.education.dormitory.errors import DormWrong, MeterNotFound, MeterTaken, ReadingNotFound, ReadingStays
from plugins.education.dormitory.models import READING
from plugins.education.dormitory.rules import MeterState
from plugins.education.dormitory.schemas import Made, MeterDraft
from plugins.education.pricing.rules import DORM, USAGE
from plugins.education.usage import measures
from plugins.education.usage import repository as usage

KEEP = service.KEEP
_READING = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def number(text: str, field: str) -> Decimal:
    """A reading as somebody typed it: plain digits, at most two decimals."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    if not _READING.fullmatch(plain) or Decimal(plain) > rules.MOST:
        raise DormWrong(field=field, fault="bad_reading", why="读数应为不小于 0 的数字，最多两位小数，例如 1204.5")
    return Decimal(plain)


async def metered(session: Session) -> dict[str, tuple[str, str]]:
    """The fee items that meters may count: name and unit by code."""
    return {row.code: (row.name, measure.unit) for row, measure in await measures.items_of(session, DORM) if row.period == USAGE}


async def add(session: Session, room_id: UUID, draft: MeterDraft, by: Actor) -> UUID:
    """A meter is put into a room."""
    room = await service.find(session, room_id, by, KEEP)
    if draft.item_code not in await metered(session):
        raise DormWrong(field="item_code", fault="not_metered", why="请选择按用量、由宿舍管理的收费项目；没有就先由财务在收费项目里添加")
    if draft.opened_on > clock.today():
        raise DormWrong(field="opened_on", fault="date_in_future", why="启用日期在今天之后，请核对")
    meter_no = service.place_word(draft.meter_no, "meter_no")
    row = {"id": ids.uuid7(), "room_id": room.id, "item_code": draft.item_code, "meter_no": meter_no, "opened_on": draft.opened_on}
    if not await repository.add_meters(session, [row | {"opening": number(draft.opening, "opening")}]):
        raise MeterTaken(meter_no=meter_no)
    after = {"meter_no": meter_no, "item": draft.item_code, "opening": draft.opening, "opened_on": str(draft.opened_on)}
    await audit.record(session, by, "education.meter.add", "dorm_room", room.id, after=after)
    return row["id"]


async def read(session: Session, meter_id: UUID, read_on: dt.date, typed: str, remark: str, by: Actor) -> Made:
    """What a meter shows at the end of a day; one far above the usual waits as `abnormal` until somebody confirms it."""
    meter = await _held(session, meter_id, by)
    value = number(typed, "value")
    status = rules.judge(state_of(meter), read_on, value, clock.today())
    reading_id = ids.uuid7()
    row = repository.reading_row(reading_id, meter.id, meter.last_on, meter.last, read_on, value, status=status, remark=remark.strip(), read_by=by.name)
    await repository.add_readings(session, [row])
    after = {"meter_no": meter.meter_no, "read_on": str(read_on), "previous": f"{meter.last:f}", "value": f"{value:f}", "status": status}
    await audit.record(session, by, "education.reading.add", "meter_reading", reading_id, after=after)
    return Made(reading_id, status)


def state_of(meter: Row) -> MeterState:
    """Where a meter stands."""
    return MeterState(meter.last_on, meter.last, meter.daily)


async def confirm(session: Session, reading_id: UUID, reason: str, by: Actor) -> Row:
    """Somebody looked at the meter again: the reading is right, and why the use is so high."""
    return await _decide(session, reading_id, "confirmed", reason, by)


async def withdraw(session: Session, reading_id: UUID, reason: str, by: Actor) -> Row:
    """The reading was wrong. Only a meter's last one, and none that is on a bill."""
    return await _decide(session, reading_id, "withdrawn", reason, by)


async def _decide(session: Session, reading_id: UUID, status: str, reason: str, by: Actor) -> Row:
    seen = await repository.find_reading(session, reading_id)
    if seen is None or not by.reaches(KEEP, seen.campus_id):
        raise ReadingNotFound()
    if not reason.strip():
        raise DormWrong(field="reason", fault="missing_required", why="请写明原因，操作记录里会留下")
    await usage.hold(session)
    seen = await repository.find_reading(session, reading_id)
    await repository.lock_meter(session, seen.meter_id)
    held = await repository.lock_reading(session, reading_id)
    READING.check(held.status, status)
    if status == "withdrawn":
        if seen.billing in ("partial", "billed"):
            raise ReadingStays(why="这条读数已经出账，不能撤回；请作废账单后再撤回，或在下次抄表时更正")
        if await repository.has_later(session, held.meter_id, held.read_on):
            raise ReadingStays(why="这块表之后又抄过，请先撤回后面的读数")
    await repository.set_reading(session, reading_id, status, reason.strip())
    await audit.record(
        session, by, "education.reading.confirm" if status == "confirmed" else "education.reading.withdraw", "meter_reading", reading_id,
        before={"status": held.status}, after={"status": status, "value": f"{held.value:f}"}, reason=reason,
    )  # fmt: skip
    return seen


async def take_out(session: Session, meter_id: UUID, closed_on: dt.date, typed: str, by: Actor) -> Row:
    """A meter is taken out with a last reading; a new one may be put in under the same number. A number that ran over begins anew this way."""
    meter = await _held(session, meter_id, by)
    value = number(typed, "value")
    if closed_on < meter.last_on or (closed_on == meter.last_on and value != meter.last):
        raise DormWrong(field="closed_on", fault="not_after_last", why=f"上次抄表是 {meter.last_on}（{meter.last:f}），停用日期须在其后")
    if closed_on > meter.last_on:
        await read(session, meter_id, closed_on, typed, "停用", by)
    await repository.close_meter(session, meter_id, closed_on)
    after = {"meter_no": meter.meter_no, "closed_on": str(closed_on), "value": f"{value:f}"}
    await audit.record(session, by, "education.meter.close", "dorm_room", meter.room_id, after=after)
    return meter


async def _held(session: Session, meter_id: UUID, by: Actor) -> Row:
    if await repository.lock_meter(session, meter_id) is None:
        raise MeterNotFound()
    meter = await repository.find_meter(session, meter_id)
    if not by.reaches(KEEP, meter.campus_id):
        raise MeterNotFound()
    if meter.closed_on is not None:
        raise DormWrong(field="value", fault="meter_closed", why=f"这块表已于 {meter.closed_on} 停用")
    return meter
