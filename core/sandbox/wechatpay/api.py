"""WeChat Pay's own addresses for orders, `/v3/pay/…`, direct and for service providers, and the platform certificates."""

import datetime as dt

from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core import clock
from core.payments.channels.wechatpay import crypto
from core.sandbox.faults import repository as faults
from core.sandbox.wechatpay import errors, keys, merchants, orders, parameters, replies
from core.sandbox.wechatpay.gate import answer, on_behalf, word_in
from core.sandbox.wechatpay.merchants import Merchant

DIRECT, PARTNER = "/pay/transactions", "/pay/partner/transactions"


def _is_partner(request: Request) -> bool:
    return request.url.path.startswith(f"/v3{PARTNER}/")


def _asked_for(request: Request) -> str | None:
    """The merchant a provider's query is about."""
    return request.query_params.get("sub_mchid") if _is_partner(request) else None


async def _own(connection: Connection, request: Request, signer: Merchant) -> Merchant:
    """Order queries must name exactly the merchant that signs them, and the one it speaks for. Raises WireError."""
    named = "sp_mchid" if _is_partner(request) else "mchid"
    if request.query_params.getall(named, []) != [signer.mchid]:
        raise errors.bad_parameter(f"/{named}", request.query_params.get(named), "与签名商户号不一致")
    if not _is_partner(request):
        return signer
    asked = request.query_params.getall("sub_mchid", [])
    if len(asked) != 1:
        raise errors.bad_parameter("/sub_mchid", None, "缺少必填参数")
    return await on_behalf(connection, signer, asked[0])


async def _named(connection: Connection, request: Request, signer: Merchant, body: bytes) -> Merchant:
    """The merchant whose order a body is about. Raises WireError."""
    given = parameters.json_object(body)
    if not _is_partner(request):
        return signer
    if given.get("sub_mchid") is None:
        raise parameters.missing("/sub_mchid")
    return await on_behalf(connection, signer, given["sub_mchid"])


@post([f"{DIRECT}/{{scene:str}}", f"{PARTNER}/{{scene:str}}"], status_code=200)
async def place(request: Request, state: State, scene: FromPath[str]) -> Response:
    """Take an order for one of the four scenes and give its ticket."""
    body = await request.body()

    async def work(connection: Connection, signer: Merchant) -> dict[str, str]:
        if scene not in parameters.TRADE_TYPES:
            raise errors.WireError(404, "NOT_FOUND", "接口不存在")
        merchant = await _named(connection, request, signer, body)
        ticket = await orders.place(connection, parameters.read(body, scene, signer, merchant))
        return _ready(scene, ticket, state.sandbox.settings.public_url)

    return await answer(request, state, word_in(body, "out_trade_no"), work, word_in(body, "sub_mchid"))


def _ready(scene: str, ticket: str, public_url: str) -> dict[str, str]:
    """What the merchant gets to send the payer on."""
    if scene == "h5":
        return {"h5_url": f"{public_url}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={ticket}&package={keys.digits(10)}"}
    if scene == "native":
        return {"code_url": f"weixin://wxpay/bizpayurl/up?pr={ticket}&groupid=00"}
    return {"prepay_id": ticket}


@get([f"{DIRECT}/out-trade-no/{{number:str}}", f"{PARTNER}/out-trade-no/{{number:str}}"])
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """An order by the merchant's own number."""

    async def work(connection: Connection, signer: Merchant) -> dict[str, object]:
        merchant = await _own(connection, request, signer)
        order = await orders.find(connection, merchant.mchid, number)
        if order is None or order.speaker != signer.mchid:
            raise errors.no_such_order()
        return replies.transaction(order)

    return await answer(request, state, number, work, _asked_for(request))


@get([f"{DIRECT}/id/{{transaction_id:str}}", f"{PARTNER}/id/{{transaction_id:str}}"])
async def query_by_transaction(request: Request, state: State, transaction_id: FromPath[str]) -> Response:
    """An order by WeChat Pay's number."""

    async def work(connection: Connection, signer: Merchant) -> dict[str, object]:
        merchant = await _own(connection, request, signer)
        order = await orders.find_by_transaction(connection, merchant.mchid, transaction_id)
        if order is None or order.speaker != signer.mchid:
            raise errors.no_such_order()
        return replies.transaction(order)

    return await answer(request, state, None, work, _asked_for(request))


@post([f"{DIRECT}/out-trade-no/{{number:str}}/close", f"{PARTNER}/out-trade-no/{{number:str}}/close"], status_code=200)
async def close(request: Request, state: State, number: FromPath[str]) -> Response:
    """Close an unpaid order: 204, as often as it is asked."""
    body = await request.body()

    async def work(connection: Connection, signer: Merchant) -> None:
        named = "sp_mchid" if _is_partner(request) else "mchid"
        if parameters.json_object(body).get(named) != signer.mchid:
            raise errors.bad_parameter(f"/{named}", None, "与签名商户号不一致")
        merchant = await _named(connection, request, signer, body)
        late = (await faults.draw(connection, "pay_after_close", merchant.mchid, number)).get("pay_after_close")
        pay_due_at = clock.now() + dt.timedelta(seconds=late.lasts) if late else None
        await orders.close(connection, merchant.mchid, number, pay_due_at)

    return await answer(request, state, number, work, word_in(body, "sub_mchid"))


@get("/certificates")
async def certificates(request: Request, state: State) -> Response:
    """The platform certificates in force, sealed with the merchant's APIv3 key."""

    async def work(connection: Connection, merchant: Merchant) -> dict[str, object]:
        held = await merchants.platform_keys(connection)
        return {"data": [_sealed(key, merchant.apiv3_key) for key in held if key.kind == "certificate"]}

    return await answer(request, state, None, work)


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
