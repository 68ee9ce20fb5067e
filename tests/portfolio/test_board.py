"""The business board: what clients tell their bank, and which of the bank's people read it."""

import datetime as dt
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.imports import sheets
from core.portfolio import telling
from core.reports import sums
from core.reports.collection import READ
from core.tenancy import models as tenancy
from tests import desk as desks
from tests.desk import FULL

PAGE = "/bank/portfolio"
RIGHTS = (READ, "tenancy.client.read", "bank.recon.read")


@pytest.fixture
async def desk(platform, client):
    """Four bills overdue since five days; one paid, one in part; told to the bank."""
    made = await desks.opened(platform, client, due_on=clock.today() - dt.timedelta(days=5))
    await desks.pay(platform, made, "S1")
    await desks.pay(platform, made, "S4", 40_000)
    await told(platform, made)
    return made


async def told(platform, desk, days: int = 2):
    async with platform.database.tenant(desk.id) as session:
        await sums.write(session)
    await telling.write(platform, desk.id, clock.today() - dt.timedelta(days=days), clock.today())


async def rows_of(platform, bank, desk) -> dict:
    async with platform.database.tenant(bank.id) as session:
        rows = await session.all(text("SELECT * FROM core.portfolio_day WHERE client_id = :c"), {"c": desk.id})
    return {(row.plugin, row.day): row for row in rows}


async def test_a_clients_day_is_told_to_the_bank_as_sums(platform, bank, desk):
    rows = await rows_of(platform, bank, desk)
    whole, part = rows["", clock.today()], rows["test", clock.today()]
    for row in (whole, part):
        assert (row.bills, row.cleared, row.billed_fen, row.collected_fen) == (4, 1, 4 * FULL, FULL + 40_000)
        assert (row.open_fen, row.overdue_fen, row.payments, row.paid_fen) == (3 * FULL - 40_000, 3 * FULL - 40_000, 2, FULL + 40_000)
    assert (whole.deposits_fen, whole.differences, whole.delay_tenths) == (FULL + 40_000, 0, None)
    assert part.deposits_fen is None, "what a plugin cannot know stands with the client as a whole"
    yesterday = rows["", clock.today() - dt.timedelta(days=1)]
    assert (yesterday.paid_fen, yesterday.billed_fen) == (0, None), "how things stood before the first telling is not invented"


async def test_told_again_the_newest_figures_stand(platform, bank, desk):
    await desks.pay(platform, desk, "S2")
    await told(platform, desk)
    row = (await rows_of(platform, bank, desk))["", clock.today()]
    assert (row.collected_fen, row.cleared, row.paid_fen) == (2 * FULL + 40_000, 2, 2 * FULL + 40_000)


async def test_work_and_night_tell_and_the_bank_is_no_client_of_itself(platform, bank, client):
    made = await desks.opened(platform, client)
    await desks.pay(platform, made, "S1")
    assert await telling.pulse(platform, made.id) is None
    assert len({day for _plugin, day in await rows_of(platform, bank, made)}) == 31, "the first time the month before is told, too"
    assert await telling.pulse(platform, made.id) > clock.now()
    await telling.nightly(platform, made.id)
    assert (await rows_of(platform, bank, made))["", clock.today()].collected_fen == FULL
    assert await telling.nightly(platform, bank.id) is None


async def test_the_board_shows_the_client_and_leads_to_its_page(platform, bank, desk, staff):
    asking = await staff(bank, *RIGHTS)
    page = await asking.get(PAGE, params={"q": desk.client.code})
    assert page.status_code == 200, page.text
    for shown in (desk.client.name, "3,800.00", "1,350.00", "35.5%", f'href="/bank/portfolio/{desk.id}"', "每日收款", "收款占比"):
        assert shown in page.text, shown
    one = await asking.get(f"{PAGE}/{desk.id}")
    assert one.status_code == 200 and "¥3,800.00" in one.text and f"/bank/day-board/{desk.id}" in one.text
    parts = await asking.get(f"{PAGE}/{desk.id}", params={"plugin": "test"})
    assert parts.status_code == 200 and "1,350.00" in parts.text


async def test_the_board_is_cut_by_plugin_and_by_branch_sorted_and_narrowed(platform, bank, desk, staff):
    asking = await staff(bank, *RIGHTS)
    for query in ("by=plugin", "by=branch&sort=-paid_fen", "sort=-rate", "sort=delay_tenths", "days=7", "days=90&plugin=education", "kind=school"):
        page = await asking.get(f"{PAGE}?{query}")
        assert page.status_code == 200, (query, page.text[-500:])
    page = await asking.get(PAGE, params={"q": "nobody at all"})
    assert "没有符合条件的客户" in page.text
    past = await asking.get(PAGE, params={"q": desk.client.code, "day": "2020-01-01"})
    assert past.status_code == 200 and "1,350.00" not in past.text
    for bad in ("days=8", "by=moon", "sort=secret", "day=x", "branch=1"):
        assert (await asking.get(f"{PAGE}?{bad}")).status_code == 422, bad


async def test_the_lines_leave_as_excel_and_the_trail_says_so(platform, bank, desk, staff):
    asking = await staff(bank, *RIGHTS)
    answer = await asking.get(f"{PAGE}.xlsx", params={"q": desk.client.code})
    assert answer.status_code == 200
    titles, line = sheets.read(answer.content, "x.xlsx").rows[:2]
    told = dict(zip(titles, line, strict=False))
    assert [told[name] for name in ("名称", "应收", "已收", "收缴率", "收款笔数")] == [desk.client.name, 3800, 1350, "35.5%", 2]
    async with platform.database.tenant(bank.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.audit_log WHERE action = 'portfolio.export' AND actor_id = :id"), {"id": asking.actor.id})


async def test_a_branch_sees_its_own_clients_and_nobody_gets_in_without_the_right(platform, bank, desk, staff):
    other = ids.uuid7()
    async with platform.database.tenant(bank.id) as session:
        row = {"id": other, "parent_id": None, "path": other.hex, "kind": "branch", "code": f"b{other.hex[-8:]}", "name": "别的分行"}
        await session.execute(insert(tenancy.branch), row)
    elsewhere = await staff(bank, *RIGHTS, org_id=other)
    page = await elsewhere.get(PAGE)
    assert page.status_code == 200 and desk.client.name not in page.text
    assert (await elsewhere.get(f"{PAGE}/{desk.id}")).status_code == 404
    assert (await (await staff(bank, *RIGHTS)).get(f"{PAGE}/{uuid4()}")).status_code == 404
    for path in (PAGE, f"{PAGE}.xlsx", f"{PAGE}/{desk.id}"):
        assert (await (await staff(bank, "tenancy.client.read")).get(path)).status_code == 403, path
        assert (await (await staff(desk, READ)).get(path)).status_code == 404, "a client's own people have no bank's house"
