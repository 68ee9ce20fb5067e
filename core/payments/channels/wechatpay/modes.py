"""Direct merchant or service provider: how the two modes name the same merchant (WeChat Pay v3 §11).

In `partner` mode the account's `mchid` is the client's own number (sub_mchid), and the credentials `sp_mchid` and `sp_appid` are the
provider's, who signs with its own key and opens with its own APIv3 key. The account's `appid` is the one under which the payer is known:
the provider's, or one of the client's own (then sent as sub_appid).
"""

from urllib.parse import quote, urlencode

from core.payments.channels.errors import AccountIncomplete
from core.payments.channels.protocol import ChannelAccount

MODES = ("direct", "partner")


def credential(account: ChannelAccount, name: str) -> str:
    """One value of the account's credentials. Raises AccountIncomplete."""
    value = account.credentials.get(name)
    if not value:
        raise AccountIncomplete(mchid=account.mchid, missing=name)
    return value


def is_partner(account: ChannelAccount) -> bool:
    """Whether a service provider speaks for the merchant. Raises AccountIncomplete for a mode there is not."""
    if account.mode not in MODES:
        raise AccountIncomplete(mchid=account.mchid, missing=f"mode={account.mode}")
    return account.mode == "partner"


def signing_mchid(account: ChannelAccount) -> str:
    """Whose key signs our requests and seals what is sent to us."""
    return credential(account, "sp_mchid") if is_partner(account) else account.mchid


def orders_path(account: ChannelAccount) -> str:
    """Where orders live."""
    return "/v3/pay/partner/transactions" if is_partner(account) else "/v3/pay/transactions"


def order_path(account: ChannelAccount, number: str) -> str:
    """Where one order lives."""
    return f"{orders_path(account)}/out-trade-no/{quote(number, safe='')}"


def order_ids(account: ChannelAccount) -> dict[str, str]:
    """Who asks for a payment, under which appid."""
    if not is_partner(account):
        return {"appid": account.appid, "mchid": account.mchid}
    provider = {"sp_appid": credential(account, "sp_appid"), "sp_mchid": signing_mchid(account), "sub_mchid": account.mchid}
    return provider | ({"sub_appid": account.appid} if has_own_appid(account) else {})


def merchant_ids(account: ChannelAccount) -> dict[str, str]:
    """Whose order it is, as queries and closes say it."""
    if not is_partner(account):
        return {"mchid": account.mchid}
    return {"sp_mchid": signing_mchid(account), "sub_mchid": account.mchid}


def sub_ids(account: ChannelAccount) -> dict[str, str]:
    """What refunds, bills and splits add in partner mode; their addresses are the same."""
    return {"sub_mchid": account.mchid} if is_partner(account) else {}


def payer(account: ChannelAccount, openid: str | None) -> dict[str, str | None]:
    """The payer under the appid that knows them."""
    if not is_partner(account):
        return {"openid": openid}
    return {"sub_openid" if has_own_appid(account) else "sp_openid": openid}


def has_own_appid(account: ChannelAccount) -> bool:
    """Whether the client pays under an appid of its own and not under the provider's."""
    return account.appid not in ("", credential(account, "sp_appid"))


def with_query(target: str, parameters: dict[str, str]) -> str:
    """An address with its query, encoded once, because exactly these characters are signed."""
    return f"{target}?{urlencode(parameters, quote_via=quote, safe='')}" if parameters else target
