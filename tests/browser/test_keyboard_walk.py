"""The two main journeys with a keyboard alone: a parent pays on the phone's page, a school's two people publish a fee plan (issue 5, Accessibility).

At every stop the focus is seen, nothing jumps the queue, dialogs keep the focus and give it back, mistakes are where the focus goes.
"""

import csv
import re

import pytest

from tests.browser import family
from tests.browser.keys import Hands
from tests.browser.visitor import DEMO_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TITLE = "键盘上建的批次"
WECHAT = "wechatpay:h5"
MENDED = "status of 422"
"""What the browser says of a form that came back to be mended."""


async def bound(hands: Hands, school, student: str) -> None:
    """Prove whose parent one is; what was left empty is where the focus goes."""
    with family.ROSTER.open(encoding="utf-8-sig", newline="") as file:
        facts = next(row for row in csv.DictReader(file) if row["学号*"] == student)
    await hands.person.open(family.HOME + "/bind")
    await hands.go("下一步")
    await hands.page.locator("[aria-invalid=true]").first.wait_for()
    missed = await hands.here()
    assert missed.invalid, f"the first field to mend has the focus, not {missed}"
    await hands.type(facts["姓名*"])
    await hands.fill("学号", student)
    await hands.fill("证件后四位", facts["证件号码*"][-4:])
    await hands.press("Enter")
    await hands.person.says("验证家长手机")
    await hands.go("发送验证码")
    await hands.person.says("输入验证码")
    await hands.fill("验证码", await family.code_for(school.platform, facts["家长1手机号*"]))
    for purpose in ("缴费服务", "孩子的信息"):
        await hands.to(re.compile(rf"^{purpose}"))
        await hands.press("Space")
    await hands.go("完成绑定")
    await hands.person.says("绑定成功")


async def chosen_way(hands: Hands, way: str) -> None:
    """Walk through the ways of paying with the arrows: one stop, however many there are."""
    for _ in range(10):
        if await hands.page.evaluate("document.activeElement.value") == way:
            return
        await hands.press("ArrowDown")
    raise AssertionError(f"{way} is not among the ways")


async def test_a_parent_binds_and_pays_without_a_mouse(visit, house):
    school = await family.school_of(house)
    bill = next(school.bills)
    parent = await visit("键盘上的家长", phone=True)
    hands = Hands(parent)
    await bound(hands, school, bill.student)
    await parent.open(family.HOME)
    await hands.go(re.compile(r"^2026-2027"))
    await parent.says("费用明细")
    line = await hands.to(re.compile("学费"))
    assert line.tag == "summary"
    await hands.press("Enter")
    assert await hands.page.locator("details[open] dl").first.is_visible(), "every amount is explained on a key"
    await parent.look("账单", narrow=True)
    await hands.go("去缴费")
    await parent.says("确认缴费")
    before = hands.tabs
    while await hands.page.evaluate("document.activeElement.name") != "way":
        await hands.tab()
        assert hands.tabs - before < 30
    await chosen_way(hands, WECHAT)
    await parent.look("确认缴费", narrow=True)
    await hands.go("确认支付")
    hands.ours = False
    await parent.says("立即支付")
    await hands.go(re.compile("立即支付"))
    await hands.page.wait_for_url(re.compile(r"/orders/P"))
    hands.ours = True
    await parent.says("收费单位已收到")
    await hands.go(re.compile("收据"))
    await parent.says("大写")
    assert hands.tabs < 120, "a journey of a few dozen stops"
    assert await school.ask("SELECT status FROM core.bill WHERE id = :id AND paid_fen > 0", id=bill.id)
    assert [said for said in parent.complaints if MENDED not in said] == []


async def submitted(hands: Hands) -> None:
    """A dialog takes the focus, keeps it, gives it back on Escape; then the plan is handed to a colleague."""
    assert (await hands.asked("提交复核")).tag == "textarea"
    for back in (False, False, False, False, True, True, True, True):
        assert (await hands.tab(back)).inside == "dialog", "the focus stays until the dialog is closed"
    await hands.press("Escape")
    assert (await hands.here()).name == "提交复核", "and returns to where it came from"
    await hands.press("Enter")
    await hands.in_dialog()
    await hands.type("新学期餐费")
    await hands.go("提交")
    await hands.person.says("等待另一位同事复核")


async def made(hands: Hands) -> None:
    """A plan is written: what is missing is told first, each field has its stop."""
    await hands.skip()
    await hands.go("新建批次")
    await hands.person.says("保存并试算")
    await hands.skip()
    await hands.go("保存并试算")
    await hands.person.says("处需要修改")
    assert (await hands.here()).focus, "what is to be mended has the focus"
    assert (await hands.tab()).tag == "a"
    field = await hands.page.evaluate("document.activeElement.hash.slice(1)")
    await hands.press("Enter")
    assert (await hands.here()).id == field, "a mistake leads to its field"
    await hands.to("名称", back=True)
    await hands.type(TITLE)
    await hands.fill("批次编码", "KEYS1")
    await hands.to(re.compile("^餐费"))
    await hands.press("Space")
    await hands.go("只选某些年级")
    await hands.tab()
    await hands.press("Space")
    await hands.day("截止日", 2099, 6, 30)
    await hands.choose("分期", "按比例 50/30/20")
    await hands.day("第 1 期截止日", 2099, 4, 30)
    await hands.day("第 2 期截止日", 2099, 5, 31)
    await hands.go("保存并试算")
    await hands.person.says("按收费项目")


async def to_the_plan(hands: Hands) -> None:
    """By the menu: fewer stops than it has lines, and the page's first one leads past it."""
    lines = await hands.page.get_by_role("navigation", name="主菜单").get_by_role("link").count()
    await hands.page.goto(hands.person.url + "/console")
    await hands.go("收费批次", most=lines + 3)
    await hands.page.wait_for_url(re.compile("/education/plans"))


async def test_two_people_publish_a_plan_without_a_mouse(visit):
    maker = await visit("键盘上的制定人")
    hands = Hands(maker)
    await hands.log_in("school.standards", DEMO_PASSWORD)
    await maker.says("今天要做的事")
    await to_the_plan(hands)
    await made(hands)
    await to_the_plan(hands)
    await hands.skip()
    await hands.go(TITLE)
    await maker.says("操作历史")
    await hands.skip()
    await submitted(hands)

    checker = await visit("键盘上的复核人")
    hands = Hands(checker)
    await hands.log_in("school.finance", DEMO_PASSWORD)
    await checker.says("今天要做的事")
    await hands.skip()
    await hands.go(re.compile("收费批次待复核"))
    await checker.says("动账的事由两个人完成")
    await hands.press("j")
    await hands.press("Enter")
    await checker.says("等您复核")
    await hands.skip()
    await hands.fill("意见", "人数与金额已核对")
    await hands.go("同意并执行")
    await checker.says("已同意")
    await to_the_plan(hands)
    await hands.skip()
    await hands.go(TITLE)
    await checker.says("复核已通过，可以发布")
    await hands.skip()
    assert (await hands.asked("发布")).name == "取消", "a dialog that cannot be undone begins at its safe button"
    await hands.go("发布")
    await hands.page.wait_for_url(re.compile("/console/jobs/"))
    await checker.says("已完成")
    assert [said for said in (*maker.complaints, *checker.complaints) if MENDED not in said] == []
