"""Asking a payer for money: one live order per bill, the attempt written before the channel is called, unknown stays pending."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec
import structlog

from core import clock, ids, money
from core.billing import service as billing
from core.billing.holding import HeldBill
from core.database import Row, Session
from core.errors import PlatformError
from core.ledger.errors import AlreadyPosted
from core.payers.access import Payer
from core.payments import offering, repository
from core.payments.accounts import service as accounts
from core.payments.capture import decide
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import Channel, ChannelAccount, ChannelState, OrderRef, OrderRequest, Prepared
from core.payments.errors import (
    AlreadyPaidMeanwhile,
    AmountOverLimit,
    AnotherPaymentUnderWay,
    ChannelBusy,
    ChannelNotOpened,
    EmptyCharge,
    KeyReused,
    OrderNotFound,
)
from core.payments.offering import Charge
from core.payments.offering import hold as hold
from core.payments.offering import limit_of as limit_of
from core.payments.offering import merchants_of as merchants_of
from core.payments.offering import payment_options as payment_options
from core.payments.routing import health
from core.payments.routing.service import Offer
from core.payments.schemas import Decision, OrderRead, PayItem, PaymentRead
from core.payments.states import ORDER
from core.payments.static_codes import service as static_codes
from core.platform import Platform
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
FIRST_QUERY = dt.timedelta(seconds=10)
LADDER_SECONDS = (10, 20, 30, 60, 120, 180, 300)


async def start_payment(
    platform: Platform,
    client: ClientProfile,
    payer: Payer | None,
    items: Sequence[PayItem],
    *,
    channel: str,
    scene: str,
    ip: str,
    idempotency_key: str,
    openid: str | None = None,
    return_url: str | None = None,
    static_code_id: UUID | None = None,
    capped: bool = False,
    charge: Charge | None = None,
    auth_code: str | None = None,
    lifetime: dt.timedelta | None = None,
) -> OrderRead:
    """Ask for one charge over some bills. The same key gives the same order; another live order on a bill is closed first.

    No transaction is held while the channel is called: the attempt is committed, then the call, then its result. The merchant number
    follows from the bills' merchants and the client's routes. `static_code_id` is the static QR the payer came by, whose daily cap holds;
    `capped` looks for the one this device came by. Who holds the bills already (`offering.hold`) gives them as `charge`: its transaction
    ends here. At a window there is no payer's device (`payer` is None), the payer shows a pay code (`auth_code`, never kept), and the
    order lives shorter.
    """
    way = platform.channels.get(channel)
    if way is None:
        raise ChannelNotOpened(channel=channel)
    _check_charge(way, scene, items)
    key = f"{payer.session_id}:{idempotency_key}" if payer else idempotency_key
    asked = {"channel": channel, "scene": scene, "payer_ip": ip, "openid": openid, "return_url": return_url, "idempotency_key": key}
    lifetime = lifetime or dt.timedelta(seconds=platform.settings.order_seconds)
    for _attempt in range(3):
        async with _held(platform, client, items, channel, charge) as held:
            charge = None
            order, offer, standing = await _place(held, platform, way, payer, items, asked, lifetime, capped)
            code_id = static_code_id or (order.came_by if order else None)
            if order and code_id:
                await static_codes.spend(held.session, code_id, order, payer)
            known = next((each for each in standing if each.idempotency_key == key), None)
            account = await accounts.by_id(held.session, platform.vault, (order or known).channel_account_id) if order or known else None
        if order is not None:
            return await _prepare(platform, client, way, account, order, offer.trouble, auth_code)
        if known is not None:
            return await _repeat(platform, client, way, account, known, items, scene, auth_code)
        mine = next((each for each in standing if _same(each, payer, items, channel, scene)), None)
        if mine is not None:
            return _read(mine)
        for other in standing:
            if other.status == "created" and clock.now() - other.created_at < FIRST_QUERY:
                raise AnotherPaymentUnderWay()  # its channel is being called at this moment
            await _end(platform, client, other)
    raise AnotherPaymentUnderWay()


async def find_order(session: Session, number: str) -> OrderRead:
    """One order; OrderNotFound outside this tenant."""
    row = await repository.find_order(session, number)
    if row is None:
        raise OrderNotFound()
    return _read(row)


async def check_order(platform: Platform, client: ClientProfile, number: str) -> OrderRead:
    """Ask the channel about an order that is still open, then answer its state."""
    async with platform.database.tenant(client.id) as session:
        row = await repository.find_order(session, number)
        if row is None:
            raise OrderNotFound()
        account = await accounts.by_id(session, platform.vault, row.channel_account_id)
    if row.status in ("created", "pending"):
        try:
            await settle(platform, client.id, account, await platform.channels[row.channel].query(account, order_ref(row)))
        except (ChannelUnknown, ChannelRefused) as error:
            log.info("order_query_unanswered", order=number, code=error.code)
    async with platform.database.tenant(client.id) as session:
        return await find_order(session, number)


async def cancel_order(platform: Platform, client: ClientProfile, number: str) -> OrderRead:
    """The payer changed their mind: close at the channel first, then here. If it turns out paid, it is paid."""
    async with platform.database.tenant(client.id) as session:
        row = await repository.find_order(session, number)
        if row is None:
            raise OrderNotFound()
    if row.status in ("created", "pending"):
        await _end(platform, client, row)
    async with platform.database.tenant(client.id) as session:
        return await find_order(session, number)


async def list_payments_of(session: Session, bill_ids: Sequence[UUID]) -> list[PaymentRead]:
    """The payments with money on some bills, oldest first."""
    rows = await repository.list_payments_of(session, list(bill_ids))
    return [
        PaymentRead(
            id=r.id, order_number=r.order_number, channel=r.channel, channel_txn_id=r.channel_txn_id, scene=r.scene,
            amount_fen=r.amount_fen, refunded_fen=r.refunded_fen, paid_at=r.paid_at,
        )
        for r in rows
    ]


async def settle(platform: Platform, tenant_id: UUID, account: ChannelAccount, state: ChannelState) -> Decision:
    """Apply a channel's word in a transaction of its own; a word already applied is a duplicate, whoever was first."""
    try:
        async with platform.database.tenant(tenant_id, by_key=True) as session:
            return await decide(session, account, state)
    except AlreadyPosted:
        return Decision(outcome="duplicate", order_number=state.order_number)


async def advance(platform: Platform, client: ClientProfile, number: str) -> None:
    """One rung of the ladder: query an open order, and close it once it has expired (close at the channel before closing here).

    A closed order is asked for a few times more: money that came after its close, told by nobody, is found here.
    """
    async with platform.database.tenant(client.id) as session:
        row = await repository.find_order(session, number)
        account = await accounts.by_id(session, platform.vault, row.channel_account_id) if row else None
    if row is None or account is None or row.status not in ("created", "pending", "closed"):
        return
    now = clock.now()
    way = platform.channels[row.channel]
    try:
        decision = await settle(platform, client.id, account, await way.query(account, order_ref(row)))
        if decision.outcome == "pending" and now >= row.expires_at:
            await _end(platform, client, row)
            return
    except AlreadyPaidMeanwhile:
        return
    except (ChannelUnknown, ChannelRefused, AnotherPaymentUnderWay) as error:
        log.info("order_query_unanswered", order=number, code=error.code)
    async with platform.database.tenant(client.id) as session:
        if row.status == "closed":
            await repository.look_again(session, row, now)
            return
        at = now + dt.timedelta(seconds=LADDER_SECONDS[min(row.queries, len(LADDER_SECONDS)) - 1])
        if now < row.expires_at:  # at its end it is asked for, to be closed; after that a channel that does not answer has the ladder's rests
            at = min(at, max(row.expires_at, now + dt.timedelta(seconds=5)))
        await repository.set_next_query(session, row.id, at)


def order_ref(row: Row) -> OrderRef:
    """An order as channels are asked about it."""
    return OrderRef(
        number=row.number, amount_fen=row.amount_fen, scene=row.scene, placed_at=row.created_at, expires_at=row.expires_at,
        currency=row.currency, reference=(row.prepared or {}).get("reference"), channel_txn_id=row.channel_txn_id,
    )


def _check_charge(way: Channel, scene: str, items: Sequence[PayItem]) -> None:
    if not items or any(item.amount_fen <= 0 for item in items) or len({item.bill_id for item in items}) != len(items):
        raise EmptyCharge()
    if scene not in way.scenes:
        raise ChannelNotOpened(channel=f"{way.title} {scene}")
    limit = way.limits.get(scene)
    if limit and sum(item.amount_fen for item in items) > limit:
        raise AmountOverLimit(limit=money.format_yuan(limit))


@contextlib.asynccontextmanager
async def _held(
    platform: Platform, client: ClientProfile, items: Sequence[PayItem], channel: str, charge: Charge | None
) -> AsyncIterator[Charge]:
    """The bills held in a transaction that ends with this block: the caller's, or one of our own."""
    if charge is not None:
        async with charge.session.ending():
            yield charge
        return
    async with platform.database.tenant(client.id, by_key=True) as session:
        yield await offering.hold(session, [item.bill_id for item in items], channel)


async def _place(
    held: Charge, platform: Platform, way: Channel, payer: Payer | None, items: Sequence[PayItem], asked: dict[str, str | None],
    lifetime: dt.timedelta, capped: bool,
) -> tuple[Row | None, Offer | None, Sequence[Row]]:
    """Write the attempt and answer it with the merchant number that takes it; or what stands in its way: the order of the same key, or
    what else is under way on the bills. A refusal counts only where nothing of this key stands there already.
    """
    key, amount_fen = asked["idempotency_key"], sum(item.amount_fen for item in items)
    bill_ids = [item.bill_id for item in items]
    try:
        _check_payable(held.bills, items)
    except PlatformError:
        known = [each for each in await repository.list_standing(held.session, key, bill_ids) if each.idempotency_key == key]
        if known:
            return None, None, known
        raise
    try:
        offer = offering.wanted(way, asked["scene"], held, amount_fen)
        if offer.resting_until and (standing := await repository.list_standing(held.session, key, bill_ids)):
            return None, None, standing
        if offer.resting_until and not await health.admit(held.session, offer.account_id):
            raise ChannelBusy(title=way.title)
    except PlatformError:
        if standing := await repository.list_standing(held.session, key, bill_ids):
            return None, None, standing
        raise
    account = await accounts.by_id(held.session, platform.vault, offer.account_id)
    now = clock.now()
    row = {
        "id": ids.uuid7(), "number": ids.number("P", clock.business_day(now).strftime("%y%m%d"), 14), "channel_account_id": offer.account_id,
        "mchid": account.mchid, "description": _told(held.bills)[:120], "amount_fen": amount_fen,
        "payer_id": payer.payer_id if payer else None, "payer_session_id": payer.session_id if payer else None,
        "expires_at": now + lifetime, "next_query_at": now + FIRST_QUERY, "bills": bill_ids, "amounts": [item.amount_fen for item in items],
    }  # fmt: skip
    found = await repository.place_order(held.session, asked | row, static_codes.seen_since(now) if capped else None)
    if found[0].placed:
        return found[0], offer, ()
    return None, None, found


def _check_payable(bills: Sequence[HeldBill], items: Sequence[PayItem]) -> None:
    """Whether the bills (held) take the money."""
    found = {bill.id: bill for bill in bills}
    for item in items:
        billing.check_payable(found[item.bill_id], item.amount_fen, merged=len(items) > 1)


def _told(bills: Sequence[HeldBill]) -> str:
    """What the payer's wallet shows."""
    return bills[0].title if len(bills) == 1 else f"{bills[0].title}等{len(bills)}张账单"


async def _prepare(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, order: Row, trouble: bool = False,
    auth_code: str | None = None,
) -> OrderRead:
    """Call the channel and keep what it said. Refused is failed; no trustworthy answer leaves the order to the queries.

    A merchant number that was in `trouble` and answers is well again; one that does not answer is on its way to a rest.
    """
    request = OrderRequest(
        number=order.number,
        description=order.description,
        amount_fen=order.amount_fen,
        scene=order.scene,
        notify_url=f"{platform.settings.public_url}/notify/{order.channel}/{client.code}/{order.channel_account_id}",
        expires_at=order.expires_at,
        placed_at=order.created_at,
        payer_ip=order.payer_ip,
        openid=order.openid,
        auth_code=auth_code,
        return_url=order.return_url and order.return_url.replace("{number}", order.number),
    )
    try:
        prepared = await way.create(account, request)
    except (AlreadyPaid, ChannelUnknown) as error:
        log.warning("order_create_unanswered", order=order.number, code=error.code)
        if isinstance(error, ChannelUnknown):
            async with platform.database.tenant(client.id) as session:
                await health.failed(session, order.channel_account_id, str(error.facts.get("reason", error.code)))
        return await check_order(platform, client, order.number)
    except ChannelRefused as error:
        async with platform.database.tenant(client.id) as session:
            if trouble:
                await health.worked(session, order.channel_account_id)  # a refusal is an answer
            held = await repository.lock_order(session, order.number)
            if held.status == "created":
                await repository.set_decided(session, held.id, ORDER.check(held.status, "failed"), error.message, clock.now())
        raise
    async with platform.database.tenant(client.id, by_key=True) as session:
        if trouble:
            await health.worked(session, order.channel_account_id)
        ready = await repository.set_prepared(session, order.id, msgspec.to_builtins(prepared), clock.now() + FIRST_QUERY)
        return await find_order(session, order.number) if ready is None else _read(ready)


async def _repeat(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, known: Row, items: Sequence[PayItem], scene: str,
    auth_code: str | None = None,
) -> OrderRead:
    """The same submission again: the same order, prepared if a crash came in between; other content under the same key is refused."""
    order = _read(known)
    if list(order.items) != list(items) or (known.channel, known.scene) != (way.code, scene):
        raise KeyReused()
    if known.status == "created":
        return await _prepare(platform, client, way, account, known, auth_code=auth_code)
    return order


async def _end(platform: Platform, client: ClientProfile, order: Row) -> None:
    """Close an order at the channel, then here; a channel that says paid is asked and believed."""
    async with platform.database.tenant(client.id) as session:
        account = await accounts.by_id(session, platform.vault, order.channel_account_id)
    way = platform.channels[order.channel]
    try:
        await way.close(account, order_ref(order))
    except AlreadyPaid:
        decision = await settle(platform, client.id, account, await way.query(account, order_ref(order)))
        if decision.outcome in ("booked", "duplicate", "suspense"):
            raise AlreadyPaidMeanwhile() from None
        raise AnotherPaymentUnderWay() from None
    except OrderNotAtChannel:
        log.info("order_never_reached_channel", order=order.number)
    except (ChannelUnknown, ChannelRefused) as error:
        raise AnotherPaymentUnderWay() from error
    async with platform.database.tenant(client.id) as session:
        held = await repository.lock_order(session, order.number)
        if held.status in ("created", "pending"):
            await repository.set_decided(session, held.id, ORDER.check(held.status, "closed"), None, clock.now())


def _same(order: Row, payer: Payer | None, items: Sequence[PayItem], channel: str, scene: str) -> bool:
    """Whether a live order is this very payer asking for the very same thing again (back button, second tap)."""
    if payer is None:
        return False
    mine = order.payer_session_id == payer.session_id or (payer.payer_id is not None and order.payer_id == payer.payer_id)
    now = clock.now()
    opens = order.prepared is None or msgspec.convert(order.prepared, Prepared).opens(now - order.created_at)
    fresh = order.status == "pending" and order.expires_at - now > dt.timedelta(minutes=2) and opens
    return mine and fresh and (order.channel, order.scene) == (channel, scene) and _items(order) == list(items)


def _items(row: Row) -> list[PayItem]:
    return msgspec.convert(row.items, list[PayItem])


def _read(row: Row) -> OrderRead:
    return OrderRead(
        id=row.id,
        number=row.number,
        status=row.status,
        channel=row.channel,
        scene=row.scene,
        amount_fen=row.amount_fen,
        currency=row.currency,
        description=row.description,
        expires_at=row.expires_at,
        created_at=row.created_at,
        decided_at=row.decided_at,
        last_error=row.last_error,
        prepared=msgspec.convert(row.prepared, Prepared) if row.prepared else None,
        items=_items(row),
    )
