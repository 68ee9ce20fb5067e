"""Bills in the console: the list that answers every question about what is owed, and one bill with everything behind it."""

from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import ids
from core.approvals import lists as approvals
from core.billing import bound, filters, lists, lists_repository, repository, units
from core.billing.words import FILTER_STATES
from core.database import Session
from core.identity.actor import Actor
from core.ledger import books
from core.web.i18n import gettext as _
from core.web.templating import render

READ = {"permission": lists.READ}


@get("/console/bills", opt=READ, include_in_schema=False)
async def bill_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    sort: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Bills by name, number, state, unit, item and due date, with the sums of all that fit."""
    asked = filters.read(request.query_params)
    tree = await units.load(session, actor.reach(lists.READ))
    page = await lists.list_bills(session, tree, asked, filters.sort_of(sort), cursor)
    items = [(row.code, row.name) for row in await repository.list_items(session)]
    states = [(code, _(label)) for code, label in FILTER_STATES]
    return render(
        request, "billing/list.html", found=page, asked=asked, units=tree.choices(), items=items, states=states,
        may_export=actor.may("exports.make"),
    )  # fmt: skip


@get("/console/bills/{bill_id:uuid}", opt=READ, include_in_schema=False)
async def bill_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], bill_id: FromPath[UUID]
) -> Response:
    """One bill: lines with the rule that priced them, money, journals, versions, history, and what may be done."""
    bill = await lists.find_bill(session, bill_id, actor)
    tree = await units.load(session, actor.reach(lists.READ))
    story = await lists.story(session, bill, tree, actor)
    return render(
        request,
        "billing/bill.html",
        story=story,
        bill=lists.masked(bill),
        waiting=[row for row in await approvals.about(session, bill_id) if row.status == "waiting"],
        orders=await lists_repository.list_live_orders(session, bill_id),
        may_adjust=actor.reaches(lists.ADJUST, bill.org_id),
        bound=bound.is_bound(bill),
        may_see_payment=actor.may("payments.payment.read"),
        may_see_order=actor.may("payments.order.read"),
        may_print=bill.open_fen > 0 and actor.reaches("printing.sheet.make", bill.org_id),
        may_refund=actor.reaches("refunds.refund.make", bill.org_id),
        books_linked=actor.may(books.READ) and actor.reach(books.READ) is None,
        key=ids.token(),
    )


ROUTES = [bill_list, bill_page]
