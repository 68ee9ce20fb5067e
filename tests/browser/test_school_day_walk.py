"""The demo school closes a day, in a real browser, two people: from the wallets' files to the merchants' bank accounts, to the fen."""

import datetime as dt
import re

import pytest
from playwright.async_api import expect

from tests.browser import reconciling, school_day

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
SIX = ("账单", "收款", "渠道文件", "总账", "结算", "银行")
CHAIN = (
    "账单", "收款", "对账文件里的行", "凭证：收到缴费", "结算：这笔钱在批次里的份额", "结算批次", "渠道到账（当日整批）", "付款到商户账户", "银行对账单里的行",
)  # fmt: skip
"""The cards of a payment's trace."""


@pytest.fixture
async def day(house):
    found = await school_day.lived(house, CODE)
    yield found
    await found.http.aclose()


async def fetch(accountant, on: dt.date, *sources: str) -> None:
    """Press the button of a day; what the channels have is there at once."""
    await accountant.open(f"/console/statements/days/{on}")
    await accountant.press("立即获取缺的")
    for source in sources:
        await expect(accountant.row(source)).to_contain_text(re.compile("已取到|当天无交易"))


async def one_click(accountant, checker) -> None:
    """All longs go back, by one click of one person and the word of another."""
    await accountant.menu("差异")
    await accountant.look("待办差异", narrow=True)
    await accountant.agree("一键退回全部长款", "冻结并提交复核", reason="无单长款退回")
    await accountant.says("1 条，共 123.45 元")
    batch = accountant.page.url
    await reconciling.agree_first(checker)
    await accountant.page.goto(batch)
    await accountant.look("退款进行中")
    await reconciling.batch_ended(accountant, 1)
    await accountant.look("退款结果", narrow=True)


async def settled(accountant, checker, day) -> None:
    """The day's batches are calculated, submitted, agreed to by another person, and paid by the bank."""
    await accountant.menu("结算批次")
    await accountant.fill("交易日期", f"{day.on}")
    await accountant.press("计算当日批次")
    await accountant.says("个结算批次")
    await accountant.look("结算批次", narrow=True)
    boxes = await accountant.page.locator("tbody input[type=checkbox]").all()
    for box in boxes:
        await box.check()
    await accountant.press("提交勾选的批次")
    await accountant.says("等待另一位同事复核")
    for number in range(len(boxes)):
        await reconciling.agree_first(checker, look="复核结算批次" if number == 0 else "")
    await accountant.open(f"/console/settlement-batches?start={day.on}&until={day.on}")
    await accountant.look("结算已批准", narrow=True)
    await accountant.open_first()
    await expect(accountant.page.locator("dl.by-facts").first).to_contain_text("已付款", timeout=reconciling.WAIT_MS)
    await accountant.look("一个结算批次", narrow=True)


async def the_equation(accountant, day) -> None:
    """The six numbers close to the fen: what parents paid, everywhere; the channel's file and the bank hold the stranger's money besides."""
    await accountant.open(f"/console/day-board/{day.on}")
    await accountant.look("六个数", narrow=True)
    tiles = accountant.page.locator(".by-figure")
    told = [int(re.sub(r"\D", "", await tile.locator("b, strong").first.inner_text())) for tile in await tiles.all()]
    paid, with_stranger = day.paid_fen, day.paid_fen + school_day.STRANGER_FEN
    assert dict(zip(SIX, told, strict=True)) == dict(zip(SIX, (with_stranger, with_stranger, with_stranger, with_stranger, paid, with_stranger), strict=True))
    await accountant.says("等式：已闭合 · 对账：已关账")
    await accountant.says_nothing_of("说不清的")
    await accountant.open(f"/console/day-board?month={day.on:%Y-%m}")
    await expect(accountant.row(f"{day.on}")).to_contain_text("已闭合")
    await accountant.look("日清看板", narrow=True)


async def one_payment(accountant, day) -> None:
    """The whole life of one parent's money on one page, from the bill to the bank's entry."""
    await accountant.menu("资金追踪")
    await accountant.fill("号码", day.numbers[0])
    await accountant.press("追踪")
    await accountant.says("链路完整：从账单到银行，每一分都对上了。")
    await accountant.look("追踪", narrow=True)
    for card in CHAIN:
        await accountant.page.get_by_role("heading", name=card, exact=True).first.wait_for()


async def test_the_school_closes_its_day_from_the_wallets_to_the_bank(visit, day):
    accountant, checker = await visit("学校经办"), await visit("学校复核")
    await accountant.log_in("school.accountant")
    await checker.log_in("school.finance")
    for on in (day.on, day.on + dt.timedelta(days=1)):
        await fetch(accountant, on, "微信支付", "支付宝", "银联", "Stripe")
        if on == day.on:
            await accountant.look("当日文件", narrow=True)
        await reconciling.run(accountant, f"{on}")
    await accountant.open(f"/console/reconciliation/{day.on}")
    await accountant.look("当日对账", narrow=True)
    await accountant.open(f"/console/day-board/{day.on}")
    await accountant.look("关账前的六个数", narrow=True)

    await one_click(accountant, checker)
    await checker.open(f"/console/reconciliation/{day.on}")
    await checker.agree("关账")
    await checker.says("已关账，这一天不再变动")
    await checker.look("已关账", narrow=True)

    await day.channels_settle()
    await settled(accountant, checker, day)
    await fetch(accountant, day.on + dt.timedelta(days=1), "清算户")
    await accountant.open(f"/console/channel-arrivals?start={day.on}&until={day.on}")
    for channel in ("微信支付", "支付宝"):
        await reconciling.until_says(accountant, accountant.row(channel), "已到账")
    await accountant.look("到账", narrow=True)
    await the_equation(accountant, day)
    await one_payment(accountant, day)
    assert [*accountant.complaints, *checker.complaints] == []
