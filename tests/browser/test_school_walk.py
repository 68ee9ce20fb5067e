"""A school sets its prices, in a real browser (issue walk 3): four people, each with a part; nobody approves their own."""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select

from core import ids
from core.identity import accounts
from core.identity.actor import system
from core.identity.models import role_grant
from core.tenancy.models import branch
from tests import samples
from tests.browser.visitor import DEMO_PASSWORD
from tests.education import schools

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PEOPLE = {
    "seven.admin": ("欧阳校办", ("client.admin", "edu.group_admin")),
    "seven.standards": ("沈制定", ()),
    "seven.roster": ("韩名册", ()),
    "seven.finance": ("杨复核", ("edu.group_finance",)),
}
TITLE = "2026-2027学年第一学期收费"
STUDENTS = 200


@pytest.fixture
async def school(house, open_client):
    """A school group as the bank hands it over: merchants that collect, people with log-ins, nothing else."""
    bank_id = await house.directory.bank_id()
    async with house.database.tenant(bank_id) as session:
        branch_id = await session.scalar(select(branch.c.id).where(branch.c.code == "1001"))
    bank = SimpleNamespace(id=bank_id, branch_id=branch_id)
    client = await open_client(house, bank, code="banyan-seven", name="样例庚教育集团", kind="school_group", settings=schools.SETTINGS)
    await schools.found(house, client)
    async with house.database.tenant(client.id) as session:
        for login, (name, roles) in PEOPLE.items():
            user_id, _ = await accounts.create(session, house.routes, system(client.id), login=login, name=name, password=DEMO_PASSWORD)
            held = [{"id": ids.uuid7(), "user_id": user_id, "role": role, "org_id": None, "granted_by": "test"} for role in roles]
            if held:
                await session.execute(insert(role_grant), held)
    return client


async def imported(someone, count: int) -> None:
    """Say yes to a verdict and wait for the rows."""
    await someone.press(f"导入 {count:,} 行")
    await someone.says("已导入：")


async def granted(admin, person: str, role: str) -> None:
    """Give somebody a role over the whole group."""
    await admin.open("/console/users")
    await admin.follow(person)
    await admin.choose("角色", role)
    await admin.page.get_by_label("管辖范围").select_option(index=1)
    await admin.press("授予")
    await admin.says("已授予")


async def agreed(finance, what: str, picture: str = "") -> None:
    """The second person finds it in their work list, reads it and agrees."""
    await finance.open("/console")
    await finance.page.get_by_role("link", name=re.compile(what)).click()
    await finance.open_first()
    await finance.says("等您复核")
    if picture:
        await finance.look(picture, narrow=True)
    await finance.press("同意并执行")
    await finance.says("已同意")


async def published(finance) -> None:
    """Press publish on the plan's page and watch the job to its end."""
    await finance.agree("发布")
    await finance.page.wait_for_url(re.compile("/console/jobs/"))
    await finance.says("已完成")


async def test_three_people_bring_a_school_from_a_tree_to_published_bills_and_back(visit, school):
    admin = await visit("校办")
    await admin.log_in("seven.admin")
    await admin.says("今天要做的事")
    await admin.look("第一天", narrow=True)
    await admin.upload("education.org", "org-tree.json", samples.education("org-tree.json"))
    await admin.look("组织架构检查结果", narrow=True)
    await admin.page.get_by_role("button", name=re.compile(r"^导入 \d+ 行$")).click()
    await admin.says("已导入：")
    await admin.menu("校区与班级")
    await admin.says("松涛校区")
    await admin.look("校区与班级")
    await granted(admin, "沈制定", "校区财务（制定）")
    await admin.look("授予角色")
    await granted(admin, "韩名册", "学部教务（名册）")

    clerk = await visit("名册")
    await clerk.log_in("seven.roster")
    await clerk.upload("education.roster", "不是表格.xlsx", b"%PDF-1.7 not a workbook")
    await clerk.says("这个文件没有导入")
    await clerk.upload("education.roster", "roster-dirty.xlsx", samples.education("roster-dirty.xlsx"))
    await clerk.says("91 行没有通过检查")
    await clerk.look("有问题的名册", narrow=True)
    async with clerk.page.expect_download() as download:
        await clerk.page.get_by_role("link", name="下载未通过的行").click()
    assert (await download.value).suggested_filename == "未通过的行-roster-dirty.xlsx"
    await clerk.agree("放弃")
    await clerk.says("没有写入任何数据")
    await clerk.upload("education.roster", "roster-200.csv", samples.education("roster-200.csv"))
    await clerk.says("全部通过检查")
    await imported(clerk, STUDENTS)
    await clerk.upload("education.roster", "roster-200.csv", samples.education("roster-200.csv"))
    await clerk.says("文件与现有数据完全一致")
    await clerk.menu("学生")
    await clerk.look("学生")
    await clerk.open_first()
    await clerk.look("一名学生", narrow=True)

    maker = await visit("制定")
    await maker.log_in("seven.standards")
    await maker.upload("education.standards", "fee-standards.xlsx", samples.education("fee-standards.xlsx"))
    await maker.page.get_by_role("button", name=re.compile(r"^导入 \d+ 行$")).click()
    await maker.says("已导入：")
    await maker.menu("收费标准")
    await maker.look("标准草稿", narrow=True)
    await maker.agree("提交复核", "提交", reason="发改价〔2026〕18号")
    await maker.says("等待另一位同事处理")

    finance = await visit("复核")
    await finance.log_in("seven.finance")
    await finance.look("复核人首页")
    await agreed(finance, "收费标准待复核", "复核标准")

    await maker.menu("收费批次")
    await maker.follow("新建批次")
    await maker.fill("名称", TITLE)
    await maker.fill("批次编码", "2026Q1")
    await maker.choose("学期", schools.TERM)
    for item in ("学费", "住宿费", "餐费", "校服费", "教材费"):
        await maker.page.get_by_role("checkbox", name=re.compile(f"^{item}")).check()
    await maker.fill("截止日", "2099-06-30")
    await maker.choose("分期", "按比例 50/30/20")
    await maker.fill("第 1 期截止日", "2099-04-30")
    await maker.fill("第 2 期截止日", "2099-05-31")
    await maker.look("新建批次", narrow=True)
    await maker.press("保存并试算")
    await maker.says("按收费项目")
    await maker.look("试算", narrow=True)
    await maker.follow("逐生查看")
    await maker.look("逐生试算")
    await maker.open_first()
    await maker.look("一名学生的算法", narrow=True)
    await maker.menu("收费批次")
    await maker.follow(TITLE)
    await maker.says("50%")
    await maker.agree("提交复核", "提交", reason="新学期收费")
    await maker.says("等待另一位同事复核")
    await maker.look("批次待复核")

    await agreed(finance, "收费批次待复核", "复核批次")
    await finance.menu("收费批次")
    await finance.follow(TITLE)
    await finance.says("复核已通过，可以发布")
    await finance.look("可以发布", narrow=True)
    plan, second = finance.page.url, await finance.page.context.new_page()
    await second.goto(plan)
    await published(finance)
    await finance.look("发布任务")
    await finance.page.goto(plan)
    await finance.look("已发布", narrow=True)
    bills = await finance.figure("账单")
    assert STUDENTS - 5 <= bills <= STUDENTS

    await second.get_by_role("button", name="发布", exact=True).first.click()
    await second.locator("[role=dialog]:popover-open").get_by_role("button", name="发布", exact=True).click()
    await second.wait_for_url(re.compile(f"/console/jobs/|{plan}"))
    await second.close()
    await finance.page.goto(plan)
    assert await finance.figure("账单") == bills, "pressing again bills nobody twice"

    await finance.agree("召回", reason="校服费有误")
    await finance.says("已召回")
    await finance.look("已召回")
    await maker.page.goto(plan)
    await maker.follow("修改")
    await maker.page.get_by_role("checkbox", name=re.compile("^校服费")).uncheck()
    await maker.press("保存修改")
    await maker.says("已保存")
    await maker.agree("提交复核", "提交", reason="去掉校服费")
    await maker.says("等待另一位同事复核")
    await agreed(finance, "收费批次待复核")
    await finance.page.goto(plan)
    await published(finance)
    await finance.page.goto(plan)
    assert await finance.figure("账单") == bills
    assert [*admin.complaints, *maker.complaints, *finance.complaints] == []
