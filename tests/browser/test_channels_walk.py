"""A payer with a phone pays by each way that the demo offers, in a real browser, against the real wire of each sandbox."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
ALIPAY = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 AliApp(AP/10.5) AlipayClient/10.5"
DECLINED, GOOD, ASKED = "4000000000000002", "4242424242424242", "4000002500003155"
_BILLS = text("SELECT id, pay_code FROM core.bill WHERE status = 'issued' AND amount_fen < 5000000 ORDER BY number LIMIT 20")


@pytest.fixture(scope="module")
async def town(house):
    """The demo school, and its unpaid bills, each for one test."""
    school = await house.directory.by_code(CODE)
    async with house.database.tenant(school.id) as session:
        return SimpleNamespace(platform=house, id=school.id, bills=iter(list(await session.all(_BILLS))))


async def asked(visit, town, name: str, way: str, agent: str = "", phone: bool = True):
    """Somebody finds a bill by its code, chooses a way and confirms; answers the person and the bill's id."""
    person, bill = await visit(name, phone=phone, **({"agent": agent} if agent else {})), next(town.bills)
    await person.open(f"/h5/{CODE}/code")
    await person.page.get_by_label("缴费码").fill(bill.pay_code)
    await person.press("查看账单")
    await person.press("去缴费")
    await person.says("确认缴费")
    await person.page.locator(f"input[value='{way}']").check()
    await person.look("确认缴费")
    await person.press("确认支付")
    return person, bill.id


async def paid(person, town, bill_id, channel: str) -> None:
    """The page finds out by itself, and the books say the same: one payment of the whole bill."""
    await person.page.wait_for_url(re.compile(r"/orders/P"))
    await person.says("收费单位已收到")
    await person.look("已支付")
    async with town.platform.database.tenant(town.id) as session:
        found = await session.one(text("SELECT status, amount_fen, paid_fen FROM core.bill WHERE id = :id"), {"id": bill_id})
        rows = await session.all(
            text("SELECT p.channel FROM core.payment p JOIN core.allocation a ON a.payment_id = p.id WHERE a.bill_id = :id GROUP BY p.id, p.channel"),
            {"id": bill_id},
        )
    assert (found.status, found.paid_fen) == ("paid", found.amount_fen)
    assert [row.channel for row in rows] == [channel]


@pytest.mark.parametrize(
    ("way", "agent", "button"),
    [
        ("wechatpay:h5", "", "立即支付"),
        ("alipay:h5", "", "确认付款"),
        ("alipay:h5", ALIPAY, "确认付款"),
        ("unionpay:h5", "", "确认付款"),
    ],
)
async def test_a_phone_pays_by_each_wallet_and_comes_back(visit, town, way, agent, button):
    person, bill_id = await asked(visit, town, f"手机-{way.split(':')[0]}{'内' if agent else ''}", way, agent)
    await person.press(button)
    await paid(person, town, bill_id, way.split(":")[0])
    assert person.complaints == []


async def typed(person, number: str) -> None:
    """Fill the gateway's own form and press pay."""
    form = person.page.frame_locator("#card-fields iframe")
    for name, value in (("number", number), ("expiry", "12/34"), ("cvc", "123")):
        await form.locator(f"[name={name}]").fill(value)
    await person.page.get_by_role("button", name=re.compile("^支付 ¥")).click()


async def test_a_declined_card_is_told_and_another_one_pays_the_same_order(visit, town):
    person, bill_id = await asked(visit, town, "手机-银行卡", "stripe:card")
    await typed(person, DECLINED)
    await person.says("发卡行拒绝了这笔付款，请换一张卡")
    await person.look("卡被拒")
    order = person.page.url
    await typed(person, GOOD)
    await paid(person, town, bill_id, "stripe")
    assert person.page.url.partition("?")[0] == order
    assert [told for told in person.complaints if "402" not in told] == [], "the gateway's own answer to a declined card is 402"


async def test_a_card_that_asks_its_holder_pays_after_the_answer(visit, town):
    person, bill_id = await asked(visit, town, "手机-持卡人验证", "stripe:card")
    await typed(person, ASKED)
    await person.page.frame_locator("iframe[title=持卡人验证]").get_by_role("button", name="验证通过").click()
    await paid(person, town, bill_id, "stripe")
    assert person.complaints == []


async def test_at_a_desk_the_gateways_page_is_opened_and_leads_back(visit, town):
    person, bill_id = await asked(visit, town, "电脑-云闪付", "unionpay:page", phone=False)
    await person.press("确认付款")
    await paid(person, town, bill_id, "unionpay")
    assert person.complaints == []


async def test_who_turns_back_at_the_wallet_has_paid_nothing_and_is_told_how_it_goes_on(visit, town):
    person, bill_id = await asked(visit, town, "手机-反悔", "unionpay:h5")
    await person.press("取消")
    await person.follow("返回商户")
    await person.page.wait_for_url(re.compile(r"/orders/P"))
    await person.says("如果还没付，可以继续支付或取消")
    await person.look("未付")
    await person.press("取消这笔支付")
    await person.says("才能结束；没付就不会扣款")
    await person.look("还不能取消")
    async with town.platform.database.tenant(town.id) as session:
        assert await session.scalar(text("SELECT paid_fen FROM core.bill WHERE id = :id"), {"id": bill_id}) == 0


async def test_a_stopped_channel_is_not_offered_and_the_others_still_are(visit, town):
    admin = await visit("校办-停用渠道")
    await admin.log_in("school.admin")
    await admin.open("/console/channels")
    await admin.follow("支付宝")
    await admin.look("收款账号", narrow=True)
    await admin.agree("停用", reason="换签约主体")
    await admin.says("已停用")
    try:
        person, bill = await visit("手机-渠道停用", phone=True), next(town.bills)
        await person.open(f"/h5/{CODE}/code")
        await person.page.get_by_label("缴费码").fill(bill.pay_code)
        await person.press("查看账单")
        await person.press("去缴费")
        await person.says("微信支付")
        assert await person.page.locator("input[value='alipay:h5']:not([disabled])").count() == 0
        assert await person.page.locator("input[name=way]:not([disabled])").count() == 3
        await person.look("确认缴费")
    finally:
        await admin.agree("恢复", reason="已换好")
        await admin.says("已恢复收款")
