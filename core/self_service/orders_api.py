"""Paying, for programs: what is offered, one charge however often it is asked for, what became of it."""

from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core.cashier import family
from core.database import Session
from core.identity.errors import IdempotencyKeyMissing
from core.once import HEADER
from core.payers.access import Payer
from core.payers.api import ROOT, TAGS, opt
from core.payers.pages import address_of
from core.payments import service as payments
from core.payments.errors import OrderNotFound
from core.payments.schemas import OrderRead
from core.platform import Platform
from core.self_service.bills_api import payable
from core.self_service.schemas import Options, OrderCreate, OrderState
from core.tenancy.directory import ClientProfile

ORDERS = ROOT + "/payment-orders"


@get(ROOT + "/payment-options", opt=opt("device"), tags=TAGS)
async def list_options(
    request: Request,
    session: NamedDependency[Session],
    payer: NamedDependency[Payer],
    platform: NamedDependency[Platform],
    bill: FromQuery[list[UUID]],
) -> Options:
    """How these bills can be paid from a device like the one of this `User-Agent`, with the limits; name `bill` once for each."""
    known = await family.load(session, payer)
    bills = [found for found in (known.find(bill_id)[1] for bill_id in dict.fromkeys(bill)) if payable(found)]
    amount_fen = sum(found.open_fen for found in bills)
    agent = request.headers.get("user-agent", "")
    return Options(await payments.payment_options(platform, session, agent, amount_fen, payments.merchants_of(bills)), amount_fen)


@post(ORDERS, opt=opt("device"), tags=TAGS)
async def start_payment(
    request: Request,
    paying: NamedDependency[Payer],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[OrderCreate],
) -> OrderRead:
    """One charge; needs an `Idempotency-Key`: the same key and content give the same order. `prepared` says how to go on to the wallet."""
    key = request.headers.get(HEADER, "")
    if not 8 <= len(key) <= 64 or not (key.isascii() and key.isprintable()):
        raise IdempotencyKeyMissing()
    async with platform.database.tenant(client.id) as session:
        known = await family.load(session, paying)
    for item in data.items:
        known.find(item.bill_id)
    only = next(iter(paying.openids.values())) if len(paying.openids) == 1 else None
    return await payments.start_payment(
        platform, client, paying, data.items, channel=data.channel, scene=data.scene, ip=address_of(request), idempotency_key=key,
        openid=data.openid or only, return_url=data.return_url or f"{platform.settings.public_url}/h5/{client.code}/orders/{{number}}",
    )  # fmt: skip


@get(ORDERS + "/{number:str}", opt=opt("device"), tags=TAGS)
async def get_order(session: NamedDependency[Session], payer: NamedDependency[Payer], number: FromPath[str]) -> OrderState:
    """Paid (`succeeded`), not paid (`closed`, `failed`) or being checked (the rest); the platform asks the channel by itself."""
    return await _state(session, payer, number)


@post(ORDERS + "/{number:str}/cancel", opt=opt("device"), tags=TAGS, status_code=200)
async def cancel_order(
    paying: NamedDependency[Payer], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str]
) -> OrderState:
    """The payer changed their mind; what turns out paid is paid."""
    async with platform.database.tenant(client.id) as session:
        await _state(session, paying, number)
    await payments.cancel_order(platform, client, number)
    async with platform.database.tenant(client.id) as session:
        return await _state(session, paying, number)


async def _state(session: Session, payer: Payer, number: str) -> OrderState:
    """An order all of whose bills this session may see; anything else does not exist."""
    if not (number.isascii() and number.isalnum() and len(number) <= 32):
        raise OrderNotFound()
    order, known = await payments.find_order(session, number), await family.load(session, payer)
    for bill_id in order.bill_ids:
        known.find(bill_id)
    paid = [payment for payment in await payments.list_payments_of(session, order.bill_ids) if payment.order_number == number]
    return OrderState(order, paid[0].paid_at if paid else None)


ROUTES = [list_options, start_payment, get_order, cancel_order]
