"""Who lives where, from a file: every row judged, rooms made as they are named, the good rows written."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from core import ids
from core.database import Row, Session
from core.exports import workbook
from core.identity import audit
from core.imports import cells, sheets
from core.imports.lines import Line
from core.imports.schemas import ImportCheck, ImportContext, Totals
from core.imports.tables import Column, Table
from core.imports.verdicts import Verdict
from plugins.education.dormitory import repository, service
from plugins.education.dormitory.errors import DormWrong
from plugins.education.errors import MovedSince
from plugins.education.organisation import reach
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.usage import repository as usage

CAMPUS, BUILDING, NUMBER, BEDS = Column("campus", "校区*"), Column("building", "楼栋*"), Column("number", "房间*"), Column("beds", "床位数")
STUDENT_NO, NAME, SINCE = Column("student_no", "学号*"), Column("name", "姓名*"), Column("since", "入住日期*")
COLUMNS = (CAMPUS, BUILDING, NUMBER, BEDS, STUDENT_NO, NAME, SINCE)
FIELDS = {"student_no": STUDENT_NO, "since": SINCE, "building": BUILDING, "number": NUMBER}
Place = tuple[UUID, str, str]


class Lodging(msgspec.Struct, frozen=True):
    """A good row: who moves into which room when, and the stay that ends."""

    place: Place
    beds: int | None
    student: Row
    since: dt.date
    left: list[Row]


class Typed(msgspec.Struct, frozen=True):
    """A row as it was read, before it is set against what is there."""

    line: Line
    place: Place
    beds: int | None
    student_no: str
    name: str
    since: dt.date


class Payload(msgspec.Struct, frozen=True):
    """What an accepted file will write: stays, and the beds of rooms that are there."""

    lodgings: list[Lodging]
    rooms: dict[Place, int | None]


class Known(msgspec.Struct, frozen=True):
    """What is there: students by number, their stays, rooms, people in them today, and up to when rooms are billed."""

    students: Mapping[str, Row]
    stays: Mapping[UUID, list[Row]]
    rooms: Mapping[Place, Row]
    people: Mapping[UUID, int]
    billed: Mapping[UUID, dt.date]
    tree: SchoolTree


async def check(context: ImportContext, content: bytes, filename: str) -> ImportCheck:
    """Judge the file; changes nothing. A student who lives elsewhere moves: the row is a change."""
    async with context.session() as session:
        tree = await organisation.load(session)
        mine = await reach.reach_of(session, context.platform.plugins, context.client.plugins, context.by, service.KEEP)
    typed, said, rejected = await asyncio.to_thread(_read, content, filename, tree, mine)
    async with context.session() as session:
        students = await repository.students(session, [each.student_no for each in typed])
        stays = await repository.stays_of(session, [row.id for row in students.values()])
        rooms = await repository.rooms_at(session, [each.place for each in typed])
        touched = {row.id for row in rooms.values()} | {stay.room_id for each in stays.values() for stay in each}
        people = await repository.occupants(session, list(touched), max((each.since for each in typed), default=dt.date.min))
        billed = await repository.billed_until(session, list(touched))
    known = Known(students, stays, rooms, people, billed, tree)
    kept, unchanged, refused = _judged(typed, known)
    verdicts = sorted([*said, *(v for each in typed for v in each.line.verdicts)], key=lambda verdict: verdict.row)
    beds = {each.place: each.beds for each in typed if each.beds is not None and not each.line.rejected}
    moved = sum(bool(each.left) for each in kept)
    totals = Totals(len(kept) - moved, moved, unchanged, rejected + refused)
    return ImportCheck(rows=verdicts, totals=totals, payload=Payload(kept, beds))


def _read(content: bytes, filename: str, tree: SchoolTree, mine: Collection[UUID] | None) -> tuple[list[Typed], list[Verdict], int]:
    sheet = sheets.read(content, filename)
    table = Table(sheet, COLUMNS)
    typed, said, rejected, seen = [], [], 0, set()
    for number, found in table.rows():
        if isinstance(found, Verdict):
            said.append(found)
            continue
        line = Line(number, found, table)
        campus_id = campus_of(line, tree, mine)
        building, room = line.take(BUILDING, place_cell), line.take(NUMBER, place_cell)
        beds = line.take(BEDS, cells.whole_number, 1, service.MOST_BEDS)
        student_no, name = line.take(STUDENT_NO, cells.text, 40), line.take(NAME, cells.text, 50)
        since = line.take(SINCE, cells.day, sheet.epoch_1904)
        if student_no in seen:
            line.reject(STUDENT_NO, "duplicate_student", f"学号 {student_no} 在文件中出现了不止一次，一名学生只能住一个房间")
        if line.rejected:
            said += line.verdicts
            rejected += 1
            continue
        seen.add(student_no)
        typed.append(Typed(line, (campus_id, building, room), beds, student_no, name, since))
    return typed, said, rejected


def campus_of(line: Line, tree: SchoolTree, mine: Collection[UUID] | None) -> UUID | None:
    """The campus a row names, within the importer's reach."""
    name = line.take(CAMPUS, cells.text, 50)
    if name is None:
        return None
    campus_id = tree.ids.get((name,))
    if campus_id is None:
        return line.reject(CAMPUS, "unknown_campus", f"组织架构中没有校区“{name}”，请核对")
    if mine is not None and campus_id not in mine:
        return line.reject(CAMPUS, "beyond_your_scope", "这个校区不在您的管辖范围内")
    return campus_id


def place_cell(cell: sheets.Cell) -> cells.Reading:
    """A building, a room or a meter; a number is a fine name for each."""
    reading = cells.text(cell, 30)
    try:
        return cells.Reading(service.place_word(reading.value, "number"), reading.how)
    except DormWrong as fault:
        raise cells.CellProblem("bad_name", fault.message) from None


def _judged(typed: list[Typed], known: Known) -> tuple[list[Lodging], int, int]:
    kept: list[Lodging] = []
    unchanged = refused = 0
    coming: Counter[Place] = Counter()
    for each in typed:
        student, room = known.students.get(each.student_no), known.rooms.get(each.place)
        stays = known.stays.get(student.id, []) if student is not None else []
        if room is not None and any(stay.until is None and (stay.room_id, stay.since) == (room.id, each.since) for stay in stays):
            unchanged += 1
            continue
        try:
            left = _fits(each, student, room, stays, known, coming)
        except DormWrong as fault:
            each.line.reject(FIELDS.get(str(fault.facts["field"]), STUDENT_NO), str(fault.facts["fault"]), fault.message)
            refused += 1
            continue
        coming[each.place] += 1
        kept.append(Lodging(each.place, each.beds, student, each.since, left))
    return kept, unchanged, refused


def _fits(each: Typed, student: Row | None, room: Row | None, stays: list[Row], known: Known, coming: Counter[Place]) -> list[Row]:
    service.check_student(student, each.place[0], known.tree)
    if student.name != each.name:
        raise DormWrong(field="student_no", fault="name_differs", why="姓名与学号不一致，请核对")
    left = service.leaves(stays, room or _NowhereYet(each.place), each.since)
    service.check_days(each.since, left, room.id if room is not None else None, known.billed)
    beds = each.beds or (room.beds if room is not None else None)
    living = known.people.get(room.id, 0) if room is not None else 0
    if beds is not None and living + coming[each.place] >= beds:
        raise DormWrong(field="number", fault="room_full", why=f"{each.place[1]} {each.place[2]} 的 {beds} 个床位已经住满")
    return left


class _NowhereYet(msgspec.Struct, frozen=True):
    """A room that the file names first."""

    place: Place
    id: None = None

    @property
    def building(self) -> str:
        return self.place[1]

    @property
    def number(self) -> str:
        return self.place[2]


async def apply(context: ImportContext, check: ImportCheck) -> None:
    """Write the good rows, at most a thousand a transaction; the same file again finds nothing to write."""
    payload: Payload = check.payload
    total = len(payload.lodgings)
    if payload.rooms and not total:
        async with context.session() as session:
            await repository.add_rooms(session, [(ids.uuid7(), *place, beds) for place, beds in payload.rooms.items()])
    for start in range(0, total, context.batch_rows):
        batch = payload.lodgings[start : start + context.batch_rows]
        async with context.session() as session:
            places = list(dict.fromkeys(each.place for each in batch))
            await repository.add_rooms(session, [(ids.uuid7(), *place, payload.rooms.get(place)) for place in places])
            rooms = await repository.rooms_at(session, places)
            await usage.hold(session)
            await _check_still(session, batch)
            await repository.end_stays(session, [(stay.id, each.since - dt.timedelta(days=1)) for each in batch for stay in each.left])
            await repository.add_stays(
                session,
                [{"id": ids.uuid7(), "room_id": rooms[e.place].id, "student_id": e.student.id, "since": e.since} for e in batch],
            )
            told = [
                (rooms[e.place].id, {"room": service.called(e.left[0])} if e.left else None, {"student_no": e.student.student_no, "since": str(e.since)}, "")
                for e in batch
            ]  # fmt: skip
            await audit.record_many(session, context.by, "education.stay.begin", "dorm_room", told)
        await context.progress(start + len(batch), total)


async def _check_still(session: Session, batch: Sequence[Lodging]) -> None:
    """Everybody still lives where the file was judged to find them."""
    now = await repository.stays_of(session, [each.student.id for each in batch])
    for each in batch:
        living = [stay.id for stay in now.get(each.student.id, []) if stay.until is None]
        if living != [stay.id for stay in each.left]:
            raise MovedSince(what=each.student.student_no)


def template() -> bytes:
    """The empty file with its headers."""
    return workbook.write("住宿名单", [(column.title, "text") for column in COLUMNS], [])
