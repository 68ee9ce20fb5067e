"""From an empty client to the first cent, paid, given back and reconciled, in a real browser; the hands of everybody are counted."""

import re

import pytest

from tests import samples
from tests.browser import newcomer, reconciling
from tests.browser.conftest import PASSED
from tests.browser.newcomer import Hands
from tests.browser.visitor import TENANTS, Visitor, secret_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOME = "/console/go-live"
SECONDS_A_CLICK, SECONDS_A_FIELD, SECONDS_A_FILE = 10, 15, 40
"""How long an unhurried person takes for each, reading included."""
MOST_MINUTES = 30
WAIT_MS = 90_000


@pytest.fixture
async def hands(house, tmp_path):
    await newcomer.opened(house, tmp_path / "tenants")
    return Hands()


def step(person, code: str):
    return person.page.locator(f"#step-{code}")


async def imported(person, hands: Hands) -> None:
    """Say yes to the verdict on the page and wait for the rows."""
    hands.done.append((person.name, "clicks", "导入"))
    await person.page.get_by_role("button", name=re.compile(r"^导入 [\d,]+ 行$")).click()
    await person.page.get_by_text("已导入：").locator("visible=true").first.wait_for(timeout=WAIT_MS)


async def granted(admin, hands: Hands, person: str, *roles: str) -> None:
    """Give somebody roles over the whole group."""
    await admin.menu("用户与角色")
    await admin.follow(person)
    for role in roles:
        await admin.page.locator("#f-role").select_option(label=role)
        await admin.page.get_by_label("管辖范围").select_option(index=1)
        hands.done += [(admin.name, "fields", "角色"), (admin.name, "fields", "管辖范围")]
        await admin.press("授予")
        await admin.says("已授予")


async def paid_by_phone(phone, link: str) -> None:
    """Scan, see what it is, pay."""
    await phone.page.goto(link)
    if await phone.page.get_by_role("button", name="查看账单", exact=True).count():
        await phone.press("查看账单")
    await phone.says("上线测试")
    await phone.look("测试账单", narrow=True)
    await phone.press("去缴费")
    await phone.page.locator("input[value='wechatpay:h5']").check()
    await phone.press("确认支付")
    await phone.press("立即支付")
    await phone.page.wait_for_url(re.compile(r"/orders/P"))
    await phone.says("收费单位已收到")
    await phone.look("一分钱已付")


async def logged_in(visit, hands: Hands, name: str, login: str) -> Visitor:
    person = hands.watch(await visit(name))
    await person.log_in(login)
    return person


async def data_comes(visit, hands: Hands, admin) -> None:
    """The school's own files: the tree, 8,000 students, prices that a second person agrees to."""
    await hands.line(admin, "完成上线步骤")
    await admin.says("还没有班级")
    await admin.look("上线第一天", narrow=True)
    await admin.follow("导入校区、学部、年级与班级", step(admin, "org"))
    await admin.upload("education.org", "org-tree.json", samples.education("org-tree.json"))
    await imported(admin, hands)
    await granted(admin, hands, "沈教务", "学部教务（名册）", "校区财务（制定）")

    clerk = await logged_in(visit, hands, "教务", "newcomer.clerk")
    await hands.line(clerk, "导入学生名册")
    await clerk.upload("education.roster", "roster-8000.xlsx", samples.education("roster-8000.xlsx"))
    await imported(clerk, hands)
    await clerk.menu("上线")
    await clerk.look("名册之后", narrow=True)
    await clerk.upload("education.standards", "fee-standards.xlsx", samples.education("fee-standards.xlsx"))
    await imported(clerk, hands)
    await clerk.menu("上线")
    await clerk.says("是草稿，请提交复核")
    await clerk.menu("收费标准")
    await clerk.agree("提交复核", "提交", reason="发改价〔2026〕18号")
    await clerk.says("等待另一位同事处理")


async def a_cent_comes_and_goes(visit, hands: Hands, admin, checker) -> None:
    """One button, one phone, one refund with its second person."""
    await admin.menu("上线")
    await admin.follow("做一分钱测试")
    await admin.look("测试之前", narrow=True)
    await admin.press("生成测试账单")
    await admin.says("等付款")
    await admin.look("二维码", narrow=True)
    link = await admin.page.get_by_role("link", name="在这台电脑上打开缴费页").get_attribute("href")
    await paid_by_phone(hands.watch(await visit("手机", phone=True)), link)
    await admin.says("0.01 元已收到")
    await admin.look("已收到", narrow=True)

    maker = await logged_in(visit, hands, "经办", "newcomer.maker")
    await hands.line(maker, "退回测试的一分钱")
    await maker.press("退回 0.01 元")
    await maker.says("等另一位同事复核。")
    await maker.look("等复核", narrow=True)
    await reconciling.agree_first(checker)
    await maker.page.get_by_text("0.01 元已退回").locator("visible=true").first.wait_for(timeout=WAIT_MS)
    await maker.says("明天上午才有")
    await maker.look("已退回", narrow=True)
    assert maker.complaints == []


async def the_next_morning(chromium, hands: Hands, url: str) -> None:
    """The channel's file is there, the day is reconciled, the cent is traced from end to end; the client says that it collects."""
    people = []
    for login, name in (("newcomer.maker", "次日经办"), ("newcomer.admin", "次日管理员")):
        context = await chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        people.append(hands.watch(Visitor(await context.new_page(), name, url)))
        await people[-1].log_in(login)
    finance, admin = people
    await until_says(finance, HOME + "/trial", "这一分钱走完了全程")
    await finance.look("走完全程", narrow=True)
    await finance.follow("追踪这一分钱")
    await finance.look("追踪这一分钱", narrow=True)
    await admin.menu("上线")
    await admin.says("都齐了，可以开通收费")
    await admin.look("可以开通", narrow=True)
    await admin.open(HOME + "?lang=en")
    await admin.look("可以开通-en", narrow=True)
    await admin.open(HOME + "?lang=zh")
    await admin.agree("开通收费")
    await admin.says("已开通收费")
    await admin.look("已开通", narrow=True)
    assert [*finance.complaints, *admin.complaints] == []
    for person in people:
        await person.page.context.close()


async def until_says(person, path: str, text: str) -> None:
    """Look again until the page says so: the worker fetches and reconciles by itself."""
    for _ in range(150):
        await person.open(path)
        if await person.page.get_by_text(text).count():
            return
        await person.page.wait_for_timeout(1_500)
    raise AssertionError(f"{path} never said {text}: " + (await person.page.locator("main").inner_text())[:800])


def minutes_of(hands: Hands) -> int:
    seconds = hands.count("clicks") * SECONDS_A_CLICK + hands.count("fields") * SECONDS_A_FIELD + hands.count("files") * SECONDS_A_FILE
    return -(-seconds // 60)


async def test_an_empty_client_reaches_its_first_reconciled_cent(visit, house, hands, redis, worker, chromium):
    admin = await logged_in(visit, hands, "管理员", "newcomer.admin")
    checker = await logged_in(visit, hands, "复核", "newcomer.checker")
    await data_comes(visit, hands, admin)
    await reconciling.agree_first(checker)
    await a_cent_comes_and_goes(visit, hands, admin, checker)
    await admin.menu("上线")
    await admin.says("等 ")
    await admin.look("只等对账文件", narrow=True)
    assert [*admin.complaints, *checker.complaints] == []

    worker.stop()  # a worker of yesterday's clock would take the morning's work and find that the day is not over
    async with newcomer.next_morning(house, redis, PASSED) as url:
        await the_next_morning(chromium, hands, url)

    zhou = await visit("网点")
    await zhou.log_in("branch.zhou", secret=secret_of("branch.zhou", TENANTS))
    await zhou.menu("上线进度")
    await zhou.look("上线进度", narrow=True)
    await zhou.follow(newcomer.NAME)
    await zhou.says("已开通收费")
    await zhou.look("网点看客户上线", narrow=True)
    told = f"{hands.count('clicks')} clicks, {hands.count('fields')} fields, {hands.count('files')} files: {minutes_of(hands)} minutes"
    print(told)
    assert minutes_of(hands) < MOST_MINUTES, told
