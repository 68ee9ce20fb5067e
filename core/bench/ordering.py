"""`order_p99`: how long a payer waits for a payment order when the channel answers in 200 ms and fifty press at once."""

import asyncio
import contextlib
import re
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from core import ids
from core.bench import notifications
from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, add_people, drafts, issue, seat, web_process
from core.payments.channels.wechatpay import crypto

CHANNEL_SECONDS = 0.2
AT_ONCE = 50
WARM_UP = 200
ORDERS = 1_000
ROUNDS = 3
"""Of which the middle one counts: a 99th percentile of a few seconds is one hiccup of the machine away from any other."""
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"
_COOKIE = re.compile(rb"set-cookie: (banyan_payer=[^;]+)", re.IGNORECASE)
_CSRF = re.compile(r'name="_csrf_token" value="([^"]+)"')


async def order_p99(ground: Ground) -> list[Figure]:
    """The 99th percentile of a payer's press on "pay" until the answer, over real HTTP, fifty presses in flight without a pause."""
    async with slow_channel() as base_url:
        made = await seat(ground, _credentials(), base_url=base_url)
        bills = await _bills(ground, made, WARM_UP + ROUNDS * ORDERS)
        with web_process(ground) as port:
            presses = await _phones(port, made, bills)
            spent, seconds = await _press(port, presses)
    p99, note = summed_up(spent, seconds)
    return [at_most("order_p99", p99, 260, "ms", note)]


def summed_up(spent: Sequence[float], seconds: float) -> tuple[float, str]:
    """The middle one of the rounds' 99th percentiles in ms, and all of them in words. `spent`: each request in the order they were made, without a
    pause and without the warm-up; what all of them took together.
    """
    rounds = [spent[start : start + ORDERS] for start in range(0, len(spent), ORDERS)]
    p50, p99 = ([at(each, part) for each in rounds] for part in (0.5, 0.99))
    rate = len(spent) / seconds
    note = (
        f"median {statistics.median(p50):.0f} ms, {rate:.0f} orders/s; of each, {CHANNEL_SECONDS * 1000:.0f} ms are the channel's;"
        f" the middle one of {', '.join(f'{each:.0f}' for each in p99)} ms"
    )
    return statistics.median(p99), note


def at(spent: Sequence[float], part: float) -> float:
    """What that part of the requests did not exceed, in ms."""
    return sorted(spent)[int(len(spent) * part)] * 1000


@contextlib.asynccontextmanager
async def slow_channel() -> AsyncIterator[str]:
    """A stand-in that takes 200 ms over every order and answers as WeChat Pay signs; it costs next to nothing itself."""
    body = msgspec.json.encode({"h5_url": "http://127.0.0.1:9/pay?prepay_id=bench"})

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                await asyncio.sleep(CHANNEL_SECONDS)
                writer.write(_answer(body))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


_signed: dict[int, bytes] = {}


def _answer(body: bytes) -> bytes:
    """The answer as signed in this minute: WeChat Pay signs time, nonce and body, not the request."""
    stamp = int(time.time()) // 60 * 60
    if stamp not in _signed:
        nonce = "bench"
        signature = crypto.sign(notifications.platform_key(), crypto.answer_message(str(stamp), nonce, body))
        _signed[stamp] = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nWechatpay-Timestamp: {stamp}\r\n"
            f"Wechatpay-Nonce: {nonce}\r\nWechatpay-Serial: {notifications.KEY_ID}\r\nWechatpay-Signature: {signature}\r\n\r\n"
        ).encode() + body
    return _signed[stamp]


def _credentials() -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return notifications.credentials() | {"merchant_serial": "BENCH", "merchant_private_key": pem.decode()}


async def _bills(ground: Ground, made: Seat, count: int) -> list[tuple[str, str]]:
    people = await add_people(ground, made, count)
    async with ground.platform.database.tenant(made.id) as session:
        await issue(session, drafts(made, people, "bench:orders"))
        rows = await session.all(text("SELECT id, pay_code FROM core.bill"))
    return [(str(row.id), row.pay_code) for row in rows]


async def _phones(port: int, made: Seat, bills: list[tuple[str, str]]) -> list[bytes]:
    """A phone for each bill that has opened it by its pay code and stands before the button: its press, ready to be sent."""
    home, waiting = f"/h5/{made.code}", iter(bills)
    found: list[bytes] = []

    async def open_some() -> None:
        async with notifications.connected(port) as ask:
            for bill_id, code in waiting:
                head, body = await ask(_request("GET", f"{home}/code"))
                cookie = _COOKIE.search(head).group(1).decode()
                token = _CSRF.search(body.decode()).group(1)
                head, body = await ask(_request("POST", f"{home}/code", cookie, {"code": code, "_csrf_token": token}))
                if not head.startswith(b"HTTP/1.1 303"):
                    raise RuntimeError(f"a pay code was refused: {head[:60]!r} {body[:200]!r}")
                form = {"bill": bill_id, "way": "wechatpay:h5", "choice": "all", "idempotency_key": ids.token(), "_csrf_token": token}
                found.append(_request("POST", f"{home}/pay", cookie, form))

    await asyncio.gather(*(open_some() for _ in range(8)))
    return found


def _request(method: str, path: str, cookie: str = "", form: dict[str, str] | None = None) -> bytes:
    body = urlencode(form or {}).encode()
    kept = f"Cookie: {cookie}\r\n" if cookie else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: {PHONE}\r\n{kept}Content-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body


async def _press(port: int, presses: list[bytes]) -> tuple[list[float], float]:
    """Each phone presses once; answers how long each waited, in their order, and all together, those of the warm-up left out."""
    waiting = iter(enumerate(presses))
    spent = [0.0] * len(presses)
    began: list[float] = []

    async def one_after_the_other() -> None:
        async with notifications.connected(port) as ask:
            for number, press in waiting:
                pressed = time.perf_counter()
                head, body = await ask(press)
                if b"prepay_id" not in head:
                    raise RuntimeError(f"no order came of it: {head[:400]!r} {body[:200]!r}")
                spent[number] = time.perf_counter() - pressed
                if number >= WARM_UP:
                    began.append(pressed)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return spent[WARM_UP:], time.perf_counter() - min(began)
