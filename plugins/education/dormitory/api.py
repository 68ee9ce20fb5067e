"""The dormitory in the API: rooms, stays, meters, readings, and the keeper of a fee item."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.billing import filters, units
from core.database import Session
from core.identity.actor import Actor
from plugins.education.dormitory import lists, metering, service
from plugins.education.dormitory.schemas import (
    Made,
    MeterDraft,
    MeterEnd,
    ReadingDraft,
    ReadingPage,
    Reason,
    ResidentPage,
    RoomDraft,
    RoomPage,
    RoomRead,
    StayDraft,
    StayEnd,
)
from plugins.education.organisation import service as organisation

TAGS = ["教育 education"]
READ, KEEP = {"permission": service.READ}, {"permission": service.KEEP}
BASE = "/api/v1/education"
ROOMS, READINGS = BASE + "/dorm-rooms", BASE + "/meter-readings"


@get(ROOMS, opt=READ, tags=TAGS)
async def list_rooms(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    campus_id: FromQuery[str] = "",
    abnormal: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RoomPage:
    """Rooms by building and number; `abnormal` only those with a reading that waits for somebody."""
    asked = {"words": q, "campus_id": filters.uuid_of(campus_id), "abnormal": abnormal, "cursor": cursor, "limit": paging.page_size(limit)}
    return await lists.list_rooms(session, actor, await organisation.load(session), **asked)


@post(ROOMS, opt=KEEP, tags=TAGS)
async def add_room(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[RoomDraft]) -> Made:
    """A new room."""
    return Made(await service.add_room(session, data, actor))


@get(ROOMS + "/{room_id:uuid}", opt=READ, tags=TAGS)
async def get_room(session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID]) -> RoomRead:
    """One room with its people, meters and last readings."""
    tree = await organisation.load(session)
    return await lists.read_room(session, room_id, actor, tree, await units.load(session, actor.reach(service.READ)))


@post(ROOMS + "/{room_id:uuid}/stays", opt=KEEP, tags=TAGS)
async def move_in(session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: JSONBody[StayDraft]) -> Made:
    """A student moves in; from another room they move out the day before."""
    return Made(await service.move_in(session, room_id, data.student_no, data.since, actor))


@post(BASE + "/dorm-stays/{stay_id:uuid}/end", opt=KEEP, status_code=200, tags=TAGS)
async def move_out(session: NamedDependency[Session], actor: NamedDependency[Actor], stay_id: FromPath[UUID], data: JSONBody[StayEnd]) -> Made:
    """The last day in a room; answers the room."""
    return Made(await service.move_out(session, stay_id, data.until, actor))


@post(ROOMS + "/{room_id:uuid}/meters", opt=KEEP, tags=TAGS)
async def add_meter(session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: JSONBody[MeterDraft]) -> Made:
    """A meter is put into a room."""
    return Made(await metering.add(session, room_id, data, actor))


@post(BASE + "/dorm-meters/{meter_id:uuid}/close", opt=KEEP, status_code=200, tags=TAGS)
async def close_meter(session: NamedDependency[Session], actor: NamedDependency[Actor], meter_id: FromPath[UUID], data: JSONBody[MeterEnd]) -> Made:
    """A meter is taken out with a last reading."""
    return Made((await metering.take_out(session, meter_id, data.closed_on, data.value, actor)).id)


@get(READINGS, opt=READ, tags=TAGS)
async def list_readings(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    billing: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ReadingPage:
    """Readings, the newest first; `q` is a meter's number or part of a room's name, `billing` how far their use is on bills."""
    asked = {"words": q, "status": status, "billing": billing, "cursor": cursor, "limit": paging.page_size(limit)}
    return await lists.list_readings(session, actor, await organisation.load(session), **asked)


@post(READINGS, opt=KEEP, tags=TAGS)
async def read_meter(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[ReadingDraft]) -> Made:
    """What a meter shows; `status` is abnormal for one far above the usual, which waits for a confirmation and is on no bill until then."""
    return await metering.read(session, data.meter_id, data.read_on, data.value, data.remark, actor)


@post(READINGS + "/{reading_id:uuid}/confirm", opt=KEEP, status_code=200, tags=TAGS)
async def confirm_reading(session: NamedDependency[Session], actor: NamedDependency[Actor], reading_id: FromPath[UUID], data: JSONBody[Reason]) -> Made:
    """An abnormal reading is right."""
    return Made((await metering.confirm(session, reading_id, data.reason, actor)).id, "confirmed")


@post(READINGS + "/{reading_id:uuid}/withdraw", opt=KEEP, status_code=200, tags=TAGS)
async def withdraw_reading(session: NamedDependency[Session], actor: NamedDependency[Actor], reading_id: FromPath[UUID], data: JSONBody[Reason]) -> Made:
    """A reading was wrong: a meter's last one that is on no bill."""
    return Made((await metering.withdraw(session, reading_id, data.reason, actor)).id, "withdrawn")


@get(BASE + "/dorm-residents", opt=READ, tags=TAGS)
async def list_residents(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    org_id: FromQuery[str] = "",
    placed: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> ResidentPage:
    """Boarding students with their rooms; `placed` yes or no. `paid` tells how far the dormitory's own items are paid."""
    tree = await units.load(session, actor.reach(service.READ))
    asked = {"words": q, "unit_id": filters.uuid_of(org_id), "placed": placed, "cursor": cursor, "limit": paging.page_size(limit)}
    return await lists.list_residents(session, actor, tree, **asked)


ROUTES = [
    list_rooms, add_room, get_room, move_in, move_out, add_meter, close_meter, list_readings, read_meter, confirm_reading, withdraw_reading,
    list_residents,
]  # fmt: skip
