import datetime as dt
from playwright.async_api import async_playwright
from sqlalchemy import text
from tests.browser.visitor import CHROMIUM, SWITCHES
from tests.reconciliation.remedies.test_faces import MAKE, SEE


async def test_look(house, staff, site):
    maker = await staff(house.client, SEE, MAKE, name="经办甲")
    async with house.tenant() as session:
        await session.execute(text("UPDATE core.role_grant SET role = 'client.finance_maker'"))
    for n in range(4):
        await house.differ("LG1", 123_456_00 + n, number=f"MZ202603011028120055{n}W", severity="high", business_fen=123_456_00, platform_fen=123_456_00)
    await house.differ("SH1", 7_500, severity="critical", due_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), owner_name="经办甲")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for width in (1440, 390):
            context = await browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
            await context.add_cookies([{"name": "banyan_session", "value": maker.cookies["banyan_session"], "url": site}])
            page = await context.new_page()
            await page.goto(site + "/console/differences")
            await page.screenshot(path=f"/tmp/c_shots/list-{width}.png", full_page=True)
            await page.locator("summary", has_text="更多筛选").click()
            await page.select_option("select[name=severity]", "critical")
            await page.wait_for_url("**severity=critical**")
            await page.wait_for_timeout(300)
            print("bulk query", await page.locator("#bulk input[name=query]").get_attribute("value"))
            print("wide", await page.evaluate("[document.querySelector('.by-scroll').scrollWidth, document.querySelector('.by-scroll').clientWidth]"))
            await page.screenshot(path=f"/tmp/c_shots/list-more-{width}.png", full_page=True)
            await context.close()
        await browser.close()
