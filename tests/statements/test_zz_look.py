"""Throw-away: screenshots."""
import datetime as dt
import httpx
from playwright.async_api import async_playwright
from tests.browser.visitor import CHROMIUM, SWITCHES
from tests.statements.conftest import STATEMENTS
from tests.statements.test_pages import BROKEN, day_file, upload, desk  # noqa
from tests.statements.test_field_maps_pages import SHOP, create, fields
from core import clock


async def test_look(desk):
    site = 'http://banyan.test'
    today = clock.today()
    for ago in (9, 8, 7, 6, 5, 3):
        day = today - dt.timedelta(days=ago)
        await upload(desk, day_file(day, f"A{ago},100", f"B{ago},123456"), day=day.isoformat())
    await upload(desk, b"<html></html>", day=(today - dt.timedelta(days=2)).isoformat())
    partly = (await upload(desk, (BROKEN / "amount-3-decimals.csv").read_bytes(), source="wechatpay-trade")).headers["location"]
    refused = (await upload(desk, (BROKEN / "summary-mismatch.csv").read_bytes(), source="wechatpay-trade", name="y.csv")).headers["location"]
    good = (await upload(desk, (STATEMENTS / "mixed/platform-2026-03-01.csv").read_bytes(), name="mixed.csv")).headers["location"]
    where = await create(desk)
    await desk.post(where, data=fields(action="save"))
    token = desk.cookies["banyan_session"]
    pages = {"list": "/console/statements", "partly": partly, "refused": refused, "good": good, "lines": good + "/lines", "line": good + "/lines/2",
             "new": "/console/statements/new?source=wechatpay-trade&day=2026-03-01", "day": f"/console/statements/days/{today - dt.timedelta(days=2)}",
             "maps": "/console/statement-maps", "map": where, "mapnew": "/console/statement-maps/new"}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for width in (1440, 390):
            context = await browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
            await context.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
            page = await context.new_page()

            async def give(route):
                got = await desk.get(route.request.url.removeprefix(site))
                await route.fulfill(status=got.status_code, headers={k: v for k, v in got.headers.items() if k != "content-length"}, body=got.content)

            await page.route("**/*", give)
            for name, path in pages.items():
                answer = await page.goto(site + path)
                assert answer.status == 200, path
                over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                print(name, width, "overflow", over)
                await page.screenshot(path=f"/tmp/a2/{name}-{width}.png", full_page=True)
        await browser.close()
