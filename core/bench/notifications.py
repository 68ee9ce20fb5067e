"""WeChat Pay notifications signed beforehand, and a lean HTTP/1.1 client that delivers them as fast as the server answers."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core import clock, ids
from core.bench.ground import APPID, Seat
from core.payments.channels.wechatpay import crypto

APIV3_KEY = "b" * 32
KEY_ID = "PUB_KEY_ID_0000000000000000000000000001"
_platform_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def platform_key() -> rsa.RSAPrivateKey:
    """The key that WeChat Pay signs with in a benchmark."""
    return _platform_key


def credentials() -> dict[str, str]:
    """What a collecting account needs to verify and open what `signed` makes."""
    public = _platform_key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"apiv3_key": APIV3_KEY, "platform_public_key_id": KEY_ID, "platform_public_key": public.decode()}


def signed(seat: Seat, number: str, amount_fen: int) -> bytes:
    """A whole HTTP request with the notification of one success."""
    paid = {
        "appid": APPID, "mchid": seat.mchid, "out_trade_no": number, "transaction_id": "42" + ids.digits(26), "trade_type": "MWEB",
        "trade_state": "SUCCESS", "trade_state_desc": "支付成功", "bank_type": "OTHERS", "success_time": clock.now().isoformat(),
        "payer": {"openid": "bench"}, "amount": {"total": amount_fen, "payer_total": amount_fen, "currency": "CNY", "payer_currency": "CNY"},
    }  # fmt: skip
    nonce = ids.digits(12)
    ciphertext = crypto.seal(APIV3_KEY, nonce, "transaction", msgspec.json.encode(paid))
    notice = {
        "id": "EV-" + ids.digits(20), "create_time": clock.now().isoformat(), "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
        "resource": {
            "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext, "associated_data": "transaction",
            "nonce": nonce,
        },
    }  # fmt: skip
    body = msgspec.json.encode(notice)
    stamp = str(int(time.time()))
    signature = crypto.sign(_platform_key, f"{stamp}\n{nonce}\n".encode() + body + b"\n")
    head = (
        f"POST /notify/wechatpay/{seat.code}/{seat.account_id} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nWechatpay-Timestamp: {stamp}\r\nWechatpay-Nonce: {nonce}\r\nWechatpay-Serial: {KEY_ID}\r\n"
        f"Wechatpay-Signature: {signature}\r\nWechatpay-Signature-Type: WECHATPAY2-SHA256-RSA2048\r\n\r\n"
    )
    return head.encode() + body


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Callable[[bytes], Awaitable[tuple[bytes, bytes]]]]:
    """A kept-alive connection to the application: send a whole request, get head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(request: bytes) -> tuple[bytes, bytes]:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        return head, await reader.readexactly(length)

    try:
        yield ask
    finally:
        writer.close()


async def deliver(port: int, requests: list[bytes], at_once: int) -> tuple[float, list[float]]:
    """Send every request over `at_once` kept-alive connections; answers the seconds it took and each one's latency.

    Anything but a success stops the run: a figure over refused requests would mean nothing.
    """
    waiting = iter(requests)
    latencies: list[float] = []

    async def one_after_the_other() -> None:
        async with connected(port) as ask:
            for request in waiting:
                began = time.perf_counter()
                head, body = await ask(request)
                if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
                    raise RuntimeError(f"a notification was refused: {head[:60]!r} {body[:300]!r}")
                latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return time.perf_counter() - began, latencies
