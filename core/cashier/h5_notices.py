"""The payer's inbox, and what they do not want to be told: one tap to leave a kind out, one tap to have it again."""

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.database import Session
from core.notices import inbox, templates
from core.payers.access import Payer
from core.payers.pages import action, actor_of, home, page
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render


@page("/notices", permission="payer")
async def notices_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """What was told, the newest first; looking at it marks it as read."""
    events = templates.events_of(platform, client)
    entries, more = await inbox.of_payer(session, events, payer.payer_id, client.name, home(request), cursor)
    await inbox.seen_by_payer(session, payer.payer_id)
    return render(request, "cashier/notices.html", home=home(request), entries=entries, next_cursor=more)


@page("/notices/choices", permission="payer")
async def choices_page(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response[str]:
    """Which kinds are wanted."""
    found = await inbox.choices(session, templates.events_of(platform, client), payer.payer_id)
    return render(request, "cashier/notice_choices.html", home=home(request), choices=found)


@action("/notices/choices", permission="payer")
async def choose_notices(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """Leave a kind out, or have it again."""
    form = await request.form()
    kind, wanted = str(form.get("kind", ""))[:80], form.get("wanted") == "1"
    events = templates.events_of(platform, client)
    await inbox.choose(session, events, payer.payer_id, kind, wanted, actor_of(request, payer, session.tenant_id))
    told = _("已恢复接收") if wanted else _("已退订，不再发短信和微信")
    return redirect(request, f"{home(request)}/notices/choices", success=told)


ROUTES = [notices_page, choices_page, choose_notices]
