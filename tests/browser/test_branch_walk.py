"""A branch opens a client, in a real browser (issue walk 2): blueprint, merchants, an account that a second person checks, hand-over."""

import re
from pathlib import Path

import pytest

from tests.browser.visitor import secret_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TENANTS = Path(__file__).parents[2] / "tenants"
USCC = "52350000908301661F"
OWN_PASSWORD = "Rongshu-2026-own"
LEGAL = "样例辛教育集团有限公司"


async def at_branch(visit, login: str, name: str):
    """Somebody of the branch, logged in with their one-time code."""
    someone = await visit(name)
    await someone.log_in(login, secret=secret_of(login, TENANTS))
    return someone


async def opened(maker, name: str, code: str) -> str:
    """The wizard from the blueprint; answers the client's page."""
    await maker.open("/bank/clients")
    await maker.follow("开立客户")
    await maker.page.get_by_label("教育集团").check()
    await maker.press("下一步")
    await maker.says("学费商户")
    await maker.fill("客户名称", name)
    await maker.fill("编码", code)
    await maker.page.get_by_label("开户网点").select_option(index=1)
    await maker.fill("法定名称", LEGAL)
    await maker.fill("统一社会信用代码", USCC)
    await maker.press("开立")
    await maker.says("客户已开立")
    return re.sub(r"[#?].*", "", maker.page.url)


async def test_a_branch_opens_a_client_checks_its_account_and_hands_it_over(visit):
    zhou = await at_branch(visit, "branch.zhou", "周经办")
    await zhou.says("今天要做的事")
    await zhou.look("银行首页", narrow=True)
    client = await opened(zhou, "样例辛教育集团", "banyan-eight")
    await zhou.look("客户草稿", narrow=True)

    for merchant in ("学费商户", "服务与代收费商户"):
        await zhou.follow("登记结算账户", zhou.card(f"商户：{merchant}"))
        await zhou.fill("开户行", "榕城银行甲城云溪支行")
        await zhou.fill("账号", "9900010001000000018")
        await zhou.press("登记")
        await zhou.page.wait_for_url(re.compile(r"/bank/clients/[0-9a-f-]{36}(#.*)?$"))
    await zhou.follow("登记商户")
    await zhou.fill("商户名称", "研学商户")
    await zhou.fill("编码", "STUDY")
    await zhou.fill("法定名称", LEGAL)
    await zhou.press("登记")
    await zhou.says("商户：研学商户")
    own = zhou.card("商户：学费商户").get_by_role("button", name="通过", exact=True)
    assert await own.get_attribute("aria-disabled") == "true", "nobody checks their own entry"
    await zhou.look("等人复核")

    wu = await at_branch(visit, "branch.wu", "吴复核")
    await wu.menu("待办")
    await wu.says("样例辛教育集团")
    await wu.look("待办", narrow=True)
    await wu.page.goto(client)
    for merchant in ("学费商户", "服务与代收费商户"):
        await wu.agree("通过", within=wu.card(f"商户：{merchant}"))
        await wu.press("启用商户", wu.card(f"商户：{merchant}"))
        await wu.says("商户已启用，可以收款")
    await wu.look("账户已复核", narrow=True)

    await zhou.page.goto(client)
    await zhou.follow("移交管理员")
    await zhou.fill("姓名", "欧阳新办")
    await zhou.fill("用户名", "eight.admin")
    await zhou.press("移交")
    await zhou.says("这个密码只显示这一次")
    await zhou.look("已移交", narrow=True)
    first_password = await zhou.page.locator("code.by-mono").inner_text()
    await zhou.follow("回到客户")
    await zhou.press("启用客户")
    await zhou.says("暂停服务")
    await zhou.look("客户已启用")

    admin = await visit("新管理员")
    await admin.log_in("eight.admin", first_password)
    await admin.says("设置新密码")
    await admin.look("首次改密码", narrow=True)
    await admin.open("/console/users")
    assert "/login" in admin.page.url, "nothing opens before the password is one's own"
    await admin.log_in("eight.admin", first_password)
    await admin.fill("新密码", OWN_PASSWORD)
    await admin.fill("再次输入新密码", OWN_PASSWORD)
    await admin.press("保存并进入")
    await admin.says("今天要做的事")
    await admin.look("新客户首页", narrow=True)
    await admin.menu("学生")
    await admin.look("空名册")

    await zhou.page.goto(client)
    await zhou.agree("暂停服务", reason="材料到期")
    await zhou.says("服务已暂停")
    await zhou.look("客户已暂停")
    await admin.page.goto(admin.url + "/console/users")
    await admin.says("暂停")
    await admin.look("被暂停的客户", narrow=True)
    await zhou.agree("恢复服务", reason="材料已补")
    await zhou.says("暂停服务")
    await admin.open("/console/users")
    await admin.says("eight.admin")
    assert zhou.complaints == wu.complaints == []


async def test_a_client_whose_plugin_is_off_has_no_education_anywhere(visit):
    zhou = await at_branch(visit, "branch.he", "何经办")
    client = await opened(zhou, "样例壬教育集团", "banyan-nine")
    await zhou.follow("移交管理员")
    await zhou.fill("姓名", "司马新办")
    await zhou.fill("用户名", "nine.admin")
    await zhou.press("移交")
    first_password = await zhou.page.locator("code.by-mono").inner_text()
    admin = await visit("无插件管理员")
    await admin.log_in("nine.admin", first_password)
    await admin.fill("新密码", OWN_PASSWORD)
    await admin.fill("再次输入新密码", OWN_PASSWORD)
    await admin.press("保存并进入")
    await admin.says("学校收费")
    await zhou.page.goto(client)
    await zhou.agree("关闭插件", within=zhou.row("教育缴费"))
    await zhou.says("已关闭")
    await zhou.look("插件已关闭", narrow=True)
    await admin.open("/console")
    await admin.says_nothing_of("学校收费")
    await admin.look("没有教育", narrow=True)
    for path in ("/console/education/students", "/console/education/plans", "/console/imports/new?kind=education.roster", "/api/v1/education/students"):
        answer = await admin.page.goto(admin.url + path)
        assert answer.status == 404, path
    await admin.says_nothing_of("集团管理员")
    await admin.open("/console/users")
    await admin.says_nothing_of("集团管理员")
