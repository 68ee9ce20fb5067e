"""Answers as WeChat Pay gives them: success signed over its raw bytes, refusals never (WeChat Pay v3 §3, §15)."""

import datetime as dt
import secrets

import msgspec
from litestar import Response

from core import clock
from core.payments.channels.wechatpay import crypto
from core.sandbox import wallet
from core.sandbox.wechatpay.errors import WireError
from core.sandbox.wechatpay.merchants import PlatformKey
from core.sandbox.wechatpay.orders import Order

STATE_WORDS = {"SUCCESS": "支付成功", "REFUND": "转入退款", "NOTPAY": "订单未支付", "CLOSED": "订单已关闭"}


def signature_headers(key: PlatformKey, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """The five headers that prove a body is WeChat Pay's, and the Request-ID."""
    stamp = str(timestamp if timestamp is not None else int(clock.now().timestamp()))
    nonce = secrets.token_hex(16)
    signature = crypto.sign(crypto.private_key(key.private_pem), crypto.answer_message(stamp, nonce, body))
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": signature,
        "Wechatpay-Serial": key.serial,
        "Wechatpay-Signature-Type": crypto.SIGNATURE_TYPE,
        "Request-ID": request_id(0),
    }


def request_id(trace: int) -> str:
    """A Request-ID; its last part tells what went wrong."""
    return f"08{secrets.token_hex(14).upper()}-{trace}"


def signed(key: PlatformKey, content: object | None, *, tampered: bool = False) -> Response:
    """A success: 200 with JSON, or 204 without a body, signed either way; `tampered` spoils it after signing."""
    body = b"" if content is None else msgspec.json.encode(content)
    headers = signature_headers(key, body)
    if tampered:
        body = body.replace(b"{", b'{"tampered":true,', 1)
        headers["Wechatpay-Nonce"] = secrets.token_hex(16)
    media = {} if content is None else {"media_type": "application/json; charset=utf-8"}
    return Response(body, status_code=204 if content is None else 200, headers=headers, **media)


def refused(error: WireError) -> Response:
    """A refusal: the error's JSON, unsigned."""
    headers = {"Request-ID": request_id(error.trace)}
    return Response(error.body, status_code=error.status, headers=headers, media_type="application/json; charset=utf-8")


def transaction(order: Order) -> dict[str, object]:
    """An order as queries and notifications show it (WeChat Pay v3 §6); what belongs to payment is absent before."""
    shown: dict[str, object] = {
        **whose(order),
        "out_trade_no": order.out_trade_no,
        "trade_state": order.standing,
        "trade_state_desc": STATE_WORDS[order.standing],
        "amount": {"total": order.amount_fen, "currency": order.currency},
    }
    if order.state != "SUCCESS" or order.paid_at is None:
        return shown
    return shown | {
        "transaction_id": order.transaction_id,
        "trade_type": order.trade_type,
        "bank_type": "OTHERS",
        "success_time": rfc3339(order.paid_at),
        "payer": _payer(order),
        "amount": {
            "total": order.amount_fen,
            "payer_total": order.amount_fen,
            "currency": order.currency,
            "payer_currency": order.currency,
        },
        **({"attach": order.attach} if order.attach else {}),
    }


def whose(order: Order) -> dict[str, str]:
    """Whose order it is: the merchant's own, or one a service provider asked for (WeChat Pay v3 §11)."""
    if order.sp_mchid is None or order.sp_appid is None:
        return {"appid": order.appid, "mchid": order.mchid}
    own = {"sub_appid": order.appid} if order.appid != order.sp_appid else {}
    return {"sp_appid": order.sp_appid, "sp_mchid": order.sp_mchid, **own, "sub_mchid": order.mchid}


def _payer(order: Order) -> dict[str, str | None]:
    if order.sp_appid is None:
        return {"openid": order.payer_openid}
    user = wallet.holder(order.appid, order.payer_openid or "")
    known = {"sp_openid": wallet.openid(order.sp_appid, user.code)} if user else {}
    return known | ({"sub_openid": order.payer_openid} if order.appid != order.sp_appid else {})


def rfc3339(at: dt.datetime) -> str:
    """An instant as WeChat Pay writes it: Beijing time with offset, whole seconds."""
    return at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
