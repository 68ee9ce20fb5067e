"""What a merchant number at UnionPay is set up with, and who signs for it."""

from core.payments.channels import rsa
from core.payments.channels.credentials import CredentialField, certificate_expiry
from core.payments.channels.errors import AccountIncomplete
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.unionpay import crypto
from core.web.i18n import N_

CREDENTIALS = (
    CredentialField(
        name="sign_certificate", title=N_("商户签名证书（.pfx 文件的 Base64）"), required=False, hint=N_("与证书密码一起填写，或改填私钥与证书编号")
    ),
    CredentialField(name="sign_certificate_password", title=N_("签名证书密码"), required=False),
    CredentialField(name="sign_private_key", title=N_("商户签名私钥"), kind="pem", required=False),
    CredentialField(name="cert_id", title=N_("签名证书编号 certId"), kind="text", required=False, hint=N_("十进制的证书序列号")),
    CredentialField(name="root_certificate", title=N_("银联根证书"), kind="pem", expires=certificate_expiry),
    CredentialField(name="middle_certificate", title=N_("银联中级证书"), kind="pem", required=False, expires=certificate_expiry),
    CredentialField(name="file_url", title=N_("对账文件下载地址"), kind="text", required=False, hint=N_("留空即为银联文件服务器")),
)


def credential(account: ChannelAccount, name: str) -> str:
    """One secret of the account. Raises AccountIncomplete."""
    value = account.credentials.get(name)
    if not value:
        raise AccountIncomplete(mchid=account.mchid, missing=name)
    return value


def identity_of(account: ChannelAccount) -> crypto.Identity:
    """Who signs: the PKCS12 file of the account, or a bare key with its certificate's serial. Raises AccountIncomplete."""
    if account.mode != "direct":
        raise AccountIncomplete(mchid=account.mchid, missing=f"mode={account.mode}")
    try:
        if account.credentials.get("sign_private_key"):
            return crypto.Identity(credential(account, "cert_id"), rsa.private_key(credential(account, "sign_private_key")))
        return crypto.identity_in(credential(account, "sign_certificate"), account.credentials.get("sign_certificate_password", ""))
    except rsa.BadKey as error:
        raise AccountIncomplete(mchid=account.mchid, missing="sign_certificate") from error
