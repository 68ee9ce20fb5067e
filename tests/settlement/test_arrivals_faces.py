"""到账 as people and programs see it: lists, one arrival, the bank's entries, files for Excel, and who may not look."""

import datetime as dt

import pytest

from core.settlement import working_days
from core.settlement.arrivals_exports import EXPORTS
from tests.settlement.arriving import DAY, Clearing

READ, MAKE = "settlement.batch.read", "settlement.batch.make"
NEXT = working_days.after(DAY, 1).on
PATH, ENTRIES = "/console/channel-arrivals", "/console/bank-entries"


@pytest.fixture
async def clearing(platform, client):
    """A day that arrived, one that came short, one that is missing, and money nobody expected."""
    made = await Clearing(platform, await client(plugins=())).opened()
    made.numbers = sorted([await made.number(), await made.number()])
    first, second = made.numbers
    await made.stated(first, DAY, pay=10_000, fee=60)
    await made.stated(second, DAY, pay=20_000, fee=120)
    await made.stated(first, DAY - dt.timedelta(days=5), pay=30_000, fee=180)
    await made.told(working_days.after(DAY - dt.timedelta(days=5), 1).on)
    await made.told(NEXT, (9_940, made.reference(first, DAY)), (19_000, made.reference(second, DAY)), (5_000, "不明来款"))
    await made.match()
    return made


async def test_the_list_shows_what_is_owed_and_what_came_with_filters_and_sums(clearing, staff):
    finance = await staff(clearing.client, READ)
    page = await finance.get(PATH)
    assert page.status_code == 200
    for told in ("已到账", "金额不符", "逾期未到", "99.40", "198.80", "190.00", clearing.numbers[0]):
        assert told in page.text
    assert '<td class="k-money"><span class="by-none">' not in page.text, "what the totals count stands in its row, also where nothing came"
    open_only = (await finance.get(f"{PATH}?status=open&channel=wechatpay&start={DAY}&until={DAY}")).text
    assert clearing.numbers[1] in open_only and f"<small>{clearing.numbers[0]}</small>" not in open_only
    assert "没有符合条件的到账" in (await finance.get(f"{PATH}?q=nothing")).text
    assert (await finance.get(f"{PATH}?status=perhaps")).status_code == 422
    assert (await finance.get(f"{PATH}?start=soon")).status_code == 422


async def test_money_without_a_statement_of_the_channel_says_so_in_its_row(clearing, staff):
    await clearing.told(NEXT, (7_000, clearing.reference(clearing.numbers[0], DAY - dt.timedelta(days=1))))
    await clearing.match()
    assert "对账单未到" in (await (await staff(clearing.client, READ)).get(PATH)).text


async def test_the_list_by_day_adds_up_merchant_numbers(clearing, staff):
    finance = await staff(clearing.client, READ)
    page = (await finance.get(f"{PATH}?view=days&start={DAY}")).text
    assert "300.00" in page and "298.20" in page and "289.40" in page


async def test_one_arrival_shows_its_entry_its_books_and_its_difference(clearing, staff):
    finance = await staff(clearing.client, READ, "recon.run.read", "ledger.journal.read")
    short = next(row for row in await clearing.arrivals() if row.status == "differs")
    page = (await finance.get(f"{PATH}/{short.id}")).text
    for told in ("资金差异", "8.80", short.bank_serial, "渠道手续费", "清算户存款", "渠道结算到账"):
        assert told in page
    assert (await finance.get(f"{PATH}/{clearing.client.id}")).status_code == 404


async def test_every_entry_of_the_bank_is_listed_with_what_it_was_found_to_be(clearing, staff):
    finance = await staff(clearing.client, READ)
    page = (await finance.get(ENTRIES)).text
    assert "不明来款" in page and "已挂账" in page and "已对上" in page and "339.40" in page
    assert clearing.account not in page
    only = (await finance.get(f"{ENTRIES}?status=suspense")).text
    assert "不明来款" in only and "99.40" not in only


async def test_programs_read_the_same_in_pages(clearing, staff):
    finance = await staff(clearing.client, READ)
    first = (await finance.get("/api/v1/channel-arrivals?limit=2")).json()
    assert (len(first["items"]), first["arrivals"], first["open"], first["net_fen"]) == (2, 3, 2, 9_940 + 19_880 + 29_820)
    rest = (await finance.get(f"/api/v1/channel-arrivals?limit=2&cursor={first['next_cursor']}")).json()
    assert [row["status"] for row in rest["items"]] == ["missing"] and rest["next_cursor"] is None
    one = (await finance.get(f"/api/v1/channel-arrivals/{first['items'][0]['id']}")).json()
    assert len(one["entries"]) == 1 and one["journal_ids"]
    entries = (await finance.get("/api/v1/bank-entries?kind=other")).json()
    assert [(row["amount_fen"], row["status"]) for row in entries["items"]] == [(5_000, "suspense")]
    wrong = await finance.get("/api/v1/channel-arrivals?cursor=nonsense")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "BAD_CURSOR")


async def test_exports_give_the_rows_of_the_lists(clearing):
    async with clearing.session() as session:
        arrivals = [row async for row in EXPORTS[0].rows(session, {"status": "missing"}, None)]
        entries = [row async for row in EXPORTS[1].rows(session, {}, None)]
        hidden = [row async for row in EXPORTS[0].rows(session, {}, [])]
    assert [(row[6], row[7], row[9]) for row in arrivals] == [(29_820, 0, "逾期未到")]
    assert len(entries) == 3 and hidden == []


async def test_finance_compares_again_on_the_page(clearing, staff):
    finance = await staff(clearing.client, READ, MAKE)
    missing = next(row for row in await clearing.arrivals() if row.status == "missing")
    await clearing.told(NEXT + dt.timedelta(days=1), (29_820, clearing.reference(missing.merchant_number, missing.bill_on)))
    assert (await finance.post(f"{PATH}/match")).status_code == 303
    assert sum(row.status == "arrived" for row in await clearing.arrivals()) == 2


async def test_who_may_not_look_is_refused_and_another_client_sees_nothing(clearing, staff, client, web):
    nobody, other = await staff(clearing.client, "billing.bill.read"), await staff(await client(plugins=()), READ)
    reader = await staff(clearing.client, READ)
    arrival = (await clearing.arrivals())[0]
    for path in (PATH, ENTRIES, "/api/v1/channel-arrivals", "/api/v1/bank-entries"):
        assert (await nobody.get(path)).status_code == 403
    assert (await other.get("/api/v1/channel-arrivals")).json()["items"] == []
    assert (await other.get(f"/api/v1/channel-arrivals/{arrival.id}")).status_code == 404
    assert (await reader.post(f"{PATH}/match")).status_code == 403
    assert (await web.get("/api/v1/channel-arrivals")).status_code == 401
