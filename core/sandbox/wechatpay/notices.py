"""What WeChat Pay tells a merchant after a payment, and how it is made to misbehave (WeChat Pay v3 §8)."""

import datetime as dt
import secrets

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels import wechatpay_crypto as crypto
from core.sandbox.faults import repository as faults
from core.sandbox.faults.kinds import TWISTS
from core.sandbox.wechatpay import keys, notice_queue, orders, replies
from core.sandbox.wechatpay.merchants import Merchant, PlatformKey
from core.sandbox.wechatpay.notice_queue import Notice
from core.sandbox.wechatpay.orders import Order


class Sending(msgspec.Struct, frozen=True):
    """One POST: its bytes and headers, and the twist they were given."""

    body: bytes
    headers: dict[str, str]
    twist: str | None = None


async def pay(connection: Connection, merchant: Merchant, order: Order, openid: str) -> Order | None:
    """Take the payer's money and queue the notification of it, in one transaction; None when it cannot be paid."""
    async with connection.transaction():
        paid = await orders.mark_paid(connection, order, openid)
        if paid is not None:
            await _queue(connection, merchant, paid)
        return paid


async def _queue(connection: Connection, merchant: Merchant, order: Order) -> None:
    drawn = await faults.draw(connection, "notice_", order.mchid, order.out_trade_no)
    wait = max((f.lasts for kind, f in drawn.items() if kind in ("notice_delay", "notice_reorder")), default=0.0)
    event_id = f"EV-{clock.now().astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}{secrets.token_hex(8)}"
    notice = Notice(
        event_id=event_id,
        mchid=order.mchid,
        out_trade_no=order.out_trade_no,
        url=order.notify_url,
        body=envelope(event_id, merchant, replies.transaction(order)),
        twists=list(drawn),
        state="waiting",
        attempts=0,
        due_at=clock.now() + dt.timedelta(seconds=wait),
        held="notice_reorder" in drawn,
    )
    await notice_queue.add(connection, notice)


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


def genuine(notice: Notice, key: PlatformKey) -> Sending:
    """The notification as it should be, signed now."""
    return Sending(notice.body, _headers(key, notice.body))


def twisted(twist: str, notice: Notice, order: Order, merchant: Merchant, key: PlatformKey) -> Sending:
    """The notification with one fault in it; a merchant must refuse each of these."""
    body = notice.body
    headers = _headers(key, body)
    match twist:
        case "notice_tamper_body":
            body = body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCES5", 1)
        case "notice_tamper_signature":
            signature = headers["Wechatpay-Signature"]
            headers["Wechatpay-Signature"] = ("B" if signature[0] == "A" else "A") + signature[1:]
        case "notice_tamper_amount":
            altered = replies.transaction(msgspec.structs.replace(order, amount_fen=order.amount_fen + 1))
            body = envelope(notice.event_id, merchant, altered)
            headers = _headers(key, body)
        case "notice_tamper_merchant":
            altered = replies.transaction(order) | {"mchid": f"{int(order.mchid) + 1}"}
            body = envelope(notice.event_id, merchant, altered)
            headers = _headers(key, body)
        case "notice_stale":
            headers = _headers(key, body, timestamp=int(clock.now().timestamp()) - 600)
        case "notice_unknown_serial":
            headers["Wechatpay-Serial"] = f"{secrets.randbits(160):040X}"
        case "notice_probe":
            headers["Wechatpay-Signature"] = crypto.PROBE_PREFIX + headers["Wechatpay-Signature"][19:]
    return Sending(body, headers, twist)


def _headers(key: PlatformKey, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    standard = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    return standard | replies.signature_headers(key, body, timestamp)


def sent_first(notice: Notice) -> list[str]:
    """The faulty copies that go ahead of the genuine notification, on its first attempt only."""
    return [twist for twist in TWISTS if twist in notice.twists] if notice.attempts == 1 else []
