"""What the payer's side is handed once an order stands: a page to open, a code to scan, a call of the wallet (WeChat Pay v3 §2.1, §5)."""

from urllib.parse import quote

from core.payments.channels.errors import ChannelUnknown
from core.payments.channels.protocol import ChannelAccount, OrderRequest, Prepared
from core.payments.channels.wechatpay import crypto
from core.payments.channels.wechatpay.transport import signing_key
from core.payments.channels.wechatpay.wire import Ready

H5_LIVES_SECONDS = 300
"""A page of WeChat's lives five minutes (WeChat Pay v3 §5)."""


def prepared(account: ChannelAccount, order: OrderRequest, ready: Ready, seconds: int) -> Prepared:
    """How the payer goes on, by scene. Raises ChannelUnknown when the answer lacks what the scene needs."""
    match order.scene:
        case "jsapi" if ready.prepay_id:
            return Prepared(kind="jsapi", params=jsapi_call(account, ready.prepay_id, str(seconds)))
        case "app" if ready.prepay_id:
            return Prepared(kind="app", params=app_call(account, ready.prepay_id, str(seconds)))
        case "h5" if ready.h5_url:
            return Prepared(kind="redirect", value=_returning(ready.h5_url, order.return_url), lives_seconds=H5_LIVES_SECONDS)
        case "native" if ready.code_url:
            return Prepared(kind="qr", value=ready.code_url)
    raise ChannelUnknown(reason="answer")


def jsapi_call(account: ChannelAccount, prepay_id: str, timestamp: str) -> dict[str, str]:
    """What `getBrandWCPayRequest` is called with."""
    nonce, package = crypto.new_nonce(), f"prepay_id={prepay_id}"
    message = crypto.client_message(account.appid, timestamp, nonce, package)
    return {
        "appId": account.appid,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": crypto.sign(signing_key(account), message),
    }


def app_call(account: ChannelAccount, prepay_id: str, timestamp: str) -> dict[str, str]:
    """What a native app hands to the wallet: here the bare id is signed."""
    nonce = crypto.new_nonce()
    message = crypto.client_message(account.appid, timestamp, nonce, prepay_id)
    return {
        "appId": account.appid,
        "partnerId": account.mchid,
        "prepayId": prepay_id,
        "packageValue": "Sign=WXPay",
        "nonceStr": nonce,
        "timeStamp": timestamp,
        "sign": crypto.sign(signing_key(account), message),
    }


def _returning(h5_url: str, return_url: str | None) -> str:
    """The wallet page's address, with the page the payer comes back to."""
    if not return_url:
        return h5_url
    return f"{h5_url}{'&' if '?' in h5_url else '?'}redirect_url={quote(return_url, safe='')}"
