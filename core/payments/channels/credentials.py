"""What a merchant number needs to be worked with: which keys, where they are entered, when their certificates end.

A channel says so itself with `credential_fields` (and `base_urls`, where it can be reached); the channels that came before this
protocol part are described here. Values never leave by this road: only fingerprints do.
"""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.web.i18n import N_

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
PRODUCTION, SANDBOX = "production", "sandbox"

Kind = Literal["text", "pem", "secret", "switch"]


class CredentialField(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a merchant number's keys. `expires` reads the date out of what was entered, where there is one."""

    name: str
    title: str
    kind: Kind = "secret"
    required: bool = True
    hint: str = ""
    expires: Callable[[str], dt.datetime | None] | None = None


def certificate_expiry(pem: str) -> dt.datetime | None:
    """When the certificate ends; of several, the one that stays longest, since one good certificate is enough."""
    ends = [x509.load_pem_x509_certificate(found.encode()).not_valid_after_utc for found in CERTIFICATE.findall(pem)]
    return max(ends, default=None)


WECHATPAY = (
    CredentialField(name="merchant_serial", title=N_("商户证书序列号"), kind="text", hint=N_("商户平台 › API 安全 › 证书管理")),
    CredentialField(name="merchant_private_key", title=N_("商户私钥（apiclient_key.pem）"), kind="pem"),
    CredentialField(
        name="merchant_certificate", title=N_("商户证书（apiclient_cert.pem）"), kind="pem", required=False, expires=certificate_expiry,
        hint=N_("填写后系统会在到期前提醒"),
    ),
    CredentialField(name="apiv3_key", title=N_("APIv3 密钥"), hint=N_("32 位")),
    CredentialField(name="platform_public_key_id", title=N_("微信支付公钥 ID"), kind="text", required=False),
    CredentialField(name="platform_public_key", title=N_("微信支付公钥"), kind="pem", required=False),
    CredentialField(
        name="platform_certificates", title=N_("微信支付平台证书"), kind="pem", required=False, expires=certificate_expiry,
        hint=N_("可以一份接一份；公钥与证书至少填一种，或留空由系统下载"),
    ),
    CredentialField(name="app_secret", title=N_("公众号 AppSecret"), required=False, hint=N_("在微信内付款时取得付款人标识")),
)  # fmt: skip

_FIELDS: Mapping[str, tuple[CredentialField, ...]] = {"wechatpay": WECHATPAY}
_BASE_URLS: Mapping[str, str] = {
    "wechatpay": "https://api.mch.weixin.qq.com",
    "alipay": "https://openapi.alipay.com",
    "unionpay": "https://gateway.95516.com",
    "stripe": "https://api.stripe.com",
}


def fields_of(way: Any) -> tuple[CredentialField, ...]:
    """The entries a channel asks for."""
    return tuple(getattr(way, "credential_fields", None) or _FIELDS.get(way.code, ()))


def base_urls_of(way: Any, sandbox_url: str = "") -> dict[str, str]:
    """Where a merchant number may be reached, by environment: nobody types an address. The sandbox only where there is one."""
    production = getattr(way, "base_url", None) or _BASE_URLS.get(way.code, "")
    named = dict(getattr(way, "base_urls", None) or ({PRODUCTION: production} if production else {}))
    return named | ({SANDBOX: sandbox_url} if sandbox_url else {})


def fault_of(field: CredentialField, value: str) -> str:
    """What is wrong with a value as it was entered, in words; empty when nothing is."""
    if field.kind != "pem":
        return N_("只能是一行文字") if "\n" in value or not value.isprintable() else ""
    try:
        _public_part(value)
    except (ValueError, TypeError):
        return N_("不是有效的 PEM：请从 -----BEGIN 开始整段粘贴")
    return ""


def fingerprint(field: CredentialField, value: str, keyed: Callable[[str, str], bytes]) -> str:
    """Eight bytes by which two people see that they hold the same value: of a key pair its public half, of a secret a keyed hash."""
    if field.kind == "pem":
        digest = hashlib.sha256(_public_part(value)).digest()
    else:
        digest = keyed(f"credential:{field.name}", value)
    return ":".join(f"{byte:02X}" for byte in digest[:8])


def _public_part(pem: str) -> bytes:
    """The public key of whatever the PEM holds; ValueError for anything else. Bare base64, as some platforms hand keys out, is taken too."""
    data = pem.strip().encode()
    if not data.startswith(b"-----"):
        return _bare(data)
    if b"CERTIFICATE" in data.splitlines()[0]:
        for found in CERTIFICATE.findall(pem):
            certificate = x509.load_pem_x509_certificate(found.encode())
        key = certificate.public_key()
    elif b"PRIVATE" in data.splitlines()[0]:
        key = serialization.load_pem_private_key(data, None).public_key()
    else:
        key = serialization.load_pem_public_key(data)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _bare(data: bytes) -> bytes:
    der = base64.b64decode(b"".join(data.split()), validate=True)
    for load in (lambda: serialization.load_der_private_key(der, None).public_key(), lambda: serialization.load_der_public_key(der)):
        try:
            return load().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        except ValueError:
            continue
    raise ValueError("neither a private nor a public key")
