"""Support in a real browser: a client reports, consents and watches; a support person looks in under the banner, answers and leaves."""

import datetime as dt
from uuid import UUID

import pytest

from core import clock
from core.support.tickets import doors
from core.support.tickets.service import Raise
from core.tenancy.directory import ClientProfile
from tests import desk as desks
from tests.conftest import log_in
from tests.looking import fits, judged, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def house(platform, client, bank, site):
    """A client with bills, its administrator and a support person, as (actor, token)."""
    desk = await desks.opened(platform, client)
    await desks.pay(platform, desk, "S1")
    admin = await log_in(platform, desk.id, "client.admin", name="赵主任")
    support = await log_in(platform, bank.id, "bank.support", name="林客服")
    return desk, admin, support


@pytest.fixture
async def window(site, chromium):
    """`await window(token, width)`: a browser window of somebody who is logged in; complaints of its console fail the test."""
    opened, complaints = [], []

    async def make(token: str, width: int = 1440):
        context = await chromium.new_context(viewport={"width": width, "height": 1000}, locale="zh-CN")
        await context.add_cookies([{"name": "banyan_session", "value": token, "url": site}])
        opened.append(context)
        page = await context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        return page

    yield make
    for context in opened:
        await context.close()
    assert [each for each in complaints if "403" not in each] == []


async def seen(page, site, path: str, name: str) -> None:
    """One page at both sizes and in both languages: nothing cut off, axe content."""
    for language in ("en", "zh"):
        answer = await page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status == 200, (name, language)
        for width in (390, 1440):
            await fits(page, width, name)
            await picture(page, f"support-{name}-{language}-{width}")
        await judged(page, name)


async def test_a_problem_is_reported_looked_at_and_solved(platform, house, window, site):
    desk, (_admin, admin_token), (_support, support_token) = house
    client, support = await window(admin_token), await window(support_token)
    await client.goto(f"{site}/console/bills")
    await client.get_by_role("link", name="报告问题").click()
    await client.fill("#f-title", "九月账单金额不对")
    await client.fill("#f-text", "学费比收费标准多了 100 元，\n请核对。")
    await picture(client, "support-reporting")
    await client.get_by_role("button", name="提交").click()
    await client.wait_for_url("**/console/tickets/*")
    assert "账单" in await client.inner_text("main")

    await support.goto(f"{site}/bank/tickets")
    await support.get_by_role("link", name="九月账单金额不对").first.click()
    await support.get_by_role("button", name="我来处理").click()
    await support.get_by_role("link", name="申请查看").click()
    await support.get_by_role("button", name="发出申请").click()
    await support.wait_for_url("**/bank/support")

    await client.goto(f"{site}/console")
    await picture(client, "support-asked-home")
    await client.get_by_role("link", name="银行客服申请只读查看").click()
    await client.locator("#consents a").first.click()
    await client.get_by_role("button", name="同意", exact=True).click()
    await picture(client, "support-agreeing", whole=False)
    await client.get_by_role("dialog").get_by_role("button", name="同意").click()
    await client.wait_for_load_state()

    await support.goto(f"{site}/bank/support")
    await support.get_by_role("button", name="进入查看").first.click()
    await support.wait_for_url("**/console")
    assert desk.client.name in await support.inner_text(".by-visitor")
    await support.goto(f"{site}/console/bills")
    await support.locator("#bills a[href^='/console/bills/']").first.click()
    await support.locator(".by-history summary").click()
    await support.wait_for_selector(".by-history-body .by-timeline")
    for width in (390, 1440):
        await fits(support, width, "looking in")
        await picture(support, f"support-looking-in-{width}")
    await judged(support, "looking in")
    await support.goto(f"{site}/console/tickets/new")
    await support.fill("#f-title", "x")
    await support.fill("#f-text", "x")
    await support.get_by_role("button", name="提交").click()
    assert "这里只能看" in await support.inner_text("body")
    await picture(support, "support-refused")

    await client.reload()
    assert "账单" in await client.inner_text("#looks")
    await picture(client, "support-looks")
    await client.get_by_role("button", name="立即收回").click()
    await client.get_by_role("dialog").get_by_role("button", name="立即收回").click()
    await client.wait_for_load_state()
    await support.goto(f"{site}/console/bills")
    assert "查看已结束" in await support.inner_text("body")
    await picture(support, "support-over")


async def test_every_page_of_support_fits_in_both_languages(platform, house, window, site):
    desk, (admin_actor, admin_token), (_support, support_token) = house
    client, support = await window(admin_token), await window(support_token)
    profile: ClientProfile = desk.client
    said = Raise(title="九月账单金额不对", text="学费比收费标准多了 100 元", severity="urgent", page="/console/bills", page_title="账单")
    ticket_id: UUID = await doors.raise_ticket(platform, admin_actor, said)
    form = {"purpose": "核对九月账单", "person": "", "from_on": str(clock.today()), "until_on": str(clock.today() + dt.timedelta(days=2))}
    await client.goto(f"{site}/console/support/new")
    for name, value in form.items():
        if name != "person":
            await client.fill(f"#f-{name}", value)
    await client.get_by_role("button", name="授权").click()
    await client.wait_for_url("**/console/support/*-*")
    consent = client.url.removeprefix(site)
    for path, name in (
        ("/console/support", "consents"), ("/console/support/new", "consent-new"), (consent, "consent"), ("/console/tickets", "tickets"),
        ("/console/tickets/new?page=/console/bills", "ticket-new"), (f"/console/tickets/{ticket_id}", "ticket"),
        (f"/console/history/user/{admin_actor.id}", "history"),
    ):  # fmt: skip
        await seen(client, site, path, name)
    for path, name in (
        ("/bank/support", "views"), ("/bank/support/ask", "ask"), ("/bank/tickets", "queue"), (f"/bank/tickets/{ticket_id}", "bank-ticket"),
    ):  # fmt: skip
        await seen(support, site, path, name)
    assert profile.name in await support.inner_text("main")
