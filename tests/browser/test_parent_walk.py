"""A parent on a phone, in a real browser, against the real wire of the sandbox: bind, look, choose, pay, receipt (issue walk 4)."""

import re

import pytest

from core import clock
from core.billing import service as billing
from core.jobs.pulse import pulse
from tests import families, looking
from tests.browser.phones import somebody, town

__all__ = ["somebody", "town"]
pytestmark = pytest.mark.browser


async def test_a_parent_binds_explains_chooses_pays_and_holds_a_receipt(town, somebody):
    school = somebody.school
    today = clock.today()
    plan = ((today + clock.dt.timedelta(days=20), "50"), (today + clock.dt.timedelta(days=80), "50"))
    first, second = school.children
    await families.bill(
        town, school, first, title="2026 秋季学期学杂费", period="2026-2027 学年第一学期", due_on=today + clock.dt.timedelta(days=20)
    )
    await families.bill(town, school, second, title="2026 秋季学期学杂费", due_on=today + clock.dt.timedelta(days=20), instalments=plan)
    await families.bill(town, school, second, title="九月校服费", due_on=today - clock.dt.timedelta(days=3))
    mother = await somebody("mother")
    await mother.open()
    await mother.look("入口")
    await mother.bind(first, look=True)
    await mother.bind(second)
    await mother.open()
    await mother.look("我的账单")
    await mother.page.get_by_role("link", name=re.compile("学杂费")).first.click()
    await mother.page.locator("summary").first.click()
    await mother.look("账单")
    await mother.page.locator("input[name=line]").first.check()
    await mother.says("¥1,250.00")
    await mother.press("去缴费")
    await mother.says("确认缴费")
    await mother.look("确认缴费")
    await mother.press("确认支付")
    await mother.page.get_by_role("button", name="立即支付").click()
    await mother.page.wait_for_url(re.compile(r"/orders/P"))
    await mother.says("收费单位已收到")
    await pulse(town, school.id)
    await pulse(town, school.id)
    await mother.page.reload()
    await mother.look("已支付")
    await mother.tap("查看电子收据")
    await mother.says("大写")
    await mother.look("收据")
    for path, name in (
        ("/history", "缴费记录"), ("/receipts", "收据列表"), ("/bindings", "我的绑定"), ("/privacy", "我的隐私"), ("/login", "登录"),
    ):  # fmt: skip
        await mother.open(path)
        if path == "/privacy":
            await mother.page.locator(".h5-line summary").first.click()
        await mother.look(name)
    await mother.open()
    await mother.press("去缴费")
    await mother.says("确认缴费")
    await mother.look("家庭合并缴费")
    assert mother.complaints == []


async def test_a_grandparent_pays_one_bill_by_its_code_without_javascript(town, somebody):
    school = somebody.school
    bill_id = await families.bill(town, school, school.children[0], title="2026 秋季学期学杂费")
    grandfather = await somebody("grandfather", width=320, javascript=False)
    await grandfather.open("/code")
    await grandfather.page.get_by_label("缴费码").fill(await families.pay_code(town, school, bill_id))
    await looking.picture(grandfather.page, "grandfather-01-320")
    await grandfather.press("查看账单")
    await grandfather.says("*小明")
    await looking.picture(grandfather.page, "grandfather-02-320")
    await grandfather.press("去缴费")
    await grandfather.press("确认支付")
    await grandfather.page.get_by_role("button", name="立即支付").click()
    await grandfather.page.get_by_text("返回商家").click()
    await grandfather.says("收费单位已收到")
    await looking.picture(grandfather.page, "grandfather-03-320")
    async with town.database.tenant(school.id) as session:
        assert (await billing.find_bill(session, bill_id)).status == "paid"


@pytest.mark.slow
async def test_inside_wechat_the_wallet_opens_on_the_page(town, somebody):
    school = somebody.school
    bill_id = await families.bill(town, school, school.children[0], title="2026 秋季学期学杂费")
    father = await somebody("father", agent=families.WECHAT)
    await father.bind(school.children[0])
    await father.open(f"/pay?bill={bill_id}")
    await father.page.get_by_text("以谁的身份打开").wait_for()
    await father.page.wait_for_url(re.compile("/pay"))
    await father.press("确认支付")
    await father.says("等待支付")
    await father.look("微信内支付")
    await father.page.get_by_role("button", name="微信支付").click()
    wallet = father.page.frame_locator("iframe")
    await wallet.get_by_role("button", name="立即支付").click()
    await father.says("收费单位已收到")
    await father.look("微信内已支付")
    assert father.complaints == []


@pytest.mark.slow
async def test_at_a_desk_a_qr_is_scanned_and_the_page_finds_out_by_itself(town, somebody):
    school = somebody.school
    bill_id = await families.bill(town, school, school.children[0], title="2026 秋季学期学杂费")
    clerk = await somebody("desk", agent=families.DESKTOP, width=1440)
    await clerk.open("/code")
    await clerk.page.get_by_label("缴费码").fill(await families.pay_code(town, school, bill_id))
    await clerk.press("查看账单")
    await clerk.press("去缴费")
    await clerk.press("确认支付")
    await clerk.says("请用微信扫码支付")
    await clerk.look("扫码")
    number = clerk.page.url.rsplit("/", 1)[1]
    await families.paid_outside(town, school, number)
    await clerk.says("收费单位已收到")
    await clerk.look("扫码已支付")
    assert clerk.complaints == []
