"""Settlement at its doors: the API and the pages, what they show and what they refuse."""

import pytest
from sqlalchemy import text

from tests.settlement.conftest import Hall
from tests.settlement.test_payouts import until

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"
BATCHES = "/api/v1/settlement-batches"


@pytest.fixture
async def desk(hall, staff):
    """Maker and checker logged in."""
    return await staff(hall.client, READ, MAKE, name="经办甲"), await staff(hall.client, READ, CHECK, name="复核乙")


async def calculated(hall: Hall, asking) -> dict:
    await hall.pay(("TUITION", 10_000_000))
    reply = await asking.post(BATCHES, json={"bill_on": f"{hall.yesterday}"}, headers={"idempotency-key": "settle-calc-1-key"})
    assert reply.status_code == 201, reply.text
    return reply.json()["items"][0]


async def test_a_day_is_calculated_submitted_approved_and_paid_over_the_api(hall, desk, banked):
    maker, checker = desk
    await hall.reconciled()
    batch = await calculated(hall, maker)
    assert (batch["gross_fen"], batch["fee_fen"], batch["net_fen"], batch["gate"]["open"]) == (10_000_000, 60_000, 9_940_000, True)
    path = f"{BATCHES}/{batch['id']}"
    reply = await maker.post(f"{path}/submit", json={"reason": "按日结算"}, headers={"idempotency-key": "settle-s-1-key"})
    assert reply.status_code == 201, reply.text
    approval = reply.json()["approval_id"]
    again = await maker.post(f"{path}/submit", json={"reason": "按日结算"}, headers={"idempotency-key": "settle-s-1-key"})
    assert again.json() == reply.json()
    done = await checker.post(f"/api/v1/approvals/{approval}/approve", json={"remark": ""}, headers={"idempotency-key": "settle-a-1-key"})
    assert done.status_code == 200, done.text
    await until(hall, batch["id"], "paid")
    read = (await maker.get(path)).json()
    assert (read["status"], read["checked_by"], read["pay_fen"]) == ("paid", "复核乙", 9_940_000)
    items = (await maker.get(f"{path}/items")).json()["items"]
    assert [(item["kind"], item["amount_fen"], item["fee_fen"]) for item in items] == [("pay", 10_000_000, 60_000)]
    payout = (await maker.get("/api/v1/payouts", params={"q": batch["number"]})).json()["items"][0]
    assert (payout["status"], payout["amount_fen"]) == ("paid", 9_940_000)
    assert (await maker.get(f"/api/v1/payouts/{payout['id']}")).json() == payout
    for kind, begins in (("xlsx", b"PK"), ("pdf", b"%PDF")):
        assert (await maker.get(f"{path}/statement", params={"format": kind})).content.startswith(begins)


async def test_the_maker_cannot_approve_and_the_checker_cannot_make(hall, desk, staff, banked):
    maker, checker = desk
    await hall.reconciled()
    batch = await calculated(hall, maker)
    refused = await checker.post(f"{BATCHES}/{batch['id']}/submit", json={"reason": "x"}, headers={"idempotency-key": "settle-s-2-key"})
    assert refused.status_code == 403
    both = await staff(hall.client, READ, MAKE, CHECK)
    reply = await both.post(f"{BATCHES}/{batch['id']}/submit", json={"reason": "按日"}, headers={"idempotency-key": "settle-s-3-key"})
    own = await both.post(f"/api/v1/approvals/{reply.json()['approval_id']}/approve", json={"remark": ""}, headers={"idempotency-key": "settle-a-2-key"})
    assert (own.status_code, own.json()["code"]) == (409, "SELF_APPROVAL")


async def test_a_closed_gate_is_a_conflict_that_says_why(hall, desk):
    maker, _ = desk
    batch = await calculated(hall, maker)
    refused = await maker.post(f"{BATCHES}/{batch['id']}/submit", json={"reason": "x"}, headers={"idempotency-key": "settle-s-4-key"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SETTLEMENT_GATE_CLOSED")
    assert "还没有对账" in refused.json()["detail"]


async def test_what_is_wrong_is_refused(hall, desk):
    maker, _ = desk
    key = {"idempotency-key": "settle-w-1-key"}
    today = await maker.post(BATCHES, json={"bill_on": "2999-01-01"}, headers=key)
    assert (today.status_code, today.json()["code"]) == (422, "SETTLEMENT_DAY_NOT_OVER")
    assert (await maker.get(BATCHES, params={"status": "nonsense"})).status_code == 422
    assert (await maker.get(f"{BATCHES}/{hall.trade.account_id}")).status_code == 404
    assert (await maker.get("/api/v1/settlement-months/2026-13")).status_code == 404
    no_key = await maker.post(BATCHES, json={"bill_on": f"{hall.yesterday}"})
    assert no_key.status_code == 422
    unknown = {"merchant": "NOBODY", "amount_fen": 100, "reason": "x"}
    assert (await maker.post("/api/v1/settlement-adjustments", json=unknown, headers={"idempotency-key": "settle-w-2-key"})).status_code == 404
    zero = {"merchant": "TUITION", "amount_fen": 0, "reason": "x"}
    assert (await maker.post("/api/v1/settlement-adjustments", json=zero, headers={"idempotency-key": "settle-w-3-key"})).status_code == 422


@pytest.mark.parametrize("path", ["", "/items", "/statement"])
async def test_another_clients_batch_is_not_found(hall, desk, client, staff, path):
    batch = await calculated(hall, desk[0])
    stranger = await staff(await client(plugins=()), READ, MAKE)
    assert (await stranger.get(f"{BATCHES}/{batch['id']}{path}")).status_code == 404
    assert (await stranger.get(f"/console/settlement-batches/{batch['id']}")).status_code == 404


async def test_who_reaches_only_a_unit_does_not_see_the_clients_settlement(hall, staff):
    async with hall.tenant() as session:
        await session.execute(
            text("INSERT INTO core.org_unit (id, path, kind, code, name) VALUES (:id, 'a', 'campus', 'A', '校区')"), {"id": hall.trade.account_id}
        )
    local = await staff(hall.client, READ, org_id=hall.trade.account_id)
    assert (await local.get(BATCHES)).status_code == 404


async def test_the_pages_show_and_do_the_same(hall, desk, banked):
    maker, checker = desk
    await hall.reconciled()
    await hall.refund(await hall.pay(("TUITION", 10_000_000)), 200_000)
    reply = await maker.post("/console/settlement-batches/calculate", data={"bill_on": f"{hall.yesterday}"})
    assert reply.status_code == 303, reply.text
    page = await maker.get("/console/settlement-batches")
    assert page.status_code == 200, page.text
    assert "97,412.00" in page.text and "已放行" in page.text
    batch = (await hall.batches())["TUITION"]
    one = await maker.get(f"/console/settlement-batches/{batch.id}")
    for told in ("100,000.00", "2,000.00", "600.00", "12.00", "97,412.00", "玖万柒仟肆佰壹拾贰元整", "已平账，或差异均已处理、挂账"):
        assert told in one.text, told
    chosen = await maker.post("/console/settlement-batches/submit", data={"batch": str(batch.id), "reason": "按日"})
    assert chosen.status_code == 303
    assert "正在等待复核" in (await maker.get(f"/console/settlement-batches/{batch.id}")).text
    async with hall.tenant() as session:
        approval = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id"), {"id": batch.id})
    assert "97,412.00" in (await checker.get(f"/console/approvals/{approval}")).text
    await hall.agree(batch.id)
    await until(hall, batch.id, "paid")
    one = await maker.get(f"/console/settlement-batches/{batch.id}?kind=pay")
    assert "银行付款" in one.text and "已付款" in one.text
    for name in ("statement.xlsx", "statement.pdf"):
        assert (await maker.get(f"/console/settlement-batches/{batch.id}/{name}")).status_code == 200
    for address in ("months", f"months/{hall.yesterday:%Y-%m}", "adjustments", "splits"):
        shown = await maker.get(f"/console/settlement-{address}", params={"lang": "en"})
        assert shown.status_code == 200, shown.text


async def test_a_page_keeps_what_was_typed_when_it_is_refused(hall, desk):
    maker, _ = desk
    refused = await maker.post("/console/settlement-adjustments", data={"merchant": "TUITION", "amount": "1.234", "reason": "退费差额"})
    assert refused.status_code == 422
    assert "退费差额" in refused.text
    refused = await maker.post("/console/settlement-splits", data={"merchant": "TUITION", "partner": "TUITION", "share": "10", "reason": "协议"})
    assert refused.status_code == 422
    assert "合作方不能是商户自己" in refused.text
