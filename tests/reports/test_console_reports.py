"""Reports: numbers that add up, lead to their rows, and stay within one's reach."""

import datetime as dt

import pytest

from core import clock
from core.billing import units
from core.exports import personal
from core.reports import exports
from tests import desk as desks
from tests.desk import FULL

READ = "reports.collection.read"


@pytest.fixture
async def desk(platform, client):
    made = await desks.opened(platform, client)
    await desks.pay(platform, made, "S1")
    await desks.pay(platform, made, "S4", 40_000)
    return made


@pytest.fixture
async def reader(desk, staff):
    return await staff(desk, READ, "billing.bill.read", "exports.make")


async def collected(asking, **params) -> dict:
    answer = await asking.get("/api/v1/reports/collection", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_collection_adds_up_by_every_level_and_by_item(desk, reader):
    for by in ("root", "site", "room", "item"):
        report = await collected(reader, by=by)
        total = report["total"]
        for name in ("gross_fen", "discount_fen", "paid_fen", "open_fen", "given_up_fen", "bills"):
            assert sum(row[name] for row in report["rows"]) == total[name], (by, name)
        assert (total["gross_fen"], total["discount_fen"], total["paid_fen"]) == (400_000, 20_000, FULL + 40_000)
        for row in [*report["rows"], total]:
            assert row["gross_fen"] - row["discount_fen"] == row["paid_fen"] + row["open_fen"] + row["given_up_fen"]
    assert (await collected(reader))["by"] == "site"  # the highest level with more than one unit


async def test_every_number_leads_to_bills_that_come_to_it(desk, reader):
    report = await collected(reader, by="site")
    for row in report["rows"]:
        for status, name in (("live", "gross_fen"), ("received", "paid_fen"), ("open", "open_fen")):
            bills = (await reader.get("/api/v1/bills", params={"org": row["key"], "status": status})).json()
            assert bills["totals"][name] == row[name], (row["label"], name)
    items = await collected(reader, by="item")
    bills = (await reader.get("/api/v1/bills", params={"item": items["rows"][0]["key"], "status": "live"})).json()
    assert bills["totals"]["paid_fen"] == items["rows"][0]["paid_fen"]
    page = (await reader.get("/console/reports", params={"by": "site"})).text
    assert f"org={report['rows'][0]['key']}" in page
    assert "收缴率 = 实收 ÷（应收 − 减免）" in page


async def test_reports_stay_within_reach(desk, staff, client, platform):
    east = await staff(desk, READ, org_id=desk.units["东区"])
    report = await collected(east, by="site")
    assert [row["label"].split(" / ")[-1] for row in report["rows"]] == ["东区"]
    assert report["total"]["gross_fen"] == 300_000
    assert (await east.get("/api/v1/reports/collection", params={"org": str(desk.units["西区"])})).status_code == 404
    assert (await east.get("/api/v1/reports/unpaid")).json()["people"] == 2
    assert (await east.get("/api/v1/reports/daily")).json()["total_fen"] == FULL
    assert (await east.get("/api/v1/reports/discounts")).json()["discount_fen"] == 15_000
    assert {row["number"] for row in (await east.get("/api/v1/reports/payment-details")).json()["items"]} == {"S1", "S2", "S3"}
    stranger = await staff(await desks.opened(platform, client), READ)
    assert (await collected(stranger))["total"]["paid_fen"] == 0


async def test_the_daily_report_is_what_was_booked_by_item_and_unit(desk, reader, platform):
    report = (await reader.get("/api/v1/reports/daily", params={"by": "site"})).json()
    assert [place["name"] for place in report["places"]] == ["东区", "西区"]
    assert report["items"][0]["amounts_fen"] == [FULL, 40_000]
    assert report["total_fen"] == FULL + 40_000
    earlier = (await reader.get("/api/v1/reports/daily", params={"start": "2020-01-01", "until": "2020-01-31"})).json()
    assert earlier["items"] == []
    details = (await reader.get("/api/v1/reports/payment-details", params={"booked_from": str(clock.today())})).json()["items"]
    assert sum(row["paid_fen"] for row in details) == report["total_fen"]
    for query in ("start=2020-01-01&until=2024-01-01", "start=2024-01-02&until=2024-01-01", "start=x", "by=galaxy"):
        assert (await reader.get(f"/console/reports/daily?{query}")).status_code == 422


async def test_who_owes_is_listed_with_days_and_sums(platform, client, staff):
    desk = await desks.opened(platform, client, due_on=clock.today() - dt.timedelta(days=3))
    await desks.pay(platform, desk, "S1")
    reader = await staff(desk, READ)
    page = (await reader.get("/api/v1/reports/unpaid", params={"overdue": "true"})).json()
    assert [(row["number"], row["open_fen"], row["overdue_days"]) for row in page["items"]] == [
        ("S2", FULL, 3), ("S3", FULL, 3), ("S4", FULL, 3),
    ]  # fmt: skip
    assert (page["people"], page["open_fen"]) == (3, 3 * FULL)
    assert page["items"][0]["name"] == "王**"
    first = (await reader.get("/api/v1/reports/unpaid", params={"limit": 2})).json()
    second = (await reader.get("/api/v1/reports/unpaid", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [row["number"] for row in first["items"] + second["items"]] == ["S2", "S3", "S4"]


async def test_discounts_are_told_with_the_rule_that_gave_them(desk, reader):
    page = (await reader.get("/api/v1/reports/discounts", params={"limit": 3})).json()
    assert (page["lines"], page["discount_fen"]) == (4, 20_000)
    assert page["items"][0]["reason"] == "标准：每学期"
    rest = (await reader.get("/api/v1/reports/discounts", params={"limit": 3, "cursor": page["next_cursor"]})).json()
    assert len(rest["items"]) == 1


async def test_details_add_up_even_when_a_line_was_paid_in_parts(desk, reader, platform):
    await desks.pay(platform, desk, "S4", 5_000)
    rows = (await reader.get("/api/v1/reports/payment-details")).json()["items"]
    mine = [row for row in rows if row["number"] == "S4"]
    assert [row["paid_fen"] for row in mine] == [40_000, 5_000]
    assert [row["gross_fen"] for row in mine] == [100_000, None]
    total = await collected(reader)
    for name in ("gross_fen", "discount_fen", "paid_fen", "open_fen"):
        assert sum(row[name] or 0 for row in rows) == total["total"][name], name
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await reader.get("/api/v1/reports/payment-details", params=params)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == rows


async def test_payment_details_leave_with_the_columns_a_plugin_asks_for(desk, platform):
    """Domain book §3.7, with the levels of this tree in place of campus, division, grade and class."""
    export = exports.payment_details("school.payment_details", "缴费明细", (("site", "校区"), ("room", "班级")), "学号")
    assert [title for title, _kind in export.columns] == (
        "校区 班级 学号 姓名 收费项目 应收 减免 实收 欠费 支付方式 支付时间 商户订单号 渠道订单号 票据号 状态".split()
    )
    async with platform.database.tenant(desk.id) as session:
        rows = [personal.masked(export.columns, row) async for row in export.rows(session, {"status": "received"}, None)]
        within = [row async for row in export.rows(session, {}, [desk.units["东二班"]])]
    by_number = {row[2]: row for row in rows}
    assert set(by_number) == {"S1", "S4"}
    assert by_number["S4"][:9] == ["西区", "西一班", "S4", "李*", "TUITION", 100_000, 5_000, 40_000, 55_000]
    assert by_number["S4"][9] == "微信支付"
    assert by_number["S4"][14] == "部分已缴"
    assert by_number["S1"][14] == "已缴清"
    assert [row[2] for row in within] == ["S3"]


async def test_every_report_leaves_as_excel_within_reach(desk, staff, settle, platform):
    east = await staff(desk, READ, "billing.bill.read", "exports.make", org_id=desk.units["东区"])
    for code in ("reports.collection", "reports.daily", "reports.unpaid", "reports.discounts", "reports.payment_details", "billing.bills"):
        started = await east.post("/api/v1/exports", json={"code": code, "filters": {}})
        assert started.status_code == 202, started.text
        await settle(desk)
        job = (await east.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
        assert job["status"] == "done", job
        assert job["result"]["rows"] > 0


async def test_pages_answer_and_strangers_are_kept_out(desk, reader, staff, web):
    other = await staff(desk, "billing.bill.read")
    for page in ("", "/daily", "/unpaid", "/discounts", "/details"):
        shown = await reader.get(f"/console/reports{page}")
        assert shown.status_code == 200
        assert "王小明" not in shown.text
        assert (await other.get(f"/console/reports{page}")).status_code == 403
        assert (await web.get(f"/console/reports{page}")).status_code == 303
    for bad in ("by=planet", "org=1", "due_from=x", "cursor=zzz"):
        assert (await reader.get(f"/console/reports?{bad}")).status_code in (200, 422)
        assert (await reader.get(f"/console/reports/unpaid?{bad}")).status_code in (200, 422)


async def test_the_tree_shows_only_what_is_reached(desk, platform):
    async with platform.database.tenant(desk.id) as session:
        whole, part = await units.load(session, None), await units.load(session, [desk.units["东一班"]])
    assert [label.strip("\u3000") for _id, label in whole.choices()] == ["榕华", "东区", "东一班", "东二班", "西区", "西一班"]
    assert [label for _id, label in part.choices()] == ["东一班"]
    assert part.path(desk.units["东一班"]) == "东区 / 东一班"
    assert whole.kinds() == ["root", "site", "room"]
