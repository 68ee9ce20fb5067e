"""What became of a payment, in three honest states: paid, not paid, being checked. The last resolves by itself."""

import datetime as dt
import time

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock
from core.cashier import family
from core.errors import Conflict
from core.payers.access import Payer
from core.payers.pages import ROOT, action, home, page
from core.payments import service as payments
from core.payments.errors import AnotherPaymentUnderWay, OrderNotFound
from core.payments.schemas import OrderRead
from core.platform import Platform
from core.receipts import service as receipts
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

ASK_EVERY_SECONDS = 3.0
LONG = dt.timedelta(minutes=3)
"""A payment unresolved for so long is told what happens to the money, whichever way it ends."""
_asked: dict[str, float] = {}
"""When this process last asked the channel about an order: a page that polls must not become a storm of queries."""


@page("/orders/{number:str}")
async def order_page(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
    go: FromQuery[str] = "",
    sent: FromQuery[str] = "",
) -> Response[str]:
    """The state of a payment; asks the channel when nobody has told us yet. `go` leads on to the channel's own page by itself, once.

    `sent`: the card's holder has confirmed at the gateway, so the page waits for its word instead of asking for a card again.
    """
    order, known = await _mine(platform, client, paying, number)
    if order.status in ("created", "pending") and _may_ask(number):
        order = await payments.check_order(platform, client, number)
    bills = [known.find(bill_id)[1] for bill_id in order.bill_ids]
    again = f"{home(request)}/pay?" + "&".join(f"bill={bill.id}" for bill in bills)
    if order.status in ("created", "pending"):
        kind = order.prepared.kind if order.prepared else ""
        handed_over = kind == "card" and sent == "1"
        kind = "" if handed_over else kind
        context = {"order": order, "bills": bills, "kind": kind, "again": again, "go": go == "1", "way": platform.channels[order.channel]}
        bridge = f"{platform.settings.sandbox_url}/sandbox/wechat.js" if platform.settings.demo and order.channel == "wechatpay" else ""
        age = clock.now() - order.created_at
        context |= {"handed_over": handed_over, "long": age > LONG, "opens": order.prepared is None or order.prepared.opens(age)}
        waits = None if kind == "card" else 4
        back_url = f"{platform.settings.public_url}{home(request)}/orders/{number}"
        return render(
            request, "cashier/order_open.html", refresh_seconds=waits, home=home(request), bridge=bridge, back_url=back_url, **context
        )
    async with platform.database.tenant(client.id) as session:
        found = await receipts.receipts_of(session, order.bill_ids) if order.status == "succeeded" else []
        paid = [p for p in await payments.list_payments_of(session, order.bill_ids) if p.order_number == number]
    mine = [receipt for receipt in found if receipt.payment_id in {p.id for p in paid}]
    context = {"order": order, "bills": bills, "again": again, "receipts": mine, "paid_at": paid[0].paid_at if paid else order.decided_at}
    left_fen = sum(bill.open_fen for bill in (await _mine(platform, client, paying, number))[1].bills)
    return render(request, "cashier/order_done.html", home=home(request), left_fen=left_fen, **context)


@post(ROOT + "/orders/{number:str}", opt={"side": "payer", "permission": "public"}, include_in_schema=False)
async def back_by_form(request: Request, number: FromPath[str]) -> Response:
    """Back from a channel that returns the payer with a form of its own (UnionPay). What it says proves nothing and is not read.

    A cross-site POST brings no cookie of ours; the page that it leads to knows the device again and asks the channel.
    """
    if not _plain(number):
        raise OrderNotFound()
    return redirect(request, f"{home(request)}/orders/{number}")


@action("/orders/{number:str}/cancel")
async def cancel(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> Response:
    """The payer changed their mind; a payment that turns out paid is paid."""
    order, _known = await _mine(platform, client, paying, number)
    here = f"{home(request)}/orders/{number}"
    try:
        order = await payments.cancel_order(platform, client, number)
    except AnotherPaymentUnderWay:  # some channels cannot end an order before it lapses
        told = _("这笔支付要到 %(when)s 才能结束；没付就不会扣款，到时可以重新支付。", when=order.expires_at.astimezone(clock.SHANGHAI).strftime("%H:%M"))
        return redirect(request, here, info=told)
    except Conflict as error:
        return redirect(request, here, info=error.message)
    return redirect(request, here, info=_("已取消，没有扣款") if order.status == "closed" else "")


async def _mine(platform: Platform, client: ClientProfile, payer: Payer, number: str) -> tuple[OrderRead, family.Family]:
    """A payment all of whose bills this device may see; anything else does not exist."""
    if not _plain(number):
        raise OrderNotFound()
    async with platform.database.tenant(client.id) as session:
        order = await payments.find_order(session, number)
        known = await family.load(session, payer)
    for bill_id in order.bill_ids:
        known.find(bill_id)
    return order, known


def _plain(number: str) -> bool:
    return number.isascii() and number.isalnum() and len(number) <= 32


def _may_ask(number: str) -> bool:
    now = time.monotonic()
    if now - _asked.get(number, 0.0) < ASK_EVERY_SECONDS:
        return False
    if len(_asked) > 10_000:
        _asked.clear()
    _asked[number] = now
    return True


ROUTES = [order_page, back_by_form, cancel]
