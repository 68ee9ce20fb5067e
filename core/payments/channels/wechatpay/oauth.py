"""Who is paying, inside WeChat: the web authorization that turns a visitor into an openid, which JSAPI orders need."""

from urllib.parse import quote, urlencode

import httpx
import msgspec

from core.payments.channels.errors import ChannelRefused, ChannelUnknown

REAL_AUTHORIZE_BASE = "https://open.weixin.qq.com"
REAL_TOKEN_BASE = "https://api.weixin.qq.com"


class Identity(msgspec.Struct, frozen=True):
    openid: str = ""
    unionid: str = ""
    scope: str = ""
    errcode: int = 0
    errmsg: str = ""


def authorize_url(appid: str, redirect_uri: str, state: str, base: str = REAL_AUTHORIZE_BASE) -> str:
    """Where to send the visitor's browser; it comes back with `code` and our `state` (silent: the openid only)."""
    query = urlencode(
        {"appid": appid, "redirect_uri": redirect_uri, "response_type": "code", "scope": "snsapi_base", "state": state},
        quote_via=quote,
        safe="",
    )
    return f"{base.rstrip('/')}/connect/oauth2/authorize?{query}#wechat_redirect"


async def exchange(
    client: httpx.AsyncClient, appid: str, app_secret: str, code: str, base: str = REAL_TOKEN_BASE
) -> Identity:
    """Turn the one-time code into the visitor's openid under this appid.

    Raises ChannelRefused (used, expired or foreign code, wrong secret) and ChannelUnknown (no answer).
    """
    query = {"appid": appid, "secret": app_secret, "code": code, "grant_type": "authorization_code"}
    try:
        response = await client.get(f"{base.rstrip('/')}/sns/oauth2/access_token", params=query)
        identity = msgspec.json.decode(response.content, type=Identity)
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
        raise ChannelUnknown(reason=type(error).__name__) from error
    if response.status_code != 200 or not identity.openid:
        raise ChannelRefused(channel_code=str(identity.errcode), channel_message=identity.errmsg or "没有取得用户标识")
    return identity
