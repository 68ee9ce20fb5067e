"""The charts of collection: the figures are those of the lists behind them, in the picture, the table and the sentence alike."""

import datetime as dt
import json
import re
from html import unescape

import pytest

from core import clock
from core.billing import units, viewing
from core.billing.filters import BillFilter
from core.reports import charts, sums
from core.reports import sums_repository as repository
from tests import desk as desks
from tests.desk import FULL

READ = "reports.collection.read"
PAGE = "/console/reports/charts"


@pytest.fixture
async def desk(platform, client):
    """Four bills that fell due five days ago: one paid, one in part, one only looked at."""
    made = await desks.opened(platform, client, due_on=clock.today() - dt.timedelta(days=5))
    await desks.pay(platform, made, "S1")
    await desks.pay(platform, made, "S4", 40_000)
    async with platform.database.tenant(made.id) as session:
        await viewing.seen(session, [made.bills["S2"], made.bills["S4"]], None)
        await sums.write(session)
    return made


def pictures(page: str) -> dict[str, dict]:
    return {code: json.loads(unescape(found)) for code, found in re.findall(r'id="chart-([\w-]+)" data-chart="([^"]+)"', page)}


async def drawn(platform, desk, reach=None, **asked):
    async with platform.database.tenant(desk.id) as session:
        return await charts.draw(session, await units.load(session, reach), BillFilter(**asked))


async def test_collection_stands_against_what_is_due_day_by_day(platform, desk):
    points = (await drawn(platform, desk)).progress
    assert [point.day for point in points] == sorted({point.day for point in points})
    assert (points[0].due_fen, points[0].paid_fen) == (0, 0)
    assert (points[-1].day, points[-1].due_fen, points[-1].paid_fen) == (clock.today(), 4 * FULL, FULL + 40_000)


async def test_days_to_come_have_a_target_and_nothing_collected(platform, client):
    made = await desks.opened(platform, client, due_on=clock.today() + dt.timedelta(days=300))
    async with platform.database.tenant(made.id) as session:
        await sums.write(session)
    points = (await drawn(platform, made)).progress
    assert len(points) <= charts.MOST_POINTS + 3
    assert (points[-1].due_fen, points[-1].paid_fen) == (4 * FULL, None)
    assert [point.paid_fen for point in points if point.day == clock.today()] == [0]


async def test_channels_ages_units_and_the_funnel_add_up_to_the_bills(platform, desk):
    found = await drawn(platform, desk)
    assert found.channels == [("wechatpay", FULL + 40_000)]
    assert [(age.bills, age.fen) for age in found.ages] == [(0, 0), (3, 3 * FULL - 40_000), (0, 0), (0, 0), (0, 0)]
    assert [(place.label, place.paid_fen, place.open_fen) for place in found.places] == [("东区", FULL, 2 * FULL), ("西区", 40_000, FULL - 40_000)]
    assert found.funnel == charts.Funnel(issued=4, seen=3, cleared=1)


async def test_a_bill_is_seen_once_however_often_it_is_looked_at(platform, desk):
    for _again in range(2):
        async with platform.database.tenant(desk.id) as session:
            await viewing.seen(session, [desk.bills["S2"], desk.bills["S3"]], None)
            await sums.write(session)
    assert (await drawn(platform, desk)).funnel.seen == 4


async def test_a_part_of_the_tree_sees_its_own_money(platform, desk):
    east = await drawn(platform, desk, reach=[desk.units["东一班"], desk.units["东二班"]])
    assert (east.funnel.issued, east.channels, east.progress[-1].paid_fen) == (3, [("wechatpay", FULL)], FULL)
    assert (await drawn(platform, desk, period="1999")).progress == []


async def test_only_the_last_days_are_summed_up_anew_and_come_to_the_same(platform, desk):
    await desks.pay(platform, desk, "S2")
    async with platform.database.tenant(desk.id) as session:
        await sums.write(session, clock.today() - dt.timedelta(days=1))
        some = await repository.sum_days(session, BillFilter(), None)
        await sums.write(session)
        assert await repository.sum_days(session, BillFilter(), None) == some
    assert some[-1].fen == 2 * FULL + 40_000


async def test_sums_follow_the_work_and_rest_between(platform, desk):
    await desks.pay(platform, desk, "S2")
    assert await sums.pulse(platform, desk.id) is None
    assert (await drawn(platform, desk)).funnel.cleared == 2
    assert await sums.pulse(platform, desk.id) > clock.now()
    await desks.pay(platform, desk, "S3")
    await sums.nightly(platform, desk.id)
    assert (await drawn(platform, desk)).funnel.cleared == 3


async def test_the_page_shows_each_chart_with_its_table_its_sentence_and_links(desk, staff):
    reader = await staff(desk, READ, "billing.bill.read")
    page = (await reader.get(PAGE)).text
    shown = pictures(page)
    assert set(shown) == {"progress", "funnel", "unpaid-ages", "channels", "places"}
    assert shown["funnel"]["series"][0]["values"] == [4, 3, 1]
    for sentence in ("到期应收 ¥3,800.00，实收 ¥1,350.00，落后 ¥2,450.00", "发出 4 张，缴费人看过 3 张（75.0%），缴清 1 张（25.0%）", "微信支付 100.0%"):
        assert sentence in page, sentence
    assert "收缴率最高的是西区（42.1%），最低的是东区（33.3%）" in page
    late = clock.today() - dt.timedelta(days=1)
    early = clock.today() - dt.timedelta(days=30)
    assert f'href="/console/bills?status=open&amp;due_from={early}&amp;due_to={late}"' in page
    bills = (await reader.get("/api/v1/bills", params={"status": "open", "due_from": str(early), "due_to": str(late)})).json()
    assert bills["totals"]["open_fen"] == 3 * FULL - 40_000
    assert "保存图片" in page and page.count('class="by-chart-table"') == 5
    assert "data-charts" in page and "<script>" not in page and "style=" not in page


async def test_a_client_without_bills_is_told_what_comes_and_strangers_are_kept_out(platform, client, staff, desk):
    empty = await staff(await client(plugins=()), READ)
    page = (await empty.get(PAGE)).text
    assert "还没有账单" in page and not pictures(page)
    assert (await (await staff(desk, "billing.bill.read")).get(PAGE)).status_code == 403
    reader = await staff(desk, READ, org_id=desk.units["东区"])
    assert (await reader.get(PAGE, params={"org": str(desk.units["西区"])})).status_code == 404


async def test_the_api_tells_what_the_charts_draw(platform, desk, staff):
    asking = await staff(desk.client, READ)
    told = (await asking.get("/api/v1/reports/charts")).json()
    assert told["channels"] == [{"channel": "wechatpay", "paid_fen": FULL + 40_000}]
    assert told["funnel"] == {"issued": 4, "seen": 3, "cleared": 1}
    assert (told["progress"][-1]["due_fen"], told["progress"][-1]["paid_fen"]) == (4 * FULL, FULL + 40_000)
    assert [place["label"] for place in told["places"]] == ["东区", "西区"]
    assert [age["bills"] for age in told["ages"]] == [0, 3, 0, 0, 0]
    assert (await asking.get("/api/v1/reports/charts", params={"period": "1999"})).json()["progress"] == []
    assert (await asking.get("/api/v1/reports/charts", params={"org": "00000000-0000-0000-0000-000000000001"})).status_code == 404
    assert (await (await staff(desk.client, "billing.bill.read")).get("/api/v1/reports/charts")).status_code == 403


async def test_before_the_first_sums_the_home_says_that_they_are_coming(platform, client, staff):
    made = await desks.opened(platform, client)
    asking = await staff(made.client, READ)
    early = (await asking.get("/console")).text
    assert early.count("正在汇总") == 2 and "¥0.00" not in early
    async with platform.database.tenant(made.id) as session:
        await sums.write(session)
    assert "正在汇总" not in (await asking.get("/console")).text
    empty = (await (await staff(await client(plugins=()), READ)).get("/console")).text
    assert "正在汇总" not in empty, "where nothing was billed there is nothing to wait for"
