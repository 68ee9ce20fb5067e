"""A client's console: the work list it opens on, the org tree, API keys."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.database import Session
from core.errors import InvalidRequest, PlatformError
from core.identity import keys, org, worklist
from core.identity.actor import Actor
from core.identity.faces import CONSOLE, offered_roles, places
from core.identity.org_tree import branches_of
from core.identity.schemas import KeyForm, MoveForm, RenameForm, UnitForm
from core.identity.user_pages import timeline
from core.platform import Platform
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.statuses import unit_kind
from core.web.templating import redirect, render

READ_ORG = {"permission": "identity.org.read"}
MANAGE_ORG = {"permission": "identity.org.manage"}
KEYS = {"permission": "identity.key.manage"}


@get("/console", opt={"permission": "any"}, include_in_schema=False)
async def home(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """What needs doing today."""
    found = await worklist.home(session, actor, platform.plugins, CONSOLE, request.scope["state"]["client_profile"].plugins)
    return render(request, "identity/home.html", found=found, roleless=not actor.rights)


@get("/console/org", opt=READ_ORG, include_in_schema=False)
async def org_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], unit: FromQuery[UUID | None] = None
) -> Response:
    """The tree, and one unit of it."""
    units = await org.list_units(session, actor.reach("identity.org.read"))
    labels: dict[UUID, str] = {}
    for row in units:
        labels[row.id] = f"{labels[row.parent_id]} / {row.name}" if row.parent_id in labels else row.name
    chosen = next((row for row in units if row.id == unit), None)
    plugins = request.scope["state"]["client_profile"].plugins
    kinds = [(kind, unit_kind(kind, plugins)) for kind in dict.fromkeys(row.kind for row in units)]
    return render(
        request, "identity/org.html", tree=branches_of(units, unit), chosen=chosen, labels=labels,
        kinds=kinds, count=len(units), may_manage=actor.may("identity.org.manage"),
        events=await timeline(session, org.OBJECT, chosen.id) if chosen else [],
    )  # fmt: skip


@post("/console/org", opt=MANAGE_ORG, include_in_schema=False)
async def unit_create(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[UnitForm]
) -> Response:
    """A new unit."""
    parent_id = UUID(data.parent) if data.parent else None
    kind, code = data.kind.strip() or "unit", data.code.strip() or None
    unit_id = await org.create(session, actor, parent_id=parent_id, kind=kind, name=data.name, code=code)
    return redirect(request, f"/console/org?unit={unit_id}", success=_("已新建"))


@post("/console/org/{unit_id:uuid}/name", opt=MANAGE_ORG, include_in_schema=False)
async def unit_rename(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], unit_id: FromPath[UUID],
    data: URLEncodedBody[RenameForm],
) -> Response:
    """Another name."""
    await org.rename(session, actor, unit_id, data.name)
    return redirect(request, f"/console/org?unit={unit_id}", success=_("已保存"))


@post("/console/org/{unit_id:uuid}/place", opt=MANAGE_ORG, include_in_schema=False)
async def unit_move(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], unit_id: FromPath[UUID],
    data: URLEncodedBody[MoveForm],
) -> Response:
    """Another place."""
    if not data.parent:
        raise InvalidRequest("请选择新的上级单位")
    await org.move(session, actor, unit_id, UUID(data.parent))
    return redirect(request, f"/console/org?unit={unit_id}", success=_("已移动"))


@get("/console/keys", opt=KEYS, include_in_schema=False)
async def key_list(request: Request, session: NamedDependency[Session]) -> Response:
    """The keys of the client's own systems."""
    return await _key_page(request, session, KeyForm())


async def _key_page(request: Request, session: Session, data: KeyForm, error: PlatformError | None = None) -> Response:
    roles = offered_roles(request)
    return render(
        request, "identity/keys.html", status=error.status if error else 200, keys=await keys.list_keys(session), data=data,
        errors={_field(error): translated(error)} if error else {}, titles={code: _(role.title) for code, role in roles.items()},
        options=[(code, _(role.title)) for code, role in keys.fitting(roles).items()], now=clock.now(), places=await places(session, CONSOLE),
    )  # fmt: skip


def _field(error: PlatformError) -> str:
    place = {"ROLE_NEEDS_PLACE": "place", "ROLE_TAKES_NO_PLACE": "place", "NOT_FOUND": "place"}
    return {"NAME_MISSING": "name", "UNKNOWN_ROLE": "role", "KEY_ROLE_TOO_STRONG": "role", **place}.get(error.code, "expires_on")


@post("/console/keys", opt=KEYS, include_in_schema=False)
async def key_create(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[KeyForm]
) -> Response:
    """A new key, shown once."""
    try:
        expires_at = _end_of(data.expires_on)
        async with platform.database.tenant(asker.tenant_id) as session:
            _id, token = await keys.create(
                session, platform.routes, platform.vault.route_hash, offered_roles(request), asker,
                name=data.name, held=[(data.role, _place_of(data.place))] if data.role else [], expires_at=expires_at,
            )  # fmt: skip
    except PlatformError as error:
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _key_page(request, session, data, error)
    return render(request, "identity/key_once.html", token=token, name=data.name)


def _place_of(typed: str) -> UUID | None:
    """The org unit that was chosen; anything else is no place."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def _end_of(day: str) -> dt.datetime | None:
    """The last moment of a Shanghai day."""
    if not day:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(23, 59, 59), clock.SHANGHAI)
    except ValueError:
        raise InvalidRequest("日期应写成 2026-09-01 的样子") from None


@post("/console/keys/{key_id:uuid}/end", opt=KEYS, include_in_schema=False)
async def key_end(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], key_id: FromPath[UUID]) -> Response:
    """No more answers for this key."""
    await keys.end(session, actor, key_id)
    return redirect(request, "/console/keys", success=_("密钥已停用"))


ROUTES = [home, org_page, unit_create, unit_rename, unit_move, key_list, key_create, key_end]
