"""The checker's desk in the console: what waits for a second person, with what it would change."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.approvals import lists, service
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ANYBODY = {"permission": "any"}
"""Each kind of proposal has its own right; what is not the asker's to see is not found."""


class DecisionForm(msgspec.Struct, forbid_unknown_fields=False):
    """A decision as the page posts it."""

    remark: Annotated[str, msgspec.Meta(max_length=500)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get("/console/approvals", opt=ANYBODY, include_in_schema=False)
async def approval_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    tab: FromQuery[str] = "waiting",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What waits for me, what I asked for, what was decided."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    page = await lists.desk(session, kinds, actor, tab, cursor)
    count = await lists.count_waiting(session, kinds, actor)
    return render(request, "approvals/list.html", found=page, tab=tab, waiting=count)


@get("/console/approvals/{approval_id:uuid}", opt=ANYBODY, include_in_schema=False)
async def approval_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> Response:
    """One proposal: who asks for what, why, and what it would change."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    return render(request, "approvals/approval.html", approval=await lists.find(session, kinds, approval_id, actor))


@post("/console/approvals/{approval_id:uuid}/approve", opt=ANYBODY, include_in_schema=False)
async def approve(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
    data: URLEncodedBody[DecisionForm],
) -> Response:
    """Agree: it is done at once."""
    row = await service.approve(session, service.kinds_of(platform.plugins, client.plugins), approval_id, actor, data.remark.strip())
    return redirect(request, "/console/approvals", success=_("已同意并执行：%(title)s", title=row.title))


@post("/console/approvals/{approval_id:uuid}/reject", opt=ANYBODY, include_in_schema=False)
async def reject(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
    data: URLEncodedBody[DecisionForm],
) -> Response:
    """Refuse, saying why: nothing happens."""
    kinds = service.kinds_of(platform.plugins, client.plugins)
    row = await service.reject(session, kinds, approval_id, actor, data.reason or data.remark)
    return redirect(request, "/console/approvals", info=_("已退回：%(title)s", title=row.title))


@post("/console/approvals/{approval_id:uuid}/withdraw", opt=ANYBODY, include_in_schema=False)
async def withdraw(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    approval_id: FromPath[UUID],
) -> Response:
    """Take one's own proposal back."""
    row = await service.withdraw(session, service.kinds_of(platform.plugins, client.plugins), approval_id, actor)
    return redirect(request, "/console/approvals?tab=mine", info=_("已撤回：%(title)s", title=row.title))


ROUTES = [approval_list, approval_page, approve, reject, withdraw]
