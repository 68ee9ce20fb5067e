"""Who calls, and with what: the gateway's parameters from address and form together, and the checks each call must pass (Alipay §1, §2)."""

import datetime as dt
import re
from urllib.parse import parse_qsl

import msgspec
from asyncpg import Connection

from core import clock
from core.payments.channels import rsa
from core.payments.channels.alipay import crypto
from core.sandbox.alipay import merchants
from core.sandbox.alipay.errors import GatewayError, missing, wrong
from core.sandbox.alipay.merchants import App, Merchant
from core.sandbox.alipay.methods import METHODS, PAGES

CHARSETS = {"utf-8": "utf-8", "gbk": "gbk", "gb2312": "gbk"}
CLOCK_WINDOW = dt.timedelta(days=1)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class Asking(msgspec.Struct, frozen=True):
    """What came over the wire: `raw` pictures bytes as latin-1, `parameters` reads them in the charset the call names."""

    raw: dict[str, str]
    parameters: dict[str, str]

    @property
    def charset(self) -> str:
        """The charset to answer in."""
        return CHARSETS.get(self.parameters.get("charset", "").lower(), "utf-8")

    @property
    def number(self) -> str | None:
        """The order number of a call that may be anything, to find the faults meant for it."""
        try:
            number = business(self.parameters).get("out_trade_no")
        except GatewayError:
            return None
        return number if isinstance(number, str) else None


def read(query: bytes, form: bytes) -> Asking:
    """Address and form merged; where both say something, the form does."""
    raw: dict[str, str] = {}
    for part in (query, form):
        raw |= dict(parse_qsl(part.decode("latin-1"), keep_blank_values=True, encoding="latin-1"))
    charset = CHARSETS.get(raw.get("charset", "").lower(), "utf-8")
    return Asking(raw, {name: value.encode("latin-1", "replace").decode(charset, "replace") for name, value in raw.items()})


def business(parameters: dict[str, str]) -> dict:
    """The business content. Raises GatewayError."""
    try:
        content = msgspec.json.decode(parameters.get("biz_content") or "{}")
    except msgspec.DecodeError:
        raise wrong("parameter", "biz_content 不是合法的 JSON") from None
    if not isinstance(content, dict):
        raise wrong("parameter", "biz_content 应为 JSON 对象")
    return content


async def proved(connection: Connection, asking: Asking) -> Merchant:
    """The seller on whose behalf this call was signed; the checks come in the gateway's order. Raises GatewayError."""
    given = asking.parameters
    if not given.get("method"):
        raise missing("method", "方法名")
    if given["method"] not in METHODS and given["method"] not in PAGES:
        raise wrong("method", "不存在的方法名")
    if not given.get("app_id"):
        raise missing("app-id", "应用ID")
    app = await merchants.find_app(connection, given["app_id"])
    if app is None:
        raise wrong("app-id", "无效的AppID参数")
    _check_common(given)
    _check_signature(asking, app)
    if app.signing == "certificate":
        _check_certificates(given, app, await merchants.root_certificate(connection))
    merchant = await merchants.acted_for(connection, app.appid, given.get("app_auth_token", ""))
    if merchant is None:
        raise GatewayError("20001", "aop.invalid-app-auth-token", "无效的应用授权令牌")
    return merchant


def _check_common(given: dict[str, str]) -> None:
    if not given.get("sign"):
        raise missing("signature", "签名")
    if given.get("sign_type") != crypto.SIGN_TYPE:
        raise wrong("signature-type", "无效的签名类型")
    if given.get("charset", "utf-8").lower() not in CHARSETS:
        raise wrong("charset", "字符集错误")
    if given.get("version") != "1.0":
        raise wrong("version", "版本参数无效") if given.get("version") else missing("version", "版本")
    if not given.get("timestamp"):
        raise missing("timestamp", "时间戳")
    try:
        if not _TIMESTAMP.fullmatch(given["timestamp"]):
            raise ValueError(given["timestamp"])
        at = dt.datetime.fromisoformat(given["timestamp"]).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise wrong("timestamp", "非法的时间戳参数") from None
    if abs(clock.now() - at) > CLOCK_WINDOW:
        raise wrong("timestamp", "时间戳与当前时间相差过大")


def _check_signature(asking: Asking, app: App) -> None:
    text = crypto.request_text(asking.raw).decode().encode("latin-1")
    if not rsa.signed_by(rsa.public_key(app.app_public), text, asking.raw["sign"]):
        raise wrong("signature", "验签出错，请检查应用公钥、签名内容与字符集是否一致")


def _check_certificates(given: dict[str, str], app: App, root: str) -> None:
    for name, expected in (("app_cert_sn", crypto.certificate_serial(app.app_cert)), ("alipay_root_cert_sn", crypto.root_serial(root))):
        spoken = name.replace("_", "-")
        if not given.get(name):
            raise missing(spoken, name)
        if given[name] != expected:
            raise wrong(spoken, f"{name} 与证书不符")
