"""Somebody with a keyboard and no mouse: Tab by Tab through a page, seeing at each stop where they are."""

import re

import msgspec

from tests.browser.visitor import Visitor

MOST_TABS = 80
FRAMES = 20
"""Pictures that the browser may draw until the page has come to where the focus is."""
_HERE = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return { name: "", tag: "body", id: "", seen: "", inside: "", invalid: false, focus: false };
    const style = getComputedStyle(here);
    const outline = style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0;
    const ring = outline >= 1 || style.boxShadow !== "none";
    const beyond = outline >= 1 ? Math.max(0, outline + parseFloat(style.outlineOffset)) : 0;
    const box = here.getClientRects()[0] ?? here.getBoundingClientRect();
    let cut = 0;
    for (let around = here.parentElement; around && around !== document.body; around = around.parentElement) {
        if (!/clip|hidden/.test(getComputedStyle(around).overflow)) continue;
        const edge = around.getBoundingClientRect();
        cut = Math.max(cut, [box.left - beyond < edge.left - 1, box.right + beyond > edge.right + 1,
            box.top - beyond < edge.top - 1, box.bottom + beyond > edge.bottom + 1].filter(Boolean).length);
    }
    const top = document.elementFromPoint(box.left + Math.min(box.width, 400) / 2, box.top + Math.min(box.height, 24) / 2);
    const covered = !top || !(top.contains(here) || here.contains(top) || [...(here.labels ?? [])].some((label) => label.contains(top)));
    const words = here.getAttribute("aria-label") || [...(here.labels ?? [])].map((label) => label.textContent).join(" ") || here.textContent;
    return {
        name: words.replace(/\\s+/g, " ").trim().replace(/\\*$/, "").trim().slice(0, 120), tag: here.tagName.toLowerCase(), id: here.id,
        seen: !ring ? "no ring" : cut > 1 ? "its ring is cut off" : covered ? "covered" : "yes",
        inside: here.closest("[role=dialog]") ? "dialog" : here.closest("main") ? "main" : here.closest("nav") ? "nav" : "",
        invalid: here.getAttribute("aria-invalid") === "true", focus: here.matches("[data-focus]"),
    };
}"""
_ODD = "[...document.querySelectorAll('[tabindex]')].filter((each) => each.tabIndex > 0).length"


class Stop(msgspec.Struct, frozen=True):
    """Where the focus is: what it is called, whether a ring shows it, in which part of the page."""

    name: str
    tag: str
    id: str
    seen: str
    inside: str
    invalid: bool
    focus: bool


class Hands:
    """A visitor's hands on the keyboard; `ours` is false while they are on a page of somebody else's."""

    def __init__(self, person: Visitor) -> None:
        self.person, self.page, self.tabs, self.ours = person, person.page, 0, True

    async def here(self) -> Stop:
        return msgspec.convert(await self.page.evaluate(_HERE), Stop)

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def tab(self, back: bool = False) -> Stop:
        """One stop on; the ring is seen there."""
        await self.press("Shift+Tab" if back else "Tab")
        self.tabs += 1
        stop = await self.here()
        for _frame in range(FRAMES):
            if stop.seen == "yes" or not self.ours:
                break
            await self.page.evaluate("new Promise(requestAnimationFrame)")  # the page is on its way there
            stop = await self.here()
        if self.ours and stop.tag != "body":
            assert stop.seen == "yes", f"{self.page.url}: {stop}"
        return stop

    async def to(self, name: str | re.Pattern[str], most: int = MOST_TABS, back: bool = False) -> Stop:
        """Tab until something of this name has the focus; the stops before it come once each."""
        assert await self.page.evaluate(_ODD) == 0, "nobody jumps the queue"
        seen: list[str] = []
        for _ in range(most):
            stop = await self.tab(back)
            if name.search(stop.name) if isinstance(name, re.Pattern) else stop.name == name:
                return stop
            seen.append(f"{stop.tag} {stop.name[:30]}")
        raise AssertionError(f"{name} is not among {most} stops of {self.page.url}: {seen}")

    async def go(self, name: str | re.Pattern[str], most: int = MOST_TABS) -> None:
        """Go to something and press Enter."""
        await self.to(name, most)
        await self.press("Enter")

    async def asked(self, name: str) -> Stop:
        """Go to a button that asks first, press it, and see where its dialog puts the focus."""
        await self.go(name)
        return await self.in_dialog()

    async def in_dialog(self) -> Stop:
        """Where the focus is once a dialog has it."""
        await self.page.locator("[role=dialog]:popover-open :focus").wait_for()
        return await self.here()

    async def skip(self) -> None:
        """The first stop of a page of the console leads past the menu."""
        await self.page.wait_for_load_state()
        assert (await self.tab()).name == "跳到正文"
        await self.press("Enter")
        await self.page.wait_for_url("**#main")

    async def fill(self, name: str, text: str) -> None:
        """Go to a field, empty it, type."""
        await self.to(name)
        await self.press("Control+a")
        await self.type(text)

    async def day(self, name: str, year: int, month: int, day: int) -> None:
        """Go to a date and type it, part by part, in the order of the machine's own language."""
        await self.to(name)
        for parts in ((f"{month:02d}", f"{day:02d}", f"{year:04d}"), (f"{year:04d}", "ArrowRight", f"{month:02d}", f"{day:02d}")):
            for _ in range(3):
                await self.press("ArrowLeft")
            for part in parts:
                await (self.press(part) if part.startswith("Arrow") else self.type(part))
            if await self.page.evaluate("document.activeElement.value") == f"{year:04d}-{month:02d}-{day:02d}":
                return
        raise AssertionError(f"{name} could not be typed")

    async def choose(self, name: str, option: str) -> None:
        """Go to a drop-down list and walk through it with the arrows."""
        await self.to(name)
        for _ in range(20):
            if await self.page.evaluate("document.activeElement.selectedOptions[0].label") == option:
                return
            await self.press("ArrowDown")
        raise AssertionError(f"{option} is not in {name}")

    async def log_in(self, login: str, password: str) -> None:
        await self.person.open("/login")
        await self.fill("用户名", login)
        await self.fill("密码", password)
        await self.press("Enter")
        await self.page.wait_for_url(lambda url: "/login" not in url)
