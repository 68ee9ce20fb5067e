"""Payment orders and payments in the console: what was asked for, what came, and where each fen lies."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import books
from core.payments import lists, service
from core.payments.words import ORDER_STATES
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ORDERS, PAYMENTS = {"permission": lists.READ_ORDERS}, {"permission": lists.READ_PAYMENTS}


@get("/console/payment-orders", opt=ORDERS, include_in_schema=False)
async def order_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """What payers began to pay, and how it ended."""
    asked = lists.asked_of(request.query_params)
    page = await lists.list_orders(session, asked, actor, cursor)
    states = [(code, _(label)) for code, label in ORDER_STATES]
    return render(request, "payments/orders.html", found=page, asked=asked, states=states)


@get("/console/payment-orders/{number:str}", opt=ORDERS, include_in_schema=False)
async def order_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> Response:
    """One order: its bills, what the channel told us, and a button to ask now."""
    story = await lists.order_story(session, number, actor)
    return render(request, "payments/order.html", story=story, may_see_payment=actor.may(lists.READ_PAYMENTS))


@post("/console/payment-orders/{number:str}/check", opt=ORDERS, include_in_schema=False)
async def ask_channel(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """Ask the channel now instead of waiting for the next query; nothing is held while it answers."""
    async with platform.database.tenant(client.id) as session:
        await lists.order_story(session, number, asker)
        await audit.record(session, asker, "payments.order.ask", "payment_order", number)
    order = await service.check_order(platform, client, number)
    told = _("渠道答复：%(state)s", state=status_label(order.status, "payment"))
    return redirect(request, f"/console/payment-orders/{number}", info=told)


@get("/console/payments", opt=PAYMENTS, include_in_schema=False)
async def payment_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """Money that came."""
    asked = lists.asked_of(request.query_params)
    page = await lists.list_payments(session, asked, actor, cursor)
    return render(request, "payments/payments.html", found=page, asked=asked)


@get("/console/payments/{payment_id:uuid}", opt=PAYMENTS, include_in_schema=False)
async def payment_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], payment_id: FromPath[UUID]
) -> Response:
    """One payment: where each fen lies, the journals behind it, its receipts."""
    story = await lists.payment_story(session, payment_id, actor)
    linked = actor.may(books.READ) and actor.reach(books.READ) is None
    return render(
        request, "payments/payment.html", story=story, books_linked=linked, may_see_bill=actor.may("billing.bill.read"),
        may_see_order=actor.may(lists.READ_ORDERS), may_refund=actor.may("refunds.refund.make"),
    )  # fmt: skip


ROUTES = [order_list, order_page, ask_channel, payment_list, payment_page]
