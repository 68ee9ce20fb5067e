"""Orders in the console: the list, and one order with its split, its payments, what HIS was told and what went back."""

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.billing import units
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.insurance import service as insurance
from plugins.medical.orders import histories, lists, paying, repository, service, words
from plugins.medical.orders.errors import OrderNotFound
from plugins.medical.orders.states import KINDS, ORDER, SCENES
from plugins.medical.returns import repository as returns

WORDS, HISTORIES = words, histories
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}
PATH = "/console/medical/orders"
ONE = PATH + "/{number:str}"
FILTERS = ("q", "status", "kind", "scene", "department", "from", "to")
COLLECT = "counter.shift.run"


@get(PATH, opt=READ, include_in_schema=False)
async def order_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Orders by state, kind, scene, department and day; whole numbers are found, and a patient's whole name."""
    given = {name: request.query_params.get(name, "") for name in FILTERS}
    found = await lists.list_orders(session, lists.asked_of(given), actor, None, cursor)
    return render(
        request, "medical/orders.html", found=found, filtered=any(given.values()), may_export=actor.may("exports.make"),
        departments=(await units.load(session, actor.reach(service.READ))).choices(),
        statuses=[(code, status_label(code, "med_order")) for code in ORDER.states],
        kinds=[(code, status_label(code, "medical.order_kind")) for code in KINDS],
        scenes=[(code, status_label(code, "medical.scene")) for code in SCENES],
    )  # fmt: skip


@get(ONE, opt=READ, include_in_schema=False)
async def order_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """One order; what was charged only as categories."""
    row = await service.row_of(session, number.replace("\0", "")[:64])
    if not actor.reaches(service.READ, row.department_id):
        raise OrderNotFound()
    trades = await repository.list_trades(session, row.bill_id) if row.bill_id else []
    return render(
        request, "medical/order.html", order=paying.linked(platform, client, lists.seen(row, actor)), bill_status=row.bill_status, trades=trades,
        late_fen=sum(trade.suspense_fen for trade in trades), settlement=await insurance.of_order(session, row.id), row=row,
        returned=await returns.list_of_order(session, number), may_make=actor.may(service.MAKE), may_collect=actor.may(COLLECT),
        may=actor.may,
    )  # fmt: skip


@post(ONE + "/cancel", opt=MAKE, include_in_schema=False)
async def order_cancel(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """Withdraw it: at the channel first, then here."""
    reason = str((await request.form()).get("reason", ""))[:200]
    try:
        await paying.cancel(platform, client, number, asker, None, reason)
    except OrderNotFound:
        raise
    except PlatformError as error:
        return redirect(request, f"{PATH}/{number}", danger=translated(error))
    return redirect(request, f"{PATH}/{number}", success=_("订单已撤销，账单已作废"))


ROUTES = [order_list, order_page, order_cancel]
