"""The pages of the trace and of the boards in a real browser: on a phone and on a desk, in Chinese and in English, nothing cut off."""

import pytest

from core import clock
from core.trace import reckoning
from tests.conftest import log_in
from tests.looking import fits, judged, picture
from tests.trace.conftest import differ, load, settle_and_pay

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def looked_at(lived, office, platform, site, bank):
    """A lived chain with an open difference on another payment; answers the pages, each with the session it is opened in."""
    await settle_and_pay(platform, lived)
    second = await office.payment(await office.pay(office.bills[1], 50_000))
    await differ(platform, lived.client.id, "SH1", second.order_number, amount_fen=50_000, platform_fen=50_000)
    await differ(platform, lived.client.id, "FE1", lived.payment.order_number, amount_fen=3, differs="fee_fen", platform_fee_fen=570, channel_fee_fen=573)
    await load(platform, lived.client.id, [], source="alipay-trade", channel="alipay", merchant_number="2088")
    await reckoning.write(platform, lived.client, [clock.today()])
    _finance, client = await log_in(platform, lived.client.id, "client.finance_checker")
    _ops, branch = await log_in(platform, bank.id, "bank.hq_ops")
    today = clock.today().isoformat()
    return {
        "trace": (client, f"/console/trace?number={lived.payment.order_number}"), "trace-open": (client, f"/console/trace?number={second.order_number}"),
        "trace-batch": (client, "/console/trace?number=S26010001"), "trace-empty": (client, "/console/trace"),
        "board": (client, "/console/day-board"), "day": (client, f"/console/day-board/{today}"), "charts": (client, "/console/recon-charts"),
        "bank-board": (branch, f"/bank/day-board?day={today}&q={lived.client.code}"), "bank-client": (branch, f"/bank/day-board/{lived.client.id}"),
    }  # fmt: skip


@pytest.fixture
async def shown(looked_at, site, chromium):
    """Opens a page in a window of its own and holds it to what every page is held to."""

    async def show(name: str, language: str, width: int) -> None:
        token, path = looked_at[name]
        context = await chromium.new_context(viewport={"width": width, "height": 1400}, locale="zh-CN")
        await context.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
        page = await context.new_page()
        complaints: list[str] = []
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        answer = await page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status == 200, name
        await page.wait_for_load_state("networkidle")
        await picture(page, f"trace-{name}-{language}-{width}", whole=width < 400)
        assert complaints == [], name
        await fits(page, width, name)
        if width > 400:
            await judged(page, name)
        await context.close()

    return show


async def test_a_trace_and_a_day_fit_the_phone_and_the_desk_and_say_nothing_twice(shown):
    for name in ("trace", "day", "bank-board"):
        await shown(name, "zh", 390)
        await shown(name, "zh", 1440)


@pytest.mark.slow
async def test_every_page_fits_the_phone_and_the_desk_in_both_languages(shown, looked_at):
    for name in looked_at:
        for language, width in (("zh", 390), ("zh", 1440), ("en", 390)):
            await shown(name, language, width)
