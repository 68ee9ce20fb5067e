"""The charts in a real browser: picture and table by turns, a picture to keep, in the dark and on a phone, and without JavaScript."""

import datetime as dt

import pytest

from core import clock
from core.billing import viewing
from core.reports import sums
from tests import desk as desks
from tests.conftest import log_in
from tests.looking import fits, judged, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGE = "/console/reports/charts"


@pytest.fixture
async def opened(platform, client, site, chromium):
    """Opens the charts of a client with some money, in a window of its own."""
    made = await desks.opened(platform, client, due_on=clock.today() - dt.timedelta(days=5))
    await desks.bill_everybody(platform, made, source="plan:2", due_on=clock.today() + dt.timedelta(days=60))
    await desks.pay(platform, made, "S1")
    await desks.pay(platform, made, "S4", 40_000)
    async with platform.database.tenant(made.id) as session:
        await viewing.seen(session, [made.bills["S2"]], None)
        await sums.write(session)
    _actor, token = await log_in(platform, made.id, "client.finance_checker")
    windows = []

    async def open_page(path: str = PAGE, width: int = 1440, **settings: object):
        window = await chromium.new_context(viewport={"width": width, "height": 1200}, locale="zh-CN", **settings)
        windows.append(window)
        await window.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
        page = await window.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        assert (await page.goto(site + path)).status == 200
        await page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for window in windows:
        await window.close()


async def test_a_chart_is_seen_read_as_a_table_and_kept_as_a_picture(opened):
    page = await opened()
    assert await page.locator(".by-chart-picture canvas").count() == 5
    assert await page.locator(".by-chart-table:visible").count() == 0
    chart = page.locator("#chart-unpaid-ages")
    async with page.expect_download() as kept:
        await chart.get_by_role("button", name="保存图片").click()
    download = await kept.value
    assert download.suggested_filename == "欠费账龄.png"
    assert (await download.path()).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    await chart.get_by_role("button", name="表格").click()
    assert await chart.locator("table").is_visible() and not await chart.locator("canvas").is_visible()
    assert await chart.get_by_role("button", name="表格").get_attribute("aria-pressed") == "true"
    await picture(page, "charts-zh-1440", whole=True)
    await fits(page, 1440, "charts")
    await judged(page, "charts")
    assert page.complaints == []


async def test_charts_fit_a_phone_in_the_dark_and_in_english(opened):
    page = await opened(PAGE + "?lang=en", 390, color_scheme="dark")
    assert await page.locator(".by-chart-picture canvas").count() == 5
    await picture(page, "charts-en-390-dark", whole=True)
    await fits(page, 390, "charts")
    assert page.complaints == []


async def test_without_javascript_the_tables_stand_alone(opened):
    page = await opened(java_script_enabled=False)
    assert await page.locator(".by-chart-table table:visible").count() == 5
    assert await page.locator(".by-chart-picture:visible, .by-chart-tools:visible").count() == 0


async def test_only_pages_with_a_chart_load_what_draws_them(opened):
    page = await opened("/console/bills")
    assert await page.locator("script[src*='echarts'], script[src*='chart.js']").count() == 0
    await page.goto(page.url.replace("/console/bills", PAGE))
    await page.wait_for_load_state("networkidle")
    assert await page.locator("script[src*='echarts'], script[src*='chart.js']").count() == 2
