"""Months of settlement in the console: their sums, their statements, signing them by two people."""

import datetime as dt

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.approvals import lists as approvals
from core.billing.filters import word_of
from core.database import Session
from core.exports.workbook import MEDIA_TYPE
from core.files.answers import attachment
from core.identity.actor import Actor
from core.identity.user_pages import timeline
from core.settlement import lists, months, service, statement_files
from core.settlement.month_words import signed_facts
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/settlement-months"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}


@get(PATH, opt=READ, include_in_schema=False)
async def month_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Every month with its sums."""
    return render(request, "settlement/months.html", found=await lists.list_months(session, actor, cursor))


@get(PATH + "/{month:str}", opt=READ, include_in_schema=False)
async def month_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str]
) -> Response:
    """One month: its sums by merchant, what stands in the way of signing it, who signed."""
    found = await lists.find_month(session, months.first_of(month), actor)
    about = await approvals.about(session, found.id) if found.id else []
    return render(
        request,
        "settlement/month.html",
        month=found,
        last_day=months.following(months.first_of(month)) - dt.timedelta(days=1),
        waiting=[row for row in about if row.status == "waiting"],
        may_make=actor.may(service.MAKE),
        timeline=await timeline(session, "settlement_month", found.id, {}) if found.id else [],
    )


@post(PATH + "/{month:str}/sign", opt=MAKE, include_in_schema=False)
async def propose(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str]) -> Response:
    """Ask a second person to sign the month."""
    lists.check_reach(actor, service.MAKE)
    reason = word_of({"reason": str((await request.form()).get("reason", ""))}, "reason") or _("月度结算核对无误")
    await months.propose(session, months.first_of(month), reason, actor)
    return redirect(request, f"{PATH}/{month}", success=_("已提交，等待另一位同事签认"))


@post(PATH + "/{month:str}/reopen", opt=MAKE, include_in_schema=False)
async def reopen(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], month: FromPath[str]) -> Response:
    """Ask a second person to open a signed month again."""
    lists.check_reach(actor, service.MAKE)
    reason = word_of({"reason": str((await request.form()).get("reason", ""))}, "reason")
    await months.propose_reopen(session, months.first_of(month), reason, actor)
    return redirect(request, f"{PATH}/{month}", success=_("已提交，等待另一位同事复核"))


@get(PATH + "/{month:str}/statement.xlsx", opt=READ, include_in_schema=False)
async def month_excel(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], month: FromPath[str]
) -> Response[bytes]:
    """The month's statement as Excel."""
    lists.check_reach(actor)
    return attachment(*await statement_files.month_excel(session, months.first_of(month), client.name), MEDIA_TYPE)


@get(PATH + "/{month:str}/statement.pdf", opt=READ, include_in_schema=False)
async def month_pdf(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], month: FromPath[str]
) -> Response[bytes]:
    """The month's statement as PDF."""
    first = months.first_of(month)
    found = await lists.find_month(session, first, actor)
    return attachment(*await statement_files.month_pdf(session, first, client.name, signed_facts(found)), statement_files.PDF)


ROUTES = [month_list, month_page, propose, reopen, month_excel, month_pdf]
