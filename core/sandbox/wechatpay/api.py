"""WeChat Pay's own addresses, `/v3/…`: placing, querying and closing orders, and the platform certificates."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import Scope

from core import clock
from core.payments.channels import wechatpay_crypto as crypto
from core.sandbox.faults import repository as faults
from core.sandbox.wechatpay import authorization, errors, keys, merchants, orders, parameters, replies
from core.sandbox.wechatpay.merchants import Merchant

Work = Callable[[Connection, Merchant], Awaitable[object | None]]


def wire_target(scope: Scope) -> str:
    """Path and query exactly as they came over the wire, which is what was signed."""
    query = scope["query_string"].decode("latin-1")
    return scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")


async def _asking(connection: Connection, request: Request, window_seconds: int) -> Merchant:
    """The merchant whose signature this request carries. Raises WireError."""
    claim = authorization.read_claim(request.headers)
    authorization.check_clock(claim, window_seconds)
    merchant = await merchants.find(connection, claim.mchid)
    if merchant is None:
        raise errors.WireError(400, "MCH_NOT_EXISTS", "商户号不存在")
    target, body = wire_target(request.scope), await request.body()
    authorization.check_signature(claim, merchant.certificate_pem, merchant.serial, request.method, target, body)
    return merchant


async def _answer(request: Request, state: State, number: str | None, work: Work) -> Response:
    """Authenticate, do the work, sign the answer; faults that were asked for happen on the way."""
    sandbox = state.sandbox
    try:
        async with sandbox.pool.acquire() as connection:
            merchant = await _asking(connection, request, sandbox.settings.clock_window_seconds)
            key = await _key(connection, merchant, request.headers.get("wechatpay-serial", ""))
            drawn = await faults.draw(connection, "api_", merchant.mchid, number)
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


def _own(request: Request, merchant: Merchant) -> None:
    """Order queries must name exactly the merchant that signs them."""
    if request.query_params.getall("mchid", []) != [merchant.mchid]:
        raise errors.bad_parameter("/mchid", request.query_params.get("mchid"), "与签名商户号不一致")


@post("/pay/transactions/{scene:str}", status_code=200)
async def place(request: Request, state: State, scene: FromPath[str]) -> Response:
    """Take an order for one of the four scenes and give its ticket."""
    body = await request.body()

    async def work(connection: Connection, merchant: Merchant) -> dict[str, str]:
        if scene not in parameters.TRADE_TYPES:
            raise errors.WireError(404, "NOT_FOUND", "接口不存在")
        asked = parameters.read(body, scene, merchant.mchid, merchant.appid)
        ticket = await orders.place(connection, asked)
        return _ready(scene, ticket, state.sandbox.settings.public_url)

    return await _answer(request, state, _number_in(body), work)


def _number_in(body: bytes) -> str | None:
    """The order number of a body that may be anything, to find the faults meant for it."""
    try:
        number = msgspec.json.decode(body)["out_trade_no"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    return number if isinstance(number, str) else None


def _ready(scene: str, ticket: str, public_url: str) -> dict[str, str]:
    """What the merchant gets to send the payer on."""
    if scene == "h5":
        return {"h5_url": f"{public_url}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={ticket}&package={keys.digits(10)}"}
    if scene == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl/up?pr={ticket}&groupid=00"}
    return {"prepay_id": ticket}


@get("/pay/transactions/out-trade-no/{number:str}")
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """An order by the merchant's own number."""

    async def work(connection: Connection, merchant: Merchant) -> dict[str, object]:
        _own(request, merchant)
        order = await orders.find(connection, merchant.mchid, number)
        if order is None:
            raise errors.no_such_order()
        return replies.transaction(order)

    return await _answer(request, state, number, work)


@get("/pay/transactions/id/{transaction_id:str}")
async def query_by_transaction(request: Request, state: State, transaction_id: FromPath[str]) -> Response:
    """An order by WeChat Pay's number."""

    async def work(connection: Connection, merchant: Merchant) -> dict[str, object]:
        _own(request, merchant)
        order = await orders.find_by_transaction(connection, merchant.mchid, transaction_id)
        if order is None:
            raise errors.no_such_order()
        return replies.transaction(order)

    return await _answer(request, state, None, work)


@post("/pay/transactions/out-trade-no/{number:str}/close", status_code=200)
async def close(request: Request, state: State, number: FromPath[str]) -> Response:
    """Close an unpaid order: 204, as often as it is asked."""
    body = await request.body()

    async def work(connection: Connection, merchant: Merchant) -> None:
        if parameters.json_object(body).get("mchid") != merchant.mchid:
            raise errors.bad_parameter("/mchid", None, "与签名商户号不一致")
        late = (await faults.draw(connection, "pay_after_close", merchant.mchid, number)).get("pay_after_close")
        pay_due_at = clock.now() + dt.timedelta(seconds=late.lasts) if late else None
        await orders.close(connection, merchant.mchid, number, pay_due_at)

    return await _answer(request, state, number, work)


@get("/certificates")
async def certificates(request: Request, state: State) -> Response:
    """The platform certificates in force, sealed with the merchant's APIv3 key."""

    async def work(connection: Connection, merchant: Merchant) -> dict[str, object]:
        held = await merchants.platform_keys(connection)
        return {"data": [_sealed(key, merchant.apiv3_key) for key in held if key.kind == "certificate"]}

    return await _answer(request, state, None, work)


def _sealed(key: merchants.PlatformKey, apiv3_key: str) -> dict[str, object]:
    nonce = keys.letters(12)
    certificate = keys.read_certificate(key.public_pem)
    return {
        "serial_no": key.serial,
        "effective_time": replies.rfc3339(certificate.not_valid_before_utc),
        "expire_time": replies.rfc3339(certificate.not_valid_after_utc),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": crypto.seal(apiv3_key, nonce, "certificate", key.public_pem.encode()),
        },
    }


router = Router("/v3", route_handlers=[place, query, query_by_transaction, close, certificates])
