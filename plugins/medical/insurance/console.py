"""Insurance in the console: what the insurer owes, a month against the insurer's files, and taking a wrong file back."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import paging
from core.approvals import lists as proposals
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.insurance import lists, repository, taking_back, words
from plugins.medical.insurance.states import SETTLEMENT

READ, MANAGE = {"permission": lists.READ}, {"permission": lists.MANAGE}
PATH = "/console/medical/insurance"
CLEARING = PATH + "/clearing"
FILTERS = ("q", "status", "clr_type", "period")
FILES = 10
"""So many of the insurer's files stand on a page."""


class WhyForm(msgspec.Struct):
    """Why a file is taken back."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get(PATH, opt=READ, include_in_schema=False)
async def settlement_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Settlements by month, state and clearing type."""
    given = {name: request.query_params.get(name, "") for name in FILTERS}
    found = await lists.list_settlements(session, lists.asked_of(given), cursor)
    return render(
        request, "medical/insurance.html", found=found, filtered=any(given.values()), periods=[(name, name) for name in lists.months()],
        statuses=[(code, status_label(code, "medical.settlement")) for code in SETTLEMENT.states],
        types=[(name, name) for name in await repository.list_types(session)], may_export=actor.may("exports.make"),
        may_import=actor.may(lists.MANAGE) and actor.may("imports.make"), sees_orders=actor.may("medical.order.read"),
    )  # fmt: skip


@get(CLEARING, opt=READ, include_in_schema=False)
async def clearing_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], period: FromQuery[str] = "", verdict: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None, older: FromQuery[str] = "",
) -> Response:
    """A month's settlements against what the insurer paid and refused."""
    period = period or lists.months(1)[0]
    files = await repository.list_clearings(session, paging.read_id(older or None), FILES + 1)
    waiting = {row.subject_id: row.id for row in await proposals.waiting_about(session, [row.id for row in files])} if files else {}
    return render(
        request, "medical/clearing.html", found=await lists.compare(session, period, verdict, cursor), periods=[(name, name) for name in lists.months()],
        verdicts=[(code, status_label(code, "medical.clearing")) for code in words.VERDICTS], verdict=verdict,
        files=files[:FILES], older=str(files[FILES - 1].id) if len(files) > FILES else "", waiting=waiting, may_export=actor.may("exports.make"),
        may_manage=actor.may(lists.MANAGE), may_import=actor.may(lists.MANAGE) and actor.may("imports.make"),
    )  # fmt: skip


@post(PATH + "/clearing-files/{clearing_id:uuid}/take-back", opt=MANAGE, include_in_schema=False)
async def file_take_back(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], clearing_id: FromPath[UUID], data: URLEncodedBody[WhyForm]
) -> Response:
    """Ask a second person to take a wrong file back."""
    try:
        await taking_back.propose(session, clearing_id, data.reason, actor)
    except PlatformError as error:
        if error.status in (403, 404):
            raise
        return redirect(request, CLEARING, danger=translated(error))
    return redirect(request, CLEARING, success=_("已提交，等待另一位同事复核"))


ROUTES = [settlement_list, clearing_page, file_take_back]
