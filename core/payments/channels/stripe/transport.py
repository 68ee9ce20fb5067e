"""One request to a Stripe-style gateway and its answer: keys, idempotency, and what an error means.

Answers are not signed: what proves them is the connection. So an error never means success, and anything that is not the gateway's own
JSON tells nothing.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from core import clock
from core.payments.channels.errors import AccountIncomplete, ChannelRefused, ChannelShort, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.stripe import wire

API_VERSION = "2026-10-28.endive"
FILE_HOSTS = {"https://api.stripe.com": "https://files.stripe.com"}
MOST_KEYS = 20
"""How many refusals of one request in one day are walked past."""
IN_FLIGHT_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Waits while another request with the same key is under way; it ends with the same answer for both."""


class Reply(msgspec.Struct, frozen=True):
    """A success; `replayed` when it is the stored answer to an earlier request with the same key, and may be out of date."""

    raw: bytes
    replayed: bool = False


class Transport:
    """Sends forms, reads JSON; keeps nothing but the HTTP connections."""

    def __init__(self, client: httpx.AsyncClient, seconds_now: Callable[[], float] = clock.seconds) -> None:
        self.now = seconds_now
        self._client = client

    async def get(self, account: ChannelAccount, path: str, query: wire.Form = ()) -> bytes:
        """The raw body of an answer to a question. Raises ChannelUnknown, ChannelRefused, AccountIncomplete."""
        target = f"{path}?{urlencode(query)}" if query else path
        return (await self._call(account, "GET", target, None, {})).raw

    async def post(self, account: ChannelAccount, path: str, fields: wire.Form, key: str) -> Reply:
        """The answer to an order of ours. The same key with the same fields never does a thing twice (Stripe sheet §5)."""
        content, headers = wire.form(fields), {"Idempotency-Key": key, "Content-Type": "application/x-www-form-urlencoded"}
        for pause in IN_FLIGHT_PAUSES_SECONDS:
            try:
                return await self._call(account, "POST", path, content, headers)
            except ChannelUnknown as unknown:
                if unknown.facts.get("channel_code") != wire.IN_FLIGHT_CODE:
                    raise
            await asyncio.sleep(pause)
        return await self._call(account, "POST", path, content, headers)

    async def post_once(self, account: ChannelAccount, path: str, fields: wire.Form, key: str) -> Reply:
        """The answer under a key, or under the next in line where what is stored is a refusal of some time ago."""
        for again in range(MOST_KEYS):
            try:
                return await self.post(account, path, fields, f"{key}-{again}" if again else key)
            except ChannelRefused as refusal:
                if not refusal.facts.get("replayed") or again == MOST_KEYS - 1:
                    raise
        raise ChannelUnknown(reason="keys")

    async def download(self, account: ChannelAccount, url: str) -> bytes:
        """A file the gateway points at. Our key goes to the gateway's own hosts and to no other."""
        home, there = _origin(account.base_url), _origin(url)
        if there not in (home, FILE_HOSTS.get(home)):
            raise ChannelUnknown(reason="file host")
        return (await self._send(account, "GET", url, None, {})).content

    async def _call(self, account: ChannelAccount, method: str, target: str, content: bytes | None, headers: dict[str, str]) -> Reply:
        response = await self._send(account, method, account.base_url.rstrip("/") + target, content, headers)
        return Reply(response.content, _replayed(response))

    async def _send(self, account: ChannelAccount, method: str, url: str, content: bytes | None, headers: dict[str, str]) -> httpx.Response:
        """Send one request; only a success comes back."""
        try:
            request = self._client.build_request(method, url, content=content, headers=_headers(account) | headers)
            response = await self._client.send(request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ChannelUnknown(reason=type(error).__name__) from error
        if response.status_code == 200:
            return response
        raise refusal_of(response)


def credential(account: ChannelAccount, name: str) -> str:
    """One secret of the account, fit for a header. Raises AccountIncomplete."""
    value = account.credentials.get(name, "")
    if not value or not value.isascii() or not value.isprintable():
        raise AccountIncomplete(mchid=account.mchid, missing=name)
    return value


def refusal_of(response: httpx.Response) -> ChannelUnknown | ChannelRefused:
    """What an answer other than success means: only a 4xx in the gateway's own words is a refusal (Stripe sheet §6)."""
    facts = {"http_status": response.status_code, "request_id": response.headers.get("request-id", ""), "replayed": _replayed(response)}
    try:
        fault = wire.read_refusal(response.content).error
    except ValueError:
        return ChannelUnknown(reason=f"HTTP {response.status_code}", **facts)
    code = fault.code or fault.type
    facts |= {"channel_code": fault.decline_code or code, "channel_message": fault.message or code, "param": fault.param or ""}
    if response.status_code in (409, 424, 429) or not 400 <= response.status_code < 500 or code in wire.UNDECIDED_CODES:
        return ChannelUnknown(reason=code, **facts)
    if response.status_code == 404:
        return OrderNotAtChannel(**facts)
    if response.status_code != 402 and code in wire.SHORT_CODES:
        return ChannelShort(**facts)
    return ChannelRefused(**facts)


def _replayed(response: httpx.Response) -> bool:
    """Whether this is the stored answer to an earlier request with the same key."""
    return response.headers.get("idempotent-replayed") == "true"


def _headers(account: ChannelAccount) -> dict[str, str]:
    """Who asks: the secret key, and in service-provider mode the connected account on whose behalf."""
    headers = {"Accept": "application/json", "Authorization": f"Bearer {credential(account, 'secret_key')}", "Stripe-Version": API_VERSION}
    if account.mode == "partner":
        headers["Stripe-Account"] = account.mchid
    return headers


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
