"""A visitor becomes an openid through WeChat's web authorization."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.payments.channels.errors import ChannelRefused, ChannelUnknown
from core.payments.channels.wechatpay.oauth import authorize_url, exchange

BACK = "http://127.0.0.1:8200/h5/demo/wechat?next=/h5/demo/bills&x=1"


@pytest.fixture(scope="module")
async def browser():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def visit(browser, sandbox, account, user="lin", state="s-1&2"):
    """Open the consent page as a browser does, choose a user, and come back with a code."""
    address = authorize_url(account.appid, BACK, state, base=sandbox)
    page = await browser.get(address)
    assert page.status_code == 200
    assert "林秀英" in page.text
    query = dict(httpx.URL(address).params) | {"user": user}
    back = await browser.get(f"{sandbox}/connect/oauth2/grant", params=query)
    assert back.status_code == 302
    return parse_qs(urlsplit(back.headers["location"]).query), back.headers["location"]


def test_the_address_is_the_real_one_unless_told_otherwise():
    address = authorize_url("wx2421b1c4370ec43b", BACK, "abc")
    assert address.startswith(
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx2421b1c4370ec43b&redirect_uri=http%3A%2F%2F"
    )
    assert address.endswith("&response_type=code&scope=snsapi_base&state=abc#wechat_redirect")


async def test_a_code_comes_back_with_our_state_and_buys_the_openid(browser, sandbox, account):
    query, location = await visit(browser, sandbox, account)
    assert location.startswith(BACK)
    assert query["state"] == ["s-1&2"]
    secret = account.credentials["app_secret"]
    identity = await exchange(browser, account.appid, secret, query["code"][0], base=sandbox)
    assert len(identity.openid) == 28


async def test_the_same_visitor_has_the_same_openid_and_another_one_elsewhere(browser, sandbox, account, register):
    other = await register()
    seen = []
    for merchant in (account, account, other):
        query, _ = await visit(browser, sandbox, merchant)
        identity = await exchange(
            browser, merchant.appid, merchant.credentials["app_secret"], query["code"][0], base=sandbox
        )
        seen.append(identity.openid)
    assert seen[0] == seen[1] != seen[2]


async def test_a_code_buys_once(browser, sandbox, account):
    query, _ = await visit(browser, sandbox, account)
    secret = account.credentials["app_secret"]
    await exchange(browser, account.appid, secret, query["code"][0], base=sandbox)
    with pytest.raises(ChannelRefused) as refused:
        await exchange(browser, account.appid, secret, query["code"][0], base=sandbox)
    assert refused.value.facts["channel_code"] == "40163"


@pytest.mark.parametrize(("secret", "code", "errcode"), [("wrong", None, "40125"), (None, "made-up", "40029")])
async def test_a_wrong_secret_or_code_buys_nothing(browser, sandbox, account, secret, code, errcode):
    query, _ = await visit(browser, sandbox, account)
    with pytest.raises(ChannelRefused) as refused:
        await exchange(
            browser,
            account.appid,
            secret or account.credentials["app_secret"],
            code or query["code"][0],
            base=sandbox,
        )
    assert refused.value.facts["channel_code"] == errcode


async def test_a_code_of_another_account_buys_nothing(browser, sandbox, account, register):
    other = await register()
    query, _ = await visit(browser, sandbox, account)
    with pytest.raises(ChannelRefused):
        await exchange(browser, other.appid, other.credentials["app_secret"], query["code"][0], base=sandbox)


async def test_nobody_there_is_unknown(browser):
    with pytest.raises(ChannelUnknown):
        await exchange(browser, "wx", "s", "c", base="http://127.0.0.1:9")


async def test_a_page_that_is_no_json_is_unknown(browser, sandbox):
    with pytest.raises(ChannelUnknown):
        await exchange(browser, "wx", "s", "c", base=f"{sandbox}/scan?")
