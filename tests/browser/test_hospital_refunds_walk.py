"""Money that goes back at the demo hospital, in a real browser: a stay from its deposits to its last fen, and a batch of refunds by two people."""

import asyncio
import re

import pytest

from core import clock
from core.exports import workbook
from tests.browser.family import agreed, pay
from tests.browser.hospital import HOME, bind, his, hospital_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VISIT = "ZY-WALK-1"
_WITH_PHONE = "SELECT patient_no FROM medical.patient WHERE phone_sealed IS NOT NULL ORDER BY patient_no DESC LIMIT 1"
_STATE = "SELECT a.status FROM medical.admission a JOIN medical.visit v ON v.id = a.visit_id WHERE v.visit_no = :n"
_BACK = """
    SELECT r.refunded_fen AS fen FROM core.refund r JOIN medical.med_order o ON o.bill_id = r.bill_id JOIN medical.visit v ON v.id = o.visit_id
    WHERE v.visit_no = :n AND r.status = 'success' ORDER BY 1
"""
_OPEN = """
    SELECT b.id, b.number, b.pay_code, b.amount_fen FROM medical.med_order o JOIN core.bill b ON b.id = o.bill_id
    WHERE o.status = 'awaiting_payment' AND o.kind IN ('register', 'outpatient') ORDER BY o.number
"""


@pytest.fixture(scope="module")
async def hospital(house):
    return await hospital_of(house)


async def open_stay(family) -> None:
    """The stay's page, by the list of the family's stays."""
    await family.open(f"{HOME}/medical/inpatients")
    await family.page.locator("a[href*='/medical/inpatients/']").first.click()
    await family.says(VISIT)


async def deposit(family, yuan: str, what: str) -> None:
    """Pay into a stay, from its page to the money having come."""
    await open_stay(family)
    await family.follow("缴预交金")
    await family.look(what, narrow=True)
    await family.fill("其他金额", yuan)
    await family.press("下一步")
    await family.says("确认缴费")
    await family.page.locator("input[value='wechatpay:h5']").check()
    await family.press("确认支付")
    await family.press("立即支付")
    await family.page.wait_for_url(re.compile(r"/orders/P"))
    await family.says("收费单位已收到")


def day_list(fen: int) -> dict:
    items = [["床位费", "普通床位", "1", 6_000, 6_000], ["西药费", "头孢呋辛钠", "1", fen - 6_000, fen - 6_000]]
    named = ("category", "name", "quantity", "price_fen", "amount_fen")
    return {"day": clock.today().isoformat(), "total_fen": fen, "items": [dict(zip(named, item, strict=True)) for item in items]}


async def test_a_stay_from_its_first_deposit_to_the_last_fen_back(visit, house, hospital):
    """3,000 and 2,000 are paid in, the stay costs the patient 1,400: 2,000 of the later deposit and 1,600 of the earlier one go back."""
    (patient,) = await hospital.ask(_WITH_PHONE)
    async with his(visit, house) as system:
        told = {"visit_no": VISIT, "patient_no": patient.patient_no, "department": "XN", "ward": "五病区", "bed": "18"}
        assert (await system.post("/api/v1/medical/admissions", json=told)).status_code == 200
        family = await visit("家属", phone=True)
        await bind(family, hospital, patient.patient_no)
        await deposit(family, "3000", "缴预交金")
        await deposit(family, "2000", "再缴预交金")
        assert (await system.post(f"/api/v1/medical/admissions/{VISIT}/daily-lists", json=day_list(260_000))).status_code == 200
        await open_stay(family)
        await family.says("5,000.00")
        await family.look("住院费用", narrow=True)
        await family.page.locator("a[href*='/days/']").first.click()
        await family.says("头孢呋辛钠")
        await family.look("一天的清单", narrow=True)

        cashier = await visit("窗口")
        await cashier.log_in("hospital.cashier")
        await cashier.menu("住院患者")
        await cashier.look("住院患者", narrow=True)
        await cashier.row(VISIT).get_by_role("link").first.click()
        await cashier.says("清单合计")
        await cashier.look("一次住院", narrow=True)
        await cashier.agree("申请出院")
        await cashier.says("等待 HIS 送来出院结算")
        insurer = {"setl_id": "SETL-WALK", "clr_type": "21", "medfee_sumamt": 260_000, "fund_pay_sumamt": 120_000, "acct_pay": 0, "psn_cash_pay": 140_000}
        settled = {"setl_no": "JS-WALK", "total_fen": 260_000, "insurance": insurer}
        answer = await system.post(f"/api/v1/medical/admissions/{VISIT}/discharge-settlements", json=settled)
        assert (answer.status_code, answer.json()["status"]) == (200, "refunding")
        await cashier.page.reload()
        await cashier.says("退回 ¥3,600.00 等待财务复核")
        await cashier.look("结余在退", narrow=True)

    checker = await visit("复核")
    await checker.log_in("hospital.finance")
    await checker.open("/console/approvals")
    await checker.look("退款待复核")
    while await (asked := checker.page.locator("tbody a").filter(has_text=re.compile("退款"))).count():
        await asked.first.click()
        await checker.press("同意并执行")
        await checker.says("已同意")
        await checker.open("/console/approvals")
    async with asyncio.timeout(90):
        while (await hospital.ask(_STATE, n=VISIT))[0].status != "closed":
            await cashier.page.reload()
    back = await hospital.ask(_BACK, n=VISIT)
    assert [row.fen for row in back] == [160_000, 200_000], "the later deposit whole, then of the earlier one"
    await open_stay(family)
    await family.says("3,600.00")
    await family.look("出院已办结", narrow=True)
    await cashier.page.reload()
    await cashier.says("已办结，¥3,600.00 已按原路退回")
    await cashier.look("已办结", narrow=True)
    assert family.complaints + cashier.complaints + checker.complaints == []


async def test_a_batch_of_refunds_is_asked_for_by_one_and_agreed_by_another(visit, hospital):
    """An outpatient doctor did not come: everybody who had paid gets the fee back, each by the way it was paid."""
    bills = (await hospital.ask(_OPEN))[:3]
    family = await visit("家属-停诊", phone=True)
    for bill in bills:
        await family.open(f"{HOME}/code")
        await family.page.get_by_label("缴费码").fill(bill.pay_code)
        await family.press("查看账单")
        await pay(family)
    maker = await visit("对账岗")
    await maker.log_in("hospital.accountant")
    await maker.menu("退款批次")
    await maker.follow("新建退款批次")
    rows = [(bill.number, f"{bill.amount_fen / 100:.2f}", "医生停诊") for bill in bills]
    listed = workbook.write("批量退款", [(head, "text") for head in ("账单号*", "退款金额*", "退款原因")], rows)
    await maker.fill("批次名称", "停诊退费")
    await maker.fill("退款原因", "医生停诊")
    await maker.page.locator("input[type=file]").set_input_files({"name": "停诊.xlsx", "mimeType": "application/octet-stream", "buffer": listed})
    await maker.press("冻结并提交复核")
    await maker.says("批次已冻结并提交")
    await maker.look("停诊批次待复核", narrow=True)
    checker = await visit("复核岗")
    await checker.log_in("hospital.finance")
    await agreed(checker, maker.page.url)
    async with asyncio.timeout(90):
        while not await maker.page.get_by_text("100.0%").count():
            await maker.page.reload()
    await maker.look("停诊批次完成", narrow=True)
    await maker.press("导出结果")
    await maker.says("已完成")
    back = await hospital.ask("SELECT refunded_fen AS fen FROM core.refund WHERE status = 'success' AND bill_id = ANY(:ids)", ids=[bill.id for bill in bills])
    assert sorted(row.fen for row in back) == sorted(bill.amount_fen for bill in bills)
    await family.open(f"{HOME}/code")
    await family.page.get_by_label("缴费码").fill(bills[0].pay_code)
    await family.press("查看账单")
    await family.says("已退款")
    assert family.complaints + maker.complaints + checker.complaints == []
