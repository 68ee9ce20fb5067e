"""Whose signature is it: the keys WeChat Pay signs with, and the check that every answer and notification passes.

Both modes are understood at once, because during a merchant's switch from platform certificates to the WeChat Pay
public key both arrive (WeChat Pay v3 §3). The key is chosen by `Wechatpay-Serial` alone.
"""

import re
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from core import clock
from core.payments.channels.errors import ForgedNotice, UnknownChannelKey
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import crypto

_SECONDS = re.compile(r"[0-9]{1,11}")
_HEADERS = frozenset(
    {
        "wechatpay-timestamp",
        "wechatpay-nonce",
        "wechatpay-signature",
        "wechatpay-serial",
        "wechatpay-signature-type",
    }
)


class KeyRing:
    """The channel's public keys: those configured with the account, and certificates downloaded since."""

    def __init__(self, seconds_now: Callable[[], float] = clock.seconds) -> None:
        self._downloaded: dict[str, dict[str, RSAPublicKey]] = {}
        self._now = seconds_now

    def learn(self, account: ChannelAccount, keys: Mapping[str, RSAPublicKey]) -> None:
        """Remember the certificates that are in force now; older downloads of this merchant are forgotten."""
        self._downloaded[account.mchid] = dict(keys)

    def find(self, account: ChannelAccount, serial: str) -> RSAPublicKey:
        """The key a serial names. Raises UnknownChannelKey."""
        credentials = account.credentials
        if serial.startswith(crypto.PUBLIC_KEY_PREFIX):
            pem = credentials.get("platform_public_key")
            if pem and serial == credentials.get("platform_public_key_id"):
                return crypto.public_key(pem)
            raise UnknownChannelKey(serial=serial, reason="serial")
        serial = serial.upper().zfill(40)
        configured = credentials.get("platform_certificates")
        key = crypto.certificate_keys(configured).get(serial) if configured else None
        key = key or self._downloaded.get(account.mchid, {}).get(serial)
        if key is None:
            raise UnknownChannelKey(serial=serial, reason="serial")
        return key

    def sealing_key(self, account: ChannelAccount) -> tuple[str, RSAPublicKey] | None:
        """Serial and key to seal sensitive fields with: the public key where there is one, else a certificate we hold."""
        credentials = account.credentials
        serial, pem = credentials.get("platform_public_key_id"), credentials.get("platform_public_key")
        if serial and pem:
            return serial, crypto.public_key(pem)
        configured = credentials.get("platform_certificates")
        held = self._downloaded.get(account.mchid) or (crypto.certificate_keys(configured) if configured else {})
        return next(iter(held.items()), None)

    def verify(self, account: ChannelAccount, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse anything that WeChat Pay did not sign within the last five minutes over exactly these bytes.

        Raises ForgedNotice with the reason: `headers`, `probe`, `type`, `clock`, `serial` or `signature`.
        """
        given = {name.lower(): value for name, value in headers.items() if name.lower() in _HEADERS}
        timestamp = given.get("wechatpay-timestamp", "")
        nonce = given.get("wechatpay-nonce", "")
        signature = given.get("wechatpay-signature", "")
        serial = given.get("wechatpay-serial", "")
        if not (nonce and signature and serial and _SECONDS.fullmatch(timestamp)):
            raise ForgedNotice(reason="headers")
        if signature.startswith(crypto.PROBE_PREFIX):
            raise ForgedNotice(reason="probe")
        if given.get("wechatpay-signature-type", crypto.SIGNATURE_TYPE) != crypto.SIGNATURE_TYPE:
            raise ForgedNotice(reason="type")
        if abs(self._now() - int(timestamp)) > crypto.CLOCK_WINDOW_SECONDS:
            raise ForgedNotice(reason="clock")
        key = self.find(account, serial)
        if not crypto.signed_by(key, crypto.answer_message(timestamp, nonce, body), signature):
            raise ForgedNotice(reason="signature")
