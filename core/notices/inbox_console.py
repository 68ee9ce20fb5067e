"""The console's bell: what a member of staff is told of, and how many are new."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock
from core.database import Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.notices import inbox, templates
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.i18n import ngettext
from core.web.templating import redirect, render

ANYBODY = {"permission": "any"}
PATH = "/console/inbox"


@get(PATH, opt=ANYBODY, include_in_schema=False)
async def inbox_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What I was told, the newest first."""
    events = templates.events_of(platform, client)
    entries, more = await inbox.of_staff(session, events, actor, cursor)
    return render(request, "notices/inbox.html", entries=entries, next_cursor=more, unread=await inbox.unread_of_staff(session, events, actor))


@get(PATH + "/bell", opt=ANYBODY, include_in_schema=False)
async def bell(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
) -> Response:
    """The bell with its number, fetched by the shell once a page stands."""
    return render(request, "notices/bell.html", unread=await inbox.unread_of_staff(session, templates.events_of(platform, client), actor))


@post(PATH + "/seen", opt=ANYBODY, include_in_schema=False)
async def seen(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Everything was looked at; which can be taken back."""
    at = clock.now()
    count = await inbox.seen_by_staff(session, actor, at=at)
    said = ngettext("%(num)s 条已标为已读", "%(num)s 条已标为已读", count) if count else ""
    return redirect(request, PATH, undo=(PATH + "/unseen", {"at": at.isoformat()}), info=said)


@post(PATH + "/unseen", opt=ANYBODY, include_in_schema=False)
async def unseen(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Those of that moment are new again."""
    try:
        at = dt.datetime.fromisoformat(str((await request.form()).get("at", "")))
    except ValueError:
        raise NotFound() from None
    if at.tzinfo is None:
        raise NotFound()
    await inbox.unseen_by_staff(session, actor, at)
    return redirect(request, PATH, info=_("已恢复为未读"))


@post(PATH + "/{notice_id:uuid}/open", opt=ANYBODY, include_in_schema=False)
async def open_entry(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    notice_id: FromPath[UUID],
) -> Response:
    """One entry was looked at: go to what it speaks of."""
    entries, _more = await inbox.of_staff(session, templates.events_of(platform, client), actor, None, 200)
    await inbox.seen_by_staff(session, actor, notice_id)
    return redirect(request, next((entry.href for entry in entries if entry.id == notice_id and entry.href), PATH))


ROUTES = [inbox_page, bell, seen, unseen, open_entry]
