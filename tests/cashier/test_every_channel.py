"""The cashier with every channel of the sandbox: what each device is offered, how each goes on, and the money arriving."""

import html
import re

import httpx
import msgspec
import pytest
from sqlalchemy import text

from core.cashier import h5_orders
from tests import families, trade

ALIPAY = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 AliApp(AP/10.5) AlipayClient/10.5"
CHANNELS = ("wechatpay", "alipay", "unionpay", "stripe")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(h5_orders, "ASK_EVERY_SECONDS", 0)


@pytest.fixture
async def wallet(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        yield outside


@pytest.fixture(scope="module")
async def registered(outside_world):
    """A merchant number at every channel; making their keys takes a while."""
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, timeout=60) as outside:
        return {name: (await outside.post(f"/sandbox/api/{name}/merchants", json={"name": "学校"})).json() for name in CHANNELS}


@pytest.fixture
async def shops(house, registered):
    """The school collects at every channel; answers its merchant numbers."""
    found = {}
    for channel in CHANNELS:
        given = registered[channel]
        more = {"mchid": given["mchid"], "appid": given["appid"], "base_url": given["base_url"]}
        found[channel] = await house.account(channel=channel, credentials=given["credentials"], **more), given["mchid"]
    return found


@pytest.fixture
async def parent(house, browser, sms):
    async def make(agent):
        phone = browser(agent=agent)
        await families.bind(phone, sms, house.school, house.school.children[0])
        return phone

    return make


@pytest.mark.parametrize(
    ("agent", "ways"),
    [
        (ALIPAY, ["alipay:h5", "unionpay:h5", "stripe:card"]),
        (families.PHONE, ["wechatpay:h5", "alipay:h5", "unionpay:h5", "stripe:card"]),
        (families.DESKTOP, ["wechatpay:native", "alipay:native", "unionpay:page", "stripe:card"]),
    ],
)
async def test_each_device_is_offered_what_works_on_it(house, shops, parent, agent, ways):
    phone, bill_id = await parent(agent), await house.bill()
    page = (await phone.get(f"{house.school.home}/pay?bill={bill_id}")).text
    offered = re.findall(r'name="way" value="([^"]+)"', page)
    assert [way for way in offered if way.split(":")[0] in CHANNELS] == ways


async def pressed(phone, house, way: str):
    """Choose a way and press the button: the raw answer, and the order it made."""
    bill_id = await house.bill()
    await phone.get(f"{house.school.home}/pay?bill={bill_id}")
    assert f'value="{way}"' in phone.text, phone.text
    form = {"bill": str(bill_id), "way": way, "idempotency_key": phone.hidden("idempotency_key")}
    answer = await phone.post(f"{house.school.home}/pay", form, follow=False)
    async with house.session() as session:
        order = await session.one(text("SELECT * FROM core.payment_order"))
    assert (order.status, order.channel) == ("pending", way.split(":")[0]), order.last_error
    return answer, order


async def goes_on(phone, house, wallet, answer, order) -> str:
    """Do what the payer's browser does next; answers how the order went on."""
    kind = order.prepared["kind"]
    if kind == "redirect":
        assert (await wallet.get(answer.headers["location"], follow_redirects=True)).status_code == 200
        return kind
    page = (await phone.get(answer.headers["location"])).text
    if kind == "form":
        form = re.search(r'<form method="post" action="([^"]+)" data-auto-post>(.*?)</form>', page, re.DOTALL)
        fields = {n: html.unescape(v) for n, v in re.findall(r'name="([^"]+)" value="([^"]*)"', form.group(2))}
        opened = await wallet.post(html.unescape(form.group(1)), data=fields, follow_redirects=True)
        assert opened.status_code == 200, opened.text
    return kind


@pytest.mark.parametrize(
    ("agent", "way", "kind"),
    [
        (families.PHONE, "wechatpay:h5", "redirect"),
        (families.DESKTOP, "wechatpay:native", "qr"),
        (families.PHONE, "alipay:h5", "redirect"),
        (ALIPAY, "alipay:h5", "redirect"),
        (families.DESKTOP, "alipay:native", "qr"),
        (families.PHONE, "unionpay:h5", "form"),
        (families.DESKTOP, "unionpay:page", "form"),
        (families.PHONE, "stripe:card", "card"),
    ],
)
async def test_every_way_leads_to_money_in_the_books(house, shops, parent, wallet, settle, agent, way, kind):
    phone = await parent(agent)
    answer, order = await pressed(phone, house, way)
    assert await goes_on(phone, house, wallet, answer, order) == kind
    paid = await wallet.post(f"/sandbox/api/{order.channel}/orders/{order.mchid}/{order.number}/pay")
    assert paid.status_code == 200, paid.text
    page = await phone.get(f"{house.school.home}/orders/{order.number}")
    assert "已支付" in page.text
    await settle(house.school)
    async with house.session() as session:
        payment = await session.one(text("SELECT * FROM core.payment"))
    assert (payment.channel, payment.mchid, payment.amount_fen) == (order.channel, shops[order.channel][1], 95_000)
    assert await trade.faults(house.platform, house.school.id) == {}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_channel_can_be_tested_by_the_button(house, shops, staff, channel):
    desk = await staff(house.school, "payments.channel.read", "payments.channel.manage")
    made = (await desk.post(f"/api/v1/channel-accounts/{shops[channel][0]}/probe")).json()
    told = [(step["step"], step["ok"], step["told"]) for step in made["steps"]]
    assert [ok for _step, ok, _told in told] == [True, True, True], told
    async with house.session() as session:
        for table in ("payment_order", "payment", "suspense_item"):
            assert await session.scalar(text(f"SELECT count(*) FROM core.{table}")) == 0


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_channel_says_which_keys_it_wants(house, shops, staff, channel):
    house.platform.settings = msgspec.structs.replace(house.platform.settings, demo=True)
    desk = await staff(house.school, "payments.channel.read", "payments.channel.manage")
    page = await desk.get(f"/console/channels/new?channel={channel}")
    assert page.status_code == 200
    assert 'name="key.' in page.text
    assert (await desk.get(f"/console/channels/{shops[channel][0]}")).status_code == 200


async def test_a_channels_own_form_leads_back_without_a_cookie_of_ours(house, web):
    told = {"respCode": "00", "orderId": "P26112200000000000000"}
    answer = await web.post(f"{house.school.home}/orders/P26112200000000000000", data=told, headers={"origin": "https://gateway.test"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{house.school.home}/orders/P26112200000000000000")
    assert "set-cookie" not in answer.headers, "the page that follows knows the device by its own cookie"
    assert (await web.post(f"{house.school.home}/orders/../admin", data=told)).status_code in (403, 404, 405)
    assert (await web.post(f"{house.school.home}/orders/{'9' * 40}", data=told)).status_code == 404


async def test_a_card_that_was_confirmed_is_waited_for_and_not_asked_again(house, shops, parent, wallet):
    phone = await parent(families.PHONE)
    answer, order = await pressed(phone, house, "stripe:card")
    at = answer.headers["location"]
    assert "data-card=" in (await phone.get(at)).text
    waiting = (await phone.get(at + "?sent=1")).text
    assert ("data-card=" in waiting, "data-poll" in waiting) == (False, True)
    assert (await wallet.post(f"/sandbox/api/stripe/orders/{order.mchid}/{order.number}/pay")).status_code == 200
    assert "已支付" in (await phone.get(at + "?sent=1")).text
