"""Role homes in a real browser, on a phone and on a desk."""

import pytest

from core import clock
from core.portfolio import telling
from core.reports import sums
from tests import desk as desks
from tests.conftest import log_in
from tests.looking import fits, judged, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_homes_fit_the_phone_and_the_desk(platform, client, bank, site, chromium):
    desk = await desks.opened(platform, client)
    await desks.pay(platform, desk, "S1")
    async with platform.database.tenant(desk.id) as session:
        await sums.write(session)
    await telling.write(platform, desk.id, clock.today(), clock.today())
    seats = [(role, desk.id, "/console", None) for role in ("client.finance_maker", "client.cashier", "client.admin")]
    for role, tenant_id, path, place in [*seats, ("bank.branch_admin", bank.id, "/bank", bank.branch_id)]:
        _actor, token = await log_in(platform, tenant_id, role, place)
        window = await chromium.new_context(viewport={"width": 1440, "height": 1000}, locale="zh-CN")
        await window.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
        page = await window.new_page()
        for width, language in ((1440, "zh"), (390, "en")):
            await page.set_viewport_size({"width": width, "height": 1000})
            assert (await page.goto(f"{site}{path}?lang={language}")).status == 200
            await fits(page, width, role)
            await picture(page, f"home-{role}-{language}-{width}")
            if width > 400:
                await judged(page, role)
        await window.close()
