"""One signed request to WeChat Pay and its verified answer: the only place where bytes leave for it or are believed."""

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from core import clock
from core.payments.channels.errors import (
    AccountIncomplete,
    AlreadyPaid,
    ChannelRefused,
    ChannelShort,
    ChannelUnknown,
    ForgedNotice,
    OrderNotAtChannel,
    UnknownChannelKey,
)
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import crypto, modes, wire
from core.payments.channels.wechatpay.keys import KeyRing
from core.payments.channels.wechatpay.modes import credential

KEY_REFRESH_PAUSE_SECONDS = 60


class Transport:
    """Signs, sends, verifies; keeps the HTTP connections and the channel's public keys."""

    def __init__(self, client: httpx.AsyncClient, seconds_now: Callable[[], float] = clock.seconds) -> None:
        self.keys = KeyRing(seconds_now)
        self.now = seconds_now
        self._client = client
        self._refreshed_at: dict[str, float] = {}

    async def call(self, account: ChannelAccount, method: str, target: str, body: bytes = b"", *, serial: str = "") -> bytes:
        """The raw body of a verified success; `serial` names the platform key that sealed a part of the body, if one did.

        Raises ChannelUnknown, ChannelRefused, AccountIncomplete.
        """
        response = await self._send(account, method, account.base_url.rstrip("/") + target, body, serial)
        try:
            try:
                self.keys.verify(account, response.headers, response.content)
            except UnknownChannelKey:
                await self.refresh_keys(account)
                self.keys.verify(account, response.headers, response.content)
        except (ForgedNotice, ChannelRefused) as error:
            raise ChannelUnknown(reason="signature") from error
        return response.content

    async def download(self, account: ChannelAccount, url: str) -> bytes:
        """A file that a verified answer pointed to; the file itself is not signed (WeChat Pay v3 §9). Raises as `call` does.

        Only path and query of the address are used: what we sign goes to the configured host and to no other.
        """
        there = urlsplit(url)
        target = f"{there.path}?{there.query}" if there.query else there.path
        return (await self._send(account, "GET", account.base_url.rstrip("/") + target, b"")).content

    async def sealed(self, account: ChannelAccount, text: str) -> tuple[str, str]:
        """Which of WeChat Pay's keys, and a text that only its owner can read; certificates not held yet are fetched.

        Raises ChannelUnknown, ChannelRefused.
        """
        key = self.keys.sealing_key(account)
        if key is None:
            await self.refresh_keys(account)
            key = self.keys.sealing_key(account)
        if key is None:
            raise ChannelUnknown(reason="keys")
        return key[0], crypto.seal_field(key[1], text)

    async def refresh_keys(self, account: ChannelAccount) -> None:
        """Download the platform certificates in force, at most once a minute for a merchant.

        Each is sealed with the merchant's APIv3 key, which proves it; the list must then be signed by one of them
        (WeChat Pay v3 §3). Keys held before stay until a better list has been proved.
        """
        now = self.now()
        if now - self._refreshed_at.get(account.mchid, 0) < KEY_REFRESH_PAUSE_SECONDS:
            return
        self._refreshed_at[account.mchid] = now
        try:
            response = await self._send(account, "GET", account.base_url.rstrip("/") + "/v3/certificates", b"")
        except OrderNotAtChannel:
            if account.credentials.get("platform_public_key"):
                return  # a merchant that began with the public key has no certificates at all
            raise
        try:
            listed = wire.read_certificates(response.content).data
            apiv3_key = credential(account, "apiv3_key")
            pems = [crypto.unseal(apiv3_key, *wire.sealed(c.encrypt_certificate)).decode() for c in listed]
            fresh = KeyRing(self.now)
            fresh.learn(account, crypto.certificate_keys("\n".join(pems)))
            fresh.verify(account, response.headers, response.content)
        except (ValueError, ForgedNotice) as error:
            raise ChannelUnknown(reason="keys") from error
        self.keys.learn(account, crypto.certificate_keys("\n".join(pems)))

    async def _send(self, account: ChannelAccount, method: str, url: str, body: bytes, serial: str = "") -> httpx.Response:
        """Send one signed request; only an answer of success (not yet verified) comes back."""
        try:
            there = httpx.URL(url)
            headers = self._headers(account, method, there.raw_path.decode(), body, serial)
            response = await self._client.send(self._client.build_request(method, there, content=body or None, headers=headers))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChannelUnknown(reason=type(error).__name__) from error
        if response.status_code in (200, 201, 204):
            return response
        raise refusal_of(response)

    def _headers(self, account: ChannelAccount, method: str, target: str, body: bytes, serial: str) -> dict[str, str]:
        """The headers that prove who asks: a signature over the very bytes that travel (WeChat Pay v3 §2)."""
        timestamp, nonce = str(int(self.now())), crypto.new_nonce()
        signature = crypto.sign(signing_key(account), crypto.request_message(method, target, timestamp, nonce, body))
        headers = {
            "Accept": "application/json",
            "Accept-Language": "zh-CN",
            "Authorization": f'{crypto.SIGNATURE_TYPE} mchid="{modes.signing_mchid(account)}",nonce_str="{nonce}",'
            f'signature="{signature}",timestamp="{timestamp}",serial_no="{credential(account, "merchant_serial")}"',
        }
        if body:
            headers["Content-Type"] = "application/json"
        if key_id := serial or account.credentials.get("platform_public_key_id"):
            headers["Wechatpay-Serial"] = key_id
        return headers


def signing_key(account: ChannelAccount) -> crypto.RSAPrivateKey:
    """The merchant's parsed private key. Raises AccountIncomplete."""
    try:
        return crypto.private_key(credential(account, "merchant_private_key"))
    except crypto.BadKey as error:
        raise AccountIncomplete(mchid=account.mchid, missing="merchant_private_key") from error


def refusal_of(response: httpx.Response) -> ChannelUnknown | ChannelRefused:
    """What an answer other than success means.

    It is unsigned, so only a 4xx that declares a code counts as a refusal (WeChat Pay v3 §12); codes are compared, not
    statuses, because documents differ on the latter.
    """
    request_id = response.headers.get("request-id", "")
    try:
        refusal = wire.read_refusal(response.content)
    except ValueError:
        return ChannelUnknown(reason=f"HTTP {response.status_code}", request_id=request_id)
    facts = {
        "channel_code": refusal.code,
        "channel_message": refusal.message,
        "http_status": response.status_code,
        "request_id": request_id,
    }
    if not 400 <= response.status_code < 500 or refusal.code in wire.UNDECIDED_CODES:
        return ChannelUnknown(reason=refusal.code, **facts)
    if refusal.code in wire.PAID_CODES:
        return AlreadyPaid(**facts)
    if refusal.code in wire.SHORT_CODES:
        return ChannelShort(**facts)
    if refusal.code in wire.ABSENT_CODES:
        return OrderNotAtChannel(**facts)
    return ChannelRefused(**facts)
