"""Pages, API and the statement of the clearing; who may not, and what they do not show."""

from core.imports import sheets
from tests.medical.prepaid.balances import FILE, balance_of, claim, decide, load

BASE, API = "/console/medical/prepaid", "/api/v1/medical/prepaid-balances"
MAKE = ("medical.prepaid.read", "medical.prepaid.make", "imports.make", "exports.make", "jobs.read")


async def test_the_list_has_totals_filters_and_masked_people(platform, quiet_hospital, staff):
    await load(platform, quiet_hospital)
    clerk = await staff(quiet_hospital, *MAKE)
    page = (await clerk.get(BASE)).text
    assert all(word in page for word in ("C0001", "张**", "185.00", "138****0001", "导入余额"))
    assert "13800000001" not in page
    assert "张小明" not in page
    only = (await clerk.get(f"{BASE}?status=refunded")).text
    assert "没有符合条件的余额" in only
    found = (await clerk.get(f"{BASE}?q=C0002")).text
    assert "C0002" in found
    assert "C0001" not in found


async def test_an_empty_list_says_the_next_step(quiet_hospital, staff):
    page = (await (await staff(quiet_hospital, *MAKE)).get(BASE)).text
    assert "还没有历史余额" in page
    assert "/console/imports/new?kind=medical.prepaid" in page


async def test_a_claim_through_the_pages(platform, quiet_hospital, staff):
    await load(platform, quiet_hospital)
    clerk = await staff(quiet_hospital, *MAKE, name="经办员")
    row = await balance_of(platform, quiet_hospital, "C0001")
    here = f"{BASE}/{row.id}"
    wrong = await clerk.post(f"{here}/claim", data={"holder": "张小明", "account": "12", "bank": "", "identity": "核对身份证"})
    assert wrong.status_code == 422
    assert "请填写开户银行" in wrong.text
    sent = await clerk.post(f"{here}/claim", data={"holder": "张小明", "account": "6222020200011223344", "bank": "榕树银行", "identity": "核对身份证"})
    assert sent.status_code == 303, sent.text
    page = (await clerk.get(here)).text
    assert "等待另一位同事复核" in page
    assert "6222020200011223344" not in page
    checker = await staff(quiet_hospital, "medical.prepaid.read", "medical.prepaid.check", name="复核员")
    [waiting] = (await checker.get("/api/v1/approvals")).json()["items"]
    agreed = await checker.post(f"/api/v1/approvals/{waiting['id']}/approve", json={}, headers={"idempotency-key": "legacy-0001"})
    assert agreed.status_code == 200, agreed.text
    shown = await clerk.post(f"{here}/account")
    assert (shown.status_code, "6222020200011223344" in shown.text) == (200, True)
    assert "6222020200011223344" not in (await clerk.get(here)).text
    assert (await checker.post(f"{here}/account")).status_code == 403
    paid = await clerk.post(f"{here}/paid", data={"evidence": "2026110100001", "paid_on": ""})
    assert paid.status_code == 303, paid.text
    assert "2026110100001" in (await clerk.get(here)).text
    after = await clerk.post(f"{here}/account")
    assert "6222020200011223344" not in after.text
    history = (await clerk.get(f"/console/history/medical.legacy/{row.id}")).text
    assert "查看完整账户" in history


async def test_the_api_refuses_what_is_wrong_and_says_where(platform, quiet_hospital, staff):
    await load(platform, quiet_hospital)
    clerk = await staff(quiet_hospital, *MAKE)
    row = await balance_of(platform, quiet_hospital, "C0001")
    ask = {"holder": "张小明", "account": "6222020200011223344", "bank": "榕树银行", "identity": "核对身份证"}
    for change in ({"account": "1"}, {"amount_fen": 1}, {"holder": ""}):
        refused = await clerk.post(f"{API}/{row.id}/claims", json=ask | change)
        assert 400 <= refused.status_code < 423, refused.text
        assert refused.headers["content-type"].startswith("application/problem+json")
    assert (await clerk.post(f"{API}/{row.id}/claims", json=ask)).status_code == 201
    assert (await clerk.post(f"{API}/{row.id}/claims", json=ask)).status_code == 409
    reader = await staff(quiet_hospital, "medical.prepaid.read")
    assert (await reader.post(f"{API}/{row.id}/claims", json=ask)).status_code == 403
    assert (await (await staff(quiet_hospital, "jobs.read")).get(API)).status_code == 403
    assert "6222020200011223344" not in (await reader.get(API)).text


async def test_another_hospitals_balance_is_not_there(platform, quiet_hospital, client, staff):
    from tests.medical.conftest import KIND

    await load(platform, quiet_hospital)
    row = await balance_of(platform, quiet_hospital, "C0001")
    stranger = await staff(await client(**KIND), *MAKE)
    assert (await stranger.get(f"{BASE}/{row.id}")).status_code == 404
    assert (await stranger.post(f"{API}/{row.id}/transfer", json={"evidence": "20261101"})).status_code == 404


async def test_the_statement_says_what_was_cleared(platform, quiet_hospital, staff, settle):
    await load(platform, quiet_hospital, FILE)
    await decide(platform, quiet_hospital, await claim(platform, quiet_hospital, "C0001"))
    clerk = await staff(quiet_hospital, *MAKE)
    row = await balance_of(platform, quiet_hospital, "C0001")
    await clerk.post(f"{API}/{row.id}/transfer", json={"evidence": "2026110100001"})
    started = await clerk.post("/api/v1/exports", json={"code": "medical.prepaid", "filters": {"status": "refunded"}})
    await settle(quiet_hospital)
    job = (await clerk.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    found = sheets.read((await clerk.get(job["result_url"])).content, "x.xlsx").rows[1]
    assert [str(cell) for cell in found[:4]] == ["旧门诊系统", "C0001", "P0001", "张**"]
    assert "2026110100001" in [str(cell) for cell in found]
