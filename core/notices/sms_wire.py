"""Speaking with the SMS gateway: hand a text in under our number, ask what became of numbers. Nothing personal is in what is answered."""

from collections.abc import Sequence

import httpx
import msgspec

from core.platform import Platform

JSON = {"content-type": "application/json"}


class Handed(msgspec.Struct, frozen=True):
    """What came of handing over: `state` is taken, again (try later) or refused (for good), with the reason."""

    state: str
    reason: str | None = None
    provider_id: str | None = None


class _Report(msgspec.Struct):
    number: str
    state: str
    reason: str | None = None


class _Refusal(msgspec.Struct):
    code: str = ""
    message: str = ""


def gateway(platform: Platform) -> str:
    """Where text messages are handed in: the gateway of the settings, else the sandbox."""
    return platform.settings.sms_url or f"{platform.settings.sandbox_url}/sandbox/api/sms"


async def send(platform: Platform, number: str, phone: str, text: str) -> Handed:
    """Hand a text in; the same number again is the same message to the gateway, so a lost answer costs nothing."""
    body = msgspec.json.encode({"phone": phone, "text": text, "number": number})
    try:
        answer = await platform.http.post(gateway(platform), content=body, headers=JSON, follow_redirects=True)
    except httpx.HTTPError as error:
        return Handed("again", type(error).__name__)
    if answer.is_success:
        return Handed("taken", None, number)
    if 400 <= answer.status_code < 500 and answer.status_code not in (401, 403, 404, 408, 429):
        return Handed("refused", _said(answer.content) or f"HTTP {answer.status_code}")
    return Handed("again", f"HTTP {answer.status_code}")


async def reports(platform: Platform, numbers: Sequence[str]) -> list[tuple[str, str, str | None]]:
    """The network's word on some numbers, where it has one: (number, delivered or failed, reason)."""
    url = gateway(platform).rstrip("/") + "/reports"
    try:
        answer = await platform.http.post(url, content=msgspec.json.encode({"numbers": list(numbers)}), headers=JSON, follow_redirects=True)
        found = msgspec.json.decode(answer.content, type=list[_Report]) if answer.is_success else []
    except (httpx.HTTPError, msgspec.MsgspecError):
        return []
    words = {"delivered": "delivered", "undelivered": "failed"}
    return [(one.number, words[one.state], one.reason and one.reason[:100]) for one in found if one.state in words]


def _said(content: bytes) -> str:
    try:
        refusal = msgspec.json.decode(content, type=_Refusal)
    except msgspec.MsgspecError:
        return ""
    return (refusal.message or refusal.code)[:100]
