"""Vendors in the console: the list, one vendor with its keys and scenes, and the day's statement of one or all."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, paging
from core.billing import filters
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.identity.sessions import roles_for
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.orders.states import SCENES
from plugins.medical.vendors import service, statements

READ, MANAGE = {"permission": service.READ}, {"permission": service.MANAGE}
PATH = "/console/medical/vendors"
ONE = PATH + "/{vendor_id:uuid}"


class VendorForm(msgspec.Struct):
    """A new vendor as the page posts it."""

    app_id: str = ""
    name: str = ""
    scenes: list[str] = []


class StatusForm(msgspec.Struct):
    """Stop or let in again, and why."""

    status: Annotated[str, msgspec.Meta(max_length=20)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


async def _typed(request: Request) -> VendorForm:
    """The form with every scene that was ticked."""
    form = await request.form()
    return VendorForm(str(form.get("app_id", "")), str(form.get("name", "")), [str(scene) for scene in form.getall("scenes", [])])


def _scenes() -> list[tuple[str, str]]:
    return [(code, status_label(code, "medical.scene")) for code in SCENES]


@get(PATH, opt=READ, include_in_schema=False)
async def vendor_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Every vendor."""
    return await _list(request, session, actor)


async def _list(
    request: Request, session: Session, actor: Actor, data: VendorForm | None = None, error: PlatformError | None = None
) -> Response:
    return render(
        request, "medical/vendors.html", status=error.status if error else 200, vendors=await service.list_vendors(session),
        data=data or VendorForm(), errors={str(error.facts.get("field", "app_id")): translated(error)} if error else {}, scenes=_scenes(),
        may_manage=actor.may(service.MANAGE), sees_statements=actor.may(statements.READ),
    )  # fmt: skip


@post(PATH, opt=MANAGE, include_in_schema=False)
async def vendor_create(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """A new vendor; what is wrong is said beside the field."""
    data = await _typed(request)
    try:
        async with platform.database.tenant(asker.tenant_id) as session:
            vendor_id = await service.create(session, data.app_id, data.name, data.scenes, asker)
    except PlatformError as error:
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _list(request, session, asker, data, error)
    return redirect(request, f"{PATH}/{vendor_id}", success=_("厂商已新增，下一步签发密钥"))


@get(ONE, opt=READ, include_in_schema=False)
async def vendor_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], vendor_id: FromPath[UUID]
) -> Response:
    """One vendor."""
    return await _page(request, session, actor, vendor_id)


async def _page(request: Request, session: Session, actor: Actor, vendor_id: UUID, errors: dict[str, str] | None = None) -> Response:
    return render(
        request, "medical/vendor.html", status=422 if errors else 200, vendor=await service.find(session, vendor_id),
        keys=await service.list_keys(session, vendor_id), scenes=_scenes(), errors=errors or {}, may_manage=actor.may(service.MANAGE),
        sees_statements=actor.may(statements.READ),
    )  # fmt: skip


@post(ONE + "/scenes", opt=MANAGE, include_in_schema=False)
async def vendor_scenes(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], vendor_id: FromPath[UUID]
) -> Response:
    """In which scenes it may order."""
    data = await _typed(request)
    if not data.scenes:
        return await _page(request, session, actor, vendor_id, {"scenes": _("请至少选择一个接入场景")})
    await service.change_scenes(session, vendor_id, data.scenes, actor)
    return redirect(request, f"{PATH}/{vendor_id}", success=_("接入场景已保存"))


@post(ONE + "/status", opt=MANAGE, include_in_schema=False)
async def vendor_status(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], vendor_id: FromPath[UUID],
    data: URLEncodedBody[StatusForm],
) -> Response:
    """Stop it, or let it work again."""
    await service.set_status(session, vendor_id, data.status, data.reason, actor)
    said = _("厂商已停用，它的密钥不再得到答复") if data.status == "suspended" else _("厂商已恢复接入")
    return redirect(request, f"{PATH}/{vendor_id}", success=said)


@post(ONE + "/keys", opt=MANAGE, include_in_schema=False)
async def key_issue(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    client: NamedDependency[ClientProfile], vendor_id: FromPath[UUID],
) -> Response:
    """A new key, shown once."""
    roles = roles_for(platform.plugins, "client", client.plugins)
    _id, token = await service.issue_key(session, platform, roles, vendor_id, actor)
    return render(request, "medical/vendor_key.html", token=token, vendor=await service.find(session, vendor_id))


@post(ONE + "/keys/{key_id:uuid}/end", opt=MANAGE, include_in_schema=False)
async def key_end(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], vendor_id: FromPath[UUID], key_id: FromPath[UUID]
) -> Response:
    """No more answers for this key."""
    await service.end_key(session, vendor_id, key_id, actor)
    return redirect(request, f"{PATH}/{vendor_id}", success=_("密钥已停用"))


@get("/console/medical/vendor-statements", opt={"permission": statements.READ}, include_in_schema=False)
async def statement_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], on: FromQuery[str] = "", app_id: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """A day's statement of one vendor, or of all with HIS's own orders."""
    day = filters.day_of(on) or clock.today()
    vendor = await service.find_by_app_id(session, app_id) if app_id else None
    found = await statements.read(session, day, vendor, cursor, paging.PAGE)
    return render(
        request, "medical/vendor_statement.html", found=found, on=day, may_export=actor.may("exports.make"), sees_orders=actor.may("medical.order.read"),
        vendors=[(row.app_id, row.name) for row in await service.list_vendors(session)],
    )  # fmt: skip


ROUTES = [vendor_list, vendor_create, vendor_page, vendor_scenes, vendor_status, key_issue, key_end, statement_page]
