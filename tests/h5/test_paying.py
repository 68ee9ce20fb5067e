"""Paying through WeChat Pay's real protocol, played by the sandbox: three honest states, and one charge however it is pressed."""

import asyncio
import datetime as dt
import html
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from core import clock
from core.cashier import h5_orders
from tests import families, trade


@pytest.fixture
async def shop(connected, school, outside_world):
    """The school collects at the sandbox's WeChat Pay; answers its merchant number."""
    return await families.collect_at(connected, school, outside_world)


@pytest.fixture
async def parent(school, shop, browser, sms):
    """A phone bound to both children."""
    phone = browser()
    for child in school.children:
        await families.bind(phone, sms, school, child)
    return phone


@pytest.fixture
async def wallet(outside_world):
    """The payer's wallet, follows no redirect."""
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False) as outside:
        yield outside


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """The result page asks the channel at every look, not every few seconds."""
    monkeypatch.setattr(h5_orders, "ASK_EVERY_SECONDS", 0)


async def paid_in(wallet, shop: str, number: str) -> None:
    answer = await wallet.post(f"/sandbox/api/wechatpay/orders/{shop}/{number}/pay")
    assert answer.status_code == 200, answer.text


async def confirm(phone, school, bills, **fields):
    """Open the confirm page and press the button; answers the raw reply to the press."""
    await phone.get(f"{school.home}/pay?" + "&".join(f"bill={bill}" for bill in bills))
    assert phone.page.status_code == 200, phone.text
    way = re.search(r'name="way" value="([^"]+)"', phone.text).group(1)
    form = {"bill": [str(bill) for bill in bills], "way": way, "idempotency_key": phone.hidden("idempotency_key")} | fields
    return await phone.post(f"{school.home}/pay", form, follow=False)


async def orders(platform, school) -> list:
    async with platform.database.tenant(school.id) as session:
        return await session.all(text("SELECT * FROM core.payment_order ORDER BY created_at"))


async def receipts(platform, school) -> list:
    async with platform.database.tenant(school.id) as session:
        return await session.all(text("SELECT * FROM core.receipt ORDER BY created_at, id"))


async def test_a_phone_pays_by_h5_and_gets_a_receipt(platform, school, parent, shop, wallet, settle):
    bill_id = await families.bill(platform, school, school.children[0])
    answer = await confirm(parent, school, [bill_id])
    assert answer.status_code == 303
    assert "redirect_url=" in answer.headers["location"], "off to the wallet in one tap"
    (order,) = await orders(platform, school)
    page = await parent.get(f"{school.home}/orders/{order.number}")
    assert "正在确认" in page.text
    assert "data-poll" in page.text
    assert 'http-equiv="refresh"' in page.text, "resolves without JavaScript too"
    await paid_in(wallet, shop, order.number)
    page = await parent.get(f"{school.home}/orders/{order.number}")
    assert "已支付" in page.text
    assert "data-poll" not in page.text
    await settle(school)
    (receipt,) = await receipts(platform, school)
    page = await parent.get(f"{school.home}/receipts/{receipt.id}")
    for told in (receipt.number, school.children[0].name, "¥950.00", "玖佰伍拾元整", "微信支付", order.number, "收费专用章"):
        assert told in page.text
    assert await trade.faults(platform, school.id) == {}


async def test_a_family_basket_is_one_charge(platform, school, parent, shop, wallet, settle):
    bills = [await families.bill(platform, school, child) for child in school.children]
    await confirm(parent, school, bills)
    (order,) = await orders(platform, school)
    assert order.amount_fen == 190_000
    await paid_in(wallet, shop, order.number)
    await parent.get(f"{school.home}/orders/{order.number}")
    await settle(school)
    assert [r.amount_fen for r in await receipts(platform, school)] == [95_000, 95_000]
    page = await parent.get(f"{school.home}/history")
    assert page.text.count("¥950.00") == 2
    assert "¥1,900.00" in page.text


@pytest.mark.parametrize("times", [2, 5])
async def test_a_double_tap_is_one_charge(platform, school, parent, times):
    bill_id = await families.bill(platform, school, school.children[0])
    await parent.get(f"{school.home}/pay?bill={bill_id}")
    form = {"bill": str(bill_id), "way": "wechatpay:h5", "choice": "all", "idempotency_key": parent.hidden("idempotency_key")}
    form["_csrf_token"] = parent.hidden("_csrf_token")
    answers = await asyncio.gather(*(parent.http.post(f"{school.home}/pay", data=form) for _ in range(times)))
    assert {answer.status_code for answer in answers} == {303}
    assert len(await orders(platform, school)) == 1


async def test_the_back_button_leads_to_the_same_charge(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    first = await confirm(parent, school, [bill_id])
    again = await confirm(parent, school, [bill_id])
    assert first.headers["location"] == again.headers["location"]
    assert len(await orders(platform, school)) == 1


async def test_two_guardians_pay_the_same_bill_once(platform, client, roster, browser, sms, outside_world, connected, wallet, settle):
    school = await families.found(platform, roster, await client(plugins=(), settings={"second_guardian": "roster"}))
    shop = await families.collect_at(connected, school, outside_world)
    mother, father = browser(), browser()
    await families.bind(mother, sms, school, school.children[0], phone=0)
    await families.bind(father, sms, school, school.children[0], phone=1)
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(mother, school, [bill_id])
    (hers,) = await orders(platform, school)
    await paid_in(wallet, shop, hers.number)
    answer = await confirm(father, school, [bill_id]) if await still_open(father, school, bill_id) else None
    assert answer is None or answer.headers["location"].startswith(school.home)
    await settle(school)
    paid = [order for order in await orders(platform, school) if order.status == "succeeded"]
    assert [order.number for order in paid] == [hers.number]
    async with platform.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT paid_fen FROM core.bill")) == 95_000


async def still_open(phone, school, bill_id) -> bool:
    page = await phone.get(f"{school.home}/pay?bill={bill_id}")
    return 'name="way"' in page.text


async def test_part_of_a_bill_and_then_the_rest(platform, school, parent, shop, wallet, settle):
    bill_id = await families.bill(platform, school, school.children[0])
    for typed, left in (("400", "¥550.00"), ("550.00", "")):
        await confirm(parent, school, [bill_id], amount=typed)
        *_, order = await orders(platform, school)
        await paid_in(wallet, shop, order.number)
        await parent.get(f"{school.home}/orders/{order.number}")
        await settle(school)
        page = await parent.get(f"{school.home}/bills/{bill_id}")
        assert left in page.text
    assert "已缴清" in page.text
    assert [order.amount_fen for order in await orders(platform, school)] == [40_000, 55_000]


async def test_an_instalment_is_offered_and_paid(platform, school, parent):
    today = clock.today()
    plan = ((today + dt.timedelta(days=3), "50"), (today + dt.timedelta(days=60), "30"), (today + dt.timedelta(days=90), "20"))
    bill_id = await families.bill(platform, school, school.children[0], instalments=plan)
    page = await parent.get(f"{school.home}/pay?bill={bill_id}")
    assert "第 1 期 ¥475.00" in page.text
    await confirm(parent, school, [bill_id], choice="instalment")
    (order,) = await orders(platform, school)
    assert order.amount_fen == 47_500


@pytest.mark.parametrize("amount", ["0", "-1", "950.01", "1e3", "abc", "1.234", "NaN", "99999999999999999999", "9" * 300, "<b>1</b>"])
async def test_a_senseless_amount_starts_nothing(platform, school, parent, amount):
    bill_id = await families.bill(platform, school, school.children[0])
    answer = await confirm(parent, school, [bill_id], amount=amount)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(school.home) or amount == "1e3"
    assert all(order.amount_fen <= 95_000 for order in await orders(platform, school))
    assert amount == "1e3" or await orders(platform, school) == []


async def test_a_bill_above_the_channels_limit_says_how_many_payments_it_needs(platform, school, parent):
    line = trade.line(school.trade, "TUITION", 12_000_000)
    bill_id = await families.bill(platform, school, school.children[0], lines=(line,))
    page = await parent.get(f"{school.home}/pay?bill={bill_id}")
    assert "需要分 3 次缴清" in page.text
    await confirm(parent, school, [bill_id], choice="first")
    (order,) = await orders(platform, school)
    assert order.amount_fen == 5_000_000


async def test_a_basket_above_the_limit_leads_to_its_bills_one_by_one(platform, school, parent):
    line = trade.line(school.trade, "TUITION", 4_000_000)
    bills = [await families.bill(platform, school, child, lines=(line,)) for child in school.children]
    page = await parent.get(f"{school.home}/pay?bill={bills[0]}&bill={bills[1]}")
    assert "逐张缴" in page.text
    assert 'href="' + f"{school.home}/pay?bill={bills[1]}" in page.text
    form = {"bill": [str(bill) for bill in bills], "way": "wechatpay:h5", "idempotency_key": parent.hidden("idempotency_key")}
    page = await parent.post(f"{school.home}/pay", form)
    assert "单笔最多可付" in page.text
    assert await orders(platform, school) == []


async def test_a_bill_that_must_be_paid_at_once_is_not_cut(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0], allow_partial=False)
    answer = await confirm(parent, school, [bill_id], amount="100")
    assert answer.headers["location"].startswith(f"{school.home}/pay")
    assert await orders(platform, school) == []


async def test_a_bill_that_stands_alone_is_not_put_in_a_basket(platform, school, parent):
    alone = await families.bill(platform, school, school.children[0], allow_merge=False)
    other = await families.bill(platform, school, school.children[1])
    page = await parent.get(f"{school.home}/pay?bill={alone}&bill={other}")
    assert "需要单独缴纳" in page.text
    page = await parent.get(school.home)
    assert f'value="{alone}"' not in page.text
    assert f'value="{other}"' in page.text


async def test_inside_wechat_the_openid_comes_first_and_the_wallet_is_called(platform, school, shop, browser, sms, wallet):
    phone = browser(agent=families.WECHAT)
    await families.bind(phone, sms, school, school.children[0])
    bill_id = await families.bill(platform, school, school.children[0])
    away = await phone.get(f"{school.home}/pay?bill={bill_id}", follow=False)
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    consent = await wallet.get("/connect/oauth2/authorize", params={k: v[0] for k, v in asked.items()})
    granted = await wallet.get(html.unescape(re.search(r'href="(/connect/oauth2/grant[^"]+)"', consent.text).group(1)))
    back = granted.headers["location"]
    assert (await phone.get(back.replace("state=", "state=x"))).url.path == school.home, "an altered return is refused"
    await phone.get(back)
    assert phone.path == f"{school.home}/pay"
    await confirm(phone, school, [bill_id])
    (order,) = await orders(platform, school)
    assert (order.scene, bool(order.openid)) == ("jsapi", True)
    page = await phone.get(f"{school.home}/orders/{order.number}")
    assert "data-wechat-pay" in page.text
    assert "prepay_id" in page.text


async def test_an_openid_from_another_device_is_refused(platform, school, shop, browser, sms, wallet):
    thief, phone = browser(agent=families.WECHAT), browser(agent=families.WECHAT)
    for each in (thief, phone):
        await each.get(school.home)
    bill_id = await families.bill(platform, school, school.children[0])
    code = await families.pay_code(platform, school, bill_id)
    await thief.get(f"{school.home}/code")
    await thief.post(f"{school.home}/code", {"code": code})
    away = await thief.get(f"{school.home}/pay?bill={bill_id}", follow=False)
    state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
    await phone.get(f"{school.home}/wechat?code=abc&state={state}&next=/pay?bill={bill_id}")
    assert phone.path == school.home
    async with platform.database.tenant(school.id) as session:
        kept = await session.all(text("SELECT openids FROM core.payer_session"))
    assert all(row.openids == {} for row in kept)


async def test_a_desktop_shows_a_qr_to_scan(platform, school, parent, browser, sms):
    bill_id = await families.bill(platform, school, school.children[0])
    desktop = browser(agent=families.DESKTOP)
    code = await families.pay_code(platform, school, bill_id)
    await desktop.get(f"{school.home}/code")
    await desktop.post(f"{school.home}/code", {"code": code})
    await confirm(desktop, school, [bill_id])
    (order,) = await orders(platform, school)
    assert order.scene == "native"
    page = await desktop.get(f"{school.home}/orders/{order.number}")
    assert "请用微信扫码支付" in page.text
    assert "<svg" in page.text


async def test_cancelling_says_that_nothing_was_taken(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(parent, school, [bill_id])
    (order,) = await orders(platform, school)
    await parent.get(f"{school.home}/orders/{order.number}")
    page = await parent.post(f"{school.home}/orders/{order.number}/cancel")
    assert "未支付" in page.text
    assert "没有扣款" in page.text
    assert (await orders(platform, school))[0].status == "closed"


async def test_cancelling_what_was_paid_meanwhile_shows_it_paid(platform, school, parent, shop, wallet):
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(parent, school, [bill_id])
    (order,) = await orders(platform, school)
    await parent.get(f"{school.home}/orders/{order.number}")
    await paid_in(wallet, shop, order.number)
    page = await parent.post(f"{school.home}/orders/{order.number}/cancel")
    assert "已支付" in page.text


async def test_somebody_elses_payment_and_receipt_do_not_exist(platform, school, parent, browser, shop, wallet, settle):
    bill_id = await families.bill(platform, school, school.children[0])
    await confirm(parent, school, [bill_id])
    (order,) = await orders(platform, school)
    await paid_in(wallet, shop, order.number)
    await parent.get(f"{school.home}/orders/{order.number}")
    await settle(school)
    (receipt,) = await receipts(platform, school)
    stranger = browser()
    for path in (f"orders/{order.number}", f"receipts/{receipt.id}", "orders/P000", "orders/'"):
        assert (await stranger.get(f"{school.home}/{path}")).status_code == 404
    await stranger.get(school.home)
    assert (await stranger.post(f"{school.home}/orders/{order.number}/cancel")).status_code == 404


async def test_a_grandparent_pays_by_code_and_sees_no_name(platform, school, browser, shop, wallet, settle):
    child = school.children[0]
    bill_id = await families.bill(platform, school, child)
    phone = browser()
    await phone.get(f"{school.home}/code")
    await phone.post(f"{school.home}/code", {"code": await families.pay_code(platform, school, bill_id)})
    await confirm(phone, school, [bill_id])
    (order,) = await orders(platform, school)
    await paid_in(wallet, shop, order.number)
    page = await phone.get(f"{school.home}/orders/{order.number}")
    assert "已支付" in page.text
    await settle(school)
    (receipt,) = await receipts(platform, school)
    for path in (f"receipts/{receipt.id}", "history", "receipts", f"bills/{bill_id}"):
        page = await phone.get(f"{school.home}/{path}")
        assert page.status_code == 200
        assert child.name not in page.text
