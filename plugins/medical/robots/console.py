"""Robots and what they may do, in the console: make, change, switch, send; draft, read, sign and revoke authorisations."""

import datetime as dt
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, paging
from core.billing.filters import day_of, word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.robots import authorising, lists, repository, running, service
from plugins.medical.robots.errors import RobotBroken
from plugins.medical.robots.schemas import DraftWrite, RobotWrite, StoreLink
from plugins.medical.robots.states import AUTHORISATION, PLATFORMS, WAYS

PATH = "/console/medical/robots"
ONE = PATH + "/{robot_id:uuid}"
ALLOWED = "/console/medical/robots/authorisations"
READ, OPERATE, SIGN = {"permission": service.READ}, {"permission": service.OPERATE}, {"permission": authorising.SIGN}
LATEST = 10
USUAL = dt.timedelta(days=180)
"""How long an authorisation is offered for; it may be longer."""
SOON = dt.timedelta(days=14)
"""How long before its last day an authorisation is to be renewed."""
Short = Annotated[str, msgspec.Meta(max_length=300)]


class RobotForm(msgspec.Struct):
    """A robot as the page posts it; `stores` is one shop a line, its number and the store's code."""

    name: Short = ""
    platform: Short = ""
    way: Short = ""
    address: Short = ""
    login: Short = ""
    secret: Short = ""
    sender: Short = ""
    hour: Short = "5"
    stores: Annotated[str, msgspec.Meta(max_length=20_000)] = ""


class DaysForm(msgspec.Struct):
    """From when to when."""

    valid_from: Short = ""
    valid_to: Short = ""


class DayForm(msgspec.Struct):
    """Which day."""

    bill_on: Short = ""


class SwitchForm(msgspec.Struct):
    """On or off."""

    status: Short = ""


class SignForm(msgspec.Struct):
    """The hash of the text that was read."""

    text_hash: Short = ""


class WhyForm(msgspec.Struct):
    """Why."""

    reason: Short = ""


@get(PATH, opt=READ, include_in_schema=False)
async def robot_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every robot with its authorisation."""
    typed, platform = (word_of(request.query_params, name)[:60] for name in ("q", "platform"))
    rows = await repository.list_robots(session, actor.reach(service.READ), typed, platform, paging.read_id(cursor), paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(
        request, "medical/robots.html", robots=shown, next_cursor=more, platforms=platforms(), platform=platform, may_operate=actor.may(service.OPERATE),
        filtered=bool(typed or platform),
    )  # fmt: skip


@get(PATH + "/new", opt=OPERATE, include_in_schema=False)
async def robot_form(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The form of a new robot."""
    return await _form(request, session, RobotForm(), {})


@post(PATH + "/new", opt=OPERATE, include_in_schema=False)
async def make(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: URLEncodedBody[RobotForm],
) -> Response:
    """Make a robot, switched off."""
    return await _save(request, session, actor, platform, data, None)


@get(ONE, opt=READ, include_in_schema=False)
async def robot_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], robot_id: FromPath[UUID]
) -> Response:
    """One robot: what it still needs before it runs, its stores, authorisations and latest runs."""
    reach = actor.reach(service.READ)
    robot = await service.find(session, robot_id, reach)
    runs, _more = await lists.read_runs(session, lists.asked_of({}, reach), None, LATEST, robot_id)
    allowed = await repository.list_authorisations(session, reach, robot_id=robot_id, limit=LATEST)
    stores = await repository.list_stores(session, robot_id)
    changed = robot.authorised_to is not None and not await authorising.means(session, await platform.vault.keys(session), robot, stores, reach)
    today = clock.today()
    return render(
        request, "medical/robot.html", robot=robot, stores=stores, changed=changed,
        authorisations=allowed, unsigned=next((row for row in allowed if row.status == "draft" and row.valid_to >= today), None), runs=runs,
        yesterday=_yesterday(), today=today, later=today + USUAL, may_operate=actor.may(service.OPERATE),
        ends_soon=robot.authorised_to is not None and robot.authorised_to - today < SOON,
    )  # fmt: skip


@get(ONE + "/edit", opt=OPERATE, include_in_schema=False)
async def edit_form(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], robot_id: FromPath[UUID]) -> Response:
    """The form of a robot that is there; account and secret are not in it."""
    robot = await service.find(session, robot_id, actor.reach(service.OPERATE))
    stores = await repository.list_stores(session, robot_id)
    lines = "\n".join(f"{store.platform_store} {store.code}" for store in stores)
    data = RobotForm(robot.name, robot.platform, robot.way, robot.address, "", "", robot.sender, str(robot.hour), lines)
    return await _form(request, session, data, {}, robot_id, known=robot.login)


@post(ONE + "/edit", opt=OPERATE, include_in_schema=False)
async def change(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], robot_id: FromPath[UUID],
    data: URLEncodedBody[RobotForm],
) -> Response:
    """Change a robot; account and password that were left empty stay."""
    robot = await service.find(session, robot_id, actor.reach(service.OPERATE))
    return await _save(request, session, actor, platform, data, robot_id, robot.login)


@post(ONE + "/switch", opt=OPERATE, include_in_schema=False)
async def switch(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], robot_id: FromPath[UUID], data: URLEncodedBody[SwitchForm]
) -> Response:
    """Have it run every day, or not any more."""
    robot = await service.find(session, robot_id, actor.reach(service.OPERATE))
    await service.switch(session, robot_id, data.status == "on", actor)
    if data.status == "on" and not robot.authorised_to:
        return redirect(request, f"{PATH}/{robot_id}", info=_("已启用；授权签署之前不会运行"))
    return redirect(request, f"{PATH}/{robot_id}", success=_("已启用，每天自动运行") if data.status == "on" else _("已停用，不再自动运行"))


@post(ONE + "/send", opt=OPERATE, include_in_schema=False)
async def send(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], robot_id: FromPath[UUID], data: URLEncodedBody[DayForm]
) -> Response:
    """Have it fetch a day now."""
    robot = await service.find(session, robot_id, actor.reach(service.OPERATE))
    try:
        day = day_of(data.bill_on)
        if day is None or day > _yesterday() or robot.status != "on":
            return redirect(request, f"{PATH}/{robot_id}", warning=_("请先启用机器人，并选择昨天或更早的一天"))
        task_id = await running.start_now(session, robot_id, day, actor)
    except PlatformError as error:
        return redirect(request, f"{PATH}/{robot_id}", warning=translated(error))
    return redirect(request, f"/console/medical/robots/runs/{task_id}", success=_("已发起，几秒后开始运行"))


@post(ONE + "/authorisations", opt=OPERATE, include_in_schema=False)
async def draft(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], robot_id: FromPath[UUID],
    data: URLEncodedBody[DaysForm],
) -> Response:
    """Draft an authorisation for the pharmacy's finance to sign."""
    await service.find(session, robot_id, actor.reach(service.OPERATE))
    try:
        first, last = day_of(data.valid_from), day_of(data.valid_to)
        if first is None or last is None:
            return redirect(request, f"{PATH}/{robot_id}", warning=_("请选择开始与结束日期"))
        made = await authorising.draft(session, await platform.vault.keys(session), robot_id, DraftWrite(valid_from=first, valid_to=last), actor)
    except PlatformError as error:
        return redirect(request, f"{PATH}/{robot_id}", warning=translated(error))
    return redirect(request, f"{ALLOWED}/{made}", success=_("已起草，请药房财务阅读并签署"))


@get(ALLOWED, opt=READ, include_in_schema=False)
async def authorisation_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], status: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response:
    """Every authorisation."""
    rows = await repository.list_authorisations(
        session, actor.reach(service.READ), status=status[:20], before=paging.read_id(cursor), limit=paging.PAGE + 1
    )
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    states = [(state, status_label(state, "medical.robot_authorisation")) for state in AUTHORISATION.states]
    return render(request, "medical/robot_authorisations.html", rows=shown, next_cursor=more, states=states, chosen=status)


@get(ALLOWED + "/{authorisation_id:uuid}", opt=READ, include_in_schema=False)
async def authorisation_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], authorisation_id: FromPath[UUID]
) -> Response:
    """The text, and who signed it."""
    row = await authorising.find(session, authorisation_id, actor.reach(service.READ))
    reached = all(actor.reaches(authorising.SIGN, UUID(store["id"])) for store in row.scope["stores"])
    return render(
        request, "medical/robot_authorisation.html", row=row, text=authorising.text_of(row), text_hash=authorising.hash_of(row),
        may_sign=reached and row.drafted_by_id != actor.id, may_revoke=reached, over=row.valid_to < clock.today(),
    )  # fmt: skip


@post(ALLOWED + "/{authorisation_id:uuid}/sign", opt=SIGN, include_in_schema=False)
async def sign(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], authorisation_id: FromPath[UUID], data: URLEncodedBody[SignForm]
) -> Response:
    """Sign the text that was read."""
    await authorising.find(session, authorisation_id, actor.reach(authorising.SIGN))
    try:
        await authorising.sign(session, authorisation_id, data.text_hash, actor)
    except PlatformError as error:
        if error.status == 404:
            raise
        return redirect(request, f"{ALLOWED}/{authorisation_id}", danger=translated(error))
    return redirect(request, f"{ALLOWED}/{authorisation_id}", success=_("已签署；随时可以撤销，撤销立即生效"))


@post(ALLOWED + "/{authorisation_id:uuid}/revoke", opt=SIGN, include_in_schema=False)
async def revoke(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], authorisation_id: FromPath[UUID], data: URLEncodedBody[WhyForm]
) -> Response:
    """End it at once."""
    row = await authorising.find(session, authorisation_id, actor.reach(authorising.SIGN))
    try:
        await authorising.revoke(session, authorisation_id, data.reason, actor)
    except PlatformError as error:
        if error.status == 404:
            raise
        return redirect(request, f"{ALLOWED}/{authorisation_id}", danger=translated(error))
    said = _("没有签署，这份草稿已作废") if row.status == "draft" else _("已撤销，正在进行的运行会立即停止")
    return redirect(request, f"{ALLOWED}/{authorisation_id}", info=said)


async def _save(
    request: Request, session: Session, actor: Actor, platform: Platform, data: RobotForm, robot_id: UUID | None, known: str = ""
) -> Response:
    """Save it, or show what has to be mended; `known` is the account that is there."""
    try:
        links = [StoreLink(*line.split()) for line in data.stores.splitlines() if len(line.split()) == 2]
        if not links or len(links) != len([line for line in data.stores.splitlines() if line.strip()]):
            raise RobotBroken(why=_("门店须每行一个：平台门店ID、空格、门店编码"), field="stores")
        told = {
            "name": data.name.strip(), "platform": data.platform, "way": data.way, "address": data.address.strip(), "login": data.login.strip() or known,
            "secret": data.secret, "sender": data.sender.strip(), "hour": int(data.hour) if data.hour.isdecimal() else -1, "stores": msgspec.to_builtins(links),
        }  # fmt: skip
        given = msgspec.convert(told, RobotWrite)
        keys = await platform.vault.keys(session)
        saved = await service.save(session, keys, given, actor, service.sandbox_of(platform), robot_id)
    except msgspec.ValidationError:
        return await _form(request, session, data, {"name": _("请填写名称、平台、方式、地址、账号，时间为 0–23 点")}, robot_id, 422, known)
    except PlatformError as error:
        return await _form(request, session, data, {str(error.facts.get("field", "name")): translated(error)}, robot_id, 422, known)
    return redirect(request, f"{PATH}/{saved}", success=_("机器人已保存；启用前请先由药房财务签署授权"))


async def _form(
    request: Request, session: Session, data: RobotForm, errors: dict[str, str], robot_id: UUID | None = None, status: int = 200, known: str = ""
) -> Response:
    ways = [(way, status_label(way, "medical.robot_way")) for way in WAYS]
    shown = msgspec.structs.replace(data, secret="")
    return render(
        request, "medical/robot_form.html", status=status, data=shown, errors=errors, robot_id=robot_id, platforms=platforms(), ways=ways,
        stores=await repository.list_all_stores(session), masked=known,
    )  # fmt: skip


def platforms() -> list[tuple[str, str]]:
    return [(code, status_label(code, "medical.shop_platform")) for code in PLATFORMS]


def _yesterday() -> dt.date:
    return clock.today() - dt.timedelta(days=1)


ROUTES = [
    robot_list, robot_form, make, robot_page, edit_form, change, switch, send, draft, authorisation_list, authorisation_page, sign, revoke,
]  # fmt: skip
