"""What every page is held to in a browser: nothing is cut off at the side, axe finds nothing serious; a picture where somebody asked for them."""

from pathlib import Path

from playwright.async_api import Error, Page

import core

AXE = Path(core.__file__).parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(__file__).parent / "screenshots"
wanted = False
"""Whether pictures are: `pytest --pictures`."""
_GRAVE = """axe.run({resultTypes: ["violations"]}).then(r => r.violations
    .filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => [v.impact, v.id, v.nodes.map(n => n.target + " " + n.html + " " + n.failureSummary)]))"""


async def fits(page: Page, width: int, what: str) -> None:
    """At this width nothing has to be scrolled sideways."""
    if page.viewport_size["width"] != width:
        await page.set_viewport_size({"width": width, "height": page.viewport_size["height"]})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{what} at {width} px"


async def judged(page: Page, what: str) -> None:
    """A blind person finds their way: axe finds nothing serious."""
    grave = await _findings(page)
    assert grave == [], f"{what}: {grave}"


async def _findings(page: Page) -> list[object]:
    """What axe finds; a page that went on by itself meanwhile is judged where it stands now."""
    for last in (False, True):
        try:
            if not await page.evaluate("'axe' in window"):
                await page.evaluate(AXE.read_text(encoding="utf-8"))
            return await page.evaluate(_GRAVE)
        except Error as error:
            if last or "navigation" not in error.message:
                raise
            await page.wait_for_load_state()
    raise AssertionError("unreachable")


async def picture(page: Page, name: str, whole: bool = True) -> None:
    """The page as people see it, in `tests/screenshots/`, where pictures are wanted."""
    if wanted:
        SCREENSHOTS.mkdir(exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)
