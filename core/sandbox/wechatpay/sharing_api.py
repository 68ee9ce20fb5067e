"""WeChat Pay's addresses for profit sharing, `/v3/profitsharing/…` (WeChat Pay v3 §10)."""

from collections.abc import Awaitable, Callable

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core.sandbox.wechatpay import errors, merchants, orders, parameters, replies, sharing
from core.sandbox.wechatpay.gate import answer, on_behalf, opened, word_in
from core.sandbox.wechatpay.merchants import Merchant
from core.sandbox.wechatpay.sharing import Receiver, Return, Share, Split

KINDS = ("MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID")
MOST_RECEIVERS = 50
Deed = Callable[[Connection, Merchant, Merchant, dict], Awaitable[object]]


async def _posted(request: Request, state: State, deed: Deed) -> Response:
    """Do something for the merchant that a body names, in one transaction."""
    body = await request.body()

    async def work(connection: Connection, signer: Merchant) -> object:
        given = parameters.json_object(body)
        merchant = await on_behalf(connection, signer, given.get("sub_mchid"))
        if "appid" in given and given["appid"] != signer.appid:
            raise errors.foreign_appid()
        async with connection.transaction():
            return await deed(connection, signer, merchant, given)

    return await answer(request, state, word_in(body, "out_order_no"), work, word_in(body, "sub_mchid"))


def _who(given: dict) -> tuple[str, str]:
    kind, account = parameters.text(given, "type", 32), parameters.text(given, "account", 64)
    if kind not in KINDS:
        raise errors.bad_parameter("/type", kind, "不支持的接收方类型")
    return kind, account


@post("/receivers/add", status_code=200)
async def add_receiver(request: Request, state: State) -> Response:
    """Allow somebody to receive shares; a merchant is proved by its full name."""

    async def deed(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> object:
        kind, account = _who(given)
        name = await opened(connection, request, "name", given.get("name"))
        relation = parameters.text(given, "relation_type", 32)
        if kind == "MERCHANT_ID":
            known = await merchants.find(connection, account)
            if name is None:
                raise parameters.missing("/name")
            if known is not None and known.name != name:
                raise errors.invalid_request("分账接收方全称与商户号不匹配")
        await sharing.add_receiver(connection, merchant.mchid, Receiver(kind, account, name, relation))
        shown = {"type": kind, "account": account, "relation_type": relation}
        return shown | ({"name": given["name"]} if name else {})

    return await _posted(request, state, deed)


@post("/receivers/delete", status_code=200)
async def delete_receiver(request: Request, state: State) -> Response:
    """Allow it no longer."""

    async def deed(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> object:
        kind, account = _who(given)
        await sharing.delete_receiver(connection, merchant.mchid, kind, account)
        return {"type": kind, "account": account}

    return await _posted(request, state, deed)


async def _held(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> orders.Order:
    """The paid order a body names, held until the transaction ends. Raises WireError."""
    number = parameters.text(given, "transaction_id", 32)
    found = await orders.find_by_transaction(connection, merchant.mchid, number)
    if found is None or found.speaker != signer.mchid:
        raise errors.no_such_refund("微信支付订单号不存在")
    return await orders.find(connection, merchant.mchid, found.out_trade_no, lock=True)


@post("/orders", status_code=200)
async def split(request: Request, state: State) -> Response:
    """Split a payment; the shares arrive a moment later."""

    async def deed(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> object:
        order = await _held(connection, signer, merchant, given)
        shares, names = await _shares(connection, request, given.get("receivers"))
        release = given.get("unfreeze_unsplit") is True
        canonical = msgspec.json.encode([order.transaction_id, shares, names, release]).decode()
        number, scale = parameters.text(given, "out_order_no", 64), state.sandbox.settings.time_scale
        return shown(await sharing.split(connection, order, number, shares, canonical, scale, release=release))

    return await _posted(request, state, deed)


async def _shares(connection: Connection, request: Request, given: object) -> tuple[list[Share], list[str | None]]:
    """The receivers of a split, and their names in clear: sealed twice, a name never looks the same. Raises WireError."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_RECEIVERS:
        raise errors.bad_parameter("/receivers", None, f"应为1到{MOST_RECEIVERS}个接收方")
    shares, names = [], []
    for entry in given:
        kind, account = _who(entry)
        amount = entry.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
            raise errors.bad_parameter("/receivers/amount", amount, "应为大于0的整数，单位为分")
        shares.append(Share(kind, account, amount, parameters.text(entry, "description", 80)))
        names.append(await opened(connection, request, "name", entry.get("name")))
    return shares, names


@post("/orders/unfreeze", status_code=200)
async def unfreeze(request: Request, state: State) -> Response:
    """Release what was not split."""

    async def deed(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> object:
        order = await _held(connection, signer, merchant, given)
        number, why = parameters.text(given, "out_order_no", 64), parameters.text(given, "description", 80)
        canonical = msgspec.json.encode(["release", order.transaction_id, why]).decode()
        return shown(await sharing.let_go(connection, order, number, canonical, why, state.sandbox.settings.time_scale))

    return await _posted(request, state, deed)


@get("/orders/{number:str}")
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """A split by the merchant's own number; the transaction must be named as well."""
    sub_mchid = request.query_params.get("sub_mchid")

    async def work(connection: Connection, signer: Merchant) -> object:
        merchant = await on_behalf(connection, signer, sub_mchid)
        made = await sharing.find(connection, merchant.mchid, number)
        if made is None or made.transaction_id != request.query_params.get("transaction_id"):
            raise errors.no_such_refund("分账单不存在")
        return shown(made)

    return await answer(request, state, number, work, sub_mchid)


@get("/transactions/{transaction_id:str}/amounts")
async def amounts(request: Request, state: State, transaction_id: FromPath[str]) -> Response:
    """How much of a payment is still held."""

    async def work(connection: Connection, signer: Merchant) -> object:
        order = await orders.find_by_number(connection, transaction_id)
        if order is None or order.speaker != signer.mchid:
            raise errors.no_such_refund("微信支付订单号不存在")
        left = order.amount_fen - await sharing.gone_fen(connection, transaction_id) if order.profit_sharing else 0
        return {"transaction_id": transaction_id, "unsplit_amount": left}

    return await answer(request, state, None, work)


@post("/return-orders", status_code=200)
async def take_back(request: Request, state: State) -> Response:
    """Take a share back from a merchant."""

    async def deed(connection: Connection, signer: Merchant, merchant: Merchant, given: dict) -> object:
        made = await sharing.find(connection, merchant.mchid, parameters.text(given, "out_order_no", 64))
        if made is None:
            raise errors.no_such_refund("分账单不存在")
        await _held(connection, signer, merchant, {"transaction_id": made.transaction_id})
        amount = given.get("amount")
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
            raise errors.bad_parameter("/amount", amount, "应为大于0的整数，单位为分")
        number, mchid = parameters.text(given, "out_return_no", 64), parameters.text(given, "return_mchid", 32)
        why = parameters.text(given, "description", 80)
        canonical = msgspec.json.encode(given, order="sorted").decode()
        return shown_return(await sharing.take_back(connection, made, number, mchid, amount, why, canonical), made)

    return await _posted(request, state, deed)


@get("/return-orders/{number:str}")
async def query_return(request: Request, state: State, number: FromPath[str]) -> Response:
    """A return by the merchant's own number; the split must be named as well."""
    sub_mchid = request.query_params.get("sub_mchid")

    async def work(connection: Connection, signer: Merchant) -> object:
        merchant = await on_behalf(connection, signer, sub_mchid)
        found = await sharing.find_return(connection, merchant.mchid, number)
        made = await sharing.find(connection, merchant.mchid, found.out_order_no) if found else None
        if found is None or made is None or found.out_order_no != request.query_params.get("out_order_no"):
            raise errors.no_such_refund("回退单不存在")
        return shown_return(found, made)

    return await answer(request, state, None, work, sub_mchid)


def shown(made: Split) -> dict[str, object]:
    """A split as answers show it."""
    result = {"result": "SUCCESS", "finish_time": replies.rfc3339(made.done_at)} if made.done else {"result": "PENDING"}
    return {
        "transaction_id": made.transaction_id,
        "out_order_no": made.out_order_no,
        "order_id": made.order_id,
        "state": "FINISHED" if made.done else "PROCESSING",
        "receivers": [
            {**msgspec.to_builtins(share), "create_time": replies.rfc3339(made.created_at), "detail_id": f"{made.order_id}{n:02d}", **result}
            for n, share in enumerate(made.receivers)
        ],
    }


def shown_return(found: Return, made: Split) -> dict[str, object]:
    """A return as answers show it."""
    return {
        "order_id": made.order_id,
        "out_order_no": made.out_order_no,
        "out_return_no": found.out_return_no,
        "return_id": found.return_no,
        "return_mchid": found.return_mchid,
        "amount": found.amount_fen,
        "description": found.description,
        "result": "SUCCESS",
        "create_time": replies.rfc3339(found.created_at),
        "finish_time": replies.rfc3339(found.created_at),
    }


router = Router(
    "/v3/profitsharing",
    route_handlers=[add_receiver, delete_receiver, split, unfreeze, query, amounts, take_back, query_return],
)
