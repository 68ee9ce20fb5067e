"""WeChat Pay's addresses for refunds, `/v3/refund/domestic/refunds`: the same for direct merchants and service providers."""

import re

import msgspec
from asyncpg import Connection
from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from core.sandbox.wechatpay import errors, orders, parameters, refunds
from core.sandbox.wechatpay.gate import answer, on_behalf, opened, word_in
from core.sandbox.wechatpay.merchants import Merchant
from core.sandbox.wechatpay.refunds import RefundParameters

_NUMBER = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}")


def read(given: dict) -> RefundParameters:
    """Check a refund's body, field by field. Raises WireError."""
    number = parameters.text(given, "out_refund_no", 64)
    if not _NUMBER.fullmatch(number):
        raise errors.bad_parameter("/out_refund_no", number, "应为1到64位数字、字母或_-|*@")
    if not given.get("transaction_id") and not given.get("out_trade_no"):
        raise parameters.missing("/transaction_id")
    refund_fen, total_fen = _amounts(given.get("amount"))
    return RefundParameters(
        out_refund_no=number,
        out_trade_no=parameters.text(given, "out_trade_no", 32) if given.get("out_trade_no") else None,
        transaction_id=parameters.text(given, "transaction_id", 32) if given.get("transaction_id") else None,
        amount_fen=refund_fen,
        total_fen=total_fen,
        notify_url=parameters.notify_address(given) if given.get("notify_url") else None,
        canonical=_canonical(given),
    )


def _canonical(given: dict) -> str:
    if "reason" in given:
        parameters.text(given, "reason", 80)
    return msgspec.json.encode(given, order="sorted").decode()


def _amounts(amount: object) -> tuple[int, int]:
    if not isinstance(amount, dict):
        raise parameters.missing("/amount")
    if amount.get("currency") != "CNY":
        raise errors.bad_parameter("/amount/currency", amount.get("currency"), "退款币种应为CNY")
    figures = []
    for name in ("refund", "total"):
        value = amount.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise errors.bad_parameter(f"/amount/{name}", value, "应为大于0的整数，单位为分")
        figures.append(value)
    if figures[0] > figures[1]:
        raise errors.bad_parameter("/amount/refund", figures[0], "退款金额大于订单金额")
    return figures[0], figures[1]


@post("", status_code=200)
async def place(request: Request, state: State) -> Response:
    """Take a refund; taken is not done."""
    body = await request.body()

    async def work(connection: Connection, signer: Merchant) -> dict[str, object]:
        given = parameters.json_object(body)
        merchant = await on_behalf(connection, signer, given.get("sub_mchid"))
        asked = read(given)
        refund, order = await refunds.place(connection, merchant.mchid, signer.mchid, asked, state.sandbox.settings.time_scale)
        return refunds.shown(refund, order)

    return await answer(request, state, word_in(body, "out_trade_no"), work, word_in(body, "sub_mchid"))


@get("/{number:str}")
async def query(request: Request, state: State, number: FromPath[str]) -> Response:
    """A refund by the merchant's own number."""
    sub_mchid = request.query_params.get("sub_mchid")

    async def work(connection: Connection, signer: Merchant) -> dict[str, object]:
        merchant = await on_behalf(connection, signer, sub_mchid)
        refund = await refunds.find(connection, merchant.mchid, number)
        order = await orders.find(connection, merchant.mchid, refund.out_trade_no) if refund else None
        if refund is None or order is None or order.speaker != signer.mchid:
            raise errors.no_such_refund()
        return refunds.shown(refund, order)

    return await answer(request, state, None, work, sub_mchid)


@post("/{refund_id:str}/apply-abnormal-refund", status_code=200)
async def send_on(request: Request, state: State, refund_id: FromPath[str]) -> Response:
    """Send an abnormal refund to another card of the payer, or back to the merchant's settlement account."""
    body = await request.body()

    async def work(connection: Connection, signer: Merchant) -> dict[str, object]:
        given = parameters.json_object(body)
        merchant = await on_behalf(connection, signer, given.get("sub_mchid"))
        number, received = parameters.text(given, "out_refund_no", 64), await _where_to(connection, request, given)
        scale = state.sandbox.settings.time_scale
        refund = await refunds.send_on(connection, merchant.mchid, refund_id, number, received, scale)
        order = await orders.find(connection, merchant.mchid, refund.out_trade_no)
        return refunds.shown(refund, order)

    return await answer(request, state, None, work, word_in(body, "sub_mchid"))


async def _where_to(connection: Connection, request: Request, given: dict) -> str:
    match parameters.text(given, "type", 32):
        case "MERCHANT_BANK_CARD":
            return refunds.AT_THE_MERCHANT
        case "USER_BANK_CARD":
            bank = parameters.text(given, "bank_type", 16)
            card, holder = [await opened(connection, request, name, given.get(name)) for name in ("bank_account", "real_name")]
            if not card or not holder:
                raise parameters.missing("/bank_account" if not card else "/real_name")
            return f"{bank} {holder[:1]}* 尾号{card[-4:]}"
    raise errors.bad_parameter("/type", given.get("type"), "应为USER_BANK_CARD或MERCHANT_BANK_CARD")


router = Router("/v3/refund/domestic/refunds", route_handlers=[place, query, send_on])
