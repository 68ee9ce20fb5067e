"""Signatures at the bank: RSA with SHA-256 over the raw bytes, with time and nonce, both ways.

A request signs `METHOD\\npath?query\\ntimestamp\\nnonce\\n` and its body, an answer `status\\npath?query\\ntimestamp\\nnonce of the question\\n` and its body.
"""

from asyncpg import Connection
from litestar import Request

from core import clock
from core.payments.channels import rsa
from core.sandbox.bank import customers
from core.sandbox.bank.customers import Customer


class Unproved(Exception):
    """A request that nobody can be held to; the words say why."""


def target(request: Request) -> str:
    """Path and query exactly as they were sent."""
    query = request.scope["query_string"]
    return (request.scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1")


async def proved(connection: Connection, request: Request, window_seconds: int) -> Customer:
    """The customer that made a request. Raises Unproved: unknown, wrongly signed, too old, or seen before."""
    customer = await customers.find(connection, request.headers.get("x-bank-customer", ""))
    if customer is None or request.headers.get("x-bank-key") != customer.key_id:
        raise Unproved("客户号或密钥编号不存在")
    stamp, nonce = request.headers.get("x-bank-timestamp", ""), request.headers.get("x-bank-nonce", "")
    if not stamp.isdecimal() or abs(clock.seconds() - int(stamp)) > window_seconds or not 16 <= len(nonce) <= 64:
        raise Unproved("时间戳或随机串无效")
    message = "\n".join((request.method, target(request), stamp, nonce, "")).encode() + await request.body()
    if not rsa.signed_by(rsa.public_key(customer.public_pem), message, request.headers.get("x-bank-signature", "")):
        raise Unproved("签名不正确")
    if not await customers.first_seen(connection, customer.key_id, nonce, window_seconds):
        raise Unproved("请求已经处理过，不能重放")
    return customer


def signed_headers(private_pem: str, request: Request, status: int, body: bytes, tampered: bool) -> dict[str, str]:
    """The headers that prove an answer; tampered ones prove another."""
    stamp, nonce = str(int(clock.seconds())), request.headers.get("x-bank-nonce", "")
    message = "\n".join((str(status), target(request), stamp, nonce, "")).encode() + body + (b" " if tampered else b"")
    return {"x-bank-timestamp": stamp, "x-bank-nonce": nonce, "x-bank-signature": rsa.sign(rsa.private_key(private_pem), message)}
