"""Rooms and who lives in them: a new room, moving in, moving to another room, moving out (domain book §3.2, §3.3)."""

import datetime as dt
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.dormitory import repository
from plugins.education.dormitory.errors import DormWrong, RoomNotFound, RoomTaken, StayNotFound
from plugins.education.dormitory.schemas import RoomDraft
from plugins.education.organisation import service as organisation
from plugins.education.organisation.service import SchoolTree
from plugins.education.usage import repository as usage

READ, KEEP = "education.dorm.read", "education.dorm.keep"
BOARDER, HERE = "寄宿", ("预录", "在读")
MOST_BEDS = 99


def called(room: Row) -> str:
    """A room as people call it: `3号楼 501`."""
    return f"{room.building} {room.number}"


def campuses_of(tree: SchoolTree, by: Actor, permission: str) -> list[UUID]:
    """The campuses within reach; a right over a part of a campus reaches none of its rooms."""
    return [unit_id for unit_id, path in tree.paths.items() if len(path) == 1 and by.reaches(permission, unit_id)]


async def add_room(session: Session, draft: RoomDraft, by: Actor) -> UUID:
    """A new room on a campus within reach."""
    tree = await organisation.load(session)
    if draft.campus_id not in campuses_of(tree, by, KEEP):
        raise DormWrong(field="campus_id", fault="beyond_your_scope", why="请选择您负责的校区")
    if draft.beds is not None and not 1 <= draft.beds <= MOST_BEDS:
        raise DormWrong(field="beds", fault="bad_beds", why=f"床位数为 1–{MOST_BEDS}，不清楚就留空")
    place = {"building": place_word(draft.building, "building"), "number": place_word(draft.number, "number")}
    room_id = ids.uuid7()
    if not await repository.add_room(session, {"id": room_id, "campus_id": draft.campus_id, "beds": draft.beds, **place}):
        raise RoomTaken(room=f"{place['building']} {place['number']}")
    await audit.record(session, by, "education.room.add", "dorm_room", room_id, after={**place, "beds": draft.beds})
    return room_id


def place_word(text: str, field: str) -> str:
    """A building's or a room's name, fit to be shown and exported."""
    word = " ".join(text.replace("\0", "").split())
    if not 1 <= len(word) <= 30 or word.startswith(("=", "+", "-", "@")) or "<" in word:
        raise DormWrong(field=field, fault="bad_name", why="楼栋和房间号为 1–30 个字，不能以 =、+、-、@ 开头，也不能含尖括号")
    return word


async def find(session: Session, room_id: UUID, by: Actor, permission: str = READ) -> Row:
    """One room within reach; RoomNotFound otherwise."""
    room = await repository.find_room(session, room_id)
    if room is None or not by.reaches(permission, room.campus_id):
        raise RoomNotFound()
    return room


async def move_in(session: Session, room_id: UUID, student_no: str, since: dt.date, by: Actor) -> UUID:
    """A boarding student of the campus moves in; from another room they move out the day before."""
    room = await repository.lock_room(session, room_id)
    if room is None or not by.reaches(KEEP, room.campus_id):
        raise RoomNotFound()
    await usage.hold(session)
    student = (await repository.students(session, [student_no.strip()])).get(student_no.strip())
    tree = await organisation.load(session)
    check_student(student, room.campus_id, tree)
    stays = (await repository.stays_of(session, [student.id])).get(student.id, [])
    left = leaves(stays, room, since)
    billed = await repository.billed_until(session, [room.id, *(stay.room_id for stay in left)])
    check_days(since, left, room.id, billed)
    if room.beds is not None and (await repository.occupants(session, [room.id], since)).get(room.id, 0) >= room.beds:
        raise DormWrong(field="student_no", fault="room_full", why=f"{called(room)} 的 {room.beds} 个床位已经住满")
    stay_id = ids.uuid7()
    await repository.end_stays(session, [(stay.id, since - dt.timedelta(days=1)) for stay in left])
    await repository.add_stays(session, [{"id": stay_id, "room_id": room.id, "student_id": student.id, "since": since}])
    before = {"room": called(left[0])} if left else None
    await audit.record(session, by, "education.stay.begin", "dorm_room", room.id, before=before, after=_told(student, since))
    return stay_id


def check_student(student: Row | None, campus_id: UUID, tree: SchoolTree) -> None:
    """Who may live in a room: a boarding student of its campus who is at school or about to be."""
    if student is None or tree.ids.get(tree.paths[student.class_id][:1]) != campus_id:
        raise DormWrong(field="student_no", fault="unknown_student", why="该校区没有这个学号的学生，请核对学号和校区")
    if student.boarding != BOARDER:
        raise DormWrong(field="student_no", fault="not_boarding", why="学生登记为走读，请先由教务在名册中改为寄宿")
    if student.status not in HERE:
        raise DormWrong(field="student_no", fault="not_at_school", why=f"学籍状态为“{student.status}”，不能办理入住")


def leaves(stays: list[Row], room: Row, since: dt.date) -> list[Row]:
    """The stay that ends because somebody moves in elsewhere; DormWrong where the days cannot be."""
    left = []
    for stay in stays:
        if stay.until is None and stay.room_id == room.id:
            raise DormWrong(field="student_no", fault="lives_here", why=f"该生自 {stay.since} 起已住在 {called(stay)}")
        if stay.until is None and since > stay.since:
            left.append(stay)
        elif stay.until is None or since <= stay.until:
            until = stay.until or "今"
            raise DormWrong(field="since", fault="stay_overlaps", why=f"该生 {stay.since} 至 {until} 住在 {called(stay)}，入住日期须在其后")
    return left


def check_days(since: dt.date, left: list[Row], room_id: UUID, billed: dict[UUID, dt.date]) -> None:
    """What is on bills was shared by who lived there then: nobody moves in or out before it."""
    if room_id in billed and since <= billed[room_id]:
        raise DormWrong(field="since", fault="already_billed", why=f"该房间到 {billed[room_id]} 的用量已经出账，入住日期须在其后")
    for stay in left:
        if stay.room_id in billed and since <= billed[stay.room_id]:
            raise DormWrong(field="since", fault="already_billed", why=f"原房间到 {billed[stay.room_id]} 的用量已经出账，换房日期须在其后")


async def move_out(session: Session, stay_id: UUID, until: dt.date, by: Actor) -> UUID:
    """The last day in a room; answers the room."""
    stay = await repository.find_stay(session, stay_id)
    room = await repository.find_room(session, stay.room_id) if stay is not None else None
    if room is None or not by.reaches(KEEP, room.campus_id):
        raise StayNotFound()
    await usage.hold(session)
    if stay.until is not None:
        raise DormWrong(field="until", fault="moved_out", why=f"该生已于 {stay.until} 退宿")
    if until < stay.since:
        raise DormWrong(field="until", fault="ends_before_start", why=f"最后一天不能早于入住日期 {stay.since}")
    if until > clock.today() + dt.timedelta(days=366):
        raise DormWrong(field="until", fault="date_in_future", why="最后一天太远，请核对年份")
    billed = (await repository.billed_until(session, [room.id])).get(room.id)
    if billed and until < billed:
        raise DormWrong(field="until", fault="already_billed", why=f"该房间到 {billed} 的用量已经出账，最后一天不能早于它")
    await repository.end_stays(session, [(stay_id, until)])
    await audit.record(session, by, "education.stay.end", "dorm_room", room.id, after={"student_id": str(stay.student_id), "until": str(until)})
    return room.id


def _told(student: Row, since: dt.date) -> dict[str, object]:
    return {"student_no": student.student_no, "since": str(since)}
