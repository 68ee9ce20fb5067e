"""However a channel wants the payer to go on — its page, a form, a code, a card, or nothing — the page leads there, without JavaScript too."""

import html
import re

import pytest

from core.payments.channels.errors import OrderNotAtChannel
from core.payments.channels.protocol import ChannelState, Prepared, RefundRules
from tests import families

PARAMS = {"sign": 'a"b<c>&d', "amount": "95000"}


class Gateway:
    """A bank's own channel, as a plugin would bring it: every kind of going on, nothing ever paid."""

    code, title, wallet = "citybank", "城市银行", "citybankapp"
    scenes = ("h5", "jsapi", "native", "page", "card")
    limits: dict[str, int] = {}
    refund_rules = RefundRules()

    def __init__(self) -> None:
        self.prepared = Prepared(kind="wait")
        self.asked: list = []

    async def create(self, account, order):
        self.asked.append(order)
        return self.prepared

    async def query(self, account, order):
        return ChannelState(state="pending", order_number=order.number, mchid=account.mchid, appid=account.appid)

    async def close(self, account, order):
        raise OrderNotAtChannel(channel_code="x", channel_message="x")


@pytest.fixture
async def gateway(house, monkeypatch):
    made = Gateway()
    monkeypatch.setitem(house.platform.channels, "citybank", made)
    await house.account(channel="citybank")
    return made


@pytest.fixture
async def parent(house, browser, sms):
    async def make(agent=families.PHONE):
        phone = browser(agent=agent)
        await families.bind(phone, sms, house.school, house.school.children[0])
        return phone

    return make


async def press(phone, house, **fields):
    """Open the confirm page and press the button; the raw answer to it."""
    bill_id = await house.bill()
    await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    way = re.search(r'name="way" value="([^"]+)" checked', phone.text).group(1)
    form = {"bill": str(bill_id), "way": way, "idempotency_key": phone.hidden("idempotency_key")} | fields
    return await phone.post(f"{house.school.home}/pay", form, follow=False)


async def test_a_form_is_posted_with_every_field_as_the_channel_gave_it(house, gateway, parent):
    gateway.prepared = Prepared(kind="form", value="https://gateway.test/front?a=1&b=2", params=PARAMS)
    phone = await parent()
    answer = await press(phone, house)
    assert answer.headers["location"].endswith("?go=1")
    page = (await phone.get(answer.headers["location"])).text
    form = re.search(r'<form method="post" action="([^"]+)"( data-auto-post)?>(.*?)</form>', page, re.DOTALL)
    assert html.unescape(form.group(1)) == "https://gateway.test/front?a=1&b=2"
    assert form.group(2), "goes on by itself where there is JavaScript"
    fields = {n: html.unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', form.group(3))}
    assert fields == PARAMS, "nothing of ours, least of all the proof of origin, leaves with it"
    assert 'type="submit"' in form.group(3), "and by a button where there is none"
    again = (await phone.get(answer.headers["location"].split("?")[0])).text
    assert "data-auto-post" not in again, "the back button sends nobody off again"


async def test_a_code_is_shown_with_a_waiting_page(house, gateway, parent):
    gateway.prepared = Prepared(kind="qr", value="https://qr.citybank.test/abc")
    phone = await parent(families.DESKTOP)
    answer = await press(phone, house)
    page = (await phone.get(answer.headers["location"])).text
    assert "请用城市银行扫码支付" in page
    assert "<svg" in page
    assert 'data-poll="2500"' in page
    assert gateway.asked[0].scene == "native"


async def test_a_page_of_the_channel_is_opened_at_once(house, gateway, parent):
    gateway.prepared = Prepared(kind="redirect", value="https://pay.citybank.test/x")
    answer = await press(await parent(), house)
    assert answer.headers["location"] == "https://pay.citybank.test/x"


async def test_a_card_form_gets_what_the_gateway_needs_and_is_not_reloaded_under_the_payers_hands(house, gateway, parent):
    params = {"publishable_key": "pk_test", "client_secret": "cs_'\"<x>", "script_url": "http://127.0.0.1:8201/card.js"}
    gateway.prepared, gateway.scenes = Prepared(kind="card", params=params), ("card",)
    phone = await parent()
    page = (await phone.get((await press(phone, house)).headers["location"])).text
    given = re.search(r"data-card='([^']+)'", page).group(1)
    assert "pk_test" in given
    assert "<x>" not in given
    assert 'src="http://127.0.0.1:8201/card.js"' in page
    assert "pay-ways.js" in page
    assert 'http-equiv="refresh"' not in page
    assert "data-poll" not in page
    assert "需要打开 JavaScript" in page


async def test_inside_its_own_wallet_the_bridge_is_called(house, gateway, parent):
    gateway.prepared = Prepared(kind="jsapi", params={"tradeNO": "2026"})
    phone = await parent(families.PHONE + " CityBankApp/3")
    page = (await phone.get((await press(phone, house)).headers["location"])).text
    assert "data-trade-pay" in page
    assert gateway.asked[0].scene == "jsapi"


async def test_a_channel_that_wants_nothing_more_is_waited_for(house, gateway, parent):
    phone = await parent()
    page = (await phone.get((await press(phone, house)).headers["location"])).text
    assert "正在确认" in page
    assert 'http-equiv="refresh"' in page


async def test_two_channels_are_offered_side_by_side_and_the_busy_one_steps_back(house, gateway, parent):
    from core.payments.routing import health

    wechat = await house.good()
    phone = await parent()
    bill_id = await house.bill()
    page = (await phone.get(f"{house.school.home}/pay?bill={bill_id}")).text
    assert re.findall(r'name="way" value="([^"]+)"', page) == ["wechatpay:h5", "citybank:h5"]
    for _ in range(health.MOST):
        async with house.session() as session:
            await health.failed(session, wechat, "ConnectError")
    page = (await phone.get(f"{house.school.home}/pay?bill={bill_id}")).text
    assert re.findall(r'name="way" value="([^"]+)"( checked)?( disabled)?', page) == [
        ("citybank:h5", " checked", ""),
        ("wechatpay:h5", "", " disabled"),
    ]
    assert "微信支付暂时繁忙，可改用城市银行" in page


async def test_a_way_that_was_not_offered_here_is_refused(house, gateway, parent):
    phone = await parent()
    answer = await press(phone, house, way="counter:cash")
    assert answer.status_code == 303
    assert (await phone.get(answer.headers["location"])).status_code == 200
    assert gateway.asked == []
