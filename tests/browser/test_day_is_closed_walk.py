"""A day is closed, in a real browser: a hospital's files, its differences, one click for the longs by two people, nothing open, closed."""

import json
import re

import pytest
from playwright.async_api import expect

from tests.browser import reconciling
from tests.samples import SAMPLES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SMALL = SAMPLES / "statements" / "small"
FIRST, SECOND = "2026-03-01", "2026-03-02"
SOURCES = (("医院 HIS 对账单", "his", ""), ("平台收款明细", "platform", "-after-batch"), ("微信支付交易账单", "wechatpay-trade", "-after-batch"))
OTHERS = (("支付宝业务明细", "2088990000031101"), ("Stripe 余额变动报告", "qWuHosp0"), ("银联对账文件", "999391080620031"))
FOUR = {"LG1": ("—", "—", "200.00"), "LG2": ("—", "85.00", "85.00"), "SH1": ("75.00", "75.00", "—"), "DP1": ("120.00", "240.00", "240.00")}
"""What each side has of the first day's four differences, in yuan."""


async def hand_in(accountant, day: str, after: bool = False) -> None:
    """Upload a day's files, one for each side; where the refunds came meanwhile, those of the platform and the channel once more."""
    for title, source, suffix in SOURCES:
        if after and not suffix:
            continue
        name = f"{source}-{day}{suffix if after else ''}.csv"
        await accountant.open("/console/statements/new")
        await accountant.choose("来源", title)
        await accountant.fill("账单日期", day)
        await accountant.page.locator("input[type=file]").set_input_files(SMALL / name)
        if (source, day) == ("his", FIRST):
            await accountant.look("上传对账文件", narrow=True)
        await accountant.press("上传并核对")
        await accountant.says("文件已采用")
        await accountant.says(name)
        if (source, day) == ("wechatpay-trade", FIRST) or (after and source == "wechatpay-trade"):
            await accountant.look("对账文件", narrow=True)


async def nothing_else(accountant, day: str) -> None:
    """The other channels had no trades that day, as the accountant knows; the day is run again with that."""
    for title, number in OTHERS:
        await accountant.open(f"/console/reconciliation/{day}")
        row = accountant.row(number)
        await expect(row).to_contain_text(title)
        await accountant.agree("当天没有交易", "没有交易", within=row)
        await accountant.says("已记下：这一天没有交易")
    await reconciling.run(accountant, day)


async def the_four(accountant) -> None:
    """Four differences, each with the field that differs and what every side says."""
    await accountant.open(f"/console/differences?status=all&start={FIRST}&until={FIRST}")
    await accountant.look("四条差异", narrow=True)
    for klass, values in FOUR.items():
        row = accountant.row(klass)
        cells = [re.sub(r"[¥\s]", "", text) for text in await row.locator("td.k-money").all_inner_texts()]
        assert tuple(cells[:3]) == values, (klass, cells)
        await expect(row).to_contain_text("付款笔数" if klass == "DP1" else "有无")


async def test_the_hospital_closes_its_day_with_one_click_and_two_people(visit):
    expected = json.loads((SMALL / "m3.expected.json").read_bytes())
    accountant = await visit("医院经办")
    await accountant.log_in("hospital.accountant")
    await hand_in(accountant, FIRST)
    await accountant.menu("对账文件")
    await accountant.look("对账文件列表", narrow=True)
    await reconciling.run(accountant, FIRST)
    await accountant.look("首日对账缺文件", narrow=True)
    await nothing_else(accountant, FIRST)
    await accountant.look("首日对账", narrow=True)
    await the_four(accountant)
    await hand_in(accountant, SECOND)
    await reconciling.run(accountant, SECOND)
    await nothing_else(accountant, SECOND)
    assert await accountant.figure("前日平账") == 2
    await accountant.look("次日对账", narrow=True)

    await accountant.menu("差异")
    await accountant.look("待办差异", narrow=True)
    await accountant.agree("一键退回全部长款", "冻结并提交复核", reason="三月一日长款退回")
    await accountant.page.wait_for_url(re.compile("/console/remedy-batches/"))
    await accountant.says("2 条，共 320.00 元")
    await accountant.says("正在等待复核")
    batch = accountant.page.url
    await accountant.look("批量退款待复核", narrow=True)

    checker = await visit("医院复核")
    await checker.log_in("hospital.finance")
    await checker.look("首页", narrow=True)
    await checker.menu("复核")
    await checker.look("待复核", narrow=True)
    await reconciling.agree_first(checker, look="复核批量退款")
    await accountant.page.goto(batch)
    await accountant.look("批量退款办理中", narrow=True)

    await hand_in(accountant, SECOND, after=True)
    await reconciling.run(accountant, SECOND)
    await accountant.look("退款后对账", narrow=True)
    await accountant.page.goto(batch)
    await reconciling.batch_ended(accountant, 2)
    await accountant.look("批量退款结果", narrow=True)
    await accountant.open("/console/differences?status=all")
    await accountant.look("全部差异")
    await accountant.open("/console/differences")
    assert expected["open_differences_after_batch_and_next_day_run"] == 0
    await accountant.says("共 0 条")

    for day in (FIRST, SECOND):
        await checker.open(f"/console/reconciliation/{day}")
        await reconciling.until_fresh(checker)
        await checker.agree("关账")
        await checker.says("已关账，这一天不再变动")
        await checker.look(f"已关账{day}", narrow=True)
    await checker.open(f"/console/trace?number={expected['differences'][0]['merchant_order_no']}")
    await checker.look("追踪", narrow=True)
    await checker.open("/console/day-board?month=2026-03")
    await checker.look("日清看板", narrow=True)
    await checker.open(f"/console/day-board/{FIRST}")
    await checker.look("六个数", narrow=True)
    assert [*accountant.complaints, *checker.complaints] == []
