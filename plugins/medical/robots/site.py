"""A merchant site in a real headless Chromium: log in, open the bills of a day, download. It reaches the robot's own host and no other."""

import asyncio
import contextlib
import datetime as dt
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from plugins.medical.robots import addresses
from plugins.medical.robots.account import Account
from plugins.medical.robots.endings import CaptchaRequired, Ending, FormatChanged, LoginFailed, NoOrders, Refused, Unreachable
from plugins.medical.robots.files import MOST_BYTES, Brought
from plugins.medical.robots.gate import Gate

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT_MS = 20_000
RUN_SECONDS = 150
SWITCHES = (
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-quic", "--no-pings",
    "--js-flags=--max-old-space-size=512",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
"""Nothing goes past the gate: no UDP, and no name is looked up by the browser itself."""


class Marks(msgspec.Struct, frozen=True):
    """Where a platform's pages have what; a mark that is missing means that the page changed."""

    login: str
    password: str
    enter: str
    wrong: str
    captcha: str
    menu: str
    day: str
    look: str
    empty: str
    file: str


MARKS = {
    "meituan": Marks("#account", "#password", "button.login", ".login-error", "img.captcha", "nav a.bills", "input[name=billDate]", "button.query",
                     ".no-bills", "a.download"),
    "eleme": Marks("input[name=username]", "input[name=pwd]", "input[type=submit]", "p.tip-error", "div.slider-verify", "a[data-menu=settlement]",
                   "#bizDate", "#search", "div.empty", "a[data-action=export]"),
    "pdd": Marks("input[placeholder='店铺账号']", "input[type=password]", "[data-testid=login]", "[role=alert]", "[data-testid=verify]",
                 "[data-testid=finance]", "input[type=date]", "[data-testid=filter]", "[data-testid=none]", "[data-testid=csv]"),
}  # fmt: skip


def find_chromium(brought_along: str = "") -> str | None:
    """Where this machine has a Chromium: the one that is set, one in PATH, or playwright's own."""
    places = (os.environ.get("CHROME_PATH", ""), *map(shutil.which, NAMES), brought_along)
    return next((place for place in places if place and Path(place).exists()), None)


async def download(account: Account, day: dt.date, still: Callable[[str], Awaitable[None]]) -> list[Brought]:
    """The statement of a day from the merchant site. Raises an Ending; a failed page comes with its picture, never with what was typed."""
    if importlib.util.find_spec("playwright") is None:
        raise Unreachable("no_browser")
    gate = Gate(await addresses.look_up(account.address, account.sandbox_url))
    try:
        async with asyncio.timeout(RUN_SECONDS), gate.open() as proxy, _page(proxy) as page:
            page.on("request", lambda request: _watch(page, gate, request))
            try:
                return [await _walk(page, gate, account, day, still)]
            except Ending as ending:
                if not isinstance(ending, Refused):
                    ending.keep += await _picture(page, account)
                raise
    except TimeoutError:
        raise Unreachable("timeout") from None


async def _walk(page: Any, gate: Gate, account: Account, day: dt.date, still: Callable[[str], Awaitable[None]]) -> Brought:
    marks = MARKS[account.platform]
    await _step(page, gate, "login_page", page.goto(account.address, wait_until="domcontentloaded"))
    await _step(page, gate, "login_page", page.wait_for_selector(f"{marks.login}, {marks.captcha}"))
    if await page.query_selector(marks.captcha):
        raise CaptchaRequired("captcha")
    await _step(page, gate, "login_page", page.fill(marks.login, account.login, timeout=2_000))
    await _step(page, gate, "login_page", page.fill(marks.password, account.secret, timeout=2_000))
    await _step(page, gate, "login", page.click(marks.enter))
    await _step(page, gate, "login", page.wait_for_selector(f"{marks.wrong}, {marks.captcha}, {marks.menu}"))
    if await page.query_selector(marks.captcha):
        raise CaptchaRequired("captcha")
    if await page.query_selector(marks.wrong):
        raise LoginFailed("wrong_password")
    await still("logged_in")
    await _step(page, gate, "menu", page.click(marks.menu))
    await _seen(page, gate, "bills_page", marks.day, marks)
    await _step(page, gate, "bills_page", page.fill(marks.day, day.isoformat()))
    await _step(page, gate, "bills_page", page.click(marks.look))
    await _seen(page, gate, "bills_page", f"{marks.empty}, {marks.file}", marks)
    if await page.query_selector(marks.empty):
        raise NoOrders("no_bills")
    await still("download")
    return await _fetch(page, gate, marks)


async def _fetch(page: Any, gate: Gate, marks: Marks) -> Brought:
    """Press the link and take what comes; a page in its place means that the session ended, or that somebody leads us elsewhere."""
    coming = asyncio.ensure_future(page.wait_for_event("download", timeout=WAIT_MS))
    coming.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        await _step(page, gate, "download", page.click(marks.file, no_wait_after=True))
        while not coming.done():
            await asyncio.wait({coming}, timeout=0.1)
            _own(gate)
            if not coming.done() and await _has(page, marks.password):
                raise LoginFailed("session_ended")
        came = await _step(page, gate, "download", coming)
    finally:
        coming.cancel()
    path = await _step(page, gate, "download", came.path())
    return Brought(came.suggested_filename, await asyncio.to_thread(_read, Path(path), gate))


def _read(path: Path, gate: Gate) -> bytes:
    size = path.stat().st_size
    if gate.overrun or size > MOST_BYTES:
        raise Refused("too_large", size_mb=size // 1024 // 1024)
    return path.read_bytes()


async def _seen(page: Any, gate: Gate, step: str, wanted: str, marks: Marks) -> None:
    """Wait until the page shows one of these; looked for again and again, so that being led elsewhere is seen at once."""
    ends = asyncio.get_running_loop().time() + WAIT_MS / 1000
    while asyncio.get_running_loop().time() < ends:
        _own(gate)
        if await _has(page, marks.password):
            raise LoginFailed("session_ended")
        if await _has(page, wanted):
            return
        await asyncio.sleep(0.1)
    raise FormatChanged("page_changed", step=step) if await _answered(page) else Unreachable("timeout", step=step)


async def _has(page: Any, mark: str) -> bool:
    """Whether a page that may be changing at this moment shows a mark."""
    with contextlib.suppress(Exception):
        return await page.query_selector(mark) is not None
    return False


async def _step(page: Any, gate: Gate, step: str, doing: Awaitable[Any]) -> Any:
    """Do one thing on the page; what fails is named by its step, never by the browser's words (they repeat what was typed)."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as Late

    try:
        done = await doing
    except Late:
        _own(gate)
        raise FormatChanged("page_changed", step=step) if await _answered(page) else Unreachable("timeout", step=step) from None
    except Error:
        _own(gate)
        if gate.overrun:
            raise Refused("too_large") from None
        raise Unreachable("no_answer", step=step) from None
    _own(gate)
    return done


def _own(gate: Gate) -> None:
    """Refuse to be led elsewhere. What the page embeds, or Chromium asks of its own accord, the gate turns away without a word."""
    if gate.led_to:
        raise Refused("led_elsewhere", host=gate.led_to)


def _watch(page: Any, gate: Gate, request: Any) -> None:
    """Note where the page itself is being led, each hop of a redirect too."""
    if request.is_navigation_request() and request.url.startswith(("http:", "https:")) and request.frame == page.main_frame:
        now = addresses.place_of(request.url)
        if (now.scheme, now.host, now.port) != (gate.place.scheme, gate.place.host, gate.place.port):
            gate.led_to = gate.led_to or now.host


async def _answered(page: Any) -> bool:
    """Whether there is a page at all: then a missing mark means that it changed."""
    with contextlib.suppress(Exception):
        return page.url.startswith("http") and await asyncio.wait_for(page.evaluate("document.readyState"), 2) == "complete"
    return False


async def _picture(page: Any, account: Account) -> list[tuple[str, bytes]]:
    """The page as it stands, its fields covered; none where the page says the secret aloud."""
    with contextlib.suppress(Exception):
        if account.secret in await page.content() or account.secret in await page.inner_text("body"):
            return []
        picture = await page.screenshot(mask=[page.locator("input, textarea")], full_page=False, timeout=5_000)
        return [("page.png", picture)]
    return []


@contextlib.asynccontextmanager
async def _page(proxy: str) -> AsyncIterator[Any]:
    """A page of a fresh browser, its own or the one that playwright brought along."""
    from playwright.async_api import Error, async_playwright

    async with async_playwright() as playwright:
        chromium = find_chromium(playwright.chromium.executable_path)
        if chromium is None:
            raise Unreachable("no_browser")
        try:
            browser = await playwright.chromium.launch(
                executable_path=chromium, proxy={"server": proxy, "bypass": "<-loopback>"}, chromium_sandbox=os.geteuid() != 0, args=SWITCHES
            )
        except Error:
            raise Unreachable("browser_broken") from None
        try:
            context = await browser.new_context(accept_downloads=True, service_workers="block", locale="zh-CN", timezone_id="Asia/Shanghai")
            context.set_default_timeout(WAIT_MS)
            yield await context.new_page()
        finally:
            await browser.close()
