"""Whose signature is it: an account's own key, the key Alipay signs with, and how both are named where certificates are used."""

from core.payments.channels import rsa
from core.payments.channels.alipay import crypto
from core.payments.channels.credentials import CredentialField, certificate_expiry
from core.payments.channels.errors import AccountIncomplete
from core.payments.channels.protocol import ChannelAccount
from core.web.i18n import N_

CREDENTIALS = (
    CredentialField(name="app_private_key", title=N_("应用私钥"), kind="pem", hint=N_("开放平台 › 应用 › 接口加签方式；PEM 或整段 Base64")),
    CredentialField(name="alipay_public_key", title=N_("支付宝公钥"), kind="pem", required=False, hint=N_("公钥模式填写；证书模式留空")),
    CredentialField(
        name="app_cert", title=N_("应用公钥证书（appCertPublicKey）"), kind="pem", required=False, expires=certificate_expiry,
        hint=N_("证书模式的三份证书须一并填写"),
    ),
    CredentialField(
        name="alipay_cert", title=N_("支付宝公钥证书（alipayCertPublicKey）"), kind="pem", required=False, expires=certificate_expiry
    ),
    CredentialField(name="alipay_root_cert", title=N_("支付宝根证书（alipayRootCert）"), kind="pem", required=False),
    CredentialField(name="app_auth_token", title=N_("应用授权令牌"), required=False, hint=N_("服务商模式填写，由商户授权取得")),
)  # fmt: skip


def mode_parameters(account: ChannelAccount) -> dict[str, str]:
    """What certificates (§2.1) and service providers (§1) add to every call. Raises AccountIncomplete."""
    added = {}
    if account.mode == "partner":
        added["app_auth_token"] = credential(account, "app_auth_token")
    elif account.mode != "direct":
        raise AccountIncomplete(mchid=account.mchid, missing=f"mode={account.mode}")
    if "app_cert" in account.credentials:
        added["app_cert_sn"] = _certificate_name(account, "app_cert")
        added["alipay_root_cert_sn"] = _certificate_name(account, "alipay_root_cert")
    return added


def credential(account: ChannelAccount, name: str) -> str:
    """One secret of the account. Raises AccountIncomplete."""
    value = account.credentials.get(name)
    if not value:
        raise AccountIncomplete(mchid=account.mchid, missing=name)
    return value


def sign(account: ChannelAccount, text: bytes) -> str:
    """The app's signature. Raises AccountIncomplete."""
    try:
        return rsa.sign(rsa.private_key(credential(account, "app_private_key")), text)
    except rsa.BadKey as error:
        raise AccountIncomplete(mchid=account.mchid, missing="app_private_key") from error


def signed_by_alipay(account: ChannelAccount, text: bytes, signature: str, serial: str = "") -> bool:
    """Whether Alipay signed exactly these bytes; `serial` is the certificate an answer names, which must be the one we hold.

    Raises AccountIncomplete.
    """
    name = "alipay_cert" if "alipay_cert" in account.credentials else "alipay_public_key"
    if serial and name == "alipay_cert" and serial != _certificate_name(account, name):
        return False
    try:
        key = rsa.public_key(credential(account, name))
    except rsa.BadKey as error:
        raise AccountIncomplete(mchid=account.mchid, missing=name) from error
    return rsa.signed_by(key, text, signature)


def _certificate_name(account: ChannelAccount, name: str) -> str:
    named = crypto.root_serial if name == "alipay_root_cert" else crypto.certificate_serial
    try:
        return named(credential(account, name))
    except rsa.BadKey as error:
        raise AccountIncomplete(mchid=account.mchid, missing=name) from error
