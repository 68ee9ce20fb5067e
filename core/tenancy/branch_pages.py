"""The bank's branches, and what each kind of client gets."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.identity.schemas import RenameForm
from core.platform import Platform
from core.tenancy import branches, service
from core.tenancy.forms import BranchForm, DefaultForm
from core.tenancy.kinds import KINDS
from core.tenancy.text import place_of
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

READ = {"permission": "tenancy.branch.read", "side": "bank"}
MANAGE = {"permission": "tenancy.branch.manage", "side": "bank"}
DEFAULT = {"permission": "tenancy.plugin.default", "side": "bank"}
UNDER = {"hq": "branch", "branch": "sub_branch"}


@get("/bank/branches", opt=READ, include_in_schema=False)
async def branch_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The tree, with what each branch brings."""
    return await _page(request, session, actor, BranchForm())


async def _page(request: Request, session: Session, by: Actor, data: BranchForm, error: PlatformError | None = None) -> Response:
    figures = await branches.figures(session, by.reach("tenancy.branch.read"))
    may_manage = by.may("tenancy.branch.manage")
    parents = [(row.id, row.name) for row in figures if row.kind in UNDER] if may_manage else []
    errors = {"name" if error.code == "FIELD_MISSING" else "code": translated(error)} if error else {}
    shown = {"figures": figures, "parents": parents, "may_manage": may_manage, "data": data, "errors": errors}
    return render(request, "tenancy/branches.html", status=error.status if error else 200, **shown)


@post("/bank/branches", opt=MANAGE, include_in_schema=False)
async def branch_add(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[BranchForm]
) -> Response:
    """A branch under head office, or a sub-branch under a branch: the parent decides."""
    try:
        async with platform.database.tenant(asker.tenant_id) as session:
            parent_id = place_of(data.parent)
            kind = next((UNDER[row.kind] for row in await branches.within(session, None) if row.id == parent_id and row.kind in UNDER), "")
            await branches.add(session, asker, parent_id, kind, data.code, data.name)
    except PlatformError as error:
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _page(request, session, asker, data, error)
    return redirect(request, "/bank/branches", success=_("机构已新建"))


@post("/bank/branches/{branch_id:uuid}/name", opt=MANAGE, include_in_schema=False)
async def branch_rename(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], branch_id: FromPath[UUID],
    data: URLEncodedBody[RenameForm],
) -> Response:
    """Another name."""
    await branches.rename(session, actor, branch_id, data.name)
    return redirect(request, "/bank/branches", success=_("已保存"))


@get("/bank/plugins", opt=DEFAULT, include_in_schema=False)
async def plugin_list(request: Request, session: NamedDependency[Session], platform: NamedDependency[Platform]) -> Response:
    """Installed plugins: for which kinds they are on from the first day, and whether branches see them."""
    rows = []
    for code, kind, on, visible in await service.defaults(session, platform.plugins):
        info = platform.plugins.info[code]
        told = {"plugin": code, "title": _(info.title), "summary": _(info.summary), "kind": kind, "kind_title": _(KINDS.get(kind, kind))}
        rows.append(told | {"on": on, "visible": visible})
    return render(request, "tenancy/plugins.html", rows=rows)


@post("/bank/plugins", opt=DEFAULT, include_in_schema=False)
async def plugin_default(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: URLEncodedBody[DefaultForm],
) -> Response:
    """Set both switches of a plugin for a kind of client; clients that exist keep what they have."""
    on, visible = bool(data.on_by_default), bool(data.visible)
    await service.set_default(session, platform.plugins, actor, data.plugin, data.kind, on, visible)
    return redirect(request, "/bank/plugins", success=_("已保存，只影响以后开立的客户"))


ROUTES = [branch_list, branch_add, branch_rename, plugin_list, plugin_default]
