"""The pages and the API of the trace and of the boards: what they show, whom they let in, what is not there for others."""

import datetime as dt

import pytest

from core import clock
from core.trace import reckoning, rights
from tests import desk
from tests.trace.conftest import load

ALL = (*rights.WHOLE, "statements.file.read", "exports.make", "reports.collection.read")


@pytest.fixture
async def paid(platform, client):
    """A client with an org tree, S1's bill paid, and the channel's file of today."""
    made = await desk.opened(platform, client)
    order = await desk.pay(platform, made, "S1", txn="4200009999")
    await load(platform, made.id, [{"kind": "pay", "number": order, "channel_number": "4200009999", "amount_fen": desk.FULL, "fee_fen": 570}])
    return made, order


async def test_the_page_without_a_number_asks_for_one(paid, staff):
    office, _order = paid
    page = await (await staff(office, *ALL)).get("/console/trace")
    assert page.status_code == 200 and "粘贴任何一个号码" in page.text


async def test_the_page_shows_every_link(paid, staff):
    office, order = paid
    page = await (await staff(office, *ALL)).get("/console/trace", params={"number": f" {order.lower()} "})
    assert page.status_code == 200
    for shown in ("链路到“渠道到账”为止", "每一分在哪里", "对账文件里的行", "凭证：收到缴费", "4200009999", "王** S1", "经过"):
        assert shown in page.text
    assert "王小明" not in page.text


async def test_an_unknown_number_is_a_kind_404(paid, staff):
    office, _order = paid
    page = await (await staff(office, *ALL)).get("/console/trace", params={"number": "NOBODY"})
    assert page.status_code == 404 and "没有找到号码 NOBODY" in page.text


async def test_the_api_answers_the_same(paid, staff):
    office, order = paid
    asking = await staff(office, *ALL)
    answer = (await asking.get(f"/api/v1/traces/{order}")).json()
    assert [(step["code"], step["state"]) for step in answer["trace"]["steps"]][:4] == [
        ("bills", "done"), ("payment", "done"), ("channel", "done"), ("ledger", "done"),
    ]  # fmt: skip
    refused = await asking.get("/api/v1/traces/NOBODY")
    assert (refused.status_code, refused.json()["code"]) == (404, "NUMBER_UNKNOWN")


async def test_several_things_of_one_number_are_offered(paid, staff, platform):
    office, order = paid
    await load(platform, office.id, [{"kind": "payout", "number": order, "serial": "X1", "amount_fen": 1}], source="bank", side="funds", merchant_number="62")
    asking = await staff(office, *ALL)
    answer = (await asking.get(f"/api/v1/traces/{order}")).json()
    assert answer["trace"] is None and [choice["kind"] for choice in answer["choices"]] == ["payment", "line"]
    chosen = (await asking.get(f"/api/v1/traces/{order}", params={"choose": answer["choices"][0]["choose"]})).json()
    assert chosen["trace"]["kind"] == "payment"
    page = await asking.get("/console/trace", params={"number": order})
    assert "有几样东西用这个号码" in page.text


async def test_who_reaches_one_unit_finds_its_money_only(paid, staff):
    office, order = paid
    mine = await staff(office, *ALL, org_id=office.units["东区"])
    other = await staff(office, *ALL, org_id=office.units["西区"])
    assert (await mine.get(f"/api/v1/traces/{order}")).status_code == 200
    assert (await other.get(f"/api/v1/traces/{order}")).status_code == 404
    assert (await other.get("/console/trace", params={"number": "4200009999"})).status_code == 404
    assert (await mine.get("/console/day-board")).status_code == 404, "the equation is the client's as a whole"


async def test_another_clients_number_is_not_there(paid, staff, client):
    _office, order = paid
    other = await staff(await client(plugins=()), *ALL)
    assert (await other.get(f"/api/v1/traces/{order}")).status_code == 404


async def test_nobody_gets_in_without_the_right(paid, staff):
    office, order = paid
    asking = await staff(office, "billing.bill.read")
    for path in (f"/api/v1/traces/{order}", "/console/trace", "/console/day-board", f"/console/day-board/{clock.today()}", "/console/recon-charts",
                 "/api/v1/equations"):  # fmt: skip
        assert (await asking.get(path)).status_code == 403, path


async def test_the_board_has_a_row_a_day_and_one_day_by_channel(paid, staff, platform):
    office, _order = paid
    await reckoning.write(platform, office.client, [clock.today()])
    asking = await staff(office, *ALL)
    page = await asking.get("/console/day-board")
    assert page.status_code == 200 and page.text.count("950.00") >= 4
    day = await asking.get(f"/console/day-board/{clock.today()}")
    assert day.status_code == 200 and "收款 − 结算" in day.text and "还没有结算" in day.text and "微信支付" in day.text
    empty = await asking.get("/console/day-board/2020-01-01")
    assert empty.status_code == 200 and "这一天没有收付" in empty.text
    for bad in ("/console/day-board/yesterday", "/console/day-board?month=x", "/console/day-board?state=x"):
        assert (await asking.get(bad)).status_code == 422, bad
    narrowed = await asking.get("/console/day-board", params={"month": f"{clock.today():%Y-%m}", "channel": "alipay"})
    assert "这个月还没有收付" in narrowed.text


async def test_the_api_tells_the_equation(paid, staff):
    office, _order = paid
    [item] = (await (await staff(office, *ALL)).get("/api/v1/equations")).json()["items"]
    assert (item["day"], item["channel"], item["state"]) == (clock.today().isoformat(), "wechatpay", "waiting")
    assert item["numbers"]["channel"] == {"count": 1, "fen": 95_000}


async def test_the_charts_are_drawn_with_tables_beside(paid, staff):
    office, _order = paid
    asking = await staff(office, *ALL)
    page = await asking.get("/console/recon-charts")
    assert page.status_code == 200
    for title in ("未处理的差异", "关账用时", "平账率", "手续费多扣"):
        assert title in page.text
    assert (await asking.get("/console/recon-charts", params={"start": "2020-01-01"})).status_code == 422


async def test_the_api_tells_what_the_charts_draw(paid, staff):
    office, _order = paid
    asking = await staff(office, *ALL)
    told = (await asking.get("/api/v1/recon-charts")).json()
    assert (told["last"], told["first"]) == (clock.today().isoformat(), (clock.today() - dt.timedelta(days=29)).isoformat())
    assert set(told) == {"first", "last", "ages", "closings", "rates", "leaks"}
    for bad in ({"start": "2020-01-01"}, {"start": "2026-02-02", "until": "2026-02-01"}, {"until": "x"}):
        assert (await asking.get("/api/v1/recon-charts", params=bad)).status_code == 422, bad
    assert (await (await staff(office, "billing.bill.read")).get("/api/v1/recon-charts")).status_code == 403


async def test_the_banks_board_shows_the_branchs_clients_and_no_others(paid, staff, platform, bank):
    office, _order = paid
    yesterday = clock.today() - dt.timedelta(days=1)
    await reckoning.write(platform, office.client, [clock.today(), yesterday])
    asking = await staff(bank, rights.BANK)
    page = await asking.get("/bank/day-board", params={"day": clock.today().isoformat(), "q": office.client.code})
    assert page.status_code == 200 and office.client.name in page.text and "950.00" in page.text
    one = await asking.get(f"/bank/day-board/{office.id}")
    assert one.status_code == 200 and "950.00" in one.text
    assert (await asking.get("/bank/day-board/00000000-0000-0000-0000-000000000000")).status_code == 404
    assert (await (await staff(bank, "tenancy.client.read")).get("/bank/day-board")).status_code == 403


async def test_the_audit_finds_sound_books_sound(paid, platform):
    from core.trace import faults

    office, _order = paid
    async with platform.database.tenant(office.id) as session:
        assert {name: rows for name, rows in (await faults.list_faults(session)).items() if rows} == {}
