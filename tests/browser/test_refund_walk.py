"""A parent asks for money back on the phone, two people agree, and the page says how far it is until the money is back (issue 3)."""

import re

import pytest

from tests.browser.family import HOME, balanced, bind, pay, school_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BACK_FEN = 12_345


@pytest.fixture(scope="module")
async def school(house):
    return await school_of(house)


async def test_a_parent_asks_for_money_back_and_sees_it_come(visit, school):
    bill = next(school.bills)
    mother = await visit("退款-妈妈", phone=True)
    await bind(mother, school, bill.student)
    await mother.open(f"{HOME}/bills/{bill.id}")
    await pay(mother)
    await mother.open(f"{HOME}/history")
    await mother.page.get_by_role("link", name=re.compile("电子收据")).first.click()
    await mother.says("扫码核验收据真伪")
    old = await mother.page.locator(".h5-receipt dd").first.inner_text()

    await mother.open(f"{HOME}/bills/{bill.id}")
    await mother.look("已缴的账单", narrow=True)
    await mother.follow("申请退款")
    await mother.look("申请退款", narrow=True)
    await mother.page.get_by_label("退款金额").fill("99999999")
    await mother.press("提交申请")
    await mother.says("最多可退")
    await mother.look("退得太多")
    await mother.page.get_by_label("退款金额").fill("123.45")
    await mother.page.get_by_label("退款原因").select_option("多缴")
    await mother.press("提交申请")
    await mother.says("申请已提交，正在审核")
    await mother.look("审核中", narrow=True)
    number = await mother.page.locator(".h5-cell", has_text="退款单号").locator(".h5-cell-value").inner_text()

    finance = await visit("退款-复核")
    await finance.log_in("school.finance")
    await finance.page.get_by_role("link", name=re.compile("退款待复核")).click()
    await finance.open_first()
    await finance.look("复核退款", narrow=True)
    await finance.press("同意并执行")
    await finance.says("已同意")
    await mother.says("已全部退回到当时付款的账户")
    await mother.look("已退款", narrow=True)
    await finance.menu("退款")
    await finance.look("退款列表", narrow=True)
    await finance.follow(number)
    await finance.says("已到账")
    await finance.look("退款已完成", narrow=True)
    await balanced(finance)

    await mother.open(f"{HOME}/history")
    await mother.look("缴费记录", narrow=True)
    await mother.open(f"{HOME}/receipts")
    await mother.look("收据", narrow=True)
    rows = await school.ask("SELECT id, amount_fen FROM core.receipt WHERE bill_id = :bill AND kind = 'blue' AND status = 'issued'", bill=bill.id)
    assert sum(row.amount_fen for row in rows) == bill.amount_fen - BACK_FEN
    await mother.open(f"{HOME}/receipts/{max(row.id for row in rows)}")
    await mother.says("扫码核验收据真伪")
    await mother.look("新收据")

    await finance.menu("收据")
    await finance.follow(old)
    await finance.look("旧收据", narrow=True)
    stranger = await visit("退款-路人", phone=True)
    await stranger.page.goto(await finance.page.get_by_role("link", name="打开核验页").get_attribute("href"))
    await stranger.says("这张收据已红冲")
    await stranger.look("核验旧收据", narrow=True)
    assert len(mother.complaints) == 1, "too much was asked for once, and refused with 422"
    assert finance.complaints == stranger.complaints == []
