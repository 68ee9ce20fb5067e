"""Inside WeChat a payment needs the visitor's openid: fetched silently once, kept with the device."""

import hashlib
import hmac
from urllib.parse import urlencode

from core.database import Session
from core.identity.vault import Vault
from core.payers.access import Payer
from core.payments import accounts
from core.payments.channels import wechat_oauth
from core.payments.channels.protocol import ChannelAccount
from core.payments.errors import ChannelNotOpened

REAL_API = "https://api.mch.weixin.qq.com"


def inside(user_agent: str) -> bool:
    """Whether the page is shown inside WeChat."""
    return "micromessenger" in user_agent.lower()


async def account(session: Session, vault: Vault) -> ChannelAccount | None:
    """The client's WeChat Pay account, if it has one."""
    try:
        return (await accounts.collecting(session, vault, "wechatpay"))[1]
    except ChannelNotOpened:
        return None


def authorize_url(collecting: ChannelAccount, payer: Payer, back: str, then: str) -> str:
    """Where to send the visitor; they come back to `back` and go on to `then`."""
    target = f"{back}?{urlencode({'next': then})}"
    base = wechat_oauth.REAL_AUTHORIZE_BASE if collecting.base_url.startswith(REAL_API) else collecting.base_url
    return wechat_oauth.authorize_url(collecting.appid, target, state_of(payer, then), base)


def token_base(collecting: ChannelAccount) -> str:
    """Where the visitor's code is exchanged."""
    return wechat_oauth.REAL_TOKEN_BASE if collecting.base_url.startswith(REAL_API) else collecting.base_url


def state_of(payer: Payer, then: str) -> str:
    """Ties the round trip to this device and this page, so that nobody can slip in an openid of their own."""
    return hmac.new(payer.csrf.encode(), then.encode(), hashlib.sha256).hexdigest()[:40]
