"""Who is asking: the Authorization header, checked in the order WeChat Pay checks it (WeChat Pay v3 §2, §15)."""

import re
from collections.abc import Mapping

import msgspec

from core import clock
from core.payments.channels.wechatpay import crypto
from core.sandbox.wechatpay.errors import WireError, invalid_request, sign_error

_PAIR = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')


class Claim(msgspec.Struct, frozen=True):
    """What an Authorization header claims, before any of it is proved."""

    mchid: str
    nonce_str: str
    signature: str
    timestamp: str
    serial_no: str


def read_claim(headers: Mapping[str, str]) -> Claim:
    """Take the header apart; the pairs may come in any order. Raises WireError 400 or 401."""
    if not headers.get("user-agent"):
        raise invalid_request("Http头缺少User-Agent，请设置后重试")
    if not headers.get("accept"):
        raise invalid_request("Http头缺少Accept，请设置为application/json后重试")
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if not rest:
        raise sign_error("Http头缺少签名信息Authorization")
    if scheme != crypto.SIGNATURE_TYPE:
        raise sign_error(f"Http头Authorization认证类型不正确，应为{crypto.SIGNATURE_TYPE}")
    return _claim_of(rest)


def _claim_of(pairs: str) -> Claim:
    values: dict[str, str] = {}
    for part in pairs.split(","):
        match = _PAIR.fullmatch(part)
        if not match or match[1] in values:
            raise sign_error("Http头Authorization格式错误，请检查后重试")
        values[match[1]] = match[2]
    try:
        claim = msgspec.convert(values, Claim)
    except msgspec.ValidationError:
        raise sign_error("Http头Authorization缺少必要的签名字段") from None
    if not all(msgspec.structs.astuple(claim)) or len(claim.nonce_str) > 32:
        raise sign_error("Http头Authorization格式错误，请检查后重试")
    return claim


def check_clock(claim: Claim, window_seconds: int) -> None:
    """A timestamp more than five minutes off is refused before the signature is looked at."""
    if not re.fullmatch(r"[0-9]{1,11}", claim.timestamp):
        raise sign_error("Http头Authorization中的timestamp不正确")
    if abs(clock.now().timestamp() - int(claim.timestamp)) > window_seconds:
        raise sign_error("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")


def check_signature(claim: Claim, certificate_pem: str, serial: str, method: str, target: str, body: bytes) -> None:
    """The serial must be the merchant's, the signature over the raw bytes of this very request."""
    if claim.serial_no.upper() != serial:
        raise sign_error("商户证书序列号有误。")
    message = crypto.request_message(method, target, claim.timestamp, claim.nonce_str, body)
    if not crypto.signed_by(crypto.public_key(certificate_pem), message, claim.signature):
        raise _sign_mismatch(method, target, message)


def _sign_mismatch(method: str, target: str, message: bytes) -> WireError:
    """The answer that helps a developer see what was signed here."""
    error = sign_error("错误的签名，验签失败", "sign not match")
    body = msgspec.json.decode(error.body)
    body["detail"]["sign_information"] = {
        "method": method,
        "url": target,
        "truncated_sign_message": message.decode(errors="replace")[:160],
        "sign_message_length": len(message),
    }
    error.body = msgspec.json.encode(body)
    return error
