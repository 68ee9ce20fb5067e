"""UnionPay's pay page as a browser without scripts sees it, and the signed way back to the merchant."""

import datetime as dt
import html
import re
from urllib.parse import urlencode

import pytest

from core import clock
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from tests.payments.channels.unionpay_fixtures import channel, desk, listening, outside, register, sandbox

__all__ = ["channel", "desk", "listening", "outside", "register", "sandbox"]

BACK = "http://127.0.0.1:8200/h5/demo/orders/1?from=unionpay"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's form as a browser sends them: line ends are read as LF and sent as CRLF."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value).replace("\r\n", "\n").replace("\n", "\r\n") for name, value in found}


@pytest.fixture
def arrived(desk):
    """An order and the address of its pay page."""

    async def make(**wanted):
        order = desk.order(**{"return_url": BACK} | wanted)
        reply = await desk.submit(await desk.channel.create(desk.account, order))
        assert reply.status_code == 303
        return order, reply.headers["location"]

    return make


async def test_the_pay_page_says_who_gets_how_much_and_pays(desk, arrived):
    order, address = await arrived(amount_fen=1234550)
    page = await desk.outside.get(address)
    for shown in ("银联在线支付", "云闪付", "榕城第一实验学校", "¥12,345.50", order.number, order.description, "确认付款", "取消", "沙箱环境"):
        assert shown in page.text
    outcome = await desk.outside.post(address, data={"press": "pay", "user": "zhao"})
    assert "支付成功" in outcome.text
    told = (await desk.told(order.number))["order"]
    assert (told["respCode"], told["payer"]) == ("00", "赵奶奶")
    assert "无需再次付款" in (await desk.outside.get(address)).text


async def test_the_way_back_is_a_signed_form_that_survives_the_browser(desk, arrived):
    order, address = await arrived()
    outcome = await desk.outside.post(address, data={"press": "pay"})
    assert f'<form method="post" action="{html.escape(BACK)}"' in outcome.text
    fields = fields_of(outcome.text)
    notice = desk.channel.read_notice(desk.account, {}, urlencode(fields).encode())
    assert disagreements(notice.state, desk.account, order.number, order.amount_fen) == {}
    with pytest.raises(ForgedNotice):
        desk.channel.read_notice(desk.account, {}, urlencode(fields | {"txnAmt": "1"}).encode())


async def test_leaving_takes_no_money_and_the_page_is_still_there(desk, arrived):
    order, address = await arrived()
    outcome = await desk.outside.post(address, data={"press": "cancel"})
    assert "没有扣款" in outcome.text
    assert f'href="{html.escape(BACK)}"' in outcome.text
    assert fields_of(outcome.text) == {}
    assert (await desk.told(order.number))["order"]["respCode"] == "05"
    assert "支付成功" in (await desk.outside.post(address, data={"press": "pay"})).text


async def test_a_card_without_money_fails_and_another_one_pays(desk, arrived):
    order, address = await arrived()
    assert "余额不足" in (await desk.outside.post(address, data={"press": "pay", "user": "wu"})).text
    assert (await desk.told(order.number))["order"]["respCode"] == "64"
    assert "支付成功" in (await desk.outside.post(address, data={"press": "pay", "user": "lin"})).text


async def test_pressing_twice_pays_once(desk, arrived):
    order, address = await arrived()
    await desk.outside.post(address, data={"press": "pay"})
    assert "本次没有扣款" in (await desk.outside.post(address, data={"press": "pay"})).text
    assert len((await desk.told(order.number))["notices"]) == 1


async def test_after_its_time_the_page_takes_no_money(desk, arrived):
    order, address = await arrived(expires_at=clock.now().replace(microsecond=0) + dt.timedelta(seconds=2))
    await desk.told_when(order.number, lambda told: told["order"]["respCode"] == "69")
    assert "已超过支付时间" in (await desk.outside.get(address)).text
    assert "本次没有扣款" in (await desk.outside.post(address, data={"press": "pay"})).text


async def test_a_form_that_comes_twice_says_so_kindly(desk, arrived):
    order = desk.order()
    prepared = await desk.channel.create(desk.account, order)
    await desk.submit(prepared)
    page = await desk.submit(prepared)
    assert "重复交易" in page.text
    assert "只能提交一次" in page.text


async def test_a_page_nobody_opened_is_not_there(desk):
    assert (await desk.outside.get("/unionpay/cashier/000000000000000000000")).status_code == 404
    assert (await desk.outside.post("/unionpay/cashier/0", data={"press": "pay"})).status_code == 404


async def test_an_order_without_a_way_back_still_ends_kindly(desk, arrived):
    _, address = await arrived(return_url=None)
    assert "请回到商家页面" in (await desk.outside.post(address, data={"press": "pay"})).text


async def test_the_testers_table_leads_to_the_pay_page_until_it_is_paid(desk, arrived):
    order, address = await arrived()
    assert f'href="{address}"' in (await desk.outside.get("/")).text
    await desk.pay(order.number)
    shown = (await desk.outside.get("/")).text
    assert order.number in shown
    assert f'href="{address}"' not in shown
