"""A day at the window, in a real browser: cash with change, a card slip, a receipt, a refund paid out, the count and the hand-over."""

import asyncio
import re

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import text

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "banyan-school"
FLOAT, TAKEN, REFUND = 500, 500, 120
_BILLS = text("SELECT id, pay_code FROM core.bill WHERE status = 'issued' AND amount_fen > 100000 ORDER BY number DESC LIMIT 2")


async def two_bills(platform):
    """Two unpaid bills of the demo school: id and pay code."""
    school = await platform.directory.by_code(CODE)
    async with platform.database.tenant(school.id) as session:
        return list(await session.all(_BILLS))


async def found(cashier, pay_code: str) -> None:
    """Look somebody up by the code as it is printed, in groups of four."""
    await cashier.fill("账单号、缴费码或人员编号", " ".join(re.findall("....", pay_code)))
    await cashier.press("查询")
    await cashier.says("确认收款")


async def test_a_day_at_the_window_ends_with_the_drawer_as_it_should_be(visit, house):
    first, second = await two_bills(house)
    cashier = await visit("收费员")
    await cashier.log_in("school.cashier")
    await cashier.look("首页", narrow=True)
    await cashier.menu("窗口收费")
    await cashier.look("未开班", narrow=True)
    await cashier.fill("窗口", "一号窗口")
    await cashier.fill("备用金", str(FLOAT))
    await cashier.press("开班")
    await cashier.says("已开班，可以收款了")

    await found(cashier, first.pay_code)
    await cashier.look("查到账单", narrow=True)
    await cashier.fill("本次收取", str(TAKEN))
    await cashier.fill("实收现金", "400")
    await cashier.press("确认收款")
    await cashier.says("收到的现金 400.00 元少于应收 500.00 元")
    await cashier.fill("实收现金", "600")
    await cashier.press("确认收款")
    await cashier.says("已收 500.00 元，请找零 100.00 元")
    await cashier.look("已收现金", narrow=True)
    await found(cashier, second.pay_code)
    await cashier.choose("方式", "POS 刷卡")
    await cashier.fill("终端号", "T01")
    await cashier.fill("小票参考号", "88001")
    await cashier.look("刷卡", narrow=True)
    await cashier.press("确认收款")
    await cashier.says("已收")
    await receipt_of(cashier)

    await refunded(visit, first.id)
    await waiting_to_be_paid_out(cashier)
    await cashier.look("待付退款", narrow=True)
    await cashier.agree("付出")
    await cashier.says("退款已付出并记账")

    await cashier.agree("盘点交班")
    await cashier.look("盘点", narrow=True)
    await cashier.fill("100.00 元", "8")
    await cashier.press("提交交班")
    await cashier.says("请写明原因再提交")
    assert await cashier.page.get_by_label("100.00 元").input_value() == "8", "nothing has to be counted again"
    await cashier.fill("50.00 元", "1")
    await cashier.fill("20.00 元", "1")
    await cashier.fill("10.00 元", "1")
    await cashier.press("提交交班")
    await cashier.says("已交班，等待出纳接收")
    await cashier.look("已交班", narrow=True)

    treasurer = await visit("出纳")
    await treasurer.log_in("school.treasurer")
    await treasurer.page.get_by_role("link", name=re.compile("待接收的班次")).click()
    await treasurer.look("班次", narrow=True)
    await treasurer.open_first()
    await treasurer.says("接收")
    await treasurer.look("接收", narrow=True)
    await treasurer.fill("缴款单号", "JK-1122-01")
    await treasurer.press("接收")
    await treasurer.says("已接收，差异（如有）已记账")
    await treasurer.look("已接收")
    assert [*cashier.complaints, *treasurer.complaints] == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"] * 2


async def waiting_to_be_paid_out(cashier) -> None:
    """The refund reaches the window when the worker has held the money."""
    async with asyncio.timeout(60):
        while not await cashier.page.get_by_role("button", name="付出", exact=True).count():
            await cashier.open("/console/counter")


async def receipt_of(cashier) -> None:
    """The receipt of what was just taken, as a PDF to print."""
    await cashier.menu("收据")
    await cashier.open_first()
    await cashier.look("收据", narrow=True)
    async with cashier.page.expect_download() as download:
        await cashier.page.get_by_role("link", name="下载 PDF").click()
    made = PdfDocument(await (await download.value).path())
    text = "".join(made[0].get_textpage().get_text_range().split())
    assert "收费收据" in text
    assert "POS刷卡" in text
    assert "合计（大写）" in text


async def refunded(visit, bill_id) -> None:
    """One person asks for a part of it back, another one agrees."""
    maker = await visit("经办")
    await maker.log_in("school.standards")
    await maker.open(f"/console/bills/{bill_id}")
    await maker.follow("退款", maker.page.locator("main"))
    await maker.look("申请退款", narrow=True)
    await maker.fill("或只填总额", str(REFUND))
    for field in await maker.page.locator("input[name^=line_]").all():
        await field.fill("")
    await maker.fill("退款原因", "多收，现金退还")
    await maker.press("提交退款申请")
    await maker.page.wait_for_url(re.compile(r"/console/refunds/[0-9a-f-]{36}"))
    await maker.look("退款待复核", narrow=True)
    refund = maker.page.url

    finance = await visit("复核")
    await finance.log_in("school.finance")
    await finance.page.goto(refund)
    await finance.follow("查看申请")
    await finance.look("复核退款", narrow=True)
    await finance.press("同意并执行")
    await finance.says("已同意")
