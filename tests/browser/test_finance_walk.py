"""The school looks at its money, in a real browser (issue walk 5): reports, who has not paid, reminders, Excel, journals, a trial balance of zero."""

import re

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
CLASS = "云溪校区/小学部/六年级/6班"
MONEY = re.compile(r"¥([\d,]+\.\d\d)")
_SMALL = text("SELECT id FROM core.bill WHERE status = 'issued' AND amount_fen BETWEEN 1 AND 5000000 ORDER BY number LIMIT 1")
DIMENSIONS = ("按校区", "按年级", "按班级", "按收费项目")


def fen(text: str) -> int:
    """The amount that a page shows."""
    return int(MONEY.search(text).group(1).replace(",", "").replace(".", ""))


async def small_bill(house) -> str:
    """The page of a bill that one payment can pay."""
    tenant_id = await house.routes.find("client", CODE)
    async with house.database.tenant(tenant_id) as session:
        return f"/console/bills/{await session.scalar(_SMALL)}"


async def paid_by_a_grandparent(house, finance, visit) -> tuple[str, int]:
    """Somebody pays a bill in full by its code, on a phone; answers the bill's page and what was paid."""
    await finance.open("/console/bills?status=issued")
    await finance.open(await small_bill(house))
    await finance.says("缴费码")
    await finance.look("账单", narrow=True)
    bill = finance.page.url
    code = re.search(r"\b\d{4} \d{4} \d{4} \d{4}\b", await finance.page.locator("main").inner_text()).group(0)
    grandmother = await visit("奶奶", phone=True)
    await grandmother.open(f"/h5/{CODE}/code")
    await grandmother.page.get_by_label("缴费码").fill(code)
    await grandmother.press("查看账单")
    await grandmother.press("去缴费")
    await grandmother.says("确认缴费")
    await grandmother.look("确认缴费")
    paying = fen(await grandmother.page.locator(".h5-bar").first.inner_text())
    await grandmother.press("确认支付")
    await grandmother.press("立即支付")
    await grandmother.page.wait_for_url(re.compile(r"/orders/P"))
    await grandmother.says("收费单位已收到")
    await grandmother.look("已支付")
    assert grandmother.complaints == []
    return bill, paying


async def test_the_books_answer_for_every_fen(house, visit):
    finance = await visit("财务")
    await finance.log_in("school.finance")
    await finance.look("首页", narrow=True)
    bill, paying = await paid_by_a_grandparent(house, finance, visit)

    await finance.page.goto(bill)
    await finance.says("已缴清")
    await finance.look("账单已缴", narrow=True)
    await finance.menu("收缴统计")
    for dimension in DIMENSIONS:
        await finance.follow(dimension)
        await finance.look(f"收缴统计{dimension}", narrow=dimension == DIMENSIONS[0])
    received = await finance.page.locator(".by-figure").filter(has_text="实收 =").first.inner_text()
    assert fen(received) == paying
    await finance.menu("收款日报")
    await finance.says("学费")
    await finance.look("收款日报", narrow=True)
    await finance.menu("欠费清单")
    await finance.look("欠费清单", narrow=True)
    await finance.menu("减免台账")
    await finance.look("减免台账", narrow=True)

    await finance.menu("缴费明细")
    await finance.choose("范围", "只看已缴")
    await finance.press("查询")
    await finance.page.wait_for_url(re.compile("status=received"))
    await finance.look("缴费明细", narrow=True)
    await finance.press("导出 Excel")
    await finance.says("已完成")
    await finance.look("导出任务", narrow=True)
    async with finance.page.expect_download() as download:
        await finance.follow("下载文件")
    path = await (await download.value).path()
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    found = next(at for at, row in enumerate(rows) if "学号" in row)
    number, amount = rows[found].index("学号"), rows[found].index("实收")
    people = [row for row in rows[found + 1 :] if row[number]]
    assert len({row[number] for row in people}) == 1, "the file holds what the list showed, not more"
    assert sum(round(100 * row[amount]) for row in people) == paying, "a row for each line of the bill"

    await finance.menu("收款")
    await finance.open_first()
    await finance.says("每一分在哪里")
    await finance.look("一笔收款", narrow=True)
    await finance.follow("打开凭证")
    await finance.says("分录")
    await finance.look("凭证", narrow=True)
    await finance.menu("试算平衡")
    await finance.says("账是平的：差额 0.00 元")
    await finance.look("试算平衡", narrow=True)
    await finance.menu("操作日志")
    await finance.look("操作日志", narrow=True)
    assert finance.complaints == []


async def test_a_class_teacher_sees_names_and_states_of_one_class_and_reminds(visit):
    teacher = await visit("班主任")
    await teacher.log_in("school.teacher")
    await teacher.says("未缴清的人")
    await teacher.look("首页", narrow=True)
    await teacher.menu("缴费状态")
    await teacher.says("未缴")
    await teacher.look("缴费状态", narrow=True)
    shown = await teacher.page.locator("main").inner_text()
    assert "¥" not in shown
    assert CLASS.rsplit("/", 1)[1] in shown
    for path in ("/console/bills", "/console/payments", "/console/reports", "/console/education/students", "/console/ledger"):
        answer = await teacher.page.goto(teacher.url + path)
        assert answer.status == 403, path
    await teacher.look("不给看的", narrow=True)
    await teacher.open("/console/unpaid")
    await teacher.agree("提醒全部未缴", "发送提醒")
    await teacher.says("还没有缴费人绑定他们，请把缴费码交给本人或家人")
    await teacher.look("已提醒", narrow=True)
