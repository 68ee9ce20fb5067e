"""People with phones at a school of their own, looking at every page at every size: the fixtures of the payers' walks."""

import re

import httpx
import pytest

from core.app import create_app, make_platform
from core.jobs.pulse import pulse
from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving, serving
from tests import families, looking

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

    async def make(name: str, agent: str = families.PHONE, width: int = 390, javascript: bool = True, scheme: str = "light") -> Person:
        context = await chromium.new_context(
            user_agent=agent, viewport={"width": width, "height": 844}, locale="zh-CN", java_script_enabled=javascript, color_scheme=scheme
        )
        contexts.append(context)
        return Person(await context.new_page(), name, town, school)

    make.school = school
    yield make
    for context in contexts:
        await context.close()
    plugins._pluggy.unregister(name="core.test_roster")
