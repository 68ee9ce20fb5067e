"""The gate of `/v3/…`: who asks is proved first, the answer is signed last, and the faults that were asked for happen on the way."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response
from litestar.datastructures import State
from litestar.types import Scope

from core.payments.channels.wechatpay import crypto
from core.sandbox.faults import repository as faults
from core.sandbox.wechatpay import authorization, errors, merchants, replies
from core.sandbox.wechatpay.merchants import Merchant

Work = Callable[[Connection, Merchant], Awaitable[object | None]]


def wire_target(scope: Scope) -> str:
    """Path and query exactly as they came over the wire, which is what was signed."""
    query = scope["query_string"].decode("latin-1")
    return scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")


async def asking(connection: Connection, request: Request, window_seconds: int) -> Merchant:
    """The merchant whose signature this request carries. Raises WireError."""
    claim = authorization.read_claim(request.headers)
    authorization.check_clock(claim, window_seconds)
    merchant = await merchants.find(connection, claim.mchid)
    if merchant is None:
        raise errors.WireError(400, "MCH_NOT_EXISTS", "商户号不存在")
    target, body = wire_target(request.scope), await request.body()
    authorization.check_signature(claim, merchant.certificate_pem, merchant.serial, request.method, target, body)
    return merchant


async def answer(request: Request, state: State, number: str | None, work: Work, account: str | None = None) -> Response:
    """Authenticate, do the work, sign the answer; faults are those of an order (`number`) of a merchant (`account`, else the signer)."""
    sandbox = state.sandbox
    try:
        async with sandbox.pool.acquire() as connection:
            merchant = await asking(connection, request, sandbox.settings.clock_window_seconds)
            key = await _key(connection, merchant, request.headers.get("wechatpay-serial", ""))
            drawn = await faults.draw(connection, "api_", account or merchant.mchid, number)
            if "api_error" in drawn:
                raise errors.system_error()
            content = await work(connection, merchant)
    except errors.WireError as error:
        return replies.refused(error)
    sandbox.notifier.wake()
    for kind in ("api_delay", "api_timeout"):
        if kind in drawn:
            await asyncio.sleep(drawn[kind].lasts)
    return replies.signed(key, content, tampered="api_tamper" in drawn)


async def _key(connection: Connection, merchant: Merchant, asked_serial: str) -> merchants.PlatformKey:
    try:
        return await merchants.signing_key(connection, merchant.signing, asked_serial)
    except KeyError:
        raise errors.invalid_request("Http头Wechatpay-Serial中的微信支付公钥ID不正确") from None


async def on_behalf(connection: Connection, signer: Merchant, sub_mchid: object) -> Merchant:
    """The merchant a service provider speaks for; without a number, the signer itself. Raises WireError."""
    if sub_mchid is None:
        return signer
    merchant = await merchants.find(connection, sub_mchid) if isinstance(sub_mchid, str) else None
    if merchant is None or merchant.sp_mchid != signer.mchid:
        raise errors.no_authority("特约商户号不存在，或未与该服务商建立授权关系")
    return merchant


async def opened(connection: Connection, request: Request, field: str, sealed: object) -> str | None:
    """A sensitive field in clear; it must have been sealed with the platform key the request names. Raises WireError."""
    if sealed is None:
        return None
    serial = request.headers.get("wechatpay-serial", "")
    key = next((key for key in await merchants.platform_keys(connection) if key.serial == serial), None)
    if key is None:
        raise errors.invalid_request("请求含敏感信息，Http头Wechatpay-Serial须为加密所用的平台证书序列号或公钥ID")
    try:
        return crypto.unseal_field(crypto.private_key(key.private_pem), str(sealed))
    except crypto.BadSeal:
        raise errors.bad_parameter(f"/{field}", "", "敏感信息解密失败，请检查加密密钥与算法") from None


def word_in(body: bytes, name: str) -> str | None:
    """A text of a body that may be anything, to find the faults meant for it."""
    try:
        word = msgspec.json.decode(body)[name]
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    return word if isinstance(word, str) else None
