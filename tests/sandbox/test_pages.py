"""The wallet's pages and the tester's page, as a browser without scripts sees them."""

import datetime as dt
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from core import clock
from core.payments.channels.protocol import OrderRequest
from core.sandbox import wallet

BACK = "http://127.0.0.1:8200/h5/demo/orders/1?from=wallet"


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


@pytest.fixture
def placed(merchant, outside):
    """An order and the address its payer opens."""

    async def make(scene: str = "h5", **wanted) -> tuple[dict, str]:
        if scene == "jsapi":
            wanted["payer"] = {"openid": wallet.openid(merchant.appid, "lin")}
        order = merchant.order(**wanted)
        ready = (await merchant.place(order, scene)).json()
        match scene:
            case "h5":
                return order, ready["h5_url"] + "&redirect_url=" + quote(BACK, safe="")
            case "native":
                return order, "/scan?code_url=" + quote(ready["code_url"], safe="")
        return order, "/cashier/jsapi?prepay_id=" + ready["prepay_id"]

    return make


@pytest.mark.parametrize("scene", ["h5", "native", "jsapi"])
async def test_the_pay_page_says_who_gets_how_much_and_pays(merchant, outside, placed, scene):
    order, address = await placed(scene, amount={"total": 1234550, "currency": "CNY"})
    page = await outside.get(address)
    assert page.status_code == 200
    for shown in ("榕城第一实验学校", "¥12,345.50", order["out_trade_no"], "立即支付", "取消", "沙箱环境"):
        assert shown in page.text
    outcome = await outside.post("/cashier/pay", data=form_of(page.text) | {"press": "pay", "user": "zhao"})
    assert "支付成功" in outcome.text
    told = await merchant.told(order["out_trade_no"])
    payer = "lin" if scene == "jsapi" else "zhao"
    assert told["order"]["payer"]["openid"] == wallet.openid(merchant.appid, payer)


async def test_after_paying_the_payer_is_led_back(outside, placed):
    _, address = await placed("h5")
    page = await outside.get(address)
    outcome = await outside.post("/cashier/pay", data=form_of(page.text) | {"press": "pay"})
    assert f'href="{BACK}"' in outcome.text


async def test_cancelling_takes_nothing_and_leads_back(merchant, outside, placed):
    order, address = await placed("h5")
    page = await outside.get(address)
    outcome = await outside.post("/cashier/pay", data=form_of(page.text) | {"press": "cancel"})
    assert "已取消支付" in outcome.text
    assert f'href="{BACK}"' in outcome.text
    assert (await merchant.told(order["out_trade_no"]))["order"]["trade_state"] == "NOTPAY"


async def test_a_payer_without_money_stays_unpaid_and_may_try_again(outside, placed):
    _, address = await placed("h5")
    page = await outside.get(address)
    outcome = await outside.post("/cashier/pay", data=form_of(page.text) | {"press": "pay", "user": "wu"})
    assert "余额不足" in outcome.text
    again = await outside.post("/cashier/pay", data=form_of(page.text) | {"press": "pay", "user": "chen"})
    assert "支付成功" in again.text


async def test_pressing_pay_twice_takes_the_money_once(merchant, outside, placed):
    order, address = await placed("h5")
    form = form_of((await outside.get(address)).text) | {"press": "pay"}
    await outside.post("/cashier/pay", data=form)
    second = await outside.post("/cashier/pay", data=form)
    assert "没有扣款" in second.text
    assert "已经支付" in (await outside.get(address)).text
    assert len((await merchant.told(order["out_trade_no"]))["notices"]) == 1


async def test_a_closed_order_cannot_be_paid_from_its_page(merchant, outside, placed):
    order, address = await placed("h5")
    form = form_of((await outside.get(address)).text) | {"press": "pay"}
    await merchant.close(order["out_trade_no"])
    assert "已经关闭" in (await outside.get(address)).text
    assert "没有扣款" in (await outside.post("/cashier/pay", data=form)).text


@pytest.mark.parametrize("address", ["/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=x", "/cashier/jsapi", "/scan?code_url=x"])
async def test_a_ticket_that_leads_nowhere_says_so(outside, address):
    page = await outside.get(address)
    assert (page.status_code, "已过期" in page.text) == (400, True)


async def test_a_return_address_that_is_a_script_is_dropped(merchant, outside):
    ready = (await merchant.place(merchant.order(), "h5")).json()
    page = await outside.get(ready["h5_url"] + "&redirect_url=javascript:alert(1)")
    assert "javascript:alert" not in page.text


async def test_names_from_outside_are_shown_as_text(merchant, outside, placed):
    _, address = await placed("h5", description="<script>alert(1)</script>")
    assert "<script>alert(1)" not in (await outside.get(address)).text


async def test_the_wallet_call_of_our_channel_opens_the_sheet(merchant, outside, channel, wallet_call):
    call = await wallet_call()
    page = await outside.get("/cashier/jsapi", params=call)
    assert "立即支付" in page.text
    assert "林秀英" in page.text


@pytest.mark.parametrize("field", ["timeStamp", "nonceStr", "package", "paySign", "appId", "signType"])
async def test_a_wallet_call_altered_in_any_field_is_refused(outside, wallet_call, field):
    call = await wallet_call()
    call[field] = call[field][:-1] + ("A" if call[field][-1] != "A" else "B")
    page = await outside.get("/cashier/jsapi", params=call)
    assert page.status_code == 400
    assert "立即支付" not in page.text


@pytest.fixture
def wallet_call(merchant, channel):
    """What our channel hands to WeixinJSBridge for a new order."""

    async def make() -> dict[str, str]:
        wanted = merchant.order()
        order = OrderRequest(
            number=wanted["out_trade_no"],
            description="秋季学费",
            amount_fen=100,
            scene="jsapi",
            notify_url=wanted["notify_url"],
            expires_at=clock.now() + dt.timedelta(minutes=20),
            placed_at=clock.now(),
            openid=wallet.openid(merchant.appid, "lin"),
        )
        return (await channel.create(merchant.account, order)).params

    return make


async def test_the_bridge_is_served_to_pages_of_other_sites(outside):
    script = await outside.get("/sandbox/wechat.js", headers={"Origin": "http://127.0.0.1:8200"})
    assert script.headers["content-type"].startswith("text/javascript")
    assert "getBrandWCPayRequest" in script.text
    assert "WeixinJSBridgeReady" in script.text


async def test_the_consent_page_names_the_site_and_remembers_the_last_visitor(merchant, outside):
    query = {"appid": merchant.appid, "redirect_uri": BACK, "response_type": "code", "scope": "snsapi_base", "state": "s"}
    first = await outside.get("/connect/oauth2/authorize", params=query)
    assert "127.0.0.1:8200" in first.text
    granted = await outside.get("/connect/oauth2/grant", params=query | {"user": "zhao"})
    back = urlsplit(granted.headers["location"])
    assert parse_qs(back.query)["from"] == ["wallet"]
    assert parse_qs(back.query)["state"] == ["s"]
    again = await outside.get("/connect/oauth2/authorize", params=query)
    assert "以“赵奶奶”继续" in again.text


@pytest.mark.parametrize("wrong", [{"appid": "wx0"}, {"redirect_uri": "javascript:alert(1)"}])
async def test_authorization_for_nobody_or_nowhere_is_refused(merchant, outside, wrong):
    query = {"appid": merchant.appid, "redirect_uri": BACK, "state": "s"} | wrong
    assert (await outside.get("/connect/oauth2/authorize", params=query)).status_code == 400
    assert (await outside.get("/connect/oauth2/grant", params=query | {"user": "lin"})).status_code == 400


async def test_the_index_lists_merchants_orders_and_a_way_to_pay(merchant, outside):
    order = merchant.order()
    await merchant.place(order)
    page = (await outside.get("/")).text
    link = f"/cashier/orders/{merchant.mchid}/{order['out_trade_no']}"
    assert merchant.mchid in page
    assert link in page
    opened = await outside.get(link)
    assert opened.status_code in (302, 303, 307)
    assert "立即支付" in (await outside.get(opened.headers["location"])).text


async def test_the_scanner_asks_for_a_code(outside):
    assert "code_url" in (await outside.get("/scan")).text


async def test_text_messages_are_kept_by_phone_and_shown_as_text(outside):
    for text in ("您的验证码是 123456，五分钟内有效。", "<b>费用提醒</b>"):
        sent = await outside.post("/sandbox/api/sms", json={"phone": "13800001111", "text": text})
        assert sent.status_code == 201
    await outside.post("/sandbox/api/sms", json={"phone": "13800002222", "text": "另一个人"})
    kept = (await outside.get("/sandbox/api/sms", params={"phone": "13800001111"})).json()
    assert [message["text"] for message in kept] == ["<b>费用提醒</b>", "您的验证码是 123456，五分钟内有效。"]
    page = (await outside.get("/sms", params={"phone": "13800001111"})).text
    assert "123456" in page
    assert "<b>费用提醒</b>" not in page
    assert "另一个人" not in page


async def test_a_message_without_a_text_is_refused(outside):
    assert (await outside.post("/sandbox/api/sms", json={"phone": "13800001111"})).status_code == 400
