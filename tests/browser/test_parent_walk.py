"""A parent on a phone, in a real browser, against the real wire of the sandbox: bind, look, choose, pay, receipt (issue walk 4)."""

import re

import httpx
import pytest

from core import clock
from core.app import create_app, make_platform
from core.billing import service as billing
from core.jobs.pulse import pulse
from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving, serving
from tests import families, looking

pytestmark = pytest.mark.browser
WIDTHS = (320, 1440, 390)


@pytest.fixture(scope="module")
async def town(postgres, addresses, make_settings, plugins):
    """The platform and the sandbox, each listening, knowing each other's address."""
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as sandbox:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = make_settings(addresses, public_url=url, port=port, sandbox_url=sandbox.public_url, demo=True)
        platform = await make_platform(settings, plugins)
        async with serving(create_app(platform), port):
            yield platform


class Person:
    """Somebody with a phone or a computer, looking at every page at every size."""

    def __init__(self, page, name: str, platform, school) -> None:
        self.page, self.name, self.platform, self.school, self.shot = page, name, platform, school, 0
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    async def open(self, path: str = "") -> None:
        await self.page.goto(f"{self.platform.settings.public_url}{self.school.home}{path}")

    async def look(self, what: str) -> None:
        """Nothing is cut off at any width, axe is satisfied; a picture of each, where pictures are wanted."""
        self.shot += 1
        back = self.page.viewport_size["width"]
        for width in (*(w for w in WIDTHS if w != back), back):
            await looking.fits(self.page, width, what)
            await looking.picture(self.page, f"{self.name}-{self.shot:02d}-{what}-{width}")
        await looking.judged(self.page, what)

    async def tap(self, label: str) -> None:
        await self.page.get_by_text(label, exact=False).first.click()

    async def press(self, label: str) -> None:
        await self.page.get_by_role("button", name=label).first.click()

    async def says(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for()

    async def code_for(self, phone: str) -> str:
        await pulse(self.platform, self.school.id)
        async with httpx.AsyncClient(base_url=self.platform.settings.sandbox_url, trust_env=False) as outside:
            answer = await outside.get("/sandbox/api/sms", params={"phone": phone}, follow_redirects=True)
        return next(found.group(1) for m in answer.json() if (found := re.search(r"验证码 (\d{6})", m["text"])))

    async def bind(self, child: families.Child, look: bool = False) -> None:
        await self.open("/bind")
        if look:
            await self.look("绑定")
        await self.page.get_by_label("学生姓名").fill(child.name)
        await self.page.get_by_label("学号").fill(child.number)
        await self.page.get_by_label("证件后四位").fill(child.id_tail)
        await self.press("下一步")
        await self.says("验证家长手机")
        if look:
            await self.look("选手机")
        await self.press("发送验证码")
        await self.says("输入验证码")
        await self.page.get_by_label("验证码", exact=True).fill(await self.code_for(child.phones[0][0]))
        await self.page.get_by_label(re.compile(r"^\s*缴费服务")).check()
        await self.page.get_by_label(re.compile(r"^\s*孩子的信息")).check()
        if look:
            await self.look("验证码与同意")
        await self.press("完成绑定")
        await self.says("绑定成功")


@pytest.fixture
async def somebody(town, bank, chromium, client, plugins, monkeypatch):
    """Makes people at a new school that collects: `await somebody("mother", agent=…, width=390, javascript=True)`."""
    roster = families.Roster(town)
    plugins._pluggy.register(roster, name="core.test_roster")
    branding = {"colour": "#1f6f4a", "phone": "0595-2200000", "name": "青榕实验学校"}
    school = await families.found(town, roster, await client(plugins=(), name="青榕实验学校", kind="school_group", branding=branding))
    await families.collect_at(town, school, town.settings.sandbox_url)
    contexts = []

    async def make(name: str, agent: str = families.PHONE, width: int = 390, javascript: bool = True) -> Person:
        context = await chromium.new_context(
            user_agent=agent, viewport={"width": width, "height": 844}, locale="zh-CN", java_script_enabled=javascript
        )
        contexts.append(context)
        return Person(await context.new_page(), name, town, school)

    make.school = school
    yield make
    for context in contexts:
        await context.close()
    plugins._pluggy.unregister(name="core.test_roster")


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
    async with httpx.AsyncClient(base_url=town.settings.sandbox_url, trust_env=False) as outside:
        async with town.database.tenant(school.id) as session:
            account = await families.collecting(session, town)
        assert (await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{number}/pay")).status_code == 200
    await clerk.says("收费单位已收到")
    await clerk.look("扫码已支付")
    assert clerk.complaints == []
