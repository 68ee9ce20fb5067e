"""Asking a payer for money: one live order per bill, the attempt written before the channel is called, unknown stays pending."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec
import structlog

from core import clock, ids, money
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row, Session
from core.ledger.errors import AlreadyPosted
from core.payers.access import Payer
from core.payments import accounts, health, offering, repository, static_codes
from core.payments.capture import decide
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import Channel, ChannelAccount, ChannelState, OrderRef, OrderRequest, Prepared
from core.payments.errors import (
    AlreadyPaidMeanwhile,
    AmountOverLimit,
    AnotherPaymentUnderWay,
    ChannelNotOpened,
    EmptyCharge,
    KeyReused,
    OrderNotFound,
)
from core.payments.offering import merchants_of as merchants_of
from core.payments.offering import payment_options as payment_options
from core.payments.schemas import Decision, OrderRead, PayItem, PaymentRead
from core.payments.states import ORDER
from core.platform import Platform
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
FIRST_QUERY = dt.timedelta(seconds=10)
LADDER_SECONDS = (10, 20, 30, 60, 120, 180, 300)


async def start_payment(
    platform: Platform,
    client: ClientProfile,
    payer: Payer,
    items: Sequence[PayItem],
    *,
    channel: str,
    scene: str,
    ip: str,
    idempotency_key: str,
    openid: str | None = None,
    return_url: str | None = None,
    static_code_id: UUID | None = None,
) -> OrderRead:
    """Ask for one charge over some bills. The same key gives the same order; another live order on a bill is closed first.

    No transaction is held while the channel is called: the attempt is committed, then the call, then its result. The merchant number
    follows from the bills' merchants and the client's routes; `static_code_id` is the static QR the payer came by, whose daily cap holds.
    """
    way = platform.channels.get(channel)
    if way is None:
        raise ChannelNotOpened(channel=channel)
    _check_charge(way, scene, items)
    key = f"{payer.session_id}:{idempotency_key}"
    for _attempt in range(3):
        async with platform.database.tenant(client.id) as session:
            known = await _known(session, items, key)
            if known is not None:
                account = await accounts.by_id(session, platform.vault, known.channel_account_id)
                break
            bills, live = await _payable(session, items)
            if not live:
                offer = await offering.taken(session, way, scene, sum(item.amount_fen for item in items), offering.merchants_of(bills))
                account = await accounts.by_id(session, platform.vault, offer.account_id)
                order = await _write(session, offer.account_id, account, payer, items, _told(bills), channel, scene, ip, key, openid, return_url,
                                     dt.timedelta(seconds=platform.settings.order_seconds))
                if static_code_id is not None:
                    await static_codes.spend(session, static_code_id, order, payer)
                break
            mine = next((o for o in live if _same(o, payer, items, channel, scene)), None)
            if mine is not None:
                return _read(mine)
        for other in live:
            if other.status == "created" and clock.now() - other.created_at < FIRST_QUERY:
                raise AnotherPaymentUnderWay()  # its channel is being called at this moment
            await _end(platform, client, other)
    else:
        raise AnotherPaymentUnderWay()
    if known is not None:
        return await _repeat(platform, client, way, account, known, items, scene)
    return await _prepare(platform, client, way, account, order, offer.trouble)


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
        async with platform.database.tenant(tenant_id) as session:
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
        wait = LADDER_SECONDS[min(row.queries, len(LADDER_SECONDS)) - 1]
        at = now + dt.timedelta(seconds=wait)
        await repository.set_next_query(session, row.id, min(at, max(row.expires_at, now + dt.timedelta(seconds=5))))


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


async def _known(session: Session, items: Sequence[PayItem], key: str) -> Row | None:
    """The order this key has made, if it has. The bills are held first: of two taps at once the second finds the first one's order."""
    await billing.share_out(session, [(item.bill_id, item.amount_fen) for item in items], 0)
    return await repository.find_order_by_key(session, key)


async def _payable(session: Session, items: Sequence[PayItem]) -> tuple[list[BillRead], Sequence[Row]]:
    """Check that the bills (held) take the money, and find what else is under way on them."""
    bills = [await billing.find_bill(session, item.bill_id) for item in items]
    for bill, item in zip(bills, items, strict=True):
        billing.check_payable(bill, item.amount_fen, merged=len(items) > 1)
    return bills, await repository.list_live_orders(session, [item.bill_id for item in items])


def _told(bills: Sequence[BillRead]) -> str:
    """What the payer's wallet shows."""
    return bills[0].title if len(bills) == 1 else f"{bills[0].title}等{len(bills)}张账单"


async def _write(
    session: Session, account_id: UUID, account: ChannelAccount, payer: Payer, items: Sequence[PayItem], description: str,
    channel: str, scene: str, ip: str, key: str, openid: str | None, return_url: str | None, lifetime: dt.timedelta,
) -> Row:
    now = clock.now()
    number = ids.number("P", clock.business_day(now).strftime("%y%m%d"), 14)
    await repository.add_order(
        session,
        {
            "id": ids.uuid7(),
            "number": number,
            "channel_account_id": account_id,
            "channel": channel,
            "mchid": account.mchid,
            "scene": scene,
            "description": description[:120],
            "amount_fen": sum(item.amount_fen for item in items),
            "payer_id": payer.payer_id,
            "payer_session_id": payer.session_id,
            "idempotency_key": key,
            "payer_ip": ip,
            "openid": openid,
            "return_url": return_url,
            "expires_at": now + lifetime,
            "next_query_at": now + FIRST_QUERY,
            "bills": [item.bill_id for item in items],
            "amounts": [item.amount_fen for item in items],
        },
    )
    return await repository.find_order(session, number)


async def _prepare(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, order: Row, trouble: bool = False
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
    async with platform.database.tenant(client.id) as session:
        if trouble:
            await health.worked(session, order.channel_account_id)
        await repository.set_prepared(session, order.id, msgspec.to_builtins(prepared), clock.now() + FIRST_QUERY)
        return await find_order(session, order.number)


async def _repeat(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, known: Row, items: Sequence[PayItem], scene: str
) -> OrderRead:
    """The same submission again: the same order, prepared if a crash came in between; other content under the same key is refused."""
    order = _read(known)
    if list(order.items) != list(items) or known.scene != scene:
        raise KeyReused()
    if known.status == "created":
        return await _prepare(platform, client, way, account, known)
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


def _same(order: Row, payer: Payer, items: Sequence[PayItem], channel: str, scene: str) -> bool:
    """Whether a live order is this very payer asking for the very same thing again (back button, second tap)."""
    mine = order.payer_session_id == payer.session_id or (payer.payer_id is not None and order.payer_id == payer.payer_id)
    fresh = order.status == "pending" and order.expires_at - clock.now() > dt.timedelta(minutes=2)
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
