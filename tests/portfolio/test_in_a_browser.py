"""The business board in a real browser, on a phone and on a desk."""

import datetime as dt

import pytest

from core import clock
from core.portfolio import telling
from core.reports import sums
from tests import desk as desks
from tests.conftest import log_in
from tests.looking import fits, judged, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_the_board_and_a_clients_page_fit_the_phone_and_the_desk(platform, client, bank, site, chromium):
    for paid in ("S1", "S4"):
        made = await desks.opened(platform, client, due_on=clock.today() - dt.timedelta(days=5))
        await desks.pay(platform, made, paid)
        async with platform.database.tenant(made.id) as session:
            await sums.write(session)
        await telling.write(platform, made.id, clock.today() - dt.timedelta(days=6), clock.today())
    _actor, token = await log_in(platform, bank.id, "bank.hq_ops")
    window = await chromium.new_context(viewport={"width": 1440, "height": 1100}, locale="zh-CN")
    await window.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
    page = await window.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for name, path in (("board", "/bank/portfolio"), ("plugins", "/bank/portfolio?by=plugin"), ("client", f"/bank/portfolio/{made.id}")):
        for width, language in ((1440, "zh"), (390, "en")):
            await page.set_viewport_size({"width": width, "height": 1100})
            assert (await page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")).status == 200
            await page.wait_for_load_state("networkidle")
            await fits(page, width, name)
            await picture(page, f"portfolio-{name}-{language}-{width}")
            if width > 400:
                await judged(page, name)
    await page.set_viewport_size({"width": 1440, "height": 1100})
    await page.goto(f"{site}/bank/portfolio?lang=zh")
    await page.get_by_role("link", name="收款金额").click()
    await page.wait_for_url("**sort=paid_fen**")
    assert complaints == []
    await window.close()
