"""Paying an order, and withdrawing one that somebody may be paying: the channel is asked with no transaction open."""

import msgspec

from core.database import Row, Session
from core.errors import Conflict
from core.identity.actor import Actor
from core.identity.errors import IdempotencyKeyMissing
from core.payments import desk
from core.payments import service as payments
from core.payments.errors import AlreadyPaidMeanwhile, KeyReused
from core.payments.errors import OrderNotFound as AttemptNotFound
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.orders import service
from plugins.medical.orders.errors import NothingInCash, PayerNeeded
from plugins.medical.orders.schemas import OrderRead, PayAsk, PayRead

_NEEDS = {"jsapi": "openid", "barcode": "auth_code"}


class Withdrawn(Conflict):
    code = "MED_ORDER_CANCELLED"
    message = "这张诊疗订单已撤销，不能再支付"


async def pay(
    session: Session, platform: Platform, client: ClientProfile, vendor: Row | None, number: str, ask: PayAsk, by: Actor, ip: str, key: str | None
) -> PayRead:
    """Ask a channel for an order's cash part. The same key is the same attempt; a code at a window is one attempt whatever the key.

    The session's transaction ends before the channel is called. Raises NothingInCash, Withdrawn, KeyReused, PayerNeeded, and what any charge raises.
    """
    if key is None or not 8 <= len(key) <= 100 or not key.isprintable():
        raise IdempotencyKeyMissing()
    _check(ask)
    order = await service.find(session, number, vendor)
    if order.bill_id is None:
        raise NothingInCash()
    if order.status == "cancelled":
        raise Withdrawn()
    held = await payments.hold(session, [order.bill_id], ask.channel)
    attempt = await payments.start_payment(
        platform, client, None, [PayItem(order.bill_id, held.bills[0].open_fen or held.bills[0].amount_fen)], channel=ask.channel,
        scene=ask.scene, ip=ip, idempotency_key=_key(platform, client, order, ask, by, key), openid=ask.openid, auth_code=ask.auth_code,
        return_url=link_of(platform, client, order) if ask.scene == "h5" else None, charge=held,
    )  # fmt: skip
    if attempt.channel != ask.channel:
        raise KeyReused()
    if ask.scene == "barcode" and attempt.status in ("created", "pending"):
        attempt = await payments.check_order(platform, client, attempt.number)  # a wallet's code is mostly paid at once
    return PayRead(
        number=order.number, payment_number=attempt.number, status=attempt.status, channel=attempt.channel, scene=attempt.scene,
        amount_fen=attempt.amount_fen, expires_at=attempt.expires_at, prepared=attempt.prepared, pay_code=order.pay_code,
        link=link_of(platform, client, order),
    )  # fmt: skip


async def cancel(platform: Platform, client: ClientProfile, number: str, by: Actor, vendor: Row | None, reason: str) -> OrderRead:
    """Withdraw an order: what somebody began to pay is closed at its channel first; if that turns out paid the order is paid, not withdrawn.

    Raises AlreadyPaidMeanwhile, AnotherPaymentUnderWay, IllegalTransition.
    """
    async with platform.database.tenant(client.id) as session:
        order = await service.find(session, number, vendor)
        waiting = await desk.live_orders(session, [order.bill_id]) if order.bill_id else []
    for attempt in waiting:
        try:
            ended = await payments.cancel_order(platform, client, attempt.number)
        except AttemptNotFound:
            continue
        if ended.status == "succeeded":
            raise AlreadyPaidMeanwhile()
    async with platform.database.tenant(client.id) as session:
        return await service.cancel(session, number, by, vendor, reason)


def link_of(platform: Platform, client: ClientProfile, order: OrderRead) -> str:
    """Where a phone pays an order without logging in; empty where there is nothing to pay."""
    return f"{platform.settings.public_url}/h5/{client.code}/code?code={order.pay_code}" if order.pay_code else ""


def linked(platform: Platform, client: ClientProfile, order: OrderRead) -> OrderRead:
    """An order with that address."""
    return msgspec.structs.replace(order, link=link_of(platform, client, order))


def _check(ask: PayAsk) -> None:
    for scene, field in _NEEDS.items():
        if (ask.scene == scene) != (getattr(ask, field) is not None):
            raise PayerNeeded(scene=scene, field=field)


def _key(platform: Platform, client: ClientProfile, order: OrderRead, ask: PayAsk, by: Actor, key: str) -> str:
    """A program's key counts for its own orders; a wallet's code makes one attempt, and is kept nowhere."""
    said = f"code {ask.channel} {ask.auth_code}" if ask.auth_code else f"key {by.id} {order.number} {key}"
    return f"medical:{platform.vault.route_hash('medical_pay', f'{client.id} {said}').hex()}"

