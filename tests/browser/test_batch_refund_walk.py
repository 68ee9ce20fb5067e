"""Many refunds at once from an Excel list, in a real browser: frozen, agreed, one that fails and is done again, a file of results (issue 3)."""

import asyncio
import re

import httpx
import pytest
from python_calamine import CalamineWorkbook

from core.exports import workbook
from tests.browser.family import balanced, found_by_code, pay, school_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHORT = "商户号余额不足，退款不受理"


@pytest.fixture(scope="module")
async def school(house):
    return await school_of(house)


async def fault(someone, house, percent: int) -> None:
    """Switch a fault on the sandbox's own page."""
    await someone.page.goto(house.settings.sandbox_url)
    await someone.page.get_by_label(f"{SHORT}的概率").fill(str(percent))
    await someone.press("保存")


async def fails_once(house, school, bill) -> None:
    """The channel says once that the refund of this bill's payment failed; the same number sent again succeeds."""
    (row,) = await school.ask(
        "SELECT p.mchid, p.order_number FROM core.payment p JOIN core.allocation a ON a.payment_id = p.id WHERE a.bill_id = :id LIMIT 1", id=bill.id
    )
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        faults = {"faults": [{"kind": "refund_fail", "remaining": 1}]}
        assert (await outside.put(f"/sandbox/api/faults/orders/{row.mchid}/{row.order_number}", json=faults)).status_code == 200


def rows_of(path) -> list[list]:
    """The rows of a downloaded Excel file."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()



async def ask_now(maker) -> None:
    """Ask the channel about the refund on this page, unless a worker has asked meanwhile and it is over."""
    button = maker.page.get_by_role("button", name="立即查询", exact=True).first
    if await button.is_visible() and await button.is_enabled():
        await button.click()
        await maker.says("已向渠道查询，结果如下")


async def test_a_batch_from_excel_comes_to_its_end_though_one_refund_fails(visit, house, school):
    bills = [next(school.bills) for _ in range(3)]
    father = await visit("批量-爸爸", phone=True)
    for bill in bills:
        await found_by_code(father, bill)
        await pay(father)

    maker = await visit("批量-经办")
    await maker.log_in("school.standards")
    await maker.menu("退款批次")
    await maker.look("还没有批次", narrow=True)
    await maker.follow("新建退款批次")
    await maker.look("新建退款批次", narrow=True)
    async with maker.page.expect_download() as download:
        await maker.page.get_by_role("link", name=re.compile("模板")).click()
    heads = rows_of(await (await download.value).path())[0]
    rows = [(bill.number, f"{bill.amount_fen / 100:.2f}", "研学取消") for bill in bills]
    wrong = [*rows[:1], ("B00000000XXXX", "1", "")]
    for content, told in ((wrong, "没有找到账单"), (rows, "批次已冻结并提交")):
        await maker.fill("批次名称", "研学费退款")
        await maker.fill("退款原因", "研学取消")
        await maker.page.locator("input[type=file]").set_input_files(
            {"name": "退款清单.xlsx", "mimeType": "application/octet-stream", "buffer": workbook.write("批量退款", [(head, "text") for head in heads], content)}
        )
        await maker.press("冻结并提交复核")
        await maker.says(told)
        await maker.look("清单有误" if "没有" in told else "批次待复核", narrow=True)
    batch = maker.page.url

    world = await visit("批量-沙箱")
    await fault(world, house, 100)
    finance = await visit("批量-复核")
    await finance.log_in("school.finance")
    await finance.page.goto(batch)
    await finance.follow("查看申请")
    await finance.look("复核批次", narrow=True)
    await finance.press("同意并执行")
    await finance.says("已同意")
    await maker.page.goto(batch)
    await maker.says("待资金")
    await maker.look("批次等待资金", narrow=True)
    await fails_once(house, school, bills[0])
    await fault(world, house, 0)
    for bill in bills:
        await maker.page.goto(batch)
        await maker.page.get_by_role("row").filter(has_text=bill.number).get_by_role("link").first.click()
        await ask_now(maker)
        if bill is bills[0]:
            async with asyncio.timeout(60):
                while not await school.ask("SELECT FROM core.refund_item WHERE state = 'failed'"):
                    await maker.page.reload()
            await maker.look("渠道说失败", narrow=True)
            await ask_now(maker)
    await maker.page.goto(batch)
    await maker.says("100.0%")
    await maker.page.reload()
    await maker.look("批次完成", narrow=True)
    await maker.press("导出结果")
    await maker.says("已完成")
    async with maker.page.expect_download() as download:
        await maker.follow("下载文件")
    told = rows_of(await (await download.value).path())
    assert [sum(bill.number in row for row in told) for bill in bills] == [1, 1, 1]
    back = await school.ask("SELECT bill_id, sum(refunded_fen) AS fen FROM core.refund WHERE status = 'success' GROUP BY bill_id")
    assert {bill.id: bill.amount_fen for bill in bills}.items() <= {row.bill_id: row.fen for row in back}.items()
    tried = await school.ask("SELECT max(tries) AS tries FROM core.refund_item")
    assert tried[0].tries == 1, "one was sent again under its own number"
    await balanced(finance)
    assert len(maker.complaints) == 1, "the first list was refused with 422"
    assert finance.complaints == []
