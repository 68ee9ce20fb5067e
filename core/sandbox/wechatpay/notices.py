"""What WeChat Pay tells a merchant after a payment, and how it is made to misbehave (WeChat Pay v3 §8)."""

import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels import wechatpay_crypto as crypto
from core.sandbox.delivery import queue
from core.sandbox.wechatpay import keys, merchants, orders, replies
from core.sandbox.wechatpay.merchants import Merchant, PlatformKey
from core.sandbox.wechatpay.orders import Order
from core.sandbox.world import Post, Told

CHANNEL = "wechatpay"


async def pay(connection: Connection, merchant: Merchant, order: Order, openid: str) -> Order | None:
    """Take the payer's money and queue the notification of it, in one transaction; None when it cannot be paid."""
    async with connection.transaction():
        paid = await orders.mark_paid(connection, order, openid)
        if paid is not None:
            await _queue(connection, merchant, paid)
        return paid


async def _queue(connection: Connection, merchant: Merchant, order: Order) -> None:
    event_id = f"EV-{clock.now().astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(8)}"
    await queue.tell(
        connection,
        channel=CHANNEL,
        account=order.mchid,
        number=order.out_trade_no,
        url=order.notify_url,
        event_id=event_id,
        payload=envelope(event_id, merchant, replies.transaction(order)),
    )


def envelope(event_id: str, merchant: Merchant, transaction: dict[str, object]) -> bytes:
    """A payment notification's body, its resource sealed with the merchant's APIv3 key."""
    nonce = keys.letters(12)
    plaintext = msgspec.json.encode(transaction)
    return msgspec.json.encode(
        {
            "id": event_id,
            "create_time": replies.rfc3339(clock.now()),
            "resource_type": "encrypt-resource",
            "event_type": "TRANSACTION.SUCCESS",
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": crypto.seal(merchant.apiv3_key, nonce, "transaction", plaintext),
                "associated_data": "transaction",
                "nonce": nonce,
            },
        }
    )


async def dress(connection: Connection, told: Told, twist: str | None) -> Post | None:
    """One POST of a notification, signed now; with a twist, the faulty copy that a merchant must refuse."""
    merchant = await merchants.find(connection, told.account)
    key = await merchants.signing_key(connection, merchant.signing)
    if twist is None:
        return Post(told.payload, _headers(key, told.payload))
    order = await orders.find(connection, told.account, told.number)
    return _twisted(twist, told, order, merchant, key)


def _twisted(twist: str, told: Told, order: Order, merchant: Merchant, key: PlatformKey) -> Post:
    body = told.payload
    headers = _headers(key, body)
    match twist:
        case "notice_tamper_body":
            body = body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCES5", 1)
        case "notice_tamper_signature":
            signature = headers["Wechatpay-Signature"]
            headers["Wechatpay-Signature"] = ("B" if signature[0] == "A" else "A") + signature[1:]
        case "notice_tamper_amount":
            altered = replies.transaction(msgspec.structs.replace(order, amount_fen=order.amount_fen + 1))
            body = envelope(told.event_id, merchant, altered)
            headers = _headers(key, body)
        case "notice_tamper_merchant":
            altered = replies.transaction(order) | {"mchid": f"{int(order.mchid) + 1}"}
            body = envelope(told.event_id, merchant, altered)
            headers = _headers(key, body)
        case "notice_stale":
            headers = _headers(key, body, timestamp=int(clock.now().timestamp()) - 600)
        case "notice_unknown_serial":
            headers["Wechatpay-Serial"] = f"{secrets.randbits(160):040X}"
        case "notice_probe":
            headers["Wechatpay-Signature"] = crypto.PROBE_PREFIX + headers["Wechatpay-Signature"][19:]
    return Post(body, headers, twist)


def _headers(key: PlatformKey, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    standard = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    return standard | replies.signature_headers(key, body, timestamp)
