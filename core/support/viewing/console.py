"""客服查看, the bank's side: clients that consented, asking one for consent, entering its console and leaving it."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock, paging
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import doors, lists, repository, service
from core.support.consents.schemas import AskForm, id_of
from core.support.errors import ConsentNotFound
from core.support.rights import VIEW
from core.support.viewing import service as viewing
from core.support.words import CONSENT_STATES
from core.tenancy import repository as clients
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.i18n import ngettext
from core.web.templating import redirect, render

PATH = "/bank/support"
MAY = {"permission": VIEW, "side": "bank"}
FIELDS = {"PURPOSE_MISSING": "purpose", "CONSENT_TOO_LONG": "days"}
MOST_SHOWN = 200


@get(PATH, opt=MAY, include_in_schema=False)
async def view_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Whom one may look at, has asked, or could look at."""
    now = clock.now()
    rows = await repository.list_for_bank(
        session, actor.reach(VIEW), UUID(actor.id), now, service.stale(now), state=lists.state_asked(status), words=q.strip(),
        before=paging.read_id(cursor), limit=paging.PAGE + 1,
    )  # fmt: skip
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(
        request, "support/views.html", rows=shown, next_cursor=more, state_of={row.id: service.state_of(row, now) for row in shown}, me=actor.id,
        states=[(code, _(word)) for code, (word, _tone) in CONSENT_STATES.items()],
    )  # fmt: skip


@get(PATH + "/ask", opt=MAY, include_in_schema=False)
async def ask_form(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], q: FromQuery[str] = "", ticket: FromQuery[str] = "",
    purpose: FromQuery[str] = "",
) -> Response:  # fmt: skip
    """Which client, why, for how long."""
    chosen = request.query_params.get("client", "")  # by the name `client` a handler would get the profile of its own
    return await _form(request, platform, asker, AskForm(client=chosen, ticket=ticket, purpose=purpose[:200]), words=q.strip())


async def _form(request: Request, platform: Platform, by: Actor, data: AskForm, error: PlatformError | None = None, words: str = "") -> Response:
    async with platform.database.tenant(by.tenant_id) as session:
        rows = list(await clients.list_clients(session, by.reach(VIEW), words=words, status="active", limit=MOST_SHOWN))
        wanted = id_of(data.client)
        if wanted and wanted not in {row.id for row in rows} and (chosen := await clients.find_client(session, wanted, by.reach(VIEW))):
            rows.insert(0, chosen)
    errors = {FIELDS.get(error.code, "client"): translated(error)} if error else {}
    return render(
        request, "support/ask.html", status=error.status if error else 200, data=data, errors=errors,
        clients=[(str(row.id), f"{row.name}（{row.code}）") for row in rows],
        days=[(str(n), ngettext("%(num)s 天", "%(num)s 天", n)) for n in (1, 3, service.MOST_DAYS)], words=words, most=MOST_SHOWN,
    )  # fmt: skip


@post(PATH + "/requests", opt=MAY, include_in_schema=False)
async def ask(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[AskForm]) -> Response:
    """Ask."""
    try:
        client_id = id_of(data.client)
        if client_id is None:
            raise ConsentNotFound("请选择客户")
        days = int(data.days) if data.days.isdigit() else 0
        await doors.ask(platform, asker, client_id, purpose=data.purpose, days=days, ticket_id=id_of(data.ticket))
    except PlatformError as error:
        if error.status >= 500:
            raise
        return await _form(request, platform, asker, data, error)
    return redirect(request, PATH, success=_("已发出申请，对方的首页会出现待办"))


@post(PATH + "/requests/{consent_id:uuid}/withdraw", opt=MAY, include_in_schema=False)
async def withdraw(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> Response:
    """Do not need it any more."""
    async with platform.database.tenant(asker.tenant_id) as session:
        copy = await repository.find(session, consent_id)
    if copy is None:
        raise ConsentNotFound()
    await doors.withdraw(platform, asker, copy.client_id, consent_id)
    return redirect(request, PATH, success=_("申请已撤回"))


@post(PATH + "/views/{consent_id:uuid}", opt=MAY, include_in_schema=False)
async def enter(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]) -> Response:
    """Enter the client's console, at a page of it if one is named."""
    page = str((await request.form()).get("page", ""))
    await viewing.begin(platform, asker, consent_id)
    return redirect(request, page if page.startswith("/console/") and "?" not in page else "/console")


@post(PATH + "/leave", opt={"permission": "any", "side": "bank"}, include_in_schema=False)
async def leave(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """Leave it."""
    await viewing.leave(platform, asker)
    return redirect(request, PATH, success=_("已离开客户的后台"))


ROUTES = [view_list, ask_form, ask, withdraw, enter, leave]
