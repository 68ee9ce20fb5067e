"""Rooms, stays, meters and readings in the database."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Row, Session
from plugins.education.dormitory.models import dorm_meter, dorm_room, dorm_stay, meter_reading

_ROOMS = text("""
    WITH page AS (
        SELECT * FROM education.dorm_room
        WHERE (CAST(:campuses AS uuid[]) IS NULL OR campus_id = ANY(CAST(:campuses AS uuid[])))
          AND (:search = '' OR building || ' ' || number ILIKE :fits)
          AND (CAST(:after_id AS uuid) IS NULL OR (building, number, id) > (:after_building, :after_number, CAST(:after_id AS uuid)))
          AND (NOT :abnormal OR EXISTS (SELECT FROM education.dorm_meter m JOIN education.meter_reading r ON r.meter_id = m.id
                                        WHERE m.room_id = dorm_room.id AND r.status = 'abnormal'))
        ORDER BY building, number, id LIMIT :limit)
    SELECT d.*, (SELECT count(*) FROM education.dorm_stay s WHERE s.room_id = d.id AND s.since <= :today AND coalesce(s.until, :today) >= :today) AS residents,
           m.meters, m.last_read_on, m.abnormal
    FROM page d CROSS JOIN LATERAL (
        SELECT count(DISTINCT m.id) FILTER (WHERE m.closed_on IS NULL) AS meters, max(r.read_on) AS last_read_on,
               count(*) FILTER (WHERE r.status = 'abnormal') AS abnormal
        FROM education.dorm_meter m LEFT JOIN education.meter_reading r ON r.meter_id = m.id AND r.status <> 'withdrawn' WHERE m.room_id = d.id) m
    ORDER BY d.building, d.number, d.id
""")
_STAYS = text("""
    SELECT s.*, st.student_no, st.class_id, p.name FROM education.dorm_stay s
    JOIN education.student st ON st.id = s.student_id JOIN core.party p ON p.id = st.id
    WHERE s.room_id = :room_id ORDER BY s.until IS NOT NULL, s.until DESC, st.student_no LIMIT :limit
""")
_METER = """
    SELECT m.*, d.campus_id, d.building, d.number, coalesce(r.read_on, m.opened_on) AS last_on, coalesce(r.value, m.opening) AS last, h.daily
    FROM education.dorm_meter m JOIN education.dorm_room d ON d.id = m.room_id
    LEFT JOIN LATERAL (SELECT read_on, value FROM education.meter_reading WHERE meter_id = m.id AND status <> 'withdrawn'
                       ORDER BY read_on DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT avg(rate) AS daily FROM (
        SELECT (value - previous) / (read_on - since) AS rate FROM education.meter_reading WHERE meter_id = m.id AND status = 'confirmed'
        ORDER BY read_on DESC LIMIT 3) last_three) h ON true
"""
_METER_BY_ID = text(_METER + " WHERE m.id = :id")
_METERS_BY_NO = text(_METER + " WHERE m.meter_no = ANY(CAST(:numbers AS text[])) AND m.closed_on IS NULL")
_METERS_OF = text("SELECT * FROM education.dorm_meter WHERE room_id = :room_id ORDER BY closed_on IS NOT NULL, item_code, meter_no")
_READING = """
    SELECT r.*, m.meter_no, m.room_id, m.item_code, d.campus_id, d.building, d.number,
           CASE WHEN b.people > 0 AND b.people >= s.people THEN 'billed' WHEN b.people > 0 THEN 'partial' WHEN r.status <> 'confirmed' THEN 'none'
                WHEN r.value = r.previous THEN 'unused' WHEN s.people = 0 THEN 'nobody' ELSE 'waiting' END AS billing
    FROM education.meter_reading r JOIN education.dorm_meter m ON m.id = r.meter_id JOIN education.dorm_room d ON d.id = m.room_id
    CROSS JOIN LATERAL (SELECT count(DISTINCT u.student_id) AS people FROM education.usage_line u JOIN core.bill b ON b.id = u.bill_id
                        WHERE u.source_id = r.id AND b.status <> 'void') b
    CROSS JOIN LATERAL (SELECT count(DISTINCT s.student_id) AS people FROM education.dorm_stay s
                        WHERE s.room_id = m.room_id AND s.since <= r.read_on AND coalesce(s.until, r.read_on) > r.since) s
"""
_READINGS = text(f"""
    SELECT * FROM ({_READING}) r WHERE (CAST(:campuses AS uuid[]) IS NULL OR campus_id = ANY(CAST(:campuses AS uuid[])))
      AND (:status = '' OR status = :status) AND (:billing = '' OR billing = :billing)
      AND (:search = '' OR meter_no = :search OR building || ' ' || number ILIKE :fits)
      AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
    ORDER BY id DESC LIMIT :limit
""")
_READINGS_OF = text(f"""
    SELECT * FROM ({_READING} WHERE m.room_id = :room_id) r
    WHERE (SELECT count(*) FROM education.meter_reading x WHERE x.meter_id = r.meter_id AND x.read_on > r.read_on) < :each
    ORDER BY read_on DESC, created_at DESC
""")
_READING_BY_ID = text(f"{_READING} WHERE r.id = :id")
_ABNORMAL = text("""
    SELECT count(*) FROM education.meter_reading r JOIN education.dorm_meter m ON m.id = r.meter_id JOIN education.dorm_room d ON d.id = m.room_id
    WHERE r.status = 'abnormal' AND d.campus_id = ANY(CAST(:campuses AS uuid[]))
""")
_LIVING = text("""
    SELECT count(*) AS people, count(DISTINCT s.room_id) AS rooms FROM education.dorm_stay s JOIN education.dorm_room d ON d.id = s.room_id
    WHERE d.campus_id = ANY(CAST(:campuses AS uuid[])) AND s.since <= :today AND coalesce(s.until, :today) >= :today
""")
_LATER = text("""
    SELECT EXISTS (SELECT FROM education.meter_reading WHERE meter_id = :meter_id AND read_on > :read_on AND status <> 'withdrawn')
""")
_BILLED_UNTIL = text("""
    SELECT m.room_id, max(r.read_on) AS until FROM education.meter_reading r JOIN education.dorm_meter m ON m.id = r.meter_id
    WHERE m.room_id = ANY(CAST(:rooms AS uuid[])) AND EXISTS (
        SELECT FROM education.usage_line u JOIN core.bill b ON b.id = u.bill_id WHERE u.source_id = r.id AND b.status <> 'void')
    GROUP BY m.room_id
""")
_RESIDENTS = text("""
    SELECT st.id, st.student_no, st.class_id, st.status, p.name, s.room_id, s.since, d.building, d.number
    FROM education.student st JOIN core.party p ON p.id = st.id
    LEFT JOIN education.dorm_stay s ON s.student_id = st.id AND s.until IS NULL LEFT JOIN education.dorm_room d ON d.id = s.room_id
    WHERE (st.boarding = '寄宿' AND st.status IN ('预录', '在读', '休学') OR s.id IS NOT NULL) AND st.student_no > :after
      AND (CAST(:org_ids AS uuid[]) IS NULL OR st.class_id = ANY(CAST(:org_ids AS uuid[])))
      AND (:placed = '' OR (:placed = 'no') = (s.id IS NULL))
      AND (:search = '' OR p.name LIKE :fits OR p.name_pinyin LIKE lower(:begins) OR st.student_no LIKE :begins)
    ORDER BY st.student_no LIMIT :limit
""")
_STUDENTS = text("""
    SELECT st.id, st.student_no, st.class_id, st.boarding, st.status, p.name FROM education.student st JOIN core.party p ON p.id = st.id
    WHERE st.student_no = ANY(CAST(:numbers AS text[]))
""")
_STAYS_OF = text("""
    SELECT s.*, d.campus_id, d.building, d.number FROM education.dorm_stay s JOIN education.dorm_room d ON d.id = s.room_id
    WHERE s.student_id = ANY(CAST(:students AS uuid[])) ORDER BY s.since
""")
_ROOMS_AT = text("""
    SELECT d.* FROM education.dorm_room d
    JOIN unnest(CAST(:campuses AS uuid[]), CAST(:buildings AS text[]), CAST(:numbers AS text[])) AS w(campus_id, building, number)
      ON (d.campus_id, d.building, d.number) = (w.campus_id, w.building, w.number)
""")
_ADD_ROOMS = text("""
    INSERT INTO education.dorm_room AS old (id, campus_id, building, number, beds)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:campuses AS uuid[]), CAST(:buildings AS text[]), CAST(:numbers AS text[]), CAST(:beds AS int[]))
    ON CONFLICT (tenant_id, campus_id, building, number) DO UPDATE SET beds = coalesce(excluded.beds, old.beds)
""")
_OCCUPANTS = text("""
    SELECT room_id, count(*) AS people FROM education.dorm_stay
    WHERE room_id = ANY(CAST(:rooms AS uuid[])) AND since <= :day AND coalesce(until, :day) >= :day GROUP BY room_id
""")
_END = text("""
    UPDATE education.dorm_stay s SET until = w.until FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[])) AS w(id, until) WHERE s.id = w.id
""")


def _fits(search: str) -> str:
    return f"%{_escaped(search)}%"


def _escaped(search: str) -> str:
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


async def list_rooms(
    session: Session, *, campuses: Sequence[UUID] | None, search: str, abnormal: bool, after: tuple[str, str, UUID] | None, today: dt.date, limit: int
) -> Sequence[Row]:
    """Rooms by building and number, with their people, meters and readings counted."""
    building, number, last = after or ("", "", None)
    given = {"campuses": campuses, "search": search, "fits": _fits(search), "abnormal": abnormal, "today": today, "limit": limit}
    return await session.all(_ROOMS, {**given, "after_building": building, "after_number": number, "after_id": last})


async def find_room(session: Session, room_id: UUID) -> Row | None:
    """One room."""
    return await session.one_or_none(select(dorm_room).where(dorm_room.c.id == room_id))


async def lock_room(session: Session, room_id: UUID) -> Row | None:
    """One room, held."""
    return await session.one_or_none(select(dorm_room).where(dorm_room.c.id == room_id).with_for_update())


async def add_room(session: Session, row: dict[str, object]) -> bool:
    """Write a room; False when the place is taken."""
    return (await session.execute(insert(dorm_room).values(row).on_conflict_do_nothing())).rowcount == 1


async def add_rooms(session: Session, rows: Sequence[tuple[UUID, UUID, str, str, int | None]]) -> None:
    """Write rooms (id, campus, building, number, beds); those that are there get their beds."""
    columns = dict(zip(("ids", "campuses", "buildings", "numbers", "beds"), map(list, zip(*rows, strict=True)), strict=True))
    await session.execute(_ADD_ROOMS, columns)


async def rooms_at(session: Session, places: Sequence[tuple[UUID, str, str]]) -> dict[tuple[UUID, str, str], Row]:
    """The rooms at some places (campus, building, number)."""
    columns = {"campuses": [p[0] for p in places], "buildings": [p[1] for p in places], "numbers": [p[2] for p in places]}
    return {(row.campus_id, row.building, row.number): row for row in await session.all(_ROOMS_AT, columns)}


async def list_stays(session: Session, room_id: UUID, limit: int) -> Sequence[Row]:
    """Who lives in a room, then who did."""
    return await session.all(_STAYS, {"room_id": room_id, "limit": limit})


async def find_stay(session: Session, stay_id: UUID) -> Row | None:
    """One stay, held."""
    return await session.one_or_none(select(dorm_stay).where(dorm_stay.c.id == stay_id).with_for_update())


async def stays_of(session: Session, student_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Every stay of some students, the oldest first."""
    found: dict[UUID, list[Row]] = {}
    for row in await session.all(_STAYS_OF, {"students": list(student_ids)}):
        found.setdefault(row.student_id, []).append(row)
    return found


async def students(session: Session, numbers: Sequence[str]) -> dict[str, Row]:
    """Students by number."""
    return {row.student_no: row for row in await session.all(_STUDENTS, {"numbers": list(numbers)})}


async def occupants(session: Session, room_ids: Sequence[UUID], day: dt.date) -> dict[UUID, int]:
    """How many people live in some rooms on a day."""
    return {row.room_id: row.people for row in await session.all(_OCCUPANTS, {"rooms": list(room_ids), "day": day})}


async def billed_until(session: Session, room_ids: Sequence[UUID]) -> dict[UUID, dt.date]:
    """Up to which day some rooms' use is on bills: who lived there until then cannot change any more."""
    return {row.room_id: row.until for row in await session.all(_BILLED_UNTIL, {"rooms": list(room_ids)})}


async def add_stays(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write stays."""
    await session.execute(insert(dorm_stay), list(rows))


async def end_stays(session: Session, ends: Sequence[tuple[UUID, dt.date]]) -> None:
    """The last day of some stays."""
    await session.execute(_END, {"ids": [each[0] for each in ends], "days": [each[1] for each in ends]})


async def list_residents(
    session: Session, *, org_ids: list[UUID] | None, search: str, placed: str, after: str, limit: int
) -> Sequence[Row]:
    """Boarding students and whoever lives in a room, by number; `placed` is yes, no or empty."""
    given = {"org_ids": org_ids, "search": search, "placed": placed, "after": after, "limit": limit}
    return await session.all(_RESIDENTS, {**given, "fits": _fits(search), "begins": f"{_escaped(search)}%"})


async def list_meters(session: Session, room_id: UUID) -> Sequence[Row]:
    """A room's meters, those in use first."""
    return await session.all(_METERS_OF, {"room_id": room_id})


async def find_meter(session: Session, meter_id: UUID) -> Row | None:
    """One meter with where it stands."""
    return await session.one_or_none(_METER_BY_ID, {"id": meter_id})


async def lock_meters(session: Session, meter_ids: Sequence[UUID]) -> None:
    """Some meters, held in a fixed order."""
    await session.execute(select(dorm_meter.c.id).where(dorm_meter.c.id.in_(meter_ids)).order_by(dorm_meter.c.id).with_for_update())


async def lock_meter(session: Session, meter_id: UUID) -> Row | None:
    """One meter, held."""
    return await session.one_or_none(select(dorm_meter).where(dorm_meter.c.id == meter_id).with_for_update())


async def meters_by_number(session: Session, numbers: Sequence[str]) -> dict[str, Row]:
    """The meters in use under some numbers, with where they stand."""
    return {row.meter_no: row for row in await session.all(_METERS_BY_NO, {"numbers": list(numbers)})}


async def add_meters(session: Session, rows: Sequence[dict[str, object]]) -> int:
    """Write meters; those whose number is in use are left out. Answers how many were written."""
    return (await session.execute(insert(dorm_meter).values(list(rows)).on_conflict_do_nothing())).rowcount


async def close_meter(session: Session, meter_id: UUID, closed_on: dt.date) -> None:
    """The meter is taken out."""
    await session.execute(update(dorm_meter).where(dorm_meter.c.id == meter_id).values(closed_on=closed_on))


async def add_readings(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """Write readings."""
    await session.execute(insert(meter_reading), list(rows))


async def list_readings(
    session: Session, *, campuses: Sequence[UUID] | None, status: str, billing: str, search: str, before: UUID | None, limit: int
) -> Sequence[Row]:
    """Readings, the newest first; `search` is a meter's number or part of a room's name."""
    given = {"campuses": campuses, "status": status, "billing": billing, "search": search, "fits": _fits(search), "before": before, "limit": limit}
    return await session.all(_READINGS, given)


async def readings_of(session: Session, room_id: UUID, each: int) -> Sequence[Row]:
    """The last readings of each meter of a room."""
    return await session.all(_READINGS_OF, {"room_id": room_id, "each": each})


async def find_reading(session: Session, reading_id: UUID) -> Row | None:
    """One reading."""
    return await session.one_or_none(_READING_BY_ID, {"id": reading_id})


async def lock_reading(session: Session, reading_id: UUID) -> Row | None:
    """One reading, held."""
    return await session.one_or_none(select(meter_reading).where(meter_reading.c.id == reading_id).with_for_update())


async def has_later(session: Session, meter_id: UUID, read_on: dt.date) -> bool:
    """Whether a meter was read again after a day."""
    return bool(await session.scalar(_LATER, {"meter_id": meter_id, "read_on": read_on}))


async def set_reading(session: Session, reading_id: UUID, status: str, remark: str) -> None:
    """The reading's next state, and what was said of it."""
    await session.execute(update(meter_reading).where(meter_reading.c.id == reading_id).values(status=status, remark=remark))


async def count_abnormal(session: Session, campuses: Sequence[UUID]) -> int:
    """How many readings wait for somebody."""
    return int(await session.scalar(_ABNORMAL, {"campuses": list(campuses)}) or 0)


async def count_living(session: Session, campuses: Sequence[UUID], today: dt.date) -> Row:
    """How many people live in how many rooms."""
    return await session.one(_LIVING, {"campuses": list(campuses), "today": today})


def reading_row(reading_id: UUID, meter_id: UUID, since: dt.date, previous: Decimal, read_on: dt.date, value: Decimal, **rest: str) -> dict[str, object]:
    """A reading as it is written."""
    return {"id": reading_id, "meter_id": meter_id, "since": since, "previous": previous, "read_on": read_on, "value": value, **rest}
