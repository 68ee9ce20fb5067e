"""What Alipay is told about a new order and a refund: one `biz_content` for each way of paying (Alipay §4, §6).

The same order always gives the same content, so that asking again is idempotent (§10).
"""

import re
from urllib.parse import quote

import msgspec

from core.payments.channels.alipay import wire
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRequest, Scene

_BUYER_ID = re.compile(r"2088[0-9]{12}")
_FORBIDDEN = str.maketrans({"/": "／", "=": "＝", "&": "＆"})
"""A subject must not hold these three; their wide sisters read the same."""


class Way(msgspec.Struct, frozen=True):
    """How one scene is asked for: the method, its product, and whether the answer comes to us or to the payer's browser or app."""

    method: str
    product: str
    answers_us: bool = True


WAYS: dict[Scene, Way] = {
    "h5": Way("alipay.trade.wap.pay", "QUICK_WAP_WAY", answers_us=False),
    "page": Way("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY", answers_us=False),
    "app": Way("alipay.trade.app.pay", "QUICK_MSECURITY_PAY", answers_us=False),
    "native": Way("alipay.trade.precreate", "FACE_TO_FACE_PAYMENT"),
    "jsapi": Way("alipay.trade.create", "JSAPI_PAY"),
    "barcode": Way("alipay.trade.pay", "FACE_TO_FACE_PAYMENT"),
}


def order_content(account: ChannelAccount, order: OrderRequest) -> dict[str, object]:
    """The content of a new order."""
    content: dict[str, object] = {
        "out_trade_no": order.number,
        "total_amount": wire.yuan(order.amount_fen),
        "subject": order.description.translate(_FORBIDDEN)[:256],
        "product_code": WAYS[order.scene].product,
        "seller_id": account.mchid,
        "time_expire": wire.local(order.expires_at),
    }
    if order.attach:
        content["passback_params"] = quote(order.attach, safe="")
    if order.scene == "h5" and order.return_url:
        content["quit_url"] = order.return_url
    if order.scene == "barcode":
        content |= {"scene": "bar_code", "auth_code": order.auth_code or ""}
    if order.scene == "jsapi":
        buyer = order.openid or ""
        content |= {"op_app_id": account.appid, "buyer_id" if _BUYER_ID.fullmatch(buyer) else "buyer_open_id": buyer}
    return content


def refund_content(refund: RefundRequest) -> dict[str, object]:
    """The content of a refund; its number makes a repeat harmless."""
    return {
        "out_trade_no": refund.order.number,
        "refund_amount": wire.yuan(refund.amount_fen),
        "out_request_no": refund.number,
        "refund_reason": refund.reason[:256],
    }
