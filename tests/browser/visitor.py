"""Somebody in front of a browser: opens, fills, presses, reads, and looks at every page as a critic would."""

import re
from pathlib import Path

import pyotp
from playwright.async_api import Locator, Page, expect

from core.tenancy import declaration
from tests import looking

TENANTS = Path(__file__).parents[2] / "tenants"
DEMO_PASSWORD = "Banyan-demo-2026"  # the declared password of made-up people
NARROW, NARROWEST = 390, 320
PATIENCE_MS = 20_000
SEEN: set[str] = set()
"""Pages that axe has judged in this run."""


CUT_OFF = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")
"""What htmx says of a poll that was under way when its page was left; an answer that is an error says `htmx:responseError`."""


class Visitor:
    """One person with a browser window of their own; `complaints` holds what the browser's console said in red."""

    def __init__(self, page: Page, name: str, url: str) -> None:
        self.page, self.name, self.url, self.shot = page, name, url, 0
        page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" and not m.text.startswith(CUT_OFF) else None)
        page.on("pageerror", lambda e: self.complaints.append(str(e)))

    async def open(self, path: str) -> None:
        """Go to a page, which has to be there."""
        answer = await self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    async def log_in(self, login: str, password: str = DEMO_PASSWORD, secret: str = "") -> None:
        """Name, password and, for the bank's people, the one-time code."""
        await self.open("/login")
        await self.fill("用户名", login)
        await self.fill("密码", password)
        await self.press("登录")
        if secret:
            await self.fill("动态验证码", pyotp.TOTP(secret).now())
            await self.press("确认")
        await self.page.wait_for_url(lambda url: "/login" not in url or "/login/password" in url)

    async def menu(self, label: str) -> None:
        """Choose in the menu at the left."""
        await self.page.get_by_role("navigation", name="主菜单").get_by_role("link", name=label, exact=True).click()
        await self.page.wait_for_load_state()

    async def fill(self, label: str, text: str) -> None:
        await self._named(label).fill(text)

    async def choose(self, label: str, option: str) -> None:
        """Pick from a drop-down list by what it says."""
        await self._named(label).select_option(label=option)

    def _named(self, label: str) -> Locator:
        """A field to fill or choose from; a list's columns have the same names, with boxes to tick."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}\*?$")).and_(self.page.locator("select, textarea, input:not([type=checkbox])"))

    async def tick(self, label: str) -> None:
        await self.page.get_by_label(label).first.check()

    async def press(self, label: str, within: Locator | None = None) -> None:
        await (within or self.page).get_by_role("button", name=label, exact=True).first.click()

    async def follow(self, label: str, within: Locator | None = None) -> None:
        await (within or self.page).get_by_role("link", name=label, exact=True).first.click()
        await self.page.wait_for_load_state()

    async def open_first(self) -> None:
        """Open what stands first in the list."""
        await self.page.locator("tbody a").first.click()
        await self.page.wait_for_load_state()

    async def agree(self, label: str, confirm: str = "", reason: str = "", within: Locator | None = None) -> None:
        """Press a button that asks first, give the reason it wants, and say yes."""
        await self.press(label, within)
        dialog = self.page.locator("[role=dialog]:popover-open")
        if reason:
            await dialog.locator("textarea").fill(reason)
        await dialog.get_by_role("button", name=confirm or label, exact=True).click()
        await self.page.wait_for_load_state()

    async def upload(self, kind: str, name: str, content: bytes) -> None:
        """Drop a file on an importer and wait for its verdict."""
        await self.open(f"/console/imports/new?kind={kind}")
        await self.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        await self.press("上传并检查")
        await self.page.get_by_text(re.compile("检查结果|这个文件没有导入")).locator("visible=true").first.wait_for()

    def card(self, title: str) -> Locator:
        """The card with this heading."""
        return self.page.locator("section.by-card").filter(has=self.page.get_by_role("heading", name=title)).first

    def row(self, text: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=text).first

    async def figure(self, label: str) -> int:
        """The number on the tile with this label."""
        tile = self.page.locator(".by-figure").filter(has=self.page.get_by_text(label, exact=True)).first
        return int(re.sub(r"\D", "", await tile.locator("b, strong").first.inner_text()))

    async def says(self, text: str) -> None:
        await self.page.get_by_text(text).locator("visible=true").first.wait_for()

    async def says_nothing_of(self, text: str) -> None:
        await expect(self.page.get_by_text(text)).to_have_count(0)

    async def look(self, what: str, narrow: bool = False) -> None:
        """Nothing is cut off at the side, a blind person finds their way; a picture, where somebody asked for pictures."""
        self.shot += 1
        size = self.page.viewport_size
        for width in (size["width"], *([NARROW if size["width"] > NARROW else NARROWEST] if narrow else [])):
            await looking.fits(self.page, width, what)
            await looking.picture(self.page, f"{self.name}-{self.shot:02d}-{what}-{width}")
        if narrow:
            await self.page.set_viewport_size(size)
        if (shape := re.sub(r"[0-9a-f-]{36}|\d{5,}", "…", self.page.url)) not in SEEN:
            SEEN.add(shape)
            await looking.judged(self.page, what)


def secret_of(login: str, tenants: Path) -> str:
    """The declared authenticator of one of the bank's people."""
    return next(person.demo_totp_secret for person in declaration.read(tenants).bank.staff if person.login == login)
