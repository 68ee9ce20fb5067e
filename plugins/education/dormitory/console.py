"""The dormitory in the console: rooms, one room with its people and meters, boarding students, readings."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.billing import filters, units
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.dormitory import lists, metering, service
from plugins.education.dormitory.schemas import MeterDraft, RoomDraft
from plugins.education.organisation import service as organisation
from plugins.education.standards.forms import ReasonForm

READ, KEEP = {"permission": service.READ}, {"permission": service.KEEP}
BASE = "/console/education/dormitory"
ROOM = BASE + "/rooms/{room_id:uuid}"
IN_THE_FORM = ("DORM_WRONG", "ROOM_TAKEN", "METER_TAKEN")
FIELDS = {"ROOM_TAKEN": "number", "METER_TAKEN": "meter_no"}
Short = Annotated[str, msgspec.Meta(max_length=40)]


class RoomForm(msgspec.Struct):
    """A new room as the page posts it."""

    campus_id: Short = ""
    building: Short = ""
    number: Short = ""
    beds: Short = ""


class StayForm(msgspec.Struct):
    """Somebody moves in, as the page posts it."""

    student_no: Short = ""
    since: Short = ""


class LeaveForm(msgspec.Struct):
    """Who moves out, and their last day, as the page posts it."""

    stay_id: Short = ""
    until: Short = ""


class MeterForm(msgspec.Struct):
    """A meter is put in, as the page posts it."""

    item_code: Short = ""
    meter_no: Short = ""
    opening: Short = ""
    opened_on: Short = ""


class ReadingForm(msgspec.Struct):
    """What a meter shows, as the page posts it; `closing` takes it out with this reading."""

    meter_id: Short = ""
    read_on: Short = ""
    value: Short = ""
    remark: Annotated[str, msgspec.Meta(max_length=200)] = ""
    closing: Short = ""


def _tabs() -> list[tuple[str, str, str]]:
    return [("rooms", _("房间"), BASE), ("residents", _("寄宿生"), BASE + "/residents"), ("readings", _("抄表记录"), BASE + "/readings")]


@get(BASE, opt=READ, include_in_schema=False)
async def room_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    campus: FromQuery[str] = "",
    abnormal: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Rooms by building and number."""
    tree = await organisation.load(session)
    found = await lists.list_rooms(session, actor, tree, words=q, campus_id=filters.uuid_of(campus), abnormal=abnormal == "yes", cursor=cursor)
    return render(
        request, "education/dorm_rooms.html", found=found, campuses=_campuses(tree, actor, service.READ), filtered=bool(q or campus or abnormal),
        may_keep=actor.may(service.KEEP), may_import=actor.may(service.KEEP) and actor.may("imports.make"), tabs=_tabs(),
    )  # fmt: skip


def _campuses(tree: organisation.SchoolTree, actor: Actor, permission: str) -> list[tuple[str, str]]:
    return [(str(campus), tree.paths[campus][0]) for campus in service.campuses_of(tree, actor, permission)]


@get(BASE + "/rooms/new", opt=KEEP, include_in_schema=False)
async def room_new(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The form for one room."""
    return await _room_form(request, session, actor, RoomForm(), {})


@post(BASE + "/rooms", opt=KEEP, include_in_schema=False)
async def room_create(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[RoomForm]) -> Response:
    """A new room; what is wrong is said beside the field."""
    campus_id, beds = filters.uuid_of(data.campus_id), data.beds.strip()
    errors = {} if campus_id else {"campus_id": _("请选择校区")}
    if beds and not (beds.isascii() and beds.isdigit()):
        errors["beds"] = _("请填写整数，或留空")
    if not errors:
        try:
            draft = RoomDraft(campus_id=campus_id, building=data.building, number=data.number, beds=int(beds) if beds else None)
            room_id = await service.add_room(session, draft, actor)
            return redirect(request, f"{BASE}/rooms/{room_id}", success=_("房间已添加，可以办理入住、登记水电表"))
        except PlatformError as error:
            errors = _beside(error)
    return await _room_form(request, session, actor, data, errors)


async def _room_form(request: Request, session: Session, actor: Actor, data: RoomForm, errors: dict[str, str]) -> Response:
    campuses = _campuses(await organisation.load(session), actor, service.KEEP)
    return render(request, "education/dorm_room_new.html", status=422 if errors else 200, data=data, errors=errors, campuses=campuses)


@get(ROOM, opt=READ, include_in_schema=False)
async def room_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID]) -> Response:
    """One room."""
    return await _page(request, session, actor, room_id)


@post(ROOM + "/stays", opt=KEEP, include_in_schema=False)
async def room_move_in(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: URLEncodedBody[StayForm]
) -> Response:
    """Somebody moves in."""
    since = filters.day_of(data.since)
    errors = {} if since else {"since": _("请选择日期")}
    if not errors:
        try:
            await service.move_in(session, room_id, data.student_no, since, actor)
            return redirect(request, f"{BASE}/rooms/{room_id}", success=_("已办理入住"))
        except PlatformError as error:
            errors = _beside(error)
    return await _page(request, session, actor, room_id, errors, stay=data)


@post(ROOM + "/move-out", opt=KEEP, include_in_schema=False)
async def room_move_out(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: URLEncodedBody[LeaveForm]
) -> Response:
    """Somebody moves out."""
    stay_id, until = filters.uuid_of(data.stay_id), filters.day_of(data.until)
    errors = {name: told for name, told, given in (("stay_id", _("请选择学生"), stay_id), ("until", _("请选择日期"), until)) if given is None}
    if not errors:
        try:
            await service.move_out(session, stay_id, until, actor)
            return redirect(request, f"{BASE}/rooms/{room_id}", success=_("已办理退宿"))
        except PlatformError as error:
            errors = _beside(error)
    return await _page(request, session, actor, room_id, errors, leave=data)


@post(ROOM + "/meters", opt=KEEP, include_in_schema=False)
async def room_add_meter(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: URLEncodedBody[MeterForm]
) -> Response:
    """A meter is put in."""
    opened_on = filters.day_of(data.opened_on)
    errors = {} if opened_on else {"opened_on": _("请选择日期")}
    if not errors:
        try:
            draft = MeterDraft(item_code=data.item_code, meter_no=data.meter_no, opened_on=opened_on, opening=data.opening[:16] or "0")
            await metering.add(session, room_id, draft, actor)
            return redirect(request, f"{BASE}/rooms/{room_id}", success=_("表已登记，可以抄表"))
        except PlatformError as error:
            errors = _beside(error)
    return await _page(request, session, actor, room_id, errors, meter=data)


@post(ROOM + "/readings", opt=KEEP, include_in_schema=False)
async def room_read(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], room_id: FromPath[UUID], data: URLEncodedBody[ReadingForm]
) -> Response:
    """A meter is read, or taken out with a last reading."""
    meter_id, read_on = filters.uuid_of(data.meter_id), filters.day_of(data.read_on)
    errors = {name: told for name, told, given in (("meter_id", _("请选择表"), meter_id), ("read_on", _("请选择日期"), read_on)) if given is None}
    if not errors:
        try:
            return await _read(request, session, actor, room_id, data, meter_id, read_on)
        except PlatformError as error:
            errors = _beside(error)
            errors["read_on"] = errors.pop("closed_on", errors.get("read_on", ""))
    return await _page(request, session, actor, room_id, {name: told for name, told in errors.items() if told}, reading=data)


async def _read(
    request: Request, session: Session, actor: Actor, room_id: UUID, data: ReadingForm, meter_id: UUID, read_on: dt.date
) -> Response:
    here = f"{BASE}/rooms/{room_id}"
    if data.closing:
        await metering.take_out(session, meter_id, read_on, data.value, actor)
        return redirect(request, here, success=_("表已停用；换上的新表请另行登记"))
    made = await metering.read(session, meter_id, read_on, data.value, data.remark, actor)
    if made.status == "abnormal":
        return redirect(request, here, warning=_("已记录，用量超过平时的三倍：请再看一次表，确认后才会计费"))
    return redirect(request, here, success=_("读数已记录"))


@post(BASE + "/readings/{reading_id:uuid}/confirm", opt=KEEP, include_in_schema=False)
async def reading_confirm(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], reading_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """An abnormal reading is right."""
    row = await metering.confirm(session, reading_id, data.reason, actor)
    return redirect(request, f"{BASE}/rooms/{row.room_id}", success=_("读数已确认，下一次出账时计费"))


@post(BASE + "/readings/{reading_id:uuid}/withdraw", opt=KEEP, include_in_schema=False)
async def reading_withdraw(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], reading_id: FromPath[UUID], data: URLEncodedBody[ReasonForm]
) -> Response:
    """A reading was wrong."""
    row = await metering.withdraw(session, reading_id, data.reason, actor)
    return redirect(request, f"{BASE}/rooms/{row.room_id}", info=_("读数已撤回，请重新抄表"))


@get(BASE + "/readings", opt=READ, include_in_schema=False)
async def reading_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    billing: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Readings, the newest first."""
    tree = await organisation.load(session)
    found = await lists.list_readings(session, actor, tree, words=q, status=status, billing=billing, cursor=cursor)
    stages = [(each, status_label(each, "education.billing")) for each in lists.BILLING]
    return render(
        request, "education/dorm_readings.html", found=found, stages=stages, filtered=bool(q or status or billing), tabs=_tabs(),
        may_keep=actor.may(service.KEEP), may_import=actor.may(service.KEEP) and actor.may("imports.make"), may_export=actor.may("exports.make"),
    )  # fmt: skip


@get(BASE + "/residents", opt=READ, include_in_schema=False)
async def resident_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    org: FromQuery[str] = "",
    placed: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Boarding students with their rooms, and how far the dormitory's own items are paid."""
    tree = await units.load(session, actor.reach(service.READ))
    found = await lists.list_residents(session, actor, tree, words=q, unit_id=filters.uuid_of(org), placed=placed, cursor=cursor)
    return render(
        request, "education/dorm_residents.html", found=found, units=tree.choices(), filtered=bool(q or org or placed), tabs=_tabs(),
        may_import=actor.may(service.KEEP) and actor.may("imports.make"), may_export=actor.may("exports.make"),
    )  # fmt: skip


def _beside(error: PlatformError) -> dict[str, str]:
    """The fault beside its field; what belongs to no field is for the whole page."""
    if error.code not in IN_THE_FORM:
        raise error
    return {str(error.facts.get("field") or FIELDS.get(error.code, "number")): translated(error)}


async def _page(
    request: Request,
    session: Session,
    actor: Actor,
    room_id: UUID,
    errors: dict[str, str] | None = None,
    *,
    stay: StayForm | None = None,
    meter: MeterForm | None = None,
    reading: ReadingForm | None = None,
    leave: LeaveForm | None = None,
) -> Response:
    tree = await organisation.load(session)
    room = await lists.read_room(session, room_id, actor, tree, await units.load(session, actor.reach(service.READ)))
    today = str(clock.today())
    items = await metering.metered(session)
    return render(
        request, "education/dorm_room.html", status=422 if errors else 200, room=room, errors=errors or {}, today=today,
        stay=stay or StayForm(since=today), meter=meter or MeterForm(opened_on=today), reading=reading or ReadingForm(read_on=today),
        leave=leave or LeaveForm(until=today), living=[(str(each.id), f"{each.name} {each.student_no}") for each in room.stays if each.until is None],
        items=[(code, name) for code, (name, _unit) in items.items()], may_keep=actor.reaches(service.KEEP, room.campus_id),
        meters=[(str(each.id), f"{each.item} {each.meter_no}") for each in room.meters if each.closed_on is None],
    )  # fmt: skip


ROUTES = [
    room_list, room_new, room_create, room_page, room_move_in, room_move_out, room_add_meter, room_read, reading_confirm, reading_withdraw,
    reading_list, resident_list,
]  # fmt: skip
