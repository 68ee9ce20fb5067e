"""One client in the bank's house: readiness, plugin switches, hand-over, suspension, history.

What these pages change may lie in the client's own rows, so they take `asker` and go through the doors.
"""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody

from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import consequences, doors, merchant_doors, repository, service
from core.tenancy.forms import AdminForm, ReasonForm
from core.tenancy.kinds import KINDS
from core.tenancy.threshold import admit
from core.web.error_words import translated
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

READ, MANAGE, SWITCH = (
    {"permission": permission, "side": "bank"}
    for permission in ("tenancy.client.read", "tenancy.client.manage", "tenancy.plugin.manage")
)
BASE = "/bank/clients/{client_id:uuid}"


def _to(client_id: UUID, part: str = "") -> str:
    return f"/bank/clients/{client_id}{part}"


@get(BASE, opt=READ, include_in_schema=False)
async def client_page(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]
) -> Response:
    """Everything the branch may see and do for one client."""
    async with platform.database.tenant(asker.tenant_id) as session:
        row = await service.find(session, asker, client_id)
        profile = await repository.load_profile(session, client_id)
        offered = await service.offered(session, platform.plugins, row.kind)
    held = await merchant_doors.money(platform, client_id) if asker.may("tenancy.merchant.read") else merchant_doors.Money([], {})
    admins = await doors.administrators(platform, client_id)
    known, blueprint = {merchant.code for merchant in held.merchants}, service.blueprints(platform.plugins).get(row.kind)
    return render(
        request, "tenancy/client.html", row=row, kind=_(KINDS.get(row.kind, row.kind)), me=asker.id,
        switches=consequences.switches(platform.plugins, offered, profile.plugins), on=consequences.of_turning_on,
        off=consequences.of_turning_off, held=held, admins=admins, step=_step(held, admins), may=asker.may,
        lacking=[name for code, name in (blueprint.merchants if blueprint else ()) if code not in known],
    )  # fmt: skip


def _step(held: merchant_doors.Money, admins: list) -> int:
    """How far the preparation of a draft is: accounts, merchants, hand-over, activation."""
    if not any(account.status == "active" for accounts in held.accounts.values() for account in accounts):
        return 1
    if not any(merchant.status == "active" for merchant in held.merchants):
        return 2
    return 4 if admins else 3


@post(BASE + "/prepare", opt=MANAGE, include_in_schema=False)
async def prepare(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]
) -> Response:
    """Add what the blueprint promises and is still missing."""
    await doors.prepare(platform, asker, client_id)
    return redirect(request, _to(client_id), success=_("已补齐"))


def _to_state(verb: str, state: str, said: str) -> HTTPRouteHandler:
    """The form that moves a client to another state, with a reason."""

    @post(f"{BASE}/{verb}", opt=MANAGE, include_in_schema=False)
    async def change(
        request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response:  # fmt: skip
        await doors.change_state(platform, asker, client_id, state, data.reason)
        return redirect(request, _to(client_id), success=_(said))

    return change


def _switch(verb: str, on: bool, said: str) -> HTTPRouteHandler:
    """The form that turns a plugin on or off."""

    @post(f"{BASE}/plugins/{{plugin:str}}/{verb}", opt=SWITCH, include_in_schema=False)
    async def change(
        request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
        plugin: FromPath[str],
    ) -> Response:  # fmt: skip
        await doors.switch(platform, asker, client_id, plugin, on)
        return redirect(request, _to(client_id), success=_(said))

    return change


STATES = [
    _to_state("activate", "active", N_("客户已启用")),
    _to_state("suspend", "suspended", N_("客户已暂停")),
    _to_state("close", "closed", N_("客户已终止")),
    _switch("on", True, N_("插件已开启")),
    _switch("off", False, N_("插件已关闭，数据保留")),
]


@get(BASE + "/hand-over", opt=MANAGE, include_in_schema=False)
async def hand_over_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID]
) -> Response:
    """Whom to hand over to."""
    row = await admit(platform, asker, client_id, "tenancy.client.manage")
    return render(request, "tenancy/hand_over.html", row=row, data=AdminForm(), errors={})


@post(BASE + "/hand-over", opt=MANAGE, include_in_schema=False)
async def hand_over(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], client_id: FromPath[UUID],
    data: URLEncodedBody[AdminForm],
) -> Response:
    """Make the administrator; show the password once."""
    row = await admit(platform, asker, client_id, "tenancy.client.manage")
    try:
        _id, password = await doors.hand_over(platform, asker, client_id, login=data.login, name=data.name)
    except PlatformError as error:
        errors = {"name" if error.code == "NAME_MISSING" else "login": translated(error)}
        return render(request, "tenancy/hand_over.html", status=error.status, row=row, data=data, errors=errors)
    login = data.login.strip().lower()
    return render(request, "tenancy/handed_over.html", row=row, login=login, name=data.name, password=password)


ROUTES = [client_page, prepare, *STATES, hand_over_form, hand_over]
