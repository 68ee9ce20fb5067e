"""The unified order API: one set of addresses for HIS and every vendor; a vendor sees and touches only its own orders."""

from collections.abc import Mapping

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from core.once import HEADER, once
from core.payers.pages import address_of
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.orders import lists, paying, service
from plugins.medical.orders.schemas import CancelAsk, OrderAsk, OrderPage, OrderRead, PayAsk, PayRead
from plugins.medical.vendors import service as vendors

TAGS = ["医疗 medical"]
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE, "by_key": True}
ORDERS = "/api/v1/medical/orders"
ONE = ORDERS + "/{number:str}"


@post(ORDERS, opt=MAKE, status_code=201, tags=TAGS)
async def place(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[OrderAsk],
) -> Response[OrderRead]:
    """Take an order and bill its cash part; needs an `Idempotency-Key`.

    The same `his_bill_no` with the same content is the same order whatever the key; with other content 409 `MED_ORDER_DIFFERS`.
    """

    async def work() -> OrderRead:
        vendor = await vendors.vendor_of(session, actor)
        keys = await platform.vault.keys(session)
        return paying.linked(platform, client, await service.place(session, keys, data, actor, vendor, client.settings))

    return await once(request, session, actor, 201, work)


@get(ORDERS, opt=READ, tags=TAGS)
async def list_orders(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    scene: FromQuery[str] = "",
    department: FromQuery[str] = "",
    created_from: FromQuery[str] = "",
    created_to: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> OrderPage:
    """Orders, the newest first; `q` is an order's, bill's, patient's or visit's number, a pay code or a patient's whole name."""
    given: Mapping[str, str] = {
        "q": q, "status": status, "kind": kind, "scene": scene, "department": department, "from": created_from, "to": created_to,
    }  # fmt: skip
    vendor = await vendors.vendor_of(session, actor)
    return await lists.list_orders(session, lists.asked_of(given), actor, vendor, cursor, paging.page_size(limit))


@get(ONE, opt=READ, tags=TAGS)
async def get_order(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
) -> OrderRead:
    """One order: its state, split, pay code, and the address under which a phone pays it."""
    row = await service.row_of(session, number, await vendors.vendor_of(session, actor))
    return paying.linked(platform, client, lists.seen(row, actor))


@post(ONE + "/cancel", opt=MAKE, status_code=200, tags=TAGS)
async def cancel(
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
    data: JSONBody[CancelAsk],
) -> OrderRead:
    """Withdraw an order that nobody paid; withdrawn again it stays withdrawn.

    What a payer began is closed at its channel first: 409 `ALREADY_PAID_MEANWHILE` when it turns out paid.
    """
    vendor = await _vendor(platform, client, asker)
    return paying.linked(platform, client, await paying.cancel(platform, client, number, asker, vendor, data.reason))


@post(ONE + "/pay", opt=MAKE, status_code=201, tags=TAGS)
async def pay(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    number: FromPath[str],
    data: JSONBody[PayAsk],
) -> PayRead:
    """Ask a channel for the order's cash part; needs an `Idempotency-Key`, and the same request again answers the same attempt.

    `prepared` says how the payer goes on: show `value` as a code (native), hand `params` to the wallet (jsapi), open `value` (h5), or wait
    (barcode). The money counts when the order is `paid`: ask `GET …/{number}`.
    """
    vendor = await vendors.vendor_of(session, actor)
    key = request.headers.get(HEADER)
    return await paying.pay(session, platform, client, vendor, number, data, actor, address_of(request), key)


async def _vendor(platform: Platform, client: ClientProfile, asker: Actor) -> Row | None:
    async with platform.database.tenant(client.id) as session:
        return await vendors.vendor_of(session, asker)


ROUTES = [place, list_orders, get_order, cancel, pay]
