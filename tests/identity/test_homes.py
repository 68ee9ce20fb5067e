"""Every declared role has a home that is of use: what waits, the key figures of the role, and no link that leads to a closed door."""

import re
from html import unescape

import pytest
from sqlalchemy import text

from core.identity.faces import BANK, CONSOLE
from core.identity.worklist import home
from core.reports import sums
from tests import desk as desks
from tests.conftest import log_in
from tests.desk import FULL

PLUGINS = ("education",)


@pytest.fixture
async def desk(platform, client):
    """A school with some bills, one of them paid."""
    made = await desks.opened(platform, lambda **_none: client(plugins=PLUGINS))
    await desks.pay(platform, made, "S1")
    async with platform.database.tenant(made.id) as session:
        await sums.write(session)
    return made


@pytest.fixture
def roles(platform):
    """Every role that anybody declared, by side."""
    found = [role for code, role in platform.plugins.collect_all("register_roles") if code in ("core", *PLUGINS)]
    return {side: [role for role in found if role.side == side] for side in ("client", "bank")}


def opened(web, token: str):
    web.cookies.set("banyan_session", token)
    return web


def links(page: str) -> set[str]:
    main = page[page.index("<main") : page.index("</main>")]
    return {unescape(href) for href in re.findall(r'href="(/(?:console|bank)[^"]*)"', main)}


async def test_every_role_of_a_client_opens_on_work_and_figures_and_every_link_opens(platform, desk, roles, web):
    places = {"TENANT": None, "ORG_SUBTREE": desk.units["东区"], "ORG": desk.units["东一班"]}
    for role in roles["client"]:
        _actor, token = await log_in(platform, desk.id, role.code, places[role.scope])
        asking = opened(web, token)
        page = (await asking.get("/console")).text
        assert 'class="by-work"' in page or 'class="by-figures"' in page, role.code
        assert 'class="by-figures"' in page, f"{role.code} has no key figure"
        assert "今天的事都做完了" in page or "没有待办事项" in page or re.search(r"<b>\d+</b>", page), role.code
        for href in links(page):
            assert (await asking.get(href)).status_code == 200, (role.code, href)


async def test_every_role_of_the_bank_opens_on_work_and_figures_and_every_link_opens(platform, bank, desk, roles, web):
    places = {"ALL": None, "BRANCH": bank.branch_id}
    for role in roles["bank"]:
        _actor, token = await log_in(platform, bank.id, role.code, places[role.scope])
        asking = opened(web, token)
        page = (await asking.get("/bank")).text
        assert 'class="by-figures"' in page, f"{role.code} has no key figure"
        for href in links(page):
            assert (await asking.get(href)).status_code == 200, (role.code, href)


async def test_a_line_says_since_when_and_from_whom_the_oldest_waits(platform, desk, staff):
    maker = await staff(desk, "payments.suspense.read", "payments.suspense.resolve")
    checker = await staff(desk, "approvals.any", "recon.diff.check")
    async with platform.database.tenant(desk.id) as session:
        await session.simple(
            "INSERT INTO core.approval (id, kind, subject_id, title, proposal, reason, made_by, made_by_id, status, created_at) VALUES "
            "(gen_random_uuid(), 'reconciliation.reversal', gen_random_uuid(), '退款', '{}', '', '李经办', 'u1', 'waiting', now() - interval '3 hours'), "
            "(gen_random_uuid(), 'reconciliation.reversal', gen_random_uuid(), '退款', '{}', '', '王经办', 'u2', 'waiting', now())"
        )
        assert (await session.scalar(text("SELECT count(*) FROM core.approval"))) == 2
        found = await home(session, checker.actor, platform.plugins, CONSOLE)
    [line] = [line for line in found.work if line["count"]]
    assert (line["count"], line["who"]) == (2, "李经办") and found.busy
    page = (await checker.get("/console")).text
    assert "最早 3 小时前 · 李经办" in page
    assert "李经办" not in (await maker.get("/console")).text


async def test_figures_are_those_of_the_reports_and_stay_within_reach(platform, desk, staff):
    reader = await staff(desk, "reports.collection.read", "payments.payment.read")
    page = (await reader.get("/console")).text
    assert "25.0%" in page and "¥950.00" in page
    west = await staff(desk, "reports.collection.read", "payments.payment.read", org_id=desk.units["西区"])
    page = (await west.get("/console")).text
    assert "应收 ¥950.00，实收 ¥0.00" in page and "25.0%" not in page
    teacher = await staff(desk, "billing.status.read", org_id=desk.units["东一班"])
    page = (await teacher.get("/console")).text
    assert "1 / 2" in page and f"{FULL}" not in page and "¥" not in page[page.index("<main") : page.index("</main>")], "a class teacher sees no amount"


async def test_a_bank_person_sees_lines_of_the_banks_house_only(platform, bank, staff):
    ops = await staff(bank, "reports.collection.read", "tenancy.client.read")
    async with platform.database.tenant(bank.id) as session:
        found = await home(session, ops.actor, platform.plugins, BANK)
    assert {figure["href"].split("?")[0] for figure in found.figures} == {"/bank/portfolio"}
