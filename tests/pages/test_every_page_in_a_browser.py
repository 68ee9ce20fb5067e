"""Every page of the route table in Chromium: on a phone and on a desk, in both languages, light and dark; nothing cut off, axe satisfied.

`pytest --pictures` leaves each of them in `tests/screenshots/` as `page-<page>-<language>-<width>.png`.
"""

import asyncio
import sys

import pytest

from core.supervisor import Child, Supervisor
from tests import looking
from tests.browser.conftest import PASSED, answering
from tests.pages import walking

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCHEMES = {"zh": ("light", "dark"), "en": ("dark", "light")}
"""On the desk, on the phone."""
QUIET = ("htmx:", "Failed to load resource", "Response Status Error Code 404 from /console/jobs/")
"""A request that was cut off; the gallery's jobs, which are nobody's."""
AT_ONCE = 2
"""Windows that look at once."""


@pytest.fixture(scope="module")
def small():
    """The school keeps all its people: pictures show what a school sees."""
    return False


@pytest.fixture(scope="module")
async def served(town):
    """The town over real HTTP, in a process of its own."""
    settings = town.platform.settings
    env = {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in PASSED} | {"BANYAN_DEMO": "true"}
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    supervisor.start([Child("web", [sys.executable, "-m", "core.cli", "web"], env=env, restart=False)])
    try:
        await answering(settings.public_url, lines)
        yield settings.public_url
    finally:
        supervisor.stop()


class Window:
    """A browser window of one language that looks at page after page and writes down what is wrong."""

    def __init__(self, page, town, url: str, language: str) -> None:
        self.page, self.town, self.url, self.language = page, town, url, language
        self.faults: list[str] = []
        self.said: list[str] = []
        page.on("console", lambda m: self.said.append(m.text) if m.type == "error" and not m.text.startswith(QUIET) else None)
        page.on("pageerror", lambda e: self.said.append(str(e)))

    async def look(self, each: walking.Page) -> None:
        """One page at both sizes."""
        cookies = {**self.town.cookies(each.who), "banyan_lang": self.language}
        await self.page.context.clear_cookies()
        await self.page.context.add_cookies([{"name": name, "value": value, "url": self.url} for name, value in cookies.items()])
        self.said.clear()
        for size, scheme in zip((DESK, PHONE), SCHEMES[self.language], strict=True):
            await self.page.set_viewport_size(size)
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if size is DESK:
                answer = await self.page.goto(self.url + each.address)
                if answer is None or answer.status != 200:
                    self.faults.append(f"{each.name}: {answer and answer.status}")
                    return
            await self._judge(f"{each.name}-{self.language}-{size['width']}", size["width"])
        self.faults += [f"{each.name}: {text}" for text in dict.fromkeys(self.said)]

    async def _judge(self, name: str, width: int) -> None:
        for hold in (looking.fits(self.page, width, name), looking.judged(self.page, name)):
            try:
                await hold
            except AssertionError as error:
                self.faults.append(f"{name}: {' '.join(str(error).split())[:400]}")
        await looking.picture(self.page, f"page-{name}")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_fits_and_can_be_read_by_everybody(town, served, chromium, language):
    pages, _lost = await town.resolve()
    waiting: asyncio.Queue[walking.Page] = asyncio.Queue()
    for each in pages:
        waiting.put_nowait(each)
    windows = [Window(await chromium.new_page(), town, served, language) for _ in range(AT_ONCE)]

    async def work(window: Window) -> None:
        while not waiting.empty():
            await window.look(waiting.get_nowait())

    await asyncio.gather(*(work(window) for window in windows))
    for window in windows:
        await window.page.close()
    faults = [fault for window in windows for fault in window.faults]
    assert not faults, "\n".join(sorted(faults))
