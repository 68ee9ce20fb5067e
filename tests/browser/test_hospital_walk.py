"""A day at the demo hospital, in a real browser: cash at the window, a bill paid on a phone, and an order that HIS refused is found and healed."""

import re

import pytest

from tests.browser.hospital import HOME, bind, hospital_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_OPEN = """
    SELECT o.number, o.cash_fen, b.id AS bill_id, b.pay_code, p.patient_no FROM medical.med_order o JOIN core.bill b ON b.id = o.bill_id
    JOIN medical.patient p ON p.id = o.patient_id WHERE o.status = 'awaiting_payment' AND o.scene = :scene AND p.phone_sealed IS NOT NULL
    ORDER BY o.number
"""


@pytest.fixture(scope="module")
async def hospital(house):
    return await hospital_of(house)


async def test_a_patient_pays_cash_at_the_window_and_his_knows_of_it(visit, hospital):
    order = (await hospital.ask(_OPEN, scene="window"))[0]
    cashier = await visit("窗口收费员")
    await cashier.log_in("hospital.cashier")
    await cashier.menu("窗口收费")
    await cashier.fill("窗口", "门诊一号窗口")
    await cashier.fill("备用金", "500")
    await cashier.press("开班")
    await cashier.says("已开班，可以收款了")
    await cashier.fill("账单号、缴费码或人员编号", order.pay_code)
    await cashier.press("查询")
    await cashier.says("确认收款")
    await cashier.look("窗口查到诊疗订单", narrow=True)
    await cashier.fill("实收现金", "1000")
    await cashier.press("确认收款")
    await cashier.says("请找零")
    await hospital.becomes(order.number, "posted")
    assert cashier.complaints == []


async def test_a_family_binds_a_patient_and_pays_on_a_phone(visit, hospital):
    order = (await hospital.ask(_OPEN, scene="internet"))[0]
    family = await visit("家属", phone=True)
    await bind(family, hospital, order.patient_no)
    await family.open(f"{HOME}/bills/{order.bill_id}")
    await family.look("诊疗账单", narrow=True)
    await family.press("去缴费")
    await family.says("确认缴费")
    await family.page.locator("input[value='wechatpay:h5']").check()
    await family.press("确认支付")
    await family.press("立即支付")
    await family.page.wait_for_url(re.compile(r"/orders/P"))
    await family.says("收费单位已收到")
    await hospital.becomes(order.number, "posted")
    assert family.complaints == []


async def test_an_order_that_his_refused_is_found_and_posted_again(visit, hospital):
    """HIS refuses three times, then takes it: the money never moved twice."""
    (lost,) = await hospital.ask("SELECT number FROM medical.med_order WHERE status IN ('paid', 'post_failed') AND post_error IS NOT NULL")
    await hospital.becomes(lost.number, "post_failed")
    finance = await visit("对账岗")
    await finance.log_in("hospital.accountant")
    await finance.menu("上账失败")
    await finance.look("上账失败", narrow=True)
    await finance.follow(lost.number)
    await finance.look("一笔上账失败", narrow=True)
    await finance.agree("重新上账", reason="HIS 已恢复，重新上账")
    await hospital.becomes(lost.number, "posted")
    await finance.open("/console/medical/post-failures")
    await finance.says("没有上账失败的订单")
    assert finance.complaints == []
