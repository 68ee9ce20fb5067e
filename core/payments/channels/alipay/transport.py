"""One signed call to Alipay's gateway and its verified answer: the only place where bytes leave for it or are believed."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote, urlencode

import httpx
import msgspec

from core import clock
from core.payments.channels.alipay import crypto, keys, wire
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, ChannelShort, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount

GATEWAY = "/gateway.do"
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


class Transport:
    """Signs, sends, verifies; keeps the HTTP connections."""

    def __init__(self, client: httpx.AsyncClient, seconds_now: Callable[[], float] = clock.seconds) -> None:
        self.now = seconds_now
        self._client = client

    async def call(self, account: ChannelAccount, method: str, content: dict[str, object], **common: str) -> bytes:
        """The raw content of a verified success. Raises ChannelUnknown, ChannelRefused, AccountIncomplete.

        The common parameters travel in the address and `biz_content` in a form, as the official SDKs send them (§1); the gateway merges
        both, so a merchant's token goes with the form: addresses end up in logs.
        """
        parameters = self.signed(account, method, content, **common)
        body = urlencode({name: parameters.pop(name) for name in ("biz_content", "app_auth_token") if name in parameters}).encode()
        response = await self._answered(self._client.build_request("POST", address(account, parameters), content=body, headers=_FORM))
        return opened(account, method, response.content)

    async def download(self, url: str) -> bytes:
        """A file from an address that a verified answer gave; it needs no signature. Raises ChannelUnknown."""
        return (await self._answered(self._client.build_request("GET", url))).content

    def signed(self, account: ChannelAccount, method: str, content: dict[str, object], **common: str) -> dict[str, str]:
        """Every parameter of a call, signed; of a call that a browser or an app makes, this is all there is (§2.2)."""
        parameters = {
            "app_id": account.appid,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": crypto.SIGN_TYPE,
            "timestamp": wire.local(dt.datetime.fromtimestamp(self.now(), dt.UTC)),
            "version": "1.0",
            "biz_content": msgspec.json.encode(content).decode(),
            **keys.mode_parameters(account),
            **{name: value for name, value in common.items() if value},
        }
        return parameters | {"sign": keys.sign(account, crypto.request_text(parameters))}

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._client.send(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChannelUnknown(reason=type(error).__name__) from error
        if response.status_code != 200:
            raise ChannelUnknown(reason=f"HTTP {response.status_code}")
        return response


def query_text(parameters: dict[str, str]) -> str:
    """Parameters as an address or an app carries them: sorted, percent-encoded."""
    return urlencode(sorted(parameters.items()), quote_via=quote, safe="")


def address(account: ChannelAccount, parameters: dict[str, str]) -> str:
    """The gateway with parameters in its query."""
    return f"{account.base_url.rstrip('/')}{GATEWAY}?{query_text(parameters)}"


def opened(account: ChannelAccount, method: str, answer: bytes) -> bytes:
    """The content of an answer, byte for byte as it was signed. Raises ChannelUnknown, ChannelRefused.

    The signature covers the raw bytes of the value, so these are cut out of the answer, never written anew (§3).
    """
    key = wire.answer_key(method)
    try:
        parts = wire.read_envelope(answer)
        raw = bytes(parts[key] if key in parts else parts["error_response"])
        result = wire.read_result(raw)
        signature = wire.read_text(parts["sign"]) if "sign" in parts else ""
        serial = wire.read_text(parts["alipay_cert_sn"]) if "alipay_cert_sn" in parts else ""
    except (ValueError, KeyError) as error:
        raise ChannelUnknown(reason="answer") from error
    if not signature:
        raise _unsigned(result)
    if not keys.signed_by_alipay(account, raw, signature, serial):
        raise ChannelUnknown(reason="signature")
    if result.code not in wire.ACCEPTED:
        raise refusal_of(result)
    return raw


def refusal_of(result: wire.Result) -> ChannelUnknown | ChannelRefused:
    """What a signed answer other than success means (§9)."""
    facts = _facts(result)
    if result.code in wire.UNDECIDED or result.sub_code in wire.UNDECIDED_CODES or result.sub_code.endswith("unknow-error"):
        return ChannelUnknown(reason=result.sub_code or result.code, **facts)
    if result.sub_code in wire.PAID_CODES:
        return AlreadyPaid(**facts)
    if result.sub_code in wire.ABSENT_CODES:
        return OrderNotAtChannel(**facts)
    if result.sub_code in wire.SHORT_CODES:
        return ChannelShort(**facts)
    return ChannelRefused(**facts)


def _unsigned(result: wire.Result) -> ChannelUnknown | ChannelRefused:
    """An unsigned answer is never a success and says nothing about an order: at best the gateway turned the call away."""
    facts = _facts(result)
    if result.code in wire.UNSIGNED_REFUSALS and not result.sub_code.startswith("ACQ."):
        return ChannelRefused(**facts)
    return ChannelUnknown(reason="unsigned", **facts)


def _facts(result: wire.Result) -> dict[str, str]:
    return {"channel_code": result.sub_code or result.code, "channel_message": result.sub_msg or result.msg}
