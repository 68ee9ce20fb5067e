"""What a new order must say, field by field, with the errors WeChat Pay gives (WeChat Pay v3 §5)."""

import datetime as dt
import re
from urllib.parse import urlsplit

import msgspec

from core import clock
from core.sandbox import wallet
from core.sandbox.wechatpay.errors import WireError, bad_parameter, foreign_appid, sign_error
from core.sandbox.wechatpay.merchants import Merchant

TRADE_TYPES = {"jsapi": "JSAPI", "h5": "MWEB", "native": "NATIVE", "app": "APP"}
DEFAULT_LIFE = dt.timedelta(days=7)
LONGEST_LIFE = dt.timedelta(days=90)
SHORTEST_LIFE = dt.timedelta(minutes=1)
_NUMBER = re.compile(r"[0-9A-Za-z_\-|*]{6,32}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


class OrderParameters(msgspec.Struct, frozen=True, kw_only=True):
    """A new order that may be accepted; `canonical` is equal exactly when the parameters are."""

    appid: str
    mchid: str
    out_trade_no: str
    trade_type: str
    description: str
    notify_url: str
    amount_fen: int
    currency: str
    expires_at: dt.datetime
    canonical: str
    attach: str | None = None
    openid: str | None = None
    sp_mchid: str | None = None
    sp_appid: str | None = None
    profit_sharing: bool = False


def read(body: bytes, scene: str, signer: Merchant, merchant: Merchant) -> OrderParameters:
    """Check a new order's body; the merchant is the signer itself or, in partner mode, one it speaks for. Raises WireError."""
    given = json_object(body)
    partner = merchant is not signer
    if given.get("sp_mchid" if partner else "mchid") != signer.mchid:
        raise sign_error("Http头Authorization值中的mchid与post payload中的mchid不匹配")
    if text(given, "sp_appid" if partner else "appid", 32) != signer.appid:
        raise foreign_appid()
    own = partner and "sub_appid" in given
    if own and given["sub_appid"] != merchant.appid:
        raise foreign_appid()
    amount_fen, currency = _amount(given)
    appid = merchant.appid if own else signer.appid
    settle_info = given.get("settle_info")
    return OrderParameters(
        appid=appid,
        mchid=merchant.mchid,
        sp_mchid=signer.mchid if partner else None,
        sp_appid=signer.appid if partner else None,
        profit_sharing=isinstance(settle_info, dict) and settle_info.get("profit_sharing") is True,
        out_trade_no=_number(given),
        trade_type=TRADE_TYPES[scene],
        description=text(given, "description", 127),
        notify_url=notify_address(given),
        amount_fen=amount_fen,
        currency=currency,
        expires_at=_expiry(given),
        attach=text(given, "attach", 128) if "attach" in given else None,
        openid=_openid(given, appid, ("sub_openid" if own else "sp_openid") if partner else "openid") if scene == "jsapi" else None,
        canonical=_canonical(given, scene),
    )


def json_object(body: bytes) -> dict:
    """The body as a JSON object. Raises WireError."""
    try:
        given = msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise bad_parameter("/", "", "请求体不是合法的JSON") from None
    if not isinstance(given, dict):
        raise bad_parameter("/", "", "请求体应为JSON对象")
    return given


def text(given: dict, name: str, limit: int) -> str:
    value = given.get(name)
    if value is None or value == "":
        raise missing(f"/{name}")
    if not isinstance(value, str):
        raise bad_parameter(f"/{name}", value, "应为字符串")
    if len(value) > limit:
        raise bad_parameter(f"/{name}", value, f"长度超过上限{limit}")
    return value


def missing(pointer: str) -> WireError:
    return bad_parameter(pointer, None, "缺少必填参数", f"输入源“{pointer}”映射到值字段时缺少必填参数")


def _number(given: dict) -> str:
    number = text(given, "out_trade_no", 32)
    if not _NUMBER.fullmatch(number):
        raise bad_parameter("/out_trade_no", number, "应为6到32位数字、字母或_-|*")
    return number


def notify_address(given: dict) -> str:
    """An absolute address without a query; plain http is let through, because a demo has no certificate."""
    url = text(given, "notify_url", 255)
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise bad_parameter("/notify_url", url, "应为完整的通知地址")
    if parts.query or "?" in url:
        raise bad_parameter("/notify_url", url, "通知地址不能携带查询参数")
    return url


def _amount(given: dict) -> tuple[int, str]:
    amount = given.get("amount")
    if not isinstance(amount, dict) or "total" not in amount:
        raise missing("/amount/total")
    total, currency = amount["total"], amount.get("currency", "CNY")
    if isinstance(total, bool) or not isinstance(total, int):
        raise bad_parameter("/amount/total", str(total), "应为整数，单位为分")
    if not 1 <= total <= 10_000_000_000:
        raise bad_parameter("/amount/total", total, "小于最小值1" if total < 1 else "超过单笔上限")
    if currency != "CNY":
        raise bad_parameter("/amount/currency", currency, "不支持的币种")
    return total, currency


def _expiry(given: dict) -> dt.datetime:
    """When an unpaid order closes by itself: as asked, or after seven days."""
    if "time_expire" not in given:
        return clock.now() + DEFAULT_LIFE
    value = text(given, "time_expire", 64)
    try:
        if not _RFC3339.fullmatch(value):
            raise ValueError(value)
        expires_at = dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    except ValueError:
        raise bad_parameter("/time_expire", value, "应为RFC3339格式的时间") from None
    if expires_at > clock.now() + LONGEST_LIFE:
        raise bad_parameter("/time_expire", value, "超过最长有效期")
    return expires_at


def check_life(parameters: OrderParameters) -> None:
    """A new order must live for at least a minute (asked again, it may have less left). Raises WireError."""
    if parameters.expires_at < clock.now() + SHORTEST_LIFE:
        raise bad_parameter("/time_expire", parameters.expires_at.isoformat(), "应晚于下单时间至少1分钟")


def _openid(given: dict, appid: str, name: str) -> str:
    payer = given.get("payer")
    if not isinstance(payer, dict) or not payer.get(name):
        raise missing(f"/payer/{name}")
    if wallet.holder(appid, payer[name]) is None:
        raise bad_parameter(f"/payer/{name}", payer[name], "无效的openid", "无效的openid，或与appid不匹配")
    return payer[name]


def _canonical(given: dict, scene: str) -> str:
    if scene == "h5":
        scene_info = given.get("scene_info")
        h5_info = scene_info.get("h5_info") if isinstance(scene_info, dict) else None
        if not isinstance(scene_info, dict) or not scene_info.get("payer_client_ip"):
            raise missing("/scene_info/payer_client_ip")
        if not isinstance(h5_info, dict) or not h5_info.get("type"):
            raise missing("/scene_info/h5_info/type")
    return msgspec.json.encode([scene, given], order="sorted").decode()
