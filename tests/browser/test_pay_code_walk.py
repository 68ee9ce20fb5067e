"""A payer shows a pay code at the window: the scanner types it and presses Enter, the payer's yes is waited for, the page says so."""

import re

import pytest
from sqlalchemy import text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
_BILLS = text("SELECT pay_code FROM core.bill WHERE status = 'issued' AND amount_fen BETWEEN 100000 AND 4900000 ORDER BY number LIMIT 2")


async def shown(payer, outside: str, asks: bool) -> str:
    """The digits under the code on the payer's phone."""
    await payer.page.goto(f"{outside}/alipay/pay-code?asks={str(asks).lower()}")
    await payer.look("付款码")
    return re.sub(r"\D", "", await payer.page.locator("[role=img]").first.get_attribute("aria-label"))


async def scanned(cashier, pay_code: str, digits: str) -> None:
    """Look the payer up, go to the field, let the scanner type."""
    await cashier.fill("账单号、缴费码或人员编号", " ".join(re.findall("....", pay_code)))
    await cashier.press("查询")
    await cashier.press("扫付款码")
    await cashier.says("可以扫")
    await cashier.page.keyboard.type(digits)
    await cashier.page.keyboard.press("Enter")
    await cashier.page.wait_for_load_state()


async def test_a_pay_code_is_scanned_and_the_payer_says_yes_on_the_phone(visit, house):
    school = await house.directory.by_code(CODE)
    async with house.database.tenant(school.id) as session:
        first, second = (row.pay_code for row in await session.all(_BILLS))
    payer, cashier = await visit("付款人", phone=True), await visit("扫码收费员")
    outside = house.settings.sandbox_url
    await cashier.log_in("school.cashier")
    await cashier.menu("窗口收费")
    await cashier.fill("窗口", "扫码窗口")
    await cashier.press("开班")
    await cashier.says("已开班，可以收款了")

    await scanned(cashier, first, "134567890123456789")
    await cashier.says("这是微信的付款码")
    await cashier.look("扫付款码", narrow=True)
    assert await cashier.page.evaluate("document.activeElement.name") == "auth_code", "the field has the focus again"
    await cashier.page.keyboard.type(await shown(payer, outside, False))
    await cashier.page.keyboard.press("Enter")
    await cashier.says("这笔钱由渠道结算，不计入抽屉现金")
    await cashier.look("已收", narrow=True)
    await cashier.follow("继续收款")

    await scanned(cashier, second, await shown(payer, outside, True))
    await cashier.says("请付款人在手机上确认")
    await cashier.look("等付款人", narrow=True)
    number = cashier.page.url.rpartition("/")[2]
    async with house.database.tenant(school.id) as session:
        mchid = await session.scalar(text("SELECT mchid FROM core.payment_order WHERE number = :number"), {"number": number})
    await payer.page.goto(f"{outside}/alipay/orders/{mchid}/{number}")
    await payer.page.get_by_role("button", name=re.compile("确认付款|立即付款|付款")).first.click()
    await cashier.says("这笔钱由渠道结算，不计入抽屉现金")
    await cashier.follow("继续收款")
    await cashier.look("本班有付款码", narrow=True)
    assert await cashier.page.get_by_text("付款码", exact=True).count() >= 2, "the shift's report names it"
    assert [c for c in cashier.complaints if "422" not in c] == []
