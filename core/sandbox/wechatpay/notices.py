"""What WeChat Pay tells a merchant after a payment, a refund or a split, and how it is made to misbehave (WeChat Pay v3 §8)."""

import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels.wechatpay import crypto
from core.sandbox.delivery import queue
from core.sandbox.wechatpay import keys, merchants, orders, replies
from core.sandbox.wechatpay.merchants import Merchant, PlatformKey
from core.sandbox.wechatpay.orders import Order
from core.sandbox.world import Post, Told

CHANNEL = "wechatpay"


async def pay(connection: Connection, order: Order, openid: str) -> Order | None:
    """Take the payer's money and queue the notification of it, in one transaction; None when it cannot be paid."""
    async with connection.transaction():
        paid = await orders.mark_paid(connection, order, openid)
        if paid is not None:
            await tell(connection, paid, "transaction", "TRANSACTION.SUCCESS", "支付成功", replies.transaction(paid), paid.notify_url)
        return paid


async def tell(
    connection: Connection, order: Order, about: str, event_type: str, summary: str, content: dict[str, object], url: str
) -> None:
    """Queue the notification of something that has just happened to an order, sealed for whoever asked for it."""
    speaker = await merchants.speaker(connection, order.speaker)
    event_id = f"EV-{clock.now().astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(8)}"
    await queue.tell(
        connection,
        channel=CHANNEL,
        account=order.mchid,
        number=order.out_trade_no,
        url=url,
        event_id=event_id,
        payload=envelope(event_id, speaker, about, event_type, summary, content),
        facts={"speaker": speaker.mchid},
    )


def envelope(event_id: str, speaker: Merchant, about: str, event_type: str, summary: str, content: dict[str, object]) -> bytes:
    """A notification's body, its resource sealed with an APIv3 key."""
    nonce = keys.letters(12)
    return msgspec.json.encode(
        {
            "id": event_id,
            "create_time": replies.rfc3339(clock.now()),
            "resource_type": "encrypt-resource",
            "event_type": event_type,
            "summary": summary,
            "resource": {
                "original_type": about,
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": crypto.seal(speaker.apiv3_key, nonce, about, msgspec.json.encode(content)),
                "associated_data": about,
                "nonce": nonce,
            },
        }
    )


async def dress(connection: Connection, told: Told, twist: str | None) -> Post | None:
    """One POST of a notification, signed now; with a twist, the faulty copy that a merchant must refuse."""
    speaker = await merchants.speaker(connection, str(told.facts["speaker"]))
    key = await merchants.signing_key(connection, speaker.signing)
    if twist is None:
        return Post(told.payload, _headers(key, told.payload))
    return _twisted(twist, told, speaker, key)


def _twisted(twist: str, told: Told, speaker: Merchant, key: PlatformKey) -> Post:
    body = told.payload
    headers = _headers(key, body)
    match twist:
        case "notice_tamper_body":
            body = body.replace(b"SUCCESS", b"SUCCES5", 1)
        case "notice_tamper_signature":
            signature = headers["Wechatpay-Signature"]
            headers["Wechatpay-Signature"] = ("B" if signature[0] == "A" else "A") + signature[1:]
        case "notice_tamper_amount" | "notice_tamper_merchant":
            body = _about_something_else(body, speaker, twist == "notice_tamper_amount")
            headers = _headers(key, body)
        case "notice_stale":
            headers = _headers(key, body, timestamp=int(clock.now().timestamp()) - 600)
        case "notice_unknown_serial":
            headers["Wechatpay-Serial"] = f"{secrets.randbits(160):040X}"
        case "notice_probe":
            headers["Wechatpay-Signature"] = crypto.PROBE_PREFIX + headers["Wechatpay-Signature"][19:]
    return Post(body, headers, twist)


def _about_something_else(body: bytes, speaker: Merchant, amount: bool) -> bytes:
    """The same notification with one fen more, or for another merchant, properly sealed."""
    sealed = msgspec.json.decode(body)
    resource = sealed["resource"]
    opened = crypto.unseal(speaker.apiv3_key, resource["nonce"], resource["associated_data"], resource["ciphertext"])
    content = msgspec.json.decode(opened)
    if amount:
        figure = "refund" if "refund" in content.get("amount", {}) else "total"
        content["amount"][figure] = content["amount"].get(figure, 0) + 1
    else:
        named = "sub_mchid" if "sub_mchid" in content else "mchid"
        content[named] = f"{int(content[named]) + 1}"
    return envelope(sealed["id"], speaker, resource["original_type"], sealed["event_type"], sealed["summary"], content)


def _headers(key: PlatformKey, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    standard = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    return standard | replies.signature_headers(key, body, timestamp)
