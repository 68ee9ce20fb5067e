"""Bills in the console: found by what a cashier knows of them, added up, and never beyond one's reach."""

import datetime as dt

import pytest
from sqlalchemy import event

from tests import desk as desks
from tests.desk import FULL

READ = "billing.bill.read"
FINANCE = (READ, "billing.bill.adjust", "payments.payment.read", "ledger.journal.read", "billing.item.read")


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


async def test_the_list_shows_every_bill_with_masked_names_and_the_sums_of_all(desk, staff, platform):
    await desks.pay(platform, desk, "S1")
    finance = await staff(desk, READ)
    page = (await finance.get("/console/bills")).text
    assert "王**" in page
    assert "王小明" not in page
    assert "¥4,000.00" in page  # 应收: four times 1,000.00
    assert "¥200.00" in page
    assert "¥950.00" in page
    assert "¥2,850.00" in page
    assert "共 4 条" in page


@pytest.mark.parametrize("typed", ["王小明", "wxm", "S1"])
async def test_a_bill_is_found_by_name_pinyin_or_number(desk, staff, typed):
    finance = await staff(desk, READ)
    page = (await finance.get("/console/bills", params={"q": typed})).text
    assert "共 1 条" in page
    assert str(desk.bills["S1"]) in page


async def test_a_bill_is_found_by_its_own_number_and_pay_code(desk, staff, platform):
    finance = await staff(desk, READ)
    bill = (await finance.get(f"/api/v1/bills/{desk.bills['S4']}")).json()["bill"]
    for typed in (bill["number"].lower(), bill["pay_code"]):
        found = (await finance.get("/api/v1/bills", params={"q": typed})).json()
        assert [row["id"] for row in found["items"]] == [str(desk.bills["S4"])]


async def test_states_units_items_and_due_days_narrow_the_list_and_its_sums(desk, staff, platform):
    await desks.pay(platform, desk, "S1")
    await desks.pay(platform, desk, "S3", 10_000)
    finance = await staff(desk, READ)

    async def found(**params):
        answer = (await finance.get("/api/v1/bills", params=params)).json()
        return {row["party_number"] for row in answer["items"]}, answer["totals"]

    assert (await found(status="paid"))[0] == {"S1"}
    assert (await found(status="received"))[0] == {"S1", "S3"}
    assert (await found(status="open"))[0] == {"S2", "S3", "S4"}
    assert (await found(org=str(desk.units["东区"])))[0] == {"S1", "S2", "S3"}
    assert (await found(due_to="2098-01-01"))[0] == set()
    who, totals = await found(item="TUITION")
    assert len(who) == 4
    assert totals["gross_fen"] == 400_000
    assert (await found(item="MEAL"))[0] == set()  # nobody ticked the meals yet
    assert (await found(org=str(desk.units["东区"])))[1]["paid_fen"] == FULL + 10_000


async def test_pages_follow_each_other_without_gap_or_repeat_in_every_order(desk, staff, platform):
    await desks.bill_everybody(platform, desk, source="plan:2", due_on=dt.date(2099, 10, 1))
    finance = await staff(desk, READ)
    for sort in ("", "issued_at", "due_on", "-due_on", "amount_fen", "-amount_fen"):
        seen, cursor = [], None
        while True:
            params = {"limit": 3, "sort": sort} | ({"cursor": cursor} if cursor else {})
            page = (await finance.get("/api/v1/bills", params=params)).json()
            seen += [row["id"] for row in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 8, sort


async def test_a_bill_page_tells_rule_money_and_journal_with_both_sides(desk, staff, platform):
    order = await desks.pay(platform, desk, "S1", 40_000)
    finance = await staff(desk, *FINANCE)
    page = (await finance.get(f"/console/bills/{desk.bills['S1']}")).text
    for told in ("标准：每学期", "部分已缴", order, f"42{order}", "收到缴费", "A.CH.wechatpay", "L.MER.TUITION", "400.00", "操作历史"):
        assert told in page, told


async def test_the_books_behind_a_bill_are_only_for_those_who_may_see_them(desk, staff, platform):
    await desks.pay(platform, desk, "S1")
    cashier = await staff(desk, READ)
    page = (await cashier.get(f"/console/bills/{desk.bills['S1']}")).text
    assert "A.CH.wechatpay" not in page
    assert "操作历史" in page


async def test_names_full_of_html_do_no_harm(desk, staff):
    finance = await staff(desk, READ)
    page = (await finance.get("/console/bills", params={"q": "<script>alert(1)</script>"})).text
    assert "<script>alert(1)" not in page
    assert "<b>六" not in (await finance.get(f"/console/bills/{desk.bills['S3']}")).text


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "due_from=yesterday", "org=1", "sort=password", "cursor=xxxx", "cursor=WzFd", "status=open%00"],
)
async def test_a_broken_filter_is_refused_and_never_a_fault(desk, staff, query):
    finance = await staff(desk, READ)
    assert (await finance.get(f"/console/bills?{query}")).status_code in (200, 422)


async def test_odd_letters_in_a_search_are_only_letters(desk, staff):
    finance = await staff(desk, READ)
    for typed in ("%", "_", "\\", "'; DROP TABLE core.bill; --", "\x00", "王" * 500):
        answer = await finance.get("/api/v1/bills", params={"q": typed})
        assert answer.status_code == 200
        assert answer.json()["totals"]["bills"] == (4 if typed == "\x00" else 0)


async def test_what_lies_beyond_ones_reach_is_not_found(desk, staff, client, platform):
    east = await staff(desk, READ, "billing.bill.adjust", org_id=desk.units["东区"])
    assert (await east.get(f"/console/bills/{desk.bills['S1']}")).status_code == 200
    assert (await east.get(f"/console/bills/{desk.bills['S4']}")).status_code == 404
    assert (await east.get("/console/bills", params={"org": str(desk.units["西区"])})).status_code == 404
    listed = (await east.get("/api/v1/bills")).json()
    assert {row["party_number"] for row in listed["items"]} == {"S1", "S2", "S3"}
    assert listed["totals"]["bills"] == 3
    body = {"version": 1, "reason": "不归我管"}
    assert (await east.post(f"/console/bills/{desk.bills['S4']}/void", data=body)).status_code == 404
    other = await desks.opened(platform, client)
    stranger = await staff(other, READ)
    assert (await stranger.get(f"/console/bills/{desk.bills['S1']}")).status_code == 404
    assert (await stranger.get(f"/api/v1/bills/{desk.bills['S1']}")).status_code == 404


async def test_nobody_and_the_wrong_person_are_kept_out(desk, staff, web):
    answer = await web.get("/console/bills")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")
    assert (await web.get("/api/v1/bills")).status_code == 401
    teacher = await staff(desk, "billing.status.read")
    assert (await teacher.get("/console/bills")).status_code == 403
    assert (await teacher.get(f"/console/bills/{desk.bills['S1']}")).status_code == 403
    reader = await staff(desk, READ)
    assert (await reader.post(f"/console/bills/{desk.bills['S1']}/void", data={"version": 1, "reason": "想"})).status_code == 403


@pytest.fixture
def statements(platform):
    """Counts what a request asks of the database."""
    seen: list[str] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        seen.append(statement)

    engine = platform.database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_list_and_page_ask_as_much_for_many_bills_as_for_few(desk, staff, platform, statements):
    finance = await staff(desk, *FINANCE)
    await desks.pay(platform, desk, "S1", 20_000)

    async def asked(path: str) -> int:
        await finance.get(path)
        statements.clear()
        assert (await finance.get(path)).status_code == 200
        return len(statements)

    few_list, few_page = await asked("/console/bills"), await asked(f"/console/bills/{desk.bills['S1']}")
    for n in range(5):
        await desks.bill_everybody(platform, desk, source=f"plan:more{n}")
        await desks.pay(platform, desk, "S1", 1_000)
    assert await asked("/console/bills") == few_list <= 8
    assert await asked(f"/console/bills/{desk.bills['S1']}") == few_page <= 18
