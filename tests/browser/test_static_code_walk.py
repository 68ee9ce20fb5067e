"""A code on a wall, in a real browser: made, printed, scanned by a stranger, capped (issue 3)."""

import re

import pytest

from tests.browser.family import CODE, school_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
async def school(house):
    return await school_of(house)


async def poster(visit) -> tuple[str, object]:
    """The office makes a code and prints it; answers what stands in it."""
    admin = await visit("收款码-校办")
    await admin.log_in("school.admin")
    await admin.open("/console/channels/codes")
    await admin.look("还没有收款码", narrow=True)
    await admin.fill("名称", "云溪校区门口")
    await admin.fill("每人每日限额", "600")
    await admin.press("添加")
    await admin.says("每日限额应在 500.00 元以内")
    await admin.fill("每人每日限额", "100")
    await admin.press("添加")
    await admin.says("已添加，可以打印张贴")
    await admin.look("可以打印", narrow=True)
    async with admin.page.expect_download() as download:
        await admin.page.get_by_role("link", name="下载图片").click()
    assert (await download.value).suggested_filename == "云溪校区门口.png"
    return re.search(rf"http\S+/h5/{CODE}/q/\w+", await admin.page.locator("main").inner_text()).group(0), admin


async def test_a_code_on_the_wall_takes_what_it_may_and_says_what_it_may_not(visit, school):
    url, admin = await poster(visit)
    bill = next(school.bills)
    stranger = await visit("收款码-奶奶", phone=True)
    await stranger.page.goto(url)
    await stranger.says("请输入通知单上的缴费码")
    await stranger.look("扫码进来", narrow=True)
    await stranger.page.get_by_label("缴费码").fill("1234123412341234")
    await stranger.press("查看账单")
    await stranger.look("缴费码不对")
    await stranger.page.get_by_label("缴费码").fill(bill.pay_code)
    await stranger.press("查看账单")
    await stranger.press("去缴费")
    await stranger.says("今天还可付 ¥100.00")
    await stranger.says("先缴 ¥100.00")
    await stranger.look("确认缴费", narrow=True)
    await stranger.page.get_by_label("其他金额").fill("120")
    await stranger.press("确认支付")
    await stranger.says("每天最多可付 100.00 元")
    await stranger.look("超过限额", narrow=True)
    await stranger.page.get_by_label("其他金额").fill("60")
    await stranger.press("确认支付")
    await stranger.press("立即支付")
    await stranger.says("收费单位已收到")
    await stranger.look("已付六十")
    await admin.open("/console/channels/codes")
    await admin.says("60.00")
    await admin.look("今天收到")
    await stranger.page.goto(url)
    await stranger.press("去缴费")
    await stranger.says("今天还可付 ¥40.00")
    assert (await school.ask("SELECT paid_fen FROM core.bill WHERE id = :id", id=bill.id))[0].paid_fen == 6_000
