"""What a new trade must say, field by field, with the refusals Alipay gives (Alipay §4)."""

import datetime as dt
import re

import msgspec

from core import clock
from core.payments.channels.alipay import wire
from core.sandbox import wallet
from core.sandbox.alipay import people
from core.sandbox.alipay.errors import BusinessError, invalid

DEFAULT_LIFE = dt.timedelta(days=15)
MOST_FEN = 100_000_000_00
_NUMBER = re.compile(r"[0-9A-Za-z_]{1,64}")
_EXPRESS = re.compile(r"([0-9]{1,5})([mhd])|1c")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
PRODUCT_CODES = {
    "wap": {"QUICK_WAP_WAY", "QUICK_WAP_PAY"},
    "page": {"FAST_INSTANT_TRADE_PAY"},
    "app": {"QUICK_MSECURITY_PAY"},
    "precreate": {"FACE_TO_FACE_PAYMENT", "QR_CODE_OFFLINE"},
    "create": {"FACE_TO_FACE_PAYMENT", "JSAPI_PAY"},
    "pay": {"FACE_TO_FACE_PAYMENT"},
}
PRODUCT_CODE_NEEDED = frozenset({"page"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A new trade that may be accepted; `canonical` is equal exactly when its content is."""

    mchid: str
    appid: str
    out_trade_no: str
    product: str
    subject: str
    total_fen: int
    expires_at: dt.datetime
    canonical: str
    notify_url: str = ""
    return_url: str = ""
    passback_params: str | None = None
    buyer: str | None = None


def read(product: str, content: dict, parameters: dict[str, str], mchid: str, appid: str) -> Asked:
    """Check a new trade's content. Raises BusinessError."""
    if content.get("seller_id", mchid) != mchid:
        raise invalid("seller_id 与签约商户不一致")
    code = content.get("product_code")
    if code is None and product in PRODUCT_CODE_NEEDED:
        raise invalid("product_code 不能为空")
    if code is not None and code not in PRODUCT_CODES[product]:
        raise BusinessError("ACQ.ACCESS_FORBIDDEN", "无权限使用接口：product_code 未签约")
    return Asked(
        mchid=mchid,
        appid=appid,
        out_trade_no=_number(content),
        product=product,
        subject=_subject(content),
        total_fen=amount(content, "total_amount"),
        expires_at=_expiry(content),
        canonical=msgspec.json.encode([product, {k: v for k, v in content.items() if k != "auth_code"}], order="sorted").decode(),
        notify_url=parameters.get("notify_url", ""),
        return_url=parameters.get("return_url", ""),
        passback_params=_text(content, "passback_params", 512) if content.get("passback_params") else None,
        buyer=_buyer(content, appid) if product == "create" else None,
    )


def text(content: dict, name: str) -> str:
    """A field that is text; empty where it is not there. Raises BusinessError."""
    return _text(content, name, 1024) if content.get(name) else ""


def amount(content: dict, name: str) -> int:
    """An amount in fen; Alipay takes a JSON number too. Raises BusinessError."""
    value = content.get(name)
    if value is None or value == "":
        raise invalid(f"{name} 不能为空")
    try:
        fen = wire.fen(str(value))
    except ValueError:
        raise invalid(f"{name} 格式不正确") from None
    if isinstance(value, bool) or not 1 <= fen <= MOST_FEN:
        raise invalid(f"{name} 超出范围")
    return fen


def _text(content: dict, name: str, limit: int) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} 不能为空")
    if len(value) > limit:
        raise invalid(f"{name} 超过 {limit} 个字符")
    return value


def _number(content: dict) -> str:
    number = _text(content, "out_trade_no", 64)
    if not _NUMBER.fullmatch(number):
        raise invalid("out_trade_no 只能包含字母、数字、下划线")
    return number


def _subject(content: dict) -> str:
    subject = _text(content, "subject", 256)
    if any(sign in subject for sign in "/=&"):
        raise invalid("subject 不能包含 / = & 等特殊字符")
    return subject


def _expiry(content: dict) -> dt.datetime:
    """When an unpaid trade closes by itself: as asked, or after fifteen days."""
    now = clock.now()
    if given := content.get("time_expire"):
        try:
            return wire.instant(_text(content, "time_expire", 32))
        except ValueError:
            raise invalid(f"time_expire 格式不正确：{given}") from None
    if given := content.get("timeout_express"):
        found = _EXPRESS.fullmatch(str(given))
        if not found:
            raise invalid(f"timeout_express 格式不正确：{given}")
        if found[0] == "1c":
            return dt.datetime.combine(clock.today() + dt.timedelta(days=1), dt.time(), clock.SHANGHAI).astimezone(dt.UTC)
        return now + dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
    return now + DEFAULT_LIFE


def _buyer(content: dict, appid: str) -> str:
    """The person a trade is made for. Raises BusinessError."""
    named = text(content, "buyer_open_id") or text(content, "buyer_id")
    if not named:
        raise invalid("buyer_open_id 与 buyer_id 不能同时为空")
    if content.get("product_code") == "JSAPI_PAY" and not content.get("op_app_id"):
        raise invalid("op_app_id 不能为空")
    person: wallet.WalletUser | None = people.known(appid, named)
    if person is None:
        raise invalid("buyer_open_id 无效")
    return person.code
