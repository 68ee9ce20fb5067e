"""Inside WeChat a payment needs the visitor's openid: fetched silently once, kept with the device."""

import hashlib
import hmac
from collections.abc import Collection
from urllib.parse import urlencode
from uuid import UUID

from core.database import Session
from core.identity.vault import Vault
from core.payers.access import Payer
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import oauth as wechat_oauth
from core.payments.offering import Charge
from core.payments.routing import service as routing

REAL_API = "https://api.mch.weixin.qq.com"


def inside(user_agent: str) -> bool:
    """Whether the page is shown inside WeChat."""
    return "micromessenger" in user_agent.lower()


async def account(session: Session, vault: Vault, amount_fen: int, merchants: Collection[UUID]) -> tuple[UUID, ChannelAccount] | None:
    """The WeChat Pay number that would take this charge, if there is one: the openid must be one of its own."""
    offers = await routing.choose(session, [("wechatpay", "jsapi")], amount_fen, merchants)
    if not offers:
        return None
    return offers[0].account_id, await accounts.by_id(session, vault, offers[0].account_id)


async def account_of(charge: Charge, vault: Vault, amount_fen: int) -> tuple[UUID, ChannelAccount] | None:
    """The same for bills that are held."""
    offer = charge.best("wechatpay", "jsapi", amount_fen)
    return None if offer is None else (offer.account_id, await accounts.by_id(charge.session, vault, offer.account_id))


def authorize_url(account_id: UUID, collecting: ChannelAccount, payer: Payer, back: str, then: str) -> str:
    """Where to send the visitor; they come back to `back` and go on to `then`."""
    target = f"{back}?{urlencode({'account': str(account_id), 'next': then})}"
    base = wechat_oauth.REAL_AUTHORIZE_BASE if collecting.base_url.startswith(REAL_API) else collecting.base_url
    return wechat_oauth.authorize_url(collecting.appid, target, state_of(payer, account_id, then), base)


def token_base(collecting: ChannelAccount) -> str:
    """Where the visitor's code is exchanged."""
    return wechat_oauth.REAL_TOKEN_BASE if collecting.base_url.startswith(REAL_API) else collecting.base_url


def state_of(payer: Payer, account_id: UUID, then: str) -> str:
    """Ties the round trip to this device and this page, so that nobody can slip in an openid of their own."""
    return hmac.new(payer.csrf.encode(), f"{account_id} {then}".encode(), hashlib.sha256).hexdigest()[:40]
