"""The bank's house, `/bank`: the work list and key figures, the clients, and opening one from a blueprint."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody

from core import paging
from core.database import Session
from core.errors import PlatformError
from core.identity import worklist
from core.identity.actor import Actor
from core.identity.faces import BANK
from core.platform import Platform
from core.tenancy import branches, doors, repository, service, tasks_repository
from core.tenancy.branches_repository import branch_subtree
from core.tenancy.forms import ClientForm
from core.tenancy.kinds import KINDS
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PAGE = 50
READ = {"permission": "tenancy.client.read", "side": "bank"}
MANAGE = {"permission": "tenancy.client.manage", "side": "bank"}
FIELD_OF = {
    "CODE_MALFORMED": "code",
    "CODE_TAKEN": "code",
    "USCC_MALFORMED": "uscc",
    "UNKNOWN_CLIENT_KIND": "kind",
    "NOT_FOUND": "branch",
}


def kinds() -> list[tuple[str, str]]:
    """The kinds of client as options."""
    return [(code, _(title)) for code, title in KINDS.items()]


@get("/bank", opt={"permission": "any", "side": "bank"}, include_in_schema=False)
async def home(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]
) -> Response:
    """What needs doing, and what each branch brings."""
    found = await worklist.home(session, actor, platform.plugins, BANK)
    figures = await branches.figures(session, actor.reach("tenancy.client.read")) if actor.may("tenancy.client.read") else []
    whole = [row for row in figures if not any(other.depth < row.depth for other in figures)]
    total = {name: sum(getattr(row, name) for row in whole) for name in branches.COUNTED}
    may_collect = actor.may("reports.collection.read")
    return render(request, "tenancy/home.html", found=found, figures=figures, total=total, roleless=not actor.rights, may_collect=may_collect)


@get("/bank/clients", opt=READ, include_in_schema=False)
async def client_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor],
    q: FromQuery[str] = "", status: FromQuery[str] = "", kind: FromQuery[str] = "", branch: FromQuery[UUID | None] = None,
    cursor: FromQuery[str] = "",
) -> Response:
    """The clients of one's branches."""
    reach = actor.reach("tenancy.client.read")
    rows = await repository.list_clients(
        session, reach, words=q.strip(), status=status, kind=kind, after=cursor, limit=PAGE + 1,
        branch_ids=await branch_subtree(session, branch) if branch else None,
    )  # fmt: skip
    more = rows[PAGE - 1].code if len(rows) > PAGE else None
    places = [(row.id, row.name) for row in await branches.within(session, reach)]
    titles = {code: _(info.title) for code, info in request.app.state.platform.plugins.info.items()}
    return render(
        request, "tenancy/clients.html", clients=rows[:PAGE], next_cursor=more, kinds=kinds(), branches=places, titles=titles,
        may_open=actor.may("tenancy.client.manage"), kind_names=dict(kinds()),
    )  # fmt: skip


@get("/bank/clients/new", opt=MANAGE, include_in_schema=False)
async def client_new(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], kind: FromQuery[str] = ""
) -> Response:
    """The wizard: first the kind, then the facts."""
    return await _wizard(request, session, actor, ClientForm(kind=kind))


async def _wizard(request: Request, session: Session, by: Actor, data: ClientForm, error: PlatformError | None = None) -> Response:
    plugins = request.app.state.platform.plugins
    known = service.blueprints(plugins)
    chosen = known.get(data.kind)
    shown = {
        "data": data,
        "errors": {FIELD_OF.get(error.code, "name"): translated(error)} if error else {},
        "blueprints": [(blueprint, _(KINDS.get(kind, blueprint.title))) for kind, blueprint in known.items() if kind in KINDS],
        "chosen": chosen,
        "chosen_title": _(KINDS[data.kind]) if chosen else "",
        "plugin_titles": [_(plugins.info[p].title) for p in await service.starting_plugins(session, plugins, chosen)] if chosen else [],
        "branches": [(row.id, row.name) for row in await branches.within(session, by.reach("tenancy.client.manage"))],
    }
    return render(request, "tenancy/client_new.html", status=error.status if error else 200, **shown)


@post("/bank/clients", opt=MANAGE, include_in_schema=False)
async def client_open(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[ClientForm]
) -> Response:
    """Open the client as a draft and prepare what its blueprint promises."""
    try:
        client_id = await doors.open_client(
            platform, asker, code=data.code, name=data.name, kind=data.kind, branch=data.branch,
            legal_name=data.legal_name, uscc=data.uscc,
        )  # fmt: skip
    except PlatformError as error:
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _wizard(request, session, asker, data, error)
    return redirect(request, f"/bank/clients/{client_id}", success=_("客户已开立，请按步骤完成准备后启用"))


@get("/bank/tasks", opt=READ, include_in_schema=False)
async def task_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], kind: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:  # fmt: skip
    """What waits for this branch at its clients."""
    after = paging.read_cursor(cursor, tasks_repository.Place)
    rows = await tasks_repository.list_tasks(session, actor.reach("tenancy.client.read"), kind, after=after, limit=paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: paging.write_cursor(row.created_at, row.client_id, row.object_id, row.kind))
    names = {"account_check": _("复核结算账户"), "merchant_activate": _("启用商户"), "onboarding_review": _("审核进件"), "rate_check": _("复核费率变更")}
    return render(request, "tenancy/tasks.html", tasks=shown, next_cursor=more, names=names, mine=actor.id)


ROUTES = [home, client_list, client_new, client_open, task_list]
