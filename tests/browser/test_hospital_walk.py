"""A day at the demo hospital, in a real browser: cash at the window, a bill paid on a phone, and an order that HIS refused is found and healed."""

import asyncio
import csv
import re
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tests.browser.family import code_for
from tests.browser.visitor import TENANTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-hospital"
HOME = f"/h5/{CODE}"
PATIENTS = TENANTS / CODE / "demo" / "patients.csv"
_OPEN = """
    SELECT o.number, o.cash_fen, b.id AS bill_id, b.pay_code, p.patient_no FROM medical.med_order o JOIN core.bill b ON b.id = o.bill_id
    JOIN medical.patient p ON p.id = o.patient_id WHERE o.status = 'awaiting_payment' AND o.scene = :scene AND p.phone_sealed IS NOT NULL
    ORDER BY o.number
"""
_HURRY = "UPDATE medical.med_order SET post_at = now() WHERE post_at > now() AND status = 'paid'"


@pytest.fixture(scope="module")
async def hospital(house):
    """The demo hospital, and a way to ask its books."""
    tenant_id = (await house.directory.by_code(CODE)).id

    async def ask(sql: str, **values: object):
        async with house.database.tenant(tenant_id) as session:
            return (await session.execute(text(sql), values)) if sql.startswith("UPDATE") else await session.all(text(sql), values)

    async def becomes(number: str, status: str) -> None:
        async with asyncio.timeout(60):
            while [row.status for row in await ask("SELECT status FROM medical.med_order WHERE number = :n", n=number)] != [status]:
                await ask(_HURRY)
                await asyncio.sleep(0.2)

    return SimpleNamespace(platform=house, id=tenant_id, ask=ask, becomes=becomes)


def facts_of(patient_no: str) -> dict[str, str]:
    """What the patient's own card and papers say."""
    with PATIENTS.open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["患者编号*"] == patient_no)


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
    facts = facts_of(order.patient_no)
    family = await visit("家属", phone=True)
    await family.open(HOME + "/bind")
    for label, value in (("姓名", facts["姓名*"]), ("患者编号", order.patient_no), ("证件后四位", facts["证件号码"][-4:])):
        await family.page.get_by_label(re.compile(label)).first.fill(value)
    await family.press("下一步")
    await family.press("发送验证码")
    await family.says("输入验证码")
    await family.page.get_by_label("验证码", exact=True).fill(await code_for(hospital.platform, facts["手机号"]))
    for purpose in ("缴费服务", "孩子的信息"):
        for box in await family.page.get_by_label(re.compile(rf"^\s*{purpose}")).all():
            await box.check()
    await family.press("完成绑定")
    await family.says("绑定成功")
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
