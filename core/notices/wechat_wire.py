"""Speaking with WeChat's message interface: a token, a template message to one follower, and the push that says whether it arrived."""

import hashlib
import hmac
import time
from xml.etree import ElementTree

import httpx
import msgspec

from core.notices.rules import WechatAccount, WechatSecrets
from core.notices.sms_wire import Handed
from core.platform import Platform

_TRY_AGAIN = (-1, 40001, 42001, 45009, 45011)
"""System busy, token worn out, quota of the minute."""
LONGEST_PUSH = 20_000
_tokens: dict[tuple[str, str], tuple[float, str]] = {}


class _Answer(msgspec.Struct):
    errcode: int = 0
    errmsg: str = ""
    msgid: int = 0
    access_token: str = ""
    expires_in: int = 0


class TemplateMessage(msgspec.Struct, frozen=True):
    """What is sent: to whom, which template, where a tap leads, and the words by field."""

    openid: str
    template_id: str
    url: str
    fields: dict[str, str]


async def send(platform: Platform, account: WechatAccount, secrets: WechatSecrets, number: str, message: TemplateMessage) -> Handed:
    """Hand a template message in; the same number again is the same message to WeChat."""
    token = await _token(platform, account, secrets)
    if not token:
        return Handed("again", "WeChat token")
    body = {
        "touser": message.openid,
        "template_id": message.template_id,
        "url": message.url,
        "client_msg_id": number,
        "data": {name: {"value": value} for name, value in message.fields.items()},
    }
    answer = await _ask(platform, "POST", f"{account.base_url}/cgi-bin/message/template/send", {"access_token": token}, body)
    if answer is None:
        return Handed("again", "WeChat unreachable")
    if answer.errcode in (40001, 42001):
        _tokens.pop((account.appid, account.base_url), None)
    if answer.errcode == 0:
        return Handed("taken", None, f"wx{answer.msgid}")
    reason = f"WeChat {answer.errcode} {answer.errmsg[:60]}"
    return Handed("again" if answer.errcode in _TRY_AGAIN else "refused", reason)


async def _token(platform: Platform, account: WechatAccount, secrets: WechatSecrets) -> str:
    """The account's token, kept until five minutes before it ends."""
    held = _tokens.get((account.appid, account.base_url))
    if held and held[0] > time.monotonic():
        return held[1]
    asked = {"grant_type": "client_credential", "appid": account.appid, "secret": secrets.secret}
    answer = await _ask(platform, "GET", f"{account.base_url}/cgi-bin/token", asked, None)
    if answer is None or not answer.access_token:
        return ""
    _tokens[account.appid, account.base_url] = (time.monotonic() + max(0, answer.expires_in - 300), answer.access_token)
    return answer.access_token


async def _ask(platform: Platform, method: str, url: str, query: dict[str, str], body: object) -> _Answer | None:
    content = None if body is None else msgspec.json.encode(body)
    try:
        answer = await platform.http.request(method, url, params=query, content=content, headers={"content-type": "application/json"})
        return msgspec.json.decode(answer.content, type=_Answer) if answer.is_success else None
    except (httpx.HTTPError, msgspec.MsgspecError):
        return None


def proved(token: str, signature: str, timestamp: str, nonce: str) -> bool:
    """Whether a push comes from who knows the account's token: sha1 over token, timestamp and nonce, sorted."""
    expected = hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode()).hexdigest()
    return bool(token) and hmac.compare_digest(expected.encode(), signature.encode())


def read_push(body: bytes) -> tuple[str, str, str | None] | None:
    """The number a push speaks of, delivered or failed, and why; None when it speaks of something else."""
    if len(body) > LONGEST_PUSH or b"<!" in body.replace(b"<![CDATA[", b""):
        return None
    try:
        told = {child.tag: (child.text or "").strip() for child in ElementTree.fromstring(body)}
    except (ElementTree.ParseError, ValueError):
        return None
    if told.get("Event") != "TEMPLATESENDJOBFINISH" or not told.get("MsgID", "").isdigit():
        return None
    arrived = told.get("Status") == "success"
    return f"wx{told['MsgID']}", "delivered" if arrived else "failed", None if arrived else told.get("Status", "")[:100]
