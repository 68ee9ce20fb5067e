"""The wallet's pages over real HTTP: cashier, QR code, mini program sheet, pay code, and the way back (Alipay §2.2, §4)."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.payments.channels import rsa

BACK = "http://127.0.0.1:8200/h5/demo/pay?order=1"


def ticket_of(page: str) -> str:
    return re.search(r'name="ticket" value="([0-9a-z]+)"', page)[1]


async def cashier(merchant, product: str = "wap", **more) -> tuple[str, str]:
    """An order number and its cashier page."""
    content = merchant.content(product_code={"page": "FAST_INSTANT_TRADE_PAY"}.get(product))
    asked = merchant.signed(f"alipay.trade.{product}.pay", content, **more)
    reply = await merchant.client.get("/gateway.do", params=asked, follow_redirects=True)
    assert reply.status_code == 200
    return content["out_trade_no"], reply.text


async def press(merchant, page: str, what: str = "pay", user: str = "lin"):
    return await merchant.client.post("/alipay/pay", data={"ticket": ticket_of(page), "press": what, "user": user})


@pytest.mark.parametrize(("product", "way"), [("wap", "手机网站支付"), ("page", "电脑网站支付"), ("app", "App 支付")])
async def test_a_signed_request_leads_to_a_cashier_in_chinese(merchant, product, way):
    _, page = await cashier(merchant, product)
    assert all(words in page for words in ("支付宝", "榕城第一实验学校", "秋季学费", "¥1.00", way, "林秀英", "确认付款", 'lang="zh-CN"'))


async def test_a_form_posted_by_a_browser_leads_there_too(merchant):
    content = merchant.content(product_code="FAST_INSTANT_TRADE_PAY")
    reply = await merchant.send(merchant.signed("alipay.trade.page.pay", content), "form")
    assert (reply.status_code, reply.headers["location"].split("?")[0]) == (302, "/alipay/cashier")


async def test_the_payer_returns_with_a_signed_address_that_proves_nothing(merchant):
    number, page = await cashier(merchant, return_url=BACK)
    done = await press(merchant, page)
    assert "支付成功" in done.text
    address = re.search(r'class="button main" href="([^"]+)"', done.text)[1].replace("&amp;", "&")
    given = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{BACK}&")
    assert (given["out_trade_no"], given["total_amount"], given["seller_id"]) == (number, "1.00", merchant.mchid)
    assert given["method"] == "alipay.trade.wap.pay.return"
    signed = {name: value for name, value in given.items() if name not in ("sign", "sign_type", "order")}
    text = "&".join(f"{name}={signed[name]}" for name in sorted(signed)).encode()
    assert rsa.signed_by(rsa.public_key(merchant.account.credentials["alipay_public_key"]), text, given["sign"])


@pytest.mark.parametrize(("what", "user", "words"), [("cancel", "lin", "已取消支付"), ("pay", "wu", "余额不足")])
async def test_who_does_not_pay_leaves_the_order_open(merchant, what, user, words):
    number, page = await cashier(merchant, return_url=BACK)
    assert words in (await press(merchant, page, what, user)).text
    assert (await merchant.told(number))["order"]["trade_status"] == "WAIT_BUYER_PAY"


async def test_an_order_is_paid_once_however_often_the_button_is_pressed(merchant):
    _, page = await cashier(merchant)
    assert "支付成功" in (await press(merchant, page)).text
    assert "本次没有扣款" in (await press(merchant, page)).text


async def test_a_paid_or_closed_order_shows_no_button(merchant, outside):
    number, page = await cashier(merchant)
    await press(merchant, page)
    again = await outside.get(f"/alipay/orders/{merchant.mchid}/{number}", follow_redirects=True)
    assert ("已经支付" in again.text, "确认付款" in again.text) == (True, False)
    number, _ = await cashier(merchant)
    await merchant.ask("alipay.trade.close", {"out_trade_no": number})
    closed = await outside.get(f"/alipay/orders/{merchant.mchid}/{number}", follow_redirects=True)
    assert ("已经关闭" in closed.text, "确认付款" in closed.text) == (True, False)


async def test_a_scanned_code_leads_to_the_cashier(merchant, outside):
    assert "扫一扫" in (await outside.get("/alipay/scan")).text
    content = merchant.content()
    code = (await merchant.ask("alipay.trade.precreate", content))["qr_code"]
    page = await outside.get("/alipay/scan", params={"code": code})
    assert "扫码支付" in page.text
    assert (await merchant.told(content["out_trade_no"]))["order"]["trade_status"] == "WAIT_BUYER_PAY"
    assert "支付成功" in (await press(merchant, page.text)).text


@pytest.mark.parametrize("path", ["/alipay/scan?code=https://qr.alipay.com/bax0", "/alipay/cashier?ticket=x", "/alipay/trade-pay?tradeNO=1"])
async def test_a_way_that_leads_nowhere_says_so(outside, path):
    reply = await outside.get(path)
    assert (reply.status_code, "支付链接无效或已过期" in reply.text) == (400, True)
    pressed = await outside.post("/alipay/pay", data={"ticket": "x", "press": "pay"})
    assert pressed.status_code == 400


async def test_the_mini_program_sheet_is_for_its_one_buyer(merchant, outside):
    number = await merchant.trade()
    trade_no = (await merchant.told(number))["order"]["trade_no"]
    sheet = await outside.get("/alipay/trade-pay", params={"tradeNO": trade_no}, follow_redirects=True)
    assert ("林秀英" in sheet.text, "陈建国" in sheet.text) == (True, False)
    await press(merchant, sheet.text, user="chen")
    assert (await merchant.told(number))["order"]["payer"] == "lin"


async def test_the_wallets_bridge_and_colours_are_served(outside):
    script = await outside.get("/sandbox/static/alipay.js")
    assert ("AlipayJSBridge" in script.text, "javascript" in script.headers["content-type"]) == (True, True)
    assert ".alipay" in (await outside.get("/sandbox/static/alipay.css")).text


async def test_the_pay_code_on_a_phone_can_be_charged(merchant, outside):
    shown = await outside.get("/alipay/pay-code", params={"user": "zhao"})
    code = re.search(r"<code>(28[0-9]{16})</code>", shown.text)[1]
    answer = await merchant.ask("alipay.trade.pay", merchant.content(scene="bar_code", auth_code=code))
    assert (answer["code"], answer["buyer_open_id"]) == ("10000", await merchant.buyer("zhao"))
    asking = await outside.get("/alipay/pay-code", params={"user": "zhao", "asks": "true"})
    code = re.search(r"<code>(28[0-9]{16})</code>", asking.text)[1]
    waiting = await merchant.ask("alipay.trade.pay", merchant.content(scene="bar_code", auth_code=code))
    assert (waiting["code"], waiting["msg"]) == ("10003", "order success pay inprocess")


async def test_the_first_page_lists_orders_and_sellers(merchant, outside):
    number, _ = await cashier(merchant)
    page = (await outside.get("/")).text
    assert all(words in page for words in (number, merchant.mchid, "支付宝", f"/alipay/orders/{merchant.mchid}/{number}"))


async def test_the_description_of_the_interfaces_names_what_a_tester_can_do(outside):
    paths = (await outside.get("/schema/openapi.json")).json()["paths"]
    tester = {path for path in paths if path.startswith("/sandbox/api/alipay/")}
    assert {path.rsplit("/", 1)[1] for path in tester} >= {"merchants", "users", "pay-codes", "pay", "age", "finish", "notify"}


async def test_an_order_nobody_opened_is_not_known_to_the_tester_either(merchant, outside):
    merchant.signed("alipay.trade.wap.pay", merchant.content(out_trade_no="T1"))
    assert (await merchant.pay("T1")).status_code == 404
    assert (await outside.get(f"/alipay/orders/{merchant.mchid}/T1")).status_code == 404
    assert (await outside.get("/sandbox/api/alipay/merchants/2088000000000000")).status_code == 404


async def test_what_is_closed_before_it_was_opened_can_still_be_paid_late(merchant):
    content = merchant.content()
    await merchant.ask("alipay.trade.precreate", content)
    await merchant.faults(content["out_trade_no"], {"kind": "pay_after_close", "seconds": 0.02})
    refused = await merchant.ask("alipay.trade.close", {"out_trade_no": content["out_trade_no"]})
    assert refused["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    told = await merchant.told_when(content["out_trade_no"], lambda now: now["order"]["paid_at"])
    assert told["order"]["trade_status"] == "TRADE_SUCCESS"
