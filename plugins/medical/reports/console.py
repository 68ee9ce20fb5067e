"""The hospital's reports in the console."""

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from core.billing import units
from core.counter.states import SHIFT
from core.database import Session
from core.identity.actor import Actor
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import render
from plugins.medical.orders import words
from plugins.medical.orders.states import KINDS, SCENES
from plugins.medical.reports import service

WORDS = words


@get("/console/medical/revenue", opt={"permission": service.REVENUE}, include_in_schema=False)
async def revenue_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """What departments earned."""
    reach = actor.reach(service.REVENUE)
    found = await service.revenue(session, dict(request.query_params), reach)
    return render(
        request, "medical/revenue.html", found=found, departments=(await units.load(session, reach)).choices(), may_export=actor.may("exports.make"),
        ways=[("department", _("按科室")), ("day", _("按日")), ("kind", _("按类型")), ("scene", _("按场景"))],
        kinds=[(code, status_label(code, "medical.order_kind")) for code in KINDS if code not in ("deposit", "prepay")],
        scenes=[(code, status_label(code, "medical.scene")) for code in SCENES],
    )  # fmt: skip


@get("/console/medical/shifts", opt={"permission": service.SHIFTS}, include_in_schema=False)
async def shift_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Each cashier's day."""
    status = status if status in SHIFT.states else ""
    found, more = await service.list_days(session, actor, status, cursor)
    return render(
        request, "medical/shifts.html", rows=found, next_cursor=more, may_export=actor.may("exports.make"),
        statuses=[(code, status_label(code, "counter.shift")) for code in SHIFT.states],
    )  # fmt: skip


ROUTES = [revenue_page, shift_page]
