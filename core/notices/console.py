"""Notices in the console: what was sent to whom and what became of it, per publication, and sending dead ones again."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.database import Session
from core.identity.actor import Actor
from core.notices import filters, lists, runs, templates
from core.notices.words import MEANS, REASONS, STATES
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

READ, MANAGE = {"permission": lists.READ}, {"permission": lists.MANAGE}
PATH, RUNS = "/console/notices", "/console/notice-runs"


class ResendForm(msgspec.Struct):
    """The filter whose dead notices are sent again."""

    q: Annotated[str, msgspec.Meta(max_length=128)] = ""
    event: Annotated[str, msgspec.Meta(max_length=80)] = ""
    means: Annotated[str, msgspec.Meta(max_length=10)] = ""
    status: Annotated[str, msgspec.Meta(max_length=10)] = ""
    run: Annotated[str, msgspec.Meta(max_length=128)] = ""


@get(PATH, opt=READ, include_in_schema=False)
async def notice_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Notices by event, means, state, person, publication and day."""
    asked, events = filters.read(request.query_params), templates.events_of(platform, client)
    found = await lists.page_of(session, events, asked, actor, cursor)
    return render(
        request,
        "notices/list.html",
        found=found,
        asked=asked,
        events=[(event.code, _(event.title)) for event in events.values() if event.audience != "staff"],
        means=[(code, _(word)) for code, word in MEANS.items()],
        states=[("waiting", _("还没发出")), *((code, _(word)) for code, (word, _tone) in STATES.items())],
        reasons=REASONS,
        means_words=MEANS,
        total=sum(found.counts.values()),
        may_manage=actor.may(lists.MANAGE),
        may_export=actor.may("exports.make"),
        may_see_bill=actor.may("billing.bill.read"),
    )


@get(PATH + "/{notice_id:uuid}", opt=READ, include_in_schema=False)
async def notice_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    notice_id: FromPath[UUID],
) -> Response:
    """One notice: its words, where it stands, and why."""
    events, keys = templates.events_of(platform, client), await platform.vault.keys(session)
    found = await lists.find(session, keys, events, notice_id, actor)
    return render(
        request,
        "notices/notice.html",
        notice=found,
        reasons=REASONS,
        means_words=MEANS,
        may_resend=actor.may(lists.MANAGE) and found.status in ("failed", "capped"),
        may_see_bill=actor.may("billing.bill.read"),
    )


@post(PATH + "/{notice_id:uuid}/resend", opt=MANAGE, include_in_schema=False)
async def resend(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], notice_id: FromPath[UUID]
) -> Response:
    """Send one dead notice again."""
    await lists.send_again(session, notice_id, actor)
    return redirect(request, f"{PATH}/{notice_id}", success=_("已重新排队，稍后刷新查看结果"))


@post(PATH + "/resend", opt=MANAGE, include_in_schema=False)
async def resend_all(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[ResendForm]
) -> Response:
    """Send every dead notice of the filter again."""
    done = await lists.send_all_again(session, filters.read(msgspec.to_builtins(data)), actor)
    return redirect(request, PATH, success=_("已重新排队 %(n)s 条", n=done))


@get(RUNS, opt=READ, include_in_schema=False)
async def run_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Publications and reminder runs, the newest first."""
    found, more = await runs.page_of(session, actor, cursor)
    return render(request, "notices/runs.html", found=found, next_cursor=more)


@get(RUNS + "/one", opt=READ, include_in_schema=False)
async def run_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], run: FromQuery[str]) -> Response:
    """One publication: how many bills were issued, and how many families know of them."""
    found = await lists.run_of(session, run[:128], actor)
    return render(request, "notices/run.html", run=found, title=await runs.title_of(session, found.run), may_print=actor.may("printing.sheet.make"))


ROUTES = [notice_list, notice_page, resend, resend_all, run_list, run_page]
