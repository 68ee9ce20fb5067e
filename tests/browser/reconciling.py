"""What finance does on every closing walk: run a day, agree to what a colleague proposed, wait for a batch of remedies."""

import asyncio
import re

from playwright.async_api import Locator, expect

from tests.browser.visitor import Visitor

WAIT_MS = 30_000


async def run(accountant: Visitor, day: str) -> None:
    """Run a day and wait for its result."""
    await accountant.menu("对账")
    await accountant.fill("账单日期", day)
    await accountant.press("执行对账")
    await accountant.page.get_by_role("link", name="查看对账结果").click()
    await accountant.page.wait_for_url(re.compile(f"/console/reconciliation/{day}"))
    await accountant.says("各方合计")


async def agree_first(checker: Visitor, look: str = "") -> None:
    """The second person agrees to what waits longest."""
    await checker.menu("复核")
    await checker.open_first()
    if look:
        await checker.look(look, narrow=True)
    await checker.press("同意并执行")
    await checker.says("已同意")


async def batch_ended(accountant: Visitor, count: int) -> None:
    """The open page of a batch of remedies says that it ended, and every item what became of it: its own refund number, no error."""
    items = accountant.page.locator("table").filter(has_text="处理方式").locator("tbody tr")
    await expect(items.filter(has_text="已完成")).to_have_count(count, timeout=WAIT_MS)
    await expect(accountant.page.locator("dl, .by-facts").first).to_contain_text("已完成", timeout=WAIT_MS)
    numbers = [re.search(r"RC\w+", await item.inner_text()) for item in await items.all()]
    assert len({found.group(0) for found in numbers if found}) == count, "each item has a refund number of its own"


async def until_fresh(checker: Visitor) -> None:
    """The open page of a day can be closed: what came after its last run is compared anew by a worker within half a minute."""
    close = checker.page.get_by_role("button", name="关账", exact=True).first
    async with asyncio.timeout(90):
        while not await close.is_enabled():
            await checker.page.wait_for_timeout(1_000)
            await checker.page.reload()


async def until_says(visitor: Visitor, place: Locator, text: str) -> None:
    """The open page says something that a worker does in a moment; it is read anew until then."""
    async with asyncio.timeout(90):
        while text not in await place.inner_text():
            await visitor.page.wait_for_timeout(1_000)
            await visitor.page.reload()
