"""The books at the desk: balanced now and at every past moment, readable from account to journal to what it is about."""

import pytest

from core import clock
from core.ledger import service as ledger
from tests import desk as desks
from tests.desk import FULL

READ = "ledger.journal.read"


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def accountant(desk, staff):
    return await staff(desk, READ)


async def test_the_trial_balance_is_zero_and_says_so(desk, accountant, platform):
    await desks.pay(platform, desk, "S1")
    await desks.pay(platform, desk, "S1", 700)
    page = (await accountant.get("/console/ledger")).text
    assert "账是平的" in page
    trial = (await accountant.get("/api/v1/ledger/trial-balance")).json()
    assert trial["difference_fen"] == 0
    assert trial["debit_fen"] == trial["credit_fen"] == FULL + 700
    assert {c["code"]: c["credit_fen"] for c in trial["classes"]} == {"A.CH": 0, "L.MER": FULL, "L.SUSP": 700}


async def test_the_trial_balance_knows_the_past(desk, accountant, platform):
    await desks.pay(platform, desk, "S1", 10_000)
    between = clock.now()
    await desks.pay(platform, desk, "S2")
    then = (await accountant.get("/api/v1/ledger/trial-balance", params={"at": between.isoformat()})).json()
    assert (then["debit_fen"], then["difference_fen"]) == (10_000, 0)
    assert (await accountant.get("/console/ledger", params={"at": "2020-01-01T00:00"})).status_code == 200
    for typed in ("yesterday", "2020-13-01T00:00", "\x00"):
        assert (await accountant.get("/console/ledger", params={"at": typed})).status_code == 422


async def test_an_account_tells_its_entries_page_by_page(desk, accountant, platform):
    for fen in (100, 200, 300, 400, 500):
        await desks.pay(platform, desk, "S1", fen)
    account = (await accountant.get("/api/v1/ledger/accounts/L.MER.TUITION")).json()
    assert (account["credit_fen"], account["entries"]) == (1_500, 5)
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await accountant.get("/api/v1/ledger/accounts/L.MER.TUITION/entries", params=params)).json()
        seen += [entry["credit_fen"] for entry in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [500, 400, 300, 200, 100]
    assert "商户待结算 · TUITION" in (await accountant.get("/console/ledger/accounts/L.MER.TUITION")).text
    assert (await accountant.get("/console/ledger/accounts/L.MER.NOBODY")).status_code == 404


async def test_a_journal_shows_both_sides_what_it_is_about_and_its_reversal(desk, accountant, platform):
    await desks.pay(platform, desk, "S1")
    found = (await accountant.get("/api/v1/ledger/journals")).json()["items"][0]
    assert [(e["debit_fen"], e["credit_fen"]) for e in found["entries"]] == [(FULL, 0), (0, FULL)]
    page = (await accountant.get(f"/console/ledger/journals/{found['id']}")).text
    assert f"/console/payments/{found['biz_id']}" in page
    async with platform.database.tenant(desk.id) as session:
        undone = await ledger.reverse(session, found["id"], by="测试", memo="记错")
    assert "已被冲正" in (await accountant.get(f"/console/ledger/journals/{found['id']}")).text
    assert "冲正凭证" in (await accountant.get(f"/console/ledger/journals/{undone}")).text
    assert (await accountant.get("/api/v1/ledger/trial-balance")).json()["debit_fen"] == 0


async def test_journals_are_narrowed_by_business_and_day(desk, accountant, platform):
    await desks.pay(platform, desk, "S1")
    count = {
        "event=payment.succeeded": 1,
        "event=billing.moved": 0,
        f"accounting_from={clock.today()}": 1,
        "accounting_to=2020-01-01": 0,
    }
    for query, expected in count.items():
        assert len((await accountant.get(f"/api/v1/ledger/journals?{query}")).json()["items"]) == expected, query
    assert (await accountant.get("/console/ledger/journals?start=x")).status_code == 422


async def test_accounts_of_families_stand_as_one_line_and_open_as_a_list(desk, accountant, platform):
    from core.ledger.schemas import Journal, credit, debit, prepaid_account

    async with platform.database.tenant(desk.id) as session:
        for n in range(15):
            key = f"p{n}"
            who = desk.people["S1"] if n == 0 else key
            postings = (debit("A.CH.wechatpay.1", 100), credit(prepaid_account(who), 100))
            await ledger.post(session, Journal(key=key, event="test", biz_type="t", biz_id=key, postings=postings, by="t"))
    page = (await accountant.get("/console/ledger")).text
    assert "共 15 个账户" in page
    listed = (await accountant.get("/console/ledger/accounts", params={"prefix": "L.PREPAY"})).text
    assert "王** S1" in listed
    assert "王小明" not in listed


async def test_the_books_are_only_for_those_who_see_the_whole_client(desk, staff, accountant, platform, client, web):
    await desks.pay(platform, desk, "S1")
    journal = (await accountant.get("/api/v1/ledger/journals")).json()["items"][0]["id"]
    part = await staff(desk, READ, org_id=desk.units["东区"])
    stranger = await staff(await desks.opened(platform, client), READ)
    nobody = await staff(desk, "billing.bill.read")
    for path in ("/console/ledger", "/console/ledger/accounts", "/console/ledger/journals", "/api/v1/ledger/trial-balance"):
        assert (await part.get(path)).status_code == 404, path
        assert (await nobody.get(path)).status_code == 403, path
        assert (await web.get(path)).status_code in (303, 401), path
    for path in (f"/console/ledger/journals/{journal}", f"/api/v1/ledger/journals/{journal}", "/api/v1/ledger/accounts/L.MER.TUITION"):
        assert (await stranger.get(path)).status_code == 404, path
        assert (await part.get(path)).status_code == 404, path
